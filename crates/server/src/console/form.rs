//! What a page's form has sent.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::failed::Failed;

/// Fields by name, in the order of the form. Read, bounded and checked for the session's token by the gate.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    pub fn read(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A field without the blanks around it; empty where the form has none of this name.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field as it was typed: passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// All values of a name, such as those of checked boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn is_checked(&self, name: &str) -> bool {
        !self.raw(name).is_empty()
    }
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failed> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
