//! The end of a run: sold, unsold with its reason, or pending; durable, then answered, then recorded.

use std::sync::Arc;

use super::{
    Run, Stage,
    effect::{LeadReply, Reply},
    selling::LegState,
    storing::{Stored, Wanted},
};
use crate::{
    command::{Command, End, LeadStatus},
    contract::SaleKind,
    money::Money,
    record::{Decision, UnsoldReason},
};

impl Run {
    /// Nobody is left to ask, or nobody may be asked any more.
    pub(super) fn end_of_tree(&mut self) {
        if matches!(self.stage, Stage::Ending | Stage::GivingBack | Stage::Replied) {
            return;
        }
        let sold = self.legs.iter().any(|leg| leg.state == LegState::Sold);
        let unknown = self.legs.iter().any(|leg| leg.state == LegState::Unknown);
        match (sold, unknown) {
            (true, _) => self.end_lead(LeadStatus::Sold, None),
            (false, true) => self.end_lead(LeadStatus::Pending, None),
            (false, false) => self.end_unsold(self.why_unsold()),
        }
    }

    fn why_unsold(&self) -> UnsoldReason {
        if self.most_buyers_left() == 0 {
            UnsoldReason::MaxDisclosures
        } else if self.story.below_quote {
            UnsoldReason::BelowQuote
        } else if !self.legs.is_empty() {
            UnsoldReason::OffersFellAway
        } else if self.story.below_min_price {
            UnsoldReason::BelowMinPrice
        } else if self.story.had_offer {
            UnsoldReason::OffersFellAway
        } else if self.story.asked {
            UnsoldReason::NoBid
        } else {
            UnsoldReason::NoEligibleBuyer
        }
    }

    pub(super) fn end_unsold(&mut self, reason: UnsoldReason) {
        if self.lead().is_none() {
            return self.end_unmatched(reason);
        }
        self.decide(Decision::Unsold { reason });
        self.end_lead(LeadStatus::Unsold, Some(reason));
    }

    fn end_lead(&mut self, status: LeadStatus, reason: Option<UnsoldReason>) {
        self.stage = Stage::Ending;
        let Some((lead, fence)) = self.lead().map(|lead| (lead.id, lead.fence)) else { return };
        let sold = || self.legs.iter().filter(|leg| leg.state == LegState::Sold);
        let is_exclusive = sold().any(|leg| leg.offer.kind == SaleKind::Exclusive);
        let reply = LeadReply {
            lead,
            status,
            net: sold().map(|leg| leg.offer.net).sum::<Money>(),
            redirect_url: self.redirect_url.clone(),
            reason,
            legs: if is_exclusive { Vec::new() } else { sold().map(|leg| leg.offer.net).collect() },
            duplicate_of: None,
        };
        // An exclusive sale ended its lead when it was settled.
        if is_exclusive {
            return self.reply(Reply::Lead(reply));
        }
        let end = End { lead, fence, status, reason: reason.map(|reason| reason.word().to_owned()) };
        self.store(Stored::plain(Wanted::End(reply), Command::End(end)));
    }

    pub(super) fn record_length(&self) -> (usize, usize) {
        (self.record.events.len(), self.record.decisions.len())
    }

    /// Writes the record with the answer, and once more when what was still out has come in.
    pub(super) fn record_rest(&mut self) {
        if self.stage != Stage::Replied || !self.is_recorded {
            return;
        }
        let length = self.record_length();
        if self.recorded != Some(length) && (self.recorded.is_none() || !self.is_anything_out()) {
            self.recorded = Some(length);
            let record = Arc::clone(&self.record);
            self.store(Stored::plain(Wanted::Nothing, Command::Record { subject: self.subject(), record }));
        }
    }
}
