//! A run's pings. In the native protocol each is written and signed at once, and then a small future sends it and reads the bid.

use std::{future::ready, sync::Arc, time::Duration};

use exchange::{
    buyer::Protocol,
    call::{CallFailure, PingCall, PingReply},
    flow::{
        Run,
        effect::{Answer, EffectId, Event},
    },
    time::Now,
};
use hyper::Method;
use wire::native::{self, PingContext, Shown};

use super::{Answering, calls};
use crate::{
    clock::Stopwatch,
    egress::{Answered, Failed, Message, Sending, WhenOpen, message_headers},
    node::Node,
    ping_lines::{Open, PingLine},
};

/// What all pings of a run show of its lead.
pub fn shown(run: &Run) -> Option<Shown> {
    Some(Shown::of(&context(run)?))
}

fn context(run: &Run) -> Option<PingContext<'_>> {
    let vertical = run.market().vertical(run.vertical())?;
    Some(PingContext { market: run.market(), vertical, attributes: run.attributes(), test: run.is_test() })
}

/// What a run's pings of one moment have in common.
pub struct Pinging<'a> {
    pub node: &'a Arc<Node>,
    pub run: &'a Run,
    pub shown: Option<&'a Shown>,
    /// The run's.
    pub watch: Stopwatch,
    pub now: Now,
}

impl Pinging<'_> {
    /// A future of the size that it takes: there are many of them.
    pub fn ping(&self, effect: EffectId, call: &PingCall) -> Answering {
        let Self { node, run, watch, .. } = *self;
        let (market, began) = (run.market(), self.now.elapsed);
        let buyer = market.contract(call.contract).buyer;
        let line = node.ping_lines.of(market, buyer, run.is_test(), (&node.egress, &node.tally));
        let within = call.give_up.saturating_sub(began);
        let counted = move |line: &PingLine, reply: PingReply| {
            line.count(&reply, watch.elapsed().saturating_sub(began));
            Event { effect, answer: Answer::Pinged(reply) }
        };
        if matches!(market.buyer(buyer).endpoint.protocol, Protocol::Mapped(_)) {
            let asked = calls::mapped_ping(node, run, call, within);
            return Box::pin(async move { counted(&line, asked.await) });
        }
        let (open, sending) = match self.written(&line, call, within) {
            Ok(written) => written,
            Err(failure) => return Box::pin(ready(counted(&line, PingReply::Failed(failure)))),
        };
        let (way, kinds, currency) = (open.way.clone(), call.kinds, market.currency());
        let read = move |answer: Result<Answered, Failed>| match answer {
            Ok(answered) => native::read_bid(answered.status, &answered.body, currency, kinds),
            Err(failed) => failed.into(),
        };
        if way.is_shared() {
            Box::pin(async move { counted(&line, read(way.send_shared(&sending).await)) })
        } else {
            Box::pin(async move { counted(&line, read(way.send(&sending).await)) })
        }
    }

    /// Who is told and not asked is never pinged: it has no address for it.
    fn written<'l>(&self, line: &'l PingLine, call: &PingCall, within: Duration) -> Result<(&'l Open, Sending), CallFailure> {
        let open = line.open.as_ref().map_err(CallFailure::clone)?;
        let (context, shown) = context(self.run).zip(self.shown).ok_or(CallFailure::Unreachable)?;
        let id = call.buyer_ping.to_string();
        let body = native::ping_body(&context, shown, call, &id);
        let message = Message { id: &id, at_s: self.now.at.micros().div_euclid(1_000_000), body: &body, idempotency_key: None };
        let headers = message_headers(&message, open.secret.as_ref());
        let when_open = if context.test { WhenOpen::Ignore } else { WhenOpen::Skip };
        let (method, body) = (Method::POST, body.into());
        Ok((open, Sending { max_in_flight: open.room, method, headers, body, time: within, fresh: false, when_open, keeps_headers: false }))
    }
}
