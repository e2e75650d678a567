//! What is wrong with an answer, or missing of it.

use exchange::call::CallFailure;

/// Why there will be no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    TooLarge,
    NotHttp,
    /// No encoding was asked for.
    Encoded,
    /// The connection ended before the answer did.
    CutOff,
}

impl From<Fault> for CallFailure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooLarge => Self::TooLarge,
            Fault::NotHttp => Self::Malformed("not HTTP".to_owned()),
            Fault::Encoded => Self::Malformed("content-encoding".to_owned()),
            Fault::CutOff => Self::Reset,
        }
    }
}
