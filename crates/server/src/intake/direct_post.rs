//! `POST /v1/leads/{vertical}`: ping, auction and post in one.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use exchange::{
    command::Accept,
    flow::{RunStart, Task},
    id::LeadId,
    lead::read_post,
    seal::Subject,
};

use super::{
    answers,
    fingerprint::fingerprint,
    request::{Desk, Incoming, idempotency, incoming},
    sealing::{people, seal},
};
use crate::{clock, driver, entropy, node::Node, policy, problem::Problem};

pub async fn direct_post(State(node): State<Arc<Node>>, Path(vertical): Path<String>, request: Request) -> Response {
    let incoming = match incoming(&node, request).await {
        Ok(incoming) => incoming,
        Err((format, problem)) => return problem.respond(format, "direct_post"),
    };
    let format = incoming.format;
    match answer(&node, &vertical, incoming).await {
        Ok(answer) => answer.respond(format, "direct_post"),
        Err(problem) => problem.respond(format, "direct_post"),
    }
}

async fn answer(node: &Arc<Node>, vertical: &str, incoming: Incoming) -> Result<answers::Answer, Problem> {
    let desk = Desk::open(node.market(), vertical, &incoming.supplier)?;
    let of_market = desk.vertical()?;
    let today = clock::now().date_in(&desk.market.parts().time_zone);
    let read = read_post(of_market, &incoming.fields, None, today).map_err(|errors| Problem::fields(&errors))?;
    let lead = LeadId::from_bytes(entropy::timed_id());
    let fingerprint = fingerprint(&node.master, &["lead", vertical], &incoming.fields, incoming.test);
    let accept = Accept {
        lead,
        supplier: desk.supplier.clone(),
        vertical: desk.vertical.clone(),
        revision: desk.market.revision(),
        test: incoming.test,
        ping: None,
        requote: false,
        idempotency: idempotency(incoming.idempotency_key, fingerprint),
        fingerprint,
        attributes: read.attributes.clone(),
        sealed: seal(&node.master, Subject::Lead(lead), of_market, &read.sealed)?,
        people: people(&node.master, of_market, &read.sealed),
        duplicates_window: policy::duplicates_window(&desk.market),
        lease: policy::lease(&desk.market, &desk.vertical, &desk.supplier),
    };
    let start = RunStart {
        market: Arc::clone(&desk.market),
        supplier: desk.supplier.clone(),
        vertical: desk.vertical.clone(),
        test: incoming.test,
        attributes: read.attributes,
        seed: entropy::seed(),
        task: Task::Lead(Box::new(accept)),
    };
    let reply = answers::await_reply(driver::start(node, start)).await?;
    answers::of_lead_reply(node, reply, &desk.market, read.ignored).await
}
