//! Selling: each offer is reserved, confirmed where the contract is strict, posted, and settled, voided or left unknown.

use std::time::Duration;

use super::{
    Pending, Run, Stage,
    effect::{Effect, StoreRequest},
    reconcile::says_duplicate,
    storing::{Stored, Wanted},
};
use crate::{
    auction::{Bounds, Offer, choose, is_decided},
    call::{CallFailure, ConfirmCall, ConfirmReply, PostCall, PostReply, PostTerms},
    command::{Command, Outcome, ReserveRequest, Settle, Void, VoidCause},
    contract::SaleKind,
    id::{ParentName, SaleId},
    money::Money,
    record::{Decision, DropReason, RecordedEvent},
    refusal::Refusal,
    sale::Sale,
    tree::TierSale,
};

/// A strict buyer has at most this long to confirm.
const MOST_CONFIRM_TIME: Duration = Duration::from_secs(5);
/// A post whose connection died is sent once more to the same buyer, under the same id, where the buyer is idempotent.
const MOST_ATTEMPTS: u32 = 2;

/// One buyer's part in the sale of a lead.
#[derive(Debug)]
pub(super) struct Leg {
    pub offer: Offer,
    pub id: SaleId,
    pub state: LegState,
    /// The permission to post, once `post_started` is durable.
    sale: Option<Sale>,
    attempt: u32,
    /// The buyer has, or may have, the contact.
    disclosed: bool,
    /// The buyer of a strict contract has confirmed, and is bound.
    confirmed: bool,
    /// What the quote promised for this place, if it promised one.
    promise: Option<Money>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LegState {
    /// Between reserve and outcome.
    UnderWay,
    Sold,
    Unknown,
    Void,
}

impl Leg {
    /// Takes one of the places of the lead's sale.
    pub(super) fn is_live(&self) -> bool {
        self.state != LegState::Void
    }

    /// Uses, or may come to use, one of the disclosures.
    fn uses_disclosure(&self) -> bool {
        self.disclosed || self.state == LegState::UnderWay
    }

    /// One post per company and lead.
    pub(super) fn keeps_out(&self, parent: &ParentName) -> bool {
        &self.offer.parent == parent && (self.is_live() || self.disclosed)
    }

    /// The company has, or may have, this lead, and that won't change any more.
    pub(super) fn has_lead(&self, parent: &ParentName) -> bool {
        self.state != LegState::UnderWay && self.keeps_out(parent)
    }
}

impl Run {
    /// The tier has been asked: what it offers is sold.
    pub(super) fn start_selling(&mut self) {
        self.stage = Stage::Selling;
        if let Some(tier) = self.asking.tier {
            let choice = self.choose_in(tier, self.most_buyers_left(), self.least_net());
            self.note_ranking(tier, choice.as_ref());
        }
        self.sell();
    }

    /// The post of a quote: its offers stand, those promised first.
    pub(super) fn sell_quoted(&mut self) {
        self.stage = Stage::Selling;
        let Some(quote) = self.lead().and_then(|lead| lead.quote.clone()) else { return };
        self.asking.tier = quote.offers.first().map(|offer| offer.tier);
        self.asking.asked = quote.asked.iter().copied().collect();
        self.story.asked = true;
        self.story.had_offer = !quote.offers.is_empty();
        let offer = |quoted: crate::command::QuotedOffer| Offer {
            tier: quoted.tier,
            parent: self.market.buyer_of(quoted.contract).parent.clone(),
            contract: quoted.contract,
            kind: quoted.kind,
            price: quoted.price,
            net: quoted.net,
            rank: quoted.rank,
            lot: quoted.lot,
            buyer_ping: quoted.buyer_ping,
            reference: quoted.reference,
            expires_at: quoted.expires_at,
            promised: quoted.promised,
        };
        self.offers = quote.offers.into_iter().map(offer).collect();
        if let Some(tier) = self.asking.tier {
            self.note_ranking(tier, None);
        }
        self.sell();
    }

