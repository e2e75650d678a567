//! Sessions: an opaque token in a cookie, of which the store keeps the hash. They hold on every node, and end on all at once.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use exchange::{
    command::{Command, Operation, Outcome},
    person::{PersonCommand, PersonRole, SESSION_SEEN_EVERY, TokenHash},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{failed::Failed, visitor::Signed};
use crate::{audited::audited, clock, entropy, node::Node};

/// A stream of events ends within this time after its session, or after a change of its person's role.
const LOOKED_AFTER: Duration = Duration::from_secs(5);

/// 256 bits of randomness as text: a session's token, or that of a link.
pub fn new_token() -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(entropy::bytes::<32>()))
}

pub fn hash_of(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}

/// What forms of the session carry: nobody finds it without the session's token, nor the token from it.
fn csrf(token: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"form ");
    hash.update(token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// Who has signed in with this token, if its session goes on.
pub async fn signed(node: &Arc<Node>, token: &str, notice: Option<String>) -> Result<Option<Signed>, Failed> {
    let session = hash_of(token);
    let now = clock::now();
    let Some(row) = node.page_readers.read(move |reader| reader.session(now, session)).await? else { return Ok(None) };
    if now.since(row.seen_at) > SESSION_SEEN_EVERY {
        let node = Arc::clone(node);
        tokio::spawn(async move { drop(node.writer.apply(person(PersonCommand::Seen { session })).await) });
    }
    Ok(Some(Signed { person: row.person, role: row.role, session, csrf: csrf(token), notice }))
}

/// Until the session has ended, or its person is something else.
pub async fn over(node: Arc<Node>, session: TokenHash, role: PersonRole) {
    loop {
        tokio::time::sleep(LOOKED_AFTER).await;
        let now = clock::now();
        if !matches!(node.page_readers.read(move |reader| reader.session(now, session)).await, Ok(Some(row)) if row.role == role) {
            return;
        }
    }
}

pub fn person(command: PersonCommand) -> Command {
    Command::Operate(Operation::Person(command))
}

/// Has something changed about people by `who`; what stands against it is told.
pub async fn change(node: &Node, who: &str, command: PersonCommand) -> Result<(), Failed> {
    match node.writer.apply(audited(who, person(command))).await? {
        Outcome::Done => Ok(()),
        Outcome::Conflict(why) => Err(Failed::Refused(format!("{why}."))),
        other => {
            tracing::error!(?other, "the store answered a change of people otherwise");
            Err(Failed::Unavailable)
        }
    }
}
