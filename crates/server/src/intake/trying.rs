//! A test lead that is typed into a form: the same way as a direct post, without a request of its own.

use std::sync::Arc;

use exchange::{command::LeadStatus, id::LeadId, money::Money};

use super::{
    direct_post,
    outcome::What,
    request::{Incoming, room_for},
};
use crate::{admission::Class, node::Node, problem::Problem};

/// What came of it.
#[derive(Debug)]
pub struct Tried {
    pub lead: LeadId,
    pub status: LeadStatus,
    pub net: Money,
    pub reason: Option<String>,
}

pub async fn try_lead(node: &Arc<Node>, vertical: &str, incoming: Incoming) -> Result<Tried, Problem> {
    room_for(node, Class::DirectPost)?;
    match direct_post::decide(node, vertical, incoming).await?.what {
        What::Lead(lead) => Ok(Tried { lead: lead.lead, status: lead.status, net: lead.net, reason: lead.reason }),
        What::Quoted(_) | What::Unmatched { .. } => Err(Problem::internal()),
    }
}
