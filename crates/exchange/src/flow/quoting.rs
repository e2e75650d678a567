//! A ping's end: the quote, durable with its record before it is answered.

use std::sync::Arc;

use super::{
    Purpose, Run, Stage,
    effect::{QuoteReply, Reply, StoreRequest},
    storing::{Stored, Wanted},
};
use crate::{
    auction::{Choice, Offer},
    command::{Command, Outcome, Quote, QuotedOffer},
    contract::SaleKind,
    id::ContractKey,
    record::{Decision, UnsoldReason},
    supplier::{QuoteKind, QuotePolicy},
};

impl Run {
    /// The tier has been asked: quotes what it offers, or goes on to whoever is next.
    pub(super) fn quote_or_go_on(&mut self) {
        let Some(tier) = self.asking.tier else { return self.go_on_asking() };
        self.drop_fallen_offers();
        let choice = self.choose_in(tier, self.max_disclosures(), self.min_price());
        let is_wanting = choice.as_ref().is_none_or(|choice| choice.kind == SaleKind::Shared && self.wants_more(choice.picks.len()));
        if is_wanting && self.is_queue_left() {
            return self.go_on_asking();
        }
        self.note_ranking(tier, choice.as_ref());
        match choice {
            Some(choice) => self.quote(&choice),
            None => self.go_on_asking(),
        }
    }

    fn quote(&mut self, choice: &Choice) {
        let Some(policy) = self.supplier_of_run().map(|supplier| self.market.quote_policy(supplier)) else { return };
        let offers = self.quoted_offers(choice);
        let promised: Vec<&QuotedOffer> = offers.iter().filter(|offer| offer.promised).collect();
        let expires_at = promised.iter().filter_map(|offer| offer.expires_at).fold(self.now.at.plus(policy.ttl), Ord::min);
        let hold = self.to_hold(policy, &promised);
        let legs = if choice.kind == SaleKind::Shared { promised.iter().map(|offer| offer.net).collect() } else { Vec::new() };
        self.decide(Decision::Quoted { net: choice.net, firm: !hold.is_empty(), expires_at });
        let Purpose::Quote { ping, sealed, claim } = &self.purpose else { return };
        let quote = Quote {
            ping: *ping,
            claim: claim.clone().map(Box::new),
            supplier: self.supplier.clone(),
            vertical: self.vertical.clone(),
            revision: self.market.revision(),
            test: self.record.test,
            attributes: self.record.attributes.clone(),
            sealed: sealed.clone(),
            offers,
            asked: self.asking.asked.iter().copied().collect(),
            net: choice.net,
            lives: expires_at.since(self.now.at),
            holds: Vec::new(),
            firm_share: self.market.parts().firm_share,
            record: Arc::clone(&self.record),
        };
        let reply = QuoteReply { ping: quote.ping, net: choice.net, firm: false, expires_at, legs };
        self.stage = Stage::Ending;
        self.recorded = Some(self.record_length());
        self.store(Stored::new(Wanted::Quote(reply), StoreRequest::Quote { quote: Box::new(quote), hold }));
    }

    /// The offers to keep: those promised first, then the fallbacks, all in the auction's order.
    fn quoted_offers(&self, choice: &Choice) -> Vec<QuotedOffer> {
        let promised = choice.picks.iter().map(|place| quoted(&self.offers[*place], true));
        let mut others: Vec<&Offer> = self.offers.iter().enumerate().filter(|(place, _)| !choice.picks.contains(place)).map(|(_, offer)| offer).collect();
        others.sort_by(|a, b| a.order(b));
        promised.chain(others.into_iter().map(|offer| quoted(offer, false))).collect()
    }

    /// The contracts whose cap and credit a firm quote holds. A test holds nothing.
    fn to_hold(&self, policy: QuotePolicy, promised: &[&QuotedOffer]) -> Vec<ContractKey> {
        if policy.kind == QuoteKind::Indicative || self.record.test {
            return Vec::new();
        }
        promised.iter().map(|offer| self.market.contract(offer.contract).key.clone()).collect()
    }

    pub(super) fn on_quoted(&mut self, reply: QuoteReply, outcome: Outcome) {
        match outcome {
            Outcome::Quoted { firm, expires_at } => {
                self.reply(Reply::Quoted(QuoteReply { firm, expires_at, ..reply }));
                self.add_to_quote();
            }
            _ => self.reply(Reply::Unavailable),
        }
    }

    /// Bids came by the deadline, after the quote was decided: they are kept as fallbacks, once there is a quote to add to.
    pub(super) fn add_to_quote(&mut self) {
        let Purpose::Quote { ping, .. } = &self.purpose else { return };
        if self.stage != Stage::Replied || !self.is_recorded {
            return;
        }
        let ping = *ping;
        let contracts = std::mem::take(&mut self.fallbacks);
        let offers: Vec<QuotedOffer> = self.offers.iter().filter(|offer| contracts.contains(&offer.contract)).map(|offer| quoted(offer, false)).collect();
        if !offers.is_empty() {
            self.store(Stored::plain(Wanted::Nothing, Command::AddOffers { ping, offers }));
        }
    }

    pub(super) fn end_unmatched(&mut self, reason: UnsoldReason) {
        self.decide(Decision::Unsold { reason });
        if let Purpose::Quote { ping, .. } = &self.purpose {
            let ping = *ping;
            self.reply(Reply::Unmatched { ping, reason });
        }
    }
}

fn quoted(offer: &Offer, promised: bool) -> QuotedOffer {
    QuotedOffer {
        tier: offer.tier,
        contract: offer.contract,
        kind: offer.kind,
        price: offer.price,
        net: offer.net,
        promised,
        rank: offer.rank,
        lot: offer.lot,
        buyer_ping: offer.buyer_ping,
        reference: offer.reference.clone(),
        expires_at: offer.expires_at,
    }
}
