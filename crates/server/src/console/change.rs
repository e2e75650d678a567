//! A change that somebody asks for in the console.

use exchange::command::{Command, Outcome};

use super::{failed::Failed, visitor::Visitor};
use crate::node::Node;

pub async fn apply(node: &Node, visitor: &Visitor, command: Command) -> Result<Outcome, Failed> {
    tracing::info!(who = %visitor.person, "a change is asked for in the console");
    Ok(node.writer.apply(command).await?)
}
