//! A run's pings. In the native protocol each is written and signed at once, and then a small future sends it and reads the bid.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use exchange::{
    buyer::Protocol,
    call::{CallFailure, PingCall, PingReply},
    contract::SaleKinds,
    flow::Run,
    money::Currency,
};
use hyper::Method;
use wire::native::{self, PingContext, Shown};

use super::calls;
use crate::{
    clock::{self, Stopwatch},
    egress::{Message, Sending, WhenOpen, message_headers},
    node::Node,
    ping_lines::PingLine,
};

/// What all pings of a run show of its lead.
pub fn shown(run: &Run) -> Option<Shown> {
    Some(Shown::of(&context(run)?))
}

fn context(run: &Run) -> Option<PingContext<'_>> {
    let vertical = run.market().vertical(run.vertical())?;
    Some(PingContext { market: run.market(), vertical, attributes: run.attributes(), test: run.is_test() })
}

enum Asking {
    Native(Result<Sending, CallFailure>),
    Mapped(Pin<Box<dyn Future<Output = PingReply> + Send>>),
}

pub fn ping(node: &Arc<Node>, run: &Run, shown: Option<&Shown>, call: &PingCall, within: Duration) -> impl Future<Output = PingReply> + Send + use<> {
    let watch = Stopwatch::start();
    let market = run.market();
    let line = node.ping_lines.of(market, market.contract(call.contract).buyer, run.is_test(), (&node.egress, &node.tally));
    let asking = match &market.buyer_of(call.contract).endpoint.protocol {
        // Who is told and not asked is never pinged: it has no address for it.
        Protocol::Native | Protocol::Webhook | Protocol::Email(_) => Asking::Native(written(&line, run, shown, call, within)),
        Protocol::Mapped(_) => Asking::Mapped(Box::pin(calls::mapped_ping(node, run, call, within))),
    };
    let (kinds, currency) = (call.kinds, market.currency());
    async move {
        let reply = match asking {
            Asking::Native(Ok(sending)) => sent(&line, &sending, kinds, currency).await,
            Asking::Native(Err(failure)) => PingReply::Failed(failure),
            Asking::Mapped(asked) => asked.await,
        };
        line.count(&reply, watch.elapsed());
        reply
    }
}

fn written(line: &PingLine, run: &Run, shown: Option<&Shown>, call: &PingCall, within: Duration) -> Result<Sending, CallFailure> {
    let open = line.open.as_ref().map_err(CallFailure::clone)?;
    let (context, shown) = context(run).zip(shown).ok_or(CallFailure::Unreachable)?;
    let id = call.buyer_ping.to_string();
    let body = native::ping_body(&context, shown, call, &id);
    let message = Message { id: &id, at_s: clock::now().micros().div_euclid(1_000_000), body: &body, idempotency_key: None };
    let headers = message_headers(&message, open.secret.as_ref());
    let when_open = if context.test { WhenOpen::Ignore } else { WhenOpen::Skip };
    Ok(Sending { max_in_flight: open.room, method: Method::POST, headers, body: body.into(), time: within, fresh: false, when_open, keeps_headers: false })
}

async fn sent(line: &PingLine, sending: &Sending, kinds: SaleKinds, currency: Currency) -> PingReply {
    let open = match &line.open {
        Ok(open) => open,
        Err(failure) => return PingReply::Failed(failure.clone()),
    };
    match open.way.send(sending).await {
        Ok(answered) => native::read_bid(answered.status, &answered.body, currency, kinds),
        Err(failed) => failed.into(),
    }
}
