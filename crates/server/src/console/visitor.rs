//! Who has signed in and asks for a page.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use exchange::{
    id::PersonName,
    permission::Permission,
    person::{PersonRole, TokenHash},
};

use super::failed::Failed;

/// Made by the gate alone. Clones are the same.
#[derive(Clone, Debug)]
pub struct Visitor(Arc<Signed>);

#[derive(Debug)]
pub struct Signed {
    pub person: PersonName,
    pub role: PersonRole,
    pub session: TokenHash,
    /// What every form of this session carries.
    pub csrf: String,
    /// What the page before this one has to say.
    pub notice: Option<String>,
}

impl Visitor {
    pub fn new(signed: Signed) -> Self {
        Self(Arc::new(signed))
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.0.role.may(permission)
    }
}

impl std::ops::Deref for Visitor {
    type Target = Signed;

    fn deref(&self) -> &Signed {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failed> {
        parts.extensions.get::<Self>().cloned().ok_or(Failed::SignedOut)
    }
}
