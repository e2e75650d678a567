//! `POST /v1/pings/{vertical}`: anonymous attributes in, a quote out.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use exchange::{
    flow::{RunStart, Task, effect::Reply},
    id::PingId,
    lead::read_ping,
    seal::Subject,
};

use super::{
    answers,
    fingerprint::fingerprint,
    request::{Desk, Incoming, idempotency, incoming},
    sealing::seal,
};
use crate::{
    clock, driver, entropy,
    node::Node,
    problem::Problem,
};

pub async fn ping(State(node): State<Arc<Node>>, Path(vertical): Path<String>, request: Request) -> Response {
    let incoming = match incoming(&node, request).await {
        Ok(incoming) => incoming,
        Err((format, problem)) => return problem.respond(format, "ping"),
    };
    let format = incoming.format;
    match answer(&node, &vertical, incoming).await {
        Ok(answer) => answer.respond(format, "ping"),
        Err(problem) => problem.respond(format, "ping"),
    }
}

async fn answer(node: &Arc<Node>, vertical: &str, incoming: Incoming) -> Result<answers::Answer, Problem> {
    let desk = Desk::open(node.market(), vertical, &incoming.supplier)?;
    let of_market = desk.vertical()?;
    let today = clock::now().date_in(&desk.market.parts().time_zone);
    let read = read_ping(of_market, &incoming.fields, today).map_err(|errors| Problem::fields(&errors))?;
    let ping = PingId::from_bytes(entropy::timed_id());
    let sealed = if read.exact.is_empty() { None } else { Some(seal(&node.master, Subject::Ping(ping), of_market, &read.exact)?) };
    let fingerprint = fingerprint(&node.master, &["ping", vertical], &incoming.fields, incoming.test);
    let start = RunStart {
        market: Arc::clone(&desk.market),
        supplier: desk.supplier.clone(),
        vertical: desk.vertical.clone(),
        test: incoming.test,
        attributes: read.attributes,
        seed: entropy::seed(),
        task: Task::Ping { ping, sealed, idempotency: idempotency(incoming.idempotency_key, fingerprint) },
    };
    let reply = answers::await_reply(driver::start(node, start)).await?;
    match reply {
        Reply::Quoted(quote) => Ok(answers::quoted(&quote, desk.market.currency(), read.ignored)),
        Reply::Unmatched { ping, reason } => Ok(answers::unmatched(ping, reason.word(), read.ignored)),
        Reply::AlreadyPinged(ping) => answers::of_ping(node, ping, &desk.market).await,
        other => answers::of_lead_reply(node, other, &desk.market, Vec::new()).await,
    }
}