    /// Starts whatever legs may start now; when none is under way, goes on or ends.
    pub(super) fn sell(&mut self) {
        if self.stage != Stage::Selling {
            return;
        }
        // An exclusive sale ends the lead: what else was offered lost, and fell away over nothing.
        if self.legs.iter().any(|leg| leg.state == LegState::Sold && leg.offer.kind == SaleKind::Exclusive) {
            return self.end_of_tree();
        }
        self.drop_fallen_offers();
        self.start_legs();
        if self.legs.iter().any(|leg| leg.state == LegState::UnderWay) {
            return;
        }
        let live = self.legs.iter().filter(|leg| leg.is_live()).count();
        if self.story.closed || self.most_buyers_left() == 0 {
            return self.end_of_tree();
        }
        if live > 0 {
            // The tree ends at the first tier that sells; a sequential one that shares is asked to its end.
            let is_shared = self.legs.iter().all(|leg| !leg.is_live() || leg.offer.kind == SaleKind::Shared);
            if is_shared && self.may_shared_place_be_filled(live) {
                return;
            }
            if is_shared && self.wants_more(live) {
                return self.go_on_asking();
            }
            return self.end_of_tree();
        }
        if self.is_anybody_out() {
            return;
        }
        if self.facts_known { self.go_on_asking() } else { self.look_up_facts() }
    }

    fn start_legs(&mut self) {
        let live_exclusive = self.legs.iter().any(|leg| leg.is_live() && leg.offer.kind == SaleKind::Exclusive);
        if live_exclusive || self.story.closed || self.most_buyers_left() == 0 {
            return;
        }
        let promised: Vec<Offer> = self.take_offers(|offer| offer.promised);
        if !promised.is_empty() {
            for offer in promised {
                let promise = (offer.kind == SaleKind::Shared).then_some(offer.net);
                self.start_leg(offer, promise);
            }
            return;
        }
        if self.legs.iter().any(Leg::is_live) || (self.is_quote_kept() && !self.vacancies.is_empty()) {
            self.fill_shared_places();
        }
        if !self.legs.iter().any(Leg::is_live) {
            self.start_chosen();
        }
    }

    /// Nothing of this lead is sold or held: the tier's choice starts.
    fn start_chosen(&mut self) {
        let Some(tier) = self.asking.tier else { return };
        // Among fallbacks, too, the best is chosen and not the first: whoever is still out is waited for.
        if self.may_choice_change() {
            return;
        }
        let Some(choice) = self.choose_in(tier, self.most_buyers_left(), self.least_net()) else {
            // In a sequential tier, who is still to be asked may make up the sum of a shared sale.
            if self.is_quote_kept() && !self.offers.is_empty() && !self.is_queue_left() {
                self.story.below_quote = true;
                while !self.offers.is_empty() {
                    self.drop_offer(0, DropReason::BelowQuote);
                }
            }
            return;
        };
        let chosen: Vec<_> = choice.picks.iter().map(|place| self.offers[*place].clone()).collect();
        self.offers.retain(|offer| !chosen.contains(offer));
        for offer in chosen {
            self.start_leg(offer, None);
        }
    }

    /// A shared leg is live, or was promised: only shared legs follow, in the places that are free.
    fn fill_shared_places(&mut self) {
        loop {
            let live = self.legs.iter().filter(|leg| leg.is_live()).count();
            let Some(bounds) = self.shared_places_left(live) else { return };
            let free: Vec<Offer> = self.offers.iter().filter(|offer| !self.legs.iter().any(|leg| leg.keeps_out(&offer.parent))).cloned().collect();
            if self.is_anybody_out() && !is_decided(&free, &self.outstanding(), bounds) {
                return;
            }
            let Some(choice) = choose(&free, bounds).filter(|choice| self.is_worth_filling(choice.net)) else { return };
            let best = &free[choice.picks[0]];
            let Some(place) = self.offers.iter().position(|offer| offer == best) else { return };
            let promise = self.vacancy_for(best.net);
            if promise.is_none() && self.is_quote_kept() {
                // A cheaper promise may yet fall away, and this offer keep it.
                if self.legs.iter().any(|leg| leg.state == LegState::UnderWay) {
                    return;
                }
                self.story.below_quote = true;
                self.drop_offer(place, DropReason::BelowQuote);
                continue;
            }
            let offer = self.offers.remove(place);
            self.start_leg(offer, promise);
        }
    }

    /// The minimum is per lead. Once a leg is sold or unknown, any other only adds to it; before that, what is still under
    /// way may come to nothing, and doesn't count.
    fn is_worth_filling(&self, net: Money) -> bool {
        let is_any = |state| self.legs.iter().any(|leg| leg.state == state);
        is_any(LegState::Sold) || (is_any(LegState::Unknown) && !is_any(LegState::UnderWay)) || net >= self.min_price()
    }

