//! Sessions: an opaque token in a cookie, of which only the hash is kept.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use exchange::{id::PersonName, person::PersonRole};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{failed::Failed, visitor::Signed};
use crate::{entropy, node::Node};

/// The hash of a session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 32]);

/// 256 bits of randomness as text: a session's token, or that of a link.
pub fn new_token() -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(entropy::bytes::<32>()))
}

impl SessionId {
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

/// What forms of the session carry: nobody finds it without the session's token, nor the token from it.
fn csrf(token: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"form ");
    hash.update(token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

#[derive(Clone, Debug)]
struct Person {
    name: PersonName,
    role: PersonRole,
}

/// Those who have signed in, and the links that sign in once.
#[derive(Debug, Default)]
pub struct Sessions {
    links: Mutex<HashMap<SessionId, Person>>,
    open: Mutex<HashMap<SessionId, Person>>,
}

impl Sessions {
    /// A link that signs this person in, once.
    pub fn link(&self, name: PersonName, role: PersonRole) -> Zeroizing<String> {
        let token = new_token();
        self.links.lock().unwrap_or_else(PoisonError::into_inner).insert(SessionId::of(&token), Person { name, role });
        token
    }
}

/// Starts a session for whom the link is; none for a link that was used before, or never was.
pub async fn enter(node: &Node, link: &str) -> Result<Option<Zeroizing<String>>, Failed> {
    let Some(person) = node.sessions.links.lock().unwrap_or_else(PoisonError::into_inner).remove(&SessionId::of(link)) else { return Ok(None) };
    let token = new_token();
    node.sessions.open.lock().unwrap_or_else(PoisonError::into_inner).insert(SessionId::of(&token), person);
    Ok(Some(token))
}

pub async fn signed(node: &Node, token: &str, notice: Option<String>) -> Result<Option<Signed>, Failed> {
    let session = SessionId::of(token);
    let person = node.sessions.open.lock().unwrap_or_else(PoisonError::into_inner).get(&session).cloned();
    Ok(person.map(|person| Signed { person: person.name, role: person.role, session, csrf: csrf(token), notice }))
}

pub async fn end(node: &Node, session: SessionId) -> Result<(), Failed> {
    node.sessions.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
    Ok(())
}
