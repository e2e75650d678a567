//! What a run hears is compared with what it makes of it: who bids in time takes part, and who doesn't takes none.

use exchange::{
    call::PingReply,
    flow::effect::{Answer, EffectId, StoreRequest},
    id::BuyerPingId,
    record::{BidOutcome, Decision, RecordedEvent},
};

use super::World;
use crate::{
    agenda::{About, Event, Outgoing, RunAt, micros},
    invariant::Invariant,
};

/// What came of a ping, as the network brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Bid,
    Other,
}

impl Heard {
    pub fn of(answer: &Answer) -> Self {
        if matches!(answer, Answer::Pinged(PingReply::Bid(_))) { Self::Bid } else { Self::Other }
    }
}

impl World {
    pub(super) fn through_seams(&self, at: RunAt, answer: Answer) -> Answer {
        let has_bid = || {
            let record = self.nodes[at.node].runs[&at.run].machine.run().map(exchange::flow::Run::record);
            record.is_some_and(|record| record.events.iter().any(|(_, event)| matches!(event, RecordedEvent::Ping { reply: PingReply::Bid(_), .. })))
        };
        match answer {
            Answer::Pinged(reply) => Answer::Pinged(self.seams.pinged(reply, has_bid())),
            Answer::Posted(reply) => Answer::Posted(self.seams.posted(reply)),
            other => other,
        }
    }

    /// Called after the run has taken the answer in. `before` is how many decisions it had taken by then.
    pub(super) fn check_heard(&mut self, at: RunAt, effect: EffectId, before: usize, heard: Heard) {
        let Some((answer_by, buyer_ping)) = self.answer_by.remove(&(at.node, at.epoch, at.run, effect.0)) else { return };
        let Some(run) = self.nodes[at.node].runs[&at.run].machine.run() else { return };
        let outcome = run.record().decisions[before..].iter().find_map(|(_, decision)| match decision {
            Decision::Answered { outcome, .. } => Some(outcome.clone()),
            _ => None,
        });
        let subject = run.subject();
        let Some(outcome) = outcome else { return };
        let admitted = matches!(outcome, BidOutcome::Bid { .. });
        if admitted && self.now > answer_by {
            self.model.report(Invariant::SameEventsSameWinner, format!("{subject} admits a bid that came too late"));
        }
        let dropped = matches!(outcome, BidOutcome::NoBid { .. } | BidOutcome::Failed(_));
        if dropped && heard == Heard::Bid && self.is_sound(buyer_ping) && self.now < answer_by {
            self.model.report(Invariant::SameEventsSameWinner, format!("{subject} passes over a bid that came in time"));
        }
    }

    fn is_sound(&self, buyer_ping: BuyerPingId) -> bool {
        self.books.bids.get(&buyer_ping).is_some_and(|bid| bid.is_sound)
    }

    /// For a planted bug: the post goes out with the reserve, not after it.
    pub(super) fn post_early(&mut self, request: &StoreRequest) {
        if let StoreRequest::Reserve(request) = request
            && self.seams.posts_early()
        {
            let about = About::Post { sale: request.sale, attempt: wire::native::PostAttempt::FIRST, echoes: None };
            let (buyer, contract) = (request.contract.buyer.to_string(), request.contract.to_string());
            let call = Outgoing { to: None, buyer, contract, path: String::new(), body: b"{}".to_vec(), about };
            self.after(micros(1), Event::AtBuyer(Box::new(call)));
        }
    }
}