    /// The places that further shared legs may take, where there are any: of a quote, those that its promised legs left.
    fn shared_places_left(&self, live: usize) -> Option<Bounds> {
        let most = self.tier_now().map_or(0, |tier| tier.sale.most(SaleKind::Shared)) as usize;
        let left = if self.is_quote_kept() { most.saturating_sub(live).min(self.vacancies.len()) } else { most.saturating_sub(live) };
        let bounds = Bounds { sale: TierSale::Shared(left as u32), most_buyers: self.most_buyers_left(), least_net: Money::ZERO };
        (left > 0 && bounds.most_buyers > 0).then_some(bounds)
    }

    /// Whether a bid that may still come in time could take a shared place that is left.
    fn may_shared_place_be_filled(&self, live: usize) -> bool {
        self.shared_places_left(live).is_some() && self.outstanding().iter().any(|offer| offer.kind == SaleKind::Shared)
    }

    /// The dearest promise that this net keeps; any, where the supplier accepts less.
    fn vacancy_for(&mut self, net: Money) -> Option<Money> {
        let lower = self.accepts_lower();
        let place = (0..self.vacancies.len()).filter(|place| lower || self.vacancies[*place] <= net).max_by_key(|place| self.vacancies[*place])?;
        Some(self.vacancies.remove(place))
    }

    fn take_offers(&mut self, wanted: impl Fn(&Offer) -> bool) -> Vec<Offer> {
        let (taken, left) = std::mem::take(&mut self.offers).into_iter().partition(wanted);
        self.offers = left;
        taken
    }

    /// How many more buyers may come to have the contact.
    pub(super) fn most_buyers_left(&self) -> u32 {
        let used = self.legs.iter().filter(|leg| leg.uses_disclosure()).count() as u32;
        self.max_disclosures().saturating_sub(used)
    }

    fn accepts_lower(&self) -> bool {
        self.supplier_of_run().is_some_and(|supplier| supplier.accept_lower)
    }

    /// A quote binds: nothing settles below it unless the supplier accepts lower.
    fn is_quote_kept(&self) -> bool {
        self.lead().is_some_and(|lead| lead.quote.is_some()) && !self.accepts_lower()
    }

    /// The least that the supplier must get of all legs together.
    pub(super) fn least_net(&self) -> Money {
        let quoted = self.lead().and_then(|lead| lead.quote.as_ref()).filter(|_| self.is_quote_kept()).map(|quote| quote.net);
        quoted.unwrap_or(Money::ZERO).max(self.min_price())
    }

    fn start_leg(&mut self, offer: Offer, promise: Option<Money>) {
        let Some((lead, fence)) = self.lead().map(|lead| (lead.id, lead.fence)) else { return };
        let leg = self.legs.len();
        let id = SaleId::from_bytes(self.seed.uuid("sale", leg as u64));
        let contract = self.market.contract(offer.contract);
        let request = ReserveRequest {
            sale: id,
            lead,
            fence,
            contract: contract.key.clone(),
            kind: offer.kind,
            price: offer.price,
            net: offer.net,
            most_shared: self.tier(offer.tier).map_or(1, |tier| tier.sale.most(SaleKind::Shared)),
            max_disclosures: self.max_disclosures(),
            // A test has no address to confirm at, and no contact that counts.
            start_post: !contract.is_strict() || self.record.test,
            quoted_by: self.lead().and_then(|lead| lead.quote.as_ref()).filter(|_| offer.promised).map(|quote| quote.ping),
            buyer_ping: offer.buyer_ping,
            reference: offer.reference.clone(),
        };
        self.decide(Decision::Reserving { tier: offer.tier, contract: offer.contract, sale: id, kind: offer.kind, price: offer.price, net: offer.net });
        self.legs.push(Leg { offer, id, state: LegState::UnderWay, sale: None, attempt: 0, disclosed: false, confirmed: false, promise });
        self.store(Stored::new(Wanted::Reserve { leg }, StoreRequest::Reserve(request)));
    }

