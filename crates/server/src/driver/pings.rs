//! A run's pings. In the native protocol each is written and signed at once, and then a small future sends it and reads the bid.

use std::{borrow::Cow, cell::OnceCell, future::ready, sync::Arc, time::Duration};

use exchange::{
    buyer::Protocol,
    call::{CallFailure, PingCall, PingReply},
    flow::{
        Run,
        effect::{Answer, EffectId, Event},
    },
    mapping::Mapping,
    time::Now,
};
use hyper::Method;
use wire::{
    mapped::{self, Offered, read_bid, render_ping},
    native::{self, PingContext, Shown},
};

use super::{
    Answering, calls,
    mapped::{around, headers, heard, method},
};
use crate::{
    clock::RunClock,
    egress::{Answered, Failed, Message, Sending, WhenOpen, message_headers},
    node::Node,
    ping_lines::{Open, PingLine},
};

/// What all pings of a run show of its lead, written once by the first that needs it.
#[derive(Default)]
pub struct Alike {
    native: OnceCell<Shown>,
    mapped: OnceCell<mapped::Alike>,
}

fn context(run: &Run) -> Option<PingContext<'_>> {
    let vertical = run.market().vertical(run.vertical())?;
    Some(PingContext { market: run.market(), vertical, attributes: run.attributes(), test: run.is_test() })
}

/// What a run's pings of one moment have in common.
pub struct Pinging<'a> {
    pub node: &'a Arc<Node>,
    pub run: &'a Run,
    pub alike: &'a Alike,
    /// The run's.
    pub watch: RunClock,
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
        if let Protocol::Mapped(mapping) = &market.buyer(buyer).endpoint.protocol {
            let Some((open, sending)) = self.mapped(mapping, &line, call, within) else {
                let asked = calls::mapped_ping(node, run, call, within);
                return Box::pin(async move { counted(&line, asked.await) });
            };
            let offered = Offered { currency: market.currency(), kinds: call.kinds, agreed: market.contract(call.contract).agreed_price };
            let (way, mapping) = (open.way.clone(), Arc::clone(mapping));
            return Box::pin(async move {
                let reply = match way.send(&sending).await {
                    Ok(answered) => heard(&answered, |heard| read_bid(&mapping.ping, heard, offered)),
                    Err(failed) => failed.into(),
                };
                counted(&line, reply)
            });
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
            let until = watch.instant_at(call.give_up);
            Box::pin(async move { counted(&line, read(way.send_shared(&sending, until).await)) })
        } else {
            Box::pin(async move { counted(&line, read(way.send(&sending).await)) })
        }
    }

    /// Over the buyer's way, as those in the native protocol go. None for what goes another way, or can't go at all: that is told as
    /// every mapped call tells it.
    fn mapped<'l>(&self, mapping: &Mapping, line: &'l PingLine, call: &PingCall, within: Duration) -> Option<(&'l Open, Sending)> {
        let open = line.open.as_ref().ok()?;
        let context = context(self.run)?;
        let request = mapping.of(&context.vertical.name)?.ping.as_ref()?;
        let url = native::ping_url(&self.run.market().buyer_of(call.contract).endpoint, context.test)?;
        let alike = self.alike.mapped.get_or_init(|| mapped::alike(&context, call.contract));
        let mut outgoing =
            render_ping(request, url, &context, Some(alike), call, around(self.now.at)).ok().filter(|outgoing| matches!(outgoing.url, Cow::Borrowed(_)))?;
        let mut headers = headers(&outgoing, request)?;
        // Nothing of a contact is in it: it needs no wiping.
        let body = std::mem::take(&mut *outgoing.body).into_bytes();
        if let Some(secret) = &open.secret {
            let at_s = self.now.at.micros().div_euclid(1_000_000);
            headers.sign(&Message { id: &call.buyer_ping.to_string(), at_s, body: &body, idempotency_key: None }, secret);
        }
        let when_open = if context.test { WhenOpen::Ignore } else { WhenOpen::Skip };
        let (method, body, keeps_headers) = (method(outgoing.method), body.into(), mapping.ping.reads_headers());
        Some((open, Sending { max_in_flight: open.room, method, headers, body, time: within, fresh: false, when_open, keeps_headers }))
    }

    /// Who is told and not asked is never pinged: it has no address for it.
    fn written<'l>(&self, line: &'l PingLine, call: &PingCall, within: Duration) -> Result<(&'l Open, Sending), CallFailure> {
        let open = line.open.as_ref().map_err(CallFailure::clone)?;
        let context = context(self.run).ok_or(CallFailure::Unreachable)?;
        let shown = self.alike.native.get_or_init(|| Shown::of(&context));
        let id = call.buyer_ping.to_string();
        let body = native::ping_body(&context, shown, call, &id);
        let message = Message { id: &id, at_s: self.now.at.micros().div_euclid(1_000_000), body: &body, idempotency_key: None };
        let headers = message_headers(&message, open.secret.as_ref());
        let when_open = if context.test { WhenOpen::Ignore } else { WhenOpen::Skip };
        let (method, body) = (Method::POST, body.into());
        Ok((open, Sending { max_in_flight: open.room, method, headers, body, time: within, fresh: false, when_open, keeps_headers: false }))
    }
}
