//! What direct posts and posts of quotes share: a lead that was read becomes the start of a run.

use std::{collections::BTreeSet, sync::Arc};

use exchange::{
    attribute::PingPart,
    command::Accept,
    evidence::Evidence,
    flow::{Limits, RunStart, Task},
    id::{LeadId, PingId, Subject},
    lead::ReadPost,
    schema::FieldIndex,
    seal::Fingerprint,
};

use super::{
    request::{Desk, idempotency},
    sealing::{people, seal},
};
use crate::{entropy, node::Node, policy, problem::Problem};

/// A lead whose fields are in order.
pub struct Posted {
    pub read: ReadPost,
    pub test: bool,
    pub fingerprint: Fingerprint,
    pub idempotency_key: Option<String>,
    /// The ping it is the post of, and whether its expired quote is auctioned again.
    pub quote: Option<(PingId, bool)>,
    pub limits: Limits,
    /// The fields whose exact values came with the ping and lie sealed.
    pub sealed_before: BTreeSet<FieldIndex>,
}

pub fn start_of_run(node: &Node, desk: &Desk, posted: Posted) -> Result<RunStart, Problem> {
    let vertical = desk.vertical()?;
    let lead = LeadId::from_bytes(entropy::timed_id());
    let accept = Accept {
        lead,
        supplier: desk.supplier.clone(),
        vertical: desk.vertical.clone(),
        revision: desk.market.revision(),
        test: posted.test,
        ping: posted.quote.map(|(ping, _)| ping),
        requote: posted.quote.is_some_and(|(_, requote)| requote),
        idempotency: posted.idempotency_key.map(|key| idempotency(&node.master, &key, posted.fingerprint)),
        fingerprint: posted.fingerprint,
        attributes: posted.read.attributes.clone(),
        sealed: seal(&node.master, Subject::Lead(lead), vertical, &posted.read.sealed)?,
        people: people(&node.master, vertical, &posted.read.sealed),
        duplicates_window: policy::duplicates_window(&desk.market),
        lease: policy::lease(&desk.market, &desk.vertical, &desk.supplier),
        node: node.id,
    };
    let shown: Vec<FieldIndex> = posted.read.attributes.iter().map(|(index, _)| index).collect();
    let evidence = Evidence::of(vertical, &posted.read.sealed, shown.into_iter().chain(posted.sealed_before));
    Ok(desk.start_of_run(posted.read.attributes, posted.test, posted.limits, Some(evidence), Task::Lead(Box::new(accept))))
}

impl Desk {
    /// The start of a run under this desk's market.
    pub fn start_of_run(&self, attributes: PingPart, test: bool, limits: Limits, evidence: Option<Evidence>, task: Task) -> RunStart {
        let (supplier, vertical) = (self.supplier.clone(), self.vertical.clone());
        RunStart { market: Arc::clone(&self.market), supplier, vertical, test, attributes, limits, evidence, seed: entropy::seed(), task }
    }
}
