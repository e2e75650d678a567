//! `/console/buying/statement`: what the buyer was charged in a period, to read, to print, and as CSV.

use std::sync::Arc;

use axum::{extract::State, http::Uri};
use exchange::ledger::Account;

use super::buyer_of;
use crate::{
    console::{money::statement, navigation::Place, reply::Reply, visitor::Visitor},
    node::Node,
};

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, uri: Uri) -> Reply {
    statement::of_partner(&node, &visitor, Place::Invoices, Account::Buyer(buyer_of(&visitor)?), uri.query()).await
}

pub async fn csv(State(node): State<Arc<Node>>, visitor: Visitor, uri: Uri) -> Reply {
    statement::csv_of(&node, Account::Buyer(buyer_of(&visitor)?), uri.query()).await
}
