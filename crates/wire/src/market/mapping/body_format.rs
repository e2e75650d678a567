//! What a body that goes out is written as.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFormat {
    Json,
    Xml,
    Form,
    Query,
    Text,
}
