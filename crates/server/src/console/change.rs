//! A change that somebody asks for in the console, written to the audit log with its name.

use exchange::command::{Command, Outcome};

use super::{failed::Failed, visitor::Visitor};
use crate::{audited::audited, node::Node};

pub async fn apply(node: &Node, visitor: &Visitor, command: Command) -> Result<Outcome, Failed> {
    Ok(node.writer.apply(audited(visitor.person.as_str(), command)).await?)
}
