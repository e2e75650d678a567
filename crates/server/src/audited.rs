//! A command that a person has asked for: the store writes down who asked for what, together with the change.

use exchange::{
    command::{Audited, Command},
    id::AuditId,
};

use crate::entropy;

/// `who` is a person's name, the owner of an API key, or who is at the command line.
pub fn audited(who: &str, command: Command) -> Command {
    Command::Audited(Box::new(Audited { id: AuditId::from_bytes(entropy::timed_id()), who: who.to_owned(), command }))
}