    pub(super) fn on_reserved(&mut self, leg: usize, outcome: Outcome) {
        let sale = self.legs[leg].id;
        match outcome {
            Outcome::Reserved(reservation) => {
                self.saw(RecordedEvent::Reserve { sale, refused: None });
                match Sale::of(&reservation) {
                    Some(sale) => self.start_post(leg, sale),
                    None => self.ask_to_confirm(leg),
                }
            }
            Outcome::Refused(refusal) => {
                self.saw(RecordedEvent::Reserve { sale, refused: Some(refusal.clone()) });
                self.on_refused(leg, refusal);
            }
            _ => self.on_refused(leg, Refusal::Fenced),
        }
    }

    fn on_refused(&mut self, leg: usize, refusal: Refusal) {
        // What ends the lead for this run: whoever holds it now goes on with it.
        self.story.closed |= refusal.ends_lead();
        let offer = &self.legs[leg].offer;
        let dropped = Decision::OfferDropped { tier: offer.tier, contract: offer.contract, kind: offer.kind, why: DropReason::Refused(refusal) };
        self.decide(dropped);
        self.end_leg_void(leg);
        self.sell();
    }

    fn end_leg_void(&mut self, leg: usize) {
        self.legs[leg].state = LegState::Void;
        if let Some(promise) = self.legs[leg].promise.take() {
            self.vacancies.push(promise);
        }
    }

    fn ask_to_confirm(&mut self, leg: usize) {
        let endpoint = &self.market.buyer_of(self.legs[leg].offer.contract).endpoint;
        let time = endpoint.post_timeout.min(MOST_CONFIRM_TIME);
        let call = ConfirmCall { contract: self.legs[leg].offer.contract, sale: self.legs[leg].id, terms: self.post_terms(leg), time };
        self.emit(Effect::Confirm(call), Some(Pending::Confirm { leg }));
    }

    pub(super) fn on_confirm_reply(&mut self, leg: usize, reply: ConfirmReply) {
        self.saw(RecordedEvent::Confirm { sale: self.legs[leg].id, reply: reply.clone() });
        match reply {
            ConfirmReply::Confirmed => {
                self.legs[leg].confirmed = true;
                let (sale, fence) = (self.legs[leg].id, self.lead().map(|lead| lead.fence).unwrap_or_default());
                let contract = self.market.contract(self.legs[leg].offer.contract).key.clone();
                self.store(Stored::new(Wanted::StartPost { leg }, StoreRequest::StartPost { sale, fence, contract }));
            }
            ConfirmReply::Declined(reason) => self.void(leg, VoidCause::NotConfirmed, reason.unwrap_or_else(|| "declined".into())),
            ConfirmReply::Failed(failure) => self.void(leg, VoidCause::NotConfirmed, failure.to_string()),
        }
    }

    pub(super) fn on_post_started(&mut self, leg: usize, outcome: Outcome) {
        match outcome {
            Outcome::Reserved(reservation) if Sale::of(&reservation).is_some() => {
                if let Some(sale) = Sale::of(&reservation) {
                    self.start_post(leg, sale);
                }
            }
            Outcome::Refused(refusal) => {
                self.story.closed |= refusal.ends_lead();
                self.void(leg, VoidCause::Unsent, refusal.to_string());
            }
            _ => self.void(leg, VoidCause::Unsent, "not started".into()),
        }
    }

    /// `post_started` is durable: from here on the buyer may have the contact.
    fn start_post(&mut self, leg: usize, sale: Sale) {
        self.legs[leg].sale = Some(sale);
        self.legs[leg].disclosed = true;
        self.post(leg);
    }

    fn post(&mut self, leg: usize) {
        let Some(sale) = self.legs[leg].sale.clone() else { return };
        self.legs[leg].attempt += 1;
        let (contract, attempt, id) = (self.legs[leg].offer.contract, self.legs[leg].attempt, self.legs[leg].id);
        self.decide(Decision::Posting { sale: id, attempt });
        let time = self.market.buyer_of(contract).endpoint.post_timeout;
        let call = PostCall { contract, sale, terms: self.post_terms(leg), attempt, time };
        self.emit(Effect::Post(Box::new(call)), Some(Pending::Post { leg }));
    }

    fn post_terms(&self, leg: usize) -> PostTerms {
        let offer = &self.legs[leg].offer;
        PostTerms { buyer_ping: offer.buyer_ping, reference: offer.reference.clone(), kind: offer.kind, price: offer.price }
    }

