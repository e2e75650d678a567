//! Money: what accounts have and had, what people move, and what waits to be decided.

pub mod balances;
pub mod movements;
pub mod returns;
pub mod statement;
pub mod unknown;

use exchange::{command::Outcome, id::SaleId};

use super::{failed::Failed, reply::Reply, visitor::Visitor};
use crate::{node::Node, ruling::Ruling};

/// Takes a ruling on a sale, and goes back to where it was taken.
async fn ruled(node: &Node, visitor: &Visitor, (path, sale): (&str, SaleId), ruling: Ruling, done: &str) -> Reply {
    match ruling {
        Ruling::Stands => {}
        Ruling::Against(standing) => return Err(Failed::Refused(format!("{sale}: {standing}."))),
        Ruling::Do(command) => match super::change::apply(node, visitor, *command).await? {
            Outcome::Done => {}
            Outcome::Conflict(why) => return Err(Failed::Refused(format!("{why}."))),
            other => {
                tracing::error!(?other, %sale, "the store answered a ruling otherwise");
                return Err(Failed::Unavailable);
            }
        },
    }
    super::reply::done(path, done)
}
