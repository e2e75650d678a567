//! A run's first step: the store takes the request on, or says what stands already. Then the facts are looked up.

use std::sync::Arc;

use super::{
    Lead, Pending, Purpose, Run, Stage, Task,
    effect::{Effect, FactsRequest, LeadReply, Reply},
    storing::{Stored, Wanted},
};
use crate::{
    command::{Claim, Command, Fence, LeadStatus, NotAccepted, Outcome, StoredQuote},
    facts::Facts,
    id::SupplierName,
    money::Money,
    record::{Decision, UnsoldReason},
};

/// A ping without an idempotency key promises nothing before its auction, so nothing is written first.
pub(super) fn purpose_and_first(task: Task, supplier: &SupplierName) -> (Purpose, Option<Stored>) {
    match task {
        Task::Ping { ping, sealed, idempotency, node } => {
            let claim = idempotency.map(|idempotency| Claim { supplier: supplier.clone(), idempotency, ping, node });
            let first = claim.clone().map(|claim| Stored::plain(Wanted::Claim, Command::Claim(claim)));
            (Purpose::Quote { ping, sealed, claim }, first)
        }
        Task::Lead(accept) => {
            let lead = Lead { id: accept.lead, quote: None, is_accepted: false, fence: Fence::default(), people: accept.people.clone() };
            (Purpose::Sale(lead), Some(Stored::plain(Wanted::Accept, Command::Accept(*accept))))
        }
    }
}

impl Run {
    pub(super) fn on_claimed(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Claimed => self.look_up_facts(),
            Outcome::AlreadyPinged(ping) => self.reply(Reply::AlreadyPinged(ping)),
            Outcome::KeyReused => self.reply(Reply::NotAccepted(NotAccepted::KeyReused)),
            _ => self.reply(Reply::Unavailable),
        }
    }

    pub(super) fn on_accepted(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Accepted { fence, quote } => self.on_lead_taken(fence, quote),
            Outcome::NotAccepted(NotAccepted::Duplicate { own }) => {
                self.decide(Decision::Duplicate);
                let Some(lead) = self.lead().map(|lead| lead.id) else { return };
                let status = LeadStatus::Duplicate;
                self.reply(Reply::Lead(LeadReply { lead, status, net: Money::ZERO, redirect_url: None, reason: None, legs: Vec::new(), duplicate_of: own }));
            }
            Outcome::NotAccepted(standing) => self.reply(Reply::NotAccepted(standing)),
            _ => self.reply(Reply::Unavailable),
        }
    }

    fn on_lead_taken(&mut self, fence: Fence, quote: Option<Box<StoredQuote>>) {
        // A quote of another revision, that the store held to be open after all, means other contracts by the same numbers.
        let revision = self.market.revision();
        let quote = quote.filter(|quote| quote.revision == revision);
        let quoted = quote.is_some();
        if let Purpose::Sale(lead) = &mut self.purpose {
            lead.is_accepted = true;
            lead.fence = fence;
            lead.quote = quote;
        }
        if quoted { self.sell_quoted() } else { self.look_up_facts() }
    }

    /// Asks for the facts of every contract that the market and the ping alone admit.
    pub(super) fn look_up_facts(&mut self) {
        self.stage = Stage::Looking;
        self.admitted = self.offered().zip(self.of_market.tree).map(|(offered, tree)| offered.admitted(tree)).unwrap_or_default();
        let contracts = self.admitted.of_all();
        let people = self.lead().map(|lead| lead.people.clone()).unwrap_or_default();
        let test = self.record.test;
        self.emit(Effect::Facts(FactsRequest { contracts, people, test }), Some(Pending::Facts));
    }

    pub(super) fn on_facts(&mut self, facts: Facts) {
        self.facts = (0..facts.contracts.len() as u32).collect();
        self.facts.sort_by_key(|place| facts.contracts[*place as usize].contract);
        self.facts_known = true;
        Arc::make_mut(&mut self.record).facts = facts;
        let Some(deadline) = self.tree().map(|tree| tree.deadline) else { return self.end_unsold(UnsoldReason::NoTree) };
        self.asking.time_left = deadline;
        // A quoted offer fell away: the rest of the tree is asked, with a deadline of its own.
        if let Some(tier) = self.asking.tier {
            self.resume_tier(tier);
        }
        self.go_on_asking();
    }
}