    pub(super) fn on_post_reply(&mut self, leg: usize, reply: PostReply) {
        self.saw(RecordedEvent::Post { sale: self.legs[leg].id, reply: reply.clone() });
        let is_repeat = self.legs[leg].attempt > 1;
        let idempotent = self.market.buyer_of(self.legs[leg].offer.contract).endpoint.idempotent;
        match reply {
            PostReply::Accepted { redirect_url, lead_reference } => self.settle(leg, redirect_url, lead_reference, None),
            // A buyer that calls its own first copy a duplicate has not rejected the lead.
            PostReply::Rejected { reason } if is_repeat && (!idempotent || says_duplicate(reason.as_deref())) => {
                self.mark_unknown(leg, "rejected a repeat".into());
            }
            PostReply::Rejected { reason } => self.on_rejected(leg, reason.unwrap_or_else(|| "rejected".into())),
            PostReply::Unsent(failure) if is_repeat => self.mark_unknown(leg, failure.to_string()),
            PostReply::Unsent(failure) => {
                self.legs[leg].disclosed = false;
                self.void(leg, VoidCause::Unsent, failure.to_string());
            }
            PostReply::Unknown(failure) if idempotent && self.legs[leg].attempt < MOST_ATTEMPTS && is_worth_a_repeat(&failure) => self.post(leg),
            PostReply::Unknown(failure) => self.mark_unknown(leg, failure.to_string()),
        }
    }

    /// A confirmed buyer is bound: its rejection books the sale and opens a return.
    fn on_rejected(&mut self, leg: usize, reason: String) {
        if self.legs[leg].confirmed { self.settle(leg, None, None, Some(reason)) } else { self.void(leg, VoidCause::Rejected, reason) }
    }

    fn settle(&mut self, leg: usize, redirect_url: Option<String>, buyer_lead_reference: Option<String>, disputed: Option<String>) {
        // The first that settles says where the consumer goes on; so does the store.
        self.redirect_url = self.redirect_url.take().or_else(|| redirect_url.clone());
        let ends_lead = self.legs[leg].offer.kind == SaleKind::Exclusive;
        let settle = Settle { sale: self.legs[leg].id, redirect_url, buyer_lead_reference, disputed, why: None, ends_lead };
        self.store(Stored::plain(Wanted::Settle { leg }, Command::Settle(settle)));
    }

    pub(super) fn on_settled(&mut self, leg: usize, outcome: Outcome) {
        if !matches!(outcome, Outcome::Done) {
            return self.on_known_better(leg);
        }
        self.legs[leg].state = LegState::Sold;
        self.decide(Decision::Sold { sale: self.legs[leg].id });
        self.sell();
    }

    /// The store knows better: an operator or a callback settled or voided it meanwhile. The run takes it for unknown.
    fn on_known_better(&mut self, leg: usize) {
        self.decide(Decision::LeftUnknown { sale: self.legs[leg].id, why: "decided elsewhere".into() });
        self.on_marked_unknown(leg);
    }

    fn void(&mut self, leg: usize, cause: VoidCause, why: String) {
        self.decide(Decision::Voided { sale: self.legs[leg].id, why: format!("{}: {why}", cause.word()) });
        self.store(Stored::plain(Wanted::Void { leg }, Command::Void(Void { sale: self.legs[leg].id, cause, why })));
    }

    pub(super) fn on_voided(&mut self, leg: usize, outcome: Outcome) {
        // A sale that couldn't be voided may have been booked: nobody else may be offered the lead.
        if !matches!(outcome, Outcome::Done) {
            return self.on_known_better(leg);
        }
        self.end_leg_void(leg);
        self.sell();
    }

    fn mark_unknown(&mut self, leg: usize, why: String) {
        self.decide(Decision::LeftUnknown { sale: self.legs[leg].id, why: why.clone() });
        self.store(Stored::plain(Wanted::MarkUnknown { leg }, Command::MarkUnknown { sale: self.legs[leg].id, why }));
    }

    pub(super) fn on_marked_unknown(&mut self, leg: usize) {
        self.legs[leg].state = LegState::Unknown;
        self.sell();
    }
}

/// A buyer that was merely slow has used up the supplier's patience too: no second try while it waits.
fn is_worth_a_repeat(failure: &CallFailure) -> bool {
    !matches!(failure, CallFailure::Timeout)
}
