//! Calls to buyers, as bytes, over a network that loses, repeats and delays.

use std::sync::Arc;

use exchange::{
    call::{CallFailure, ConfirmCall, ConfirmReply, PingCall, PingReply, PostCall, PostReply, StatusCall},
    flow::effect::{Answer, EffectId},
    id::{ContractIndex, SaleId},
    market::Market,
    sale::Sale,
    seal::{Contact, Opener},
    time::Timestamp,
};
use store::Reader;
use wire::native::{self, Echoes, PingContext, PostAttempt};

use super::{Fatal, World, machine::Machine};
use crate::{
    agenda::{About, Event, Outgoing, RunAt, micros},
    invariant::Invariant,
    people::holds_contact,
};

/// How a message fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    Arrives,
    /// No connection: nothing left.
    Refused,
    /// It left, and the connection broke; it may have arrived.
    Broken(bool),
    /// It left, and nothing is ever heard of it.
    Lost(bool),
}

impl World {
    pub(super) fn passage(&mut self) -> Passage {
        if !self.random.chance(self.rates.loss) {
            return Passage::Arrives;
        }
        self.tally.fault("message lost");
        match self.random.below(9) {
            0..=2 => Passage::Refused,
            3..=6 => Passage::Broken(self.random.chance(500)),
            _ => Passage::Lost(self.random.chance(500)),
        }
    }

    fn about(&self, at: RunAt, contract: ContractIndex) -> (Arc<Market>, String, String) {
        let market = Arc::clone(self.nodes[at.node].runs[&at.run].machine.market());
        let key = market.contract(contract).key.clone();
        (market, key.buyer.to_string(), key.to_string())
    }

    fn context<'a>(&'a self, at: RunAt, market: &'a Market) -> Option<PingContext<'a>> {
        let machine = &self.nodes[at.node].runs[&at.run].machine;
        Some(PingContext { market, vertical: market.vertical(machine.vertical())?, attributes: machine.attributes(), test: machine.is_test() })
    }

    pub(super) fn ping(&mut self, at: RunAt, effect: EffectId, call: PingCall) {
        let (market, buyer, contract) = self.about(at, call.contract);
        let endpoint = &market.buyer_of(call.contract).endpoint;
        let Some(context) = self.context(at, &market) else { return };
        let Some(url) = native::ping_url(endpoint, context.test) else {
            return self.answer_soon(at, effect, Answer::Pinged(PingReply::Failed(CallFailure::Unreachable)));
        };
        let (path, body) =
            (url.path().to_owned(), self.seams.ping_body(native::ping_body(&context, &native::Shown::of(&context), &call, &call.buyer_ping.to_string())));
        self.check_sealed(&body, "a ping");
        let running = &self.nodes[at.node].runs[&at.run];
        let (give_up, answer_by) = (running.started.plus(call.give_up), self.now.plus(call.time));
        self.answer_by.insert((at.node, at.epoch, at.run, effect.0), (answer_by, call.buyer_ping));
        let failure = |failure| Answer::Pinged(PingReply::Failed(failure));
        let passage = self.passage();
        self.fail(at, effect, passage, give_up, failure);
        self.travel(at, effect, passage, Outgoing { to: Some((at, effect)), buyer, contract, path, body, about: About::Ping { call, answer_by } });
    }

    pub(super) fn confirm(&mut self, at: RunAt, effect: EffectId, call: &ConfirmCall) {
        let (market, buyer, contract) = self.about(at, call.contract);
        let endpoint = &market.buyer_of(call.contract).endpoint;
        let Some(context) = self.context(at, &market) else { return };
        let Some(url) = native::confirm_url(endpoint, context.test) else {
            return self.answer_soon(at, effect, Answer::Confirmed(ConfirmReply::Failed(CallFailure::Unreachable)));
        };
        let (path, body) = (url.path().to_owned(), native::confirm_body(&context, call.sale.post_id(), &call.terms));
        self.check_sealed(&body, "a confirmation");
        let passage = self.passage();
        self.fail(at, effect, passage, self.now.plus(call.time), |failure| Answer::Confirmed(ConfirmReply::Failed(failure)));
        self.travel(at, effect, passage, Outgoing { to: Some((at, effect)), buyer, contract, path, body, about: About::Confirm { sale: call.sale } });
    }

    pub(super) fn post(&mut self, at: RunAt, effect: EffectId, call: &PostCall) -> Result<(), Fatal> {
        let (market, buyer, contract) = self.about(at, call.contract);
        let endpoint = &market.buyer_of(call.contract).endpoint;
        let unsent = |failure| Answer::Posted(PostReply::Unsent(failure));
        let contact = self.open_contact(&call.sale)?;
        let (Some(contact), Some(context)) = (contact, self.context(at, &market)) else {
            self.answer_soon(at, effect, unsent(CallFailure::Malformed("the contact can't be opened".into())));
            return Ok(());
        };
        let Some(url) = native::post_url(endpoint, context.test) else {
            self.answer_soon(at, effect, unsent(CallFailure::Unreachable));
            return Ok(());
        };
        let sale = call.sale.id();
        let (path, body) = (url.path().to_owned(), native::post_body(&context, sale.post_id(), &call.terms, &contact));
        let attempt = PostAttempt { repeat: call.attempt > 1, idempotent: endpoint.idempotent };
        let echoes = Some(Echoes::of(context.vertical, &contact));
        self.check_started(sale, call.sale.lead());
        let passage = if self.random.chance(self.rates.loss / 5) { Passage::Refused } else { self.passage() };
        let unknown = |failure| Answer::Posted(PostReply::Unknown(failure));
        if passage == Passage::Refused {
            self.answer_soon(at, effect, unsent(CallFailure::Unreachable));
            return Ok(());
        }
        self.fail(at, effect, passage, self.now.plus(call.time), unknown);
        let about = About::Post { sale, attempt, echoes };
        self.travel(at, effect, passage, Outgoing { to: Some((at, effect)), buyer, contract, path, body, about });
        Ok(())
    }

    /// A look asks the buyer what became of a post; or the buyer has said so by itself.
    pub(super) fn status(&mut self, at: RunAt, effect: EffectId, call: &StatusCall) -> Result<(), Fatal> {
        let (market, buyer, contract) = self.about(at, call.contract);
        let contact = match &call.permission {
            Some(sale) => self.open_contact(sale)?,
            None => None,
        };
        let echoes =
            market.vertical(self.nodes[at.node].runs[&at.run].machine.vertical()).zip(contact).map(|(vertical, contact)| Echoes::of(vertical, &contact));
        if let Machine::Look(_, Some(reported)) = &self.nodes[at.node].runs[&at.run].machine {
            let reply = reported.clone();
            self.answer_soon(at, effect, Answer::Status(without_contact(echoes.as_ref(), reply)));
            return Ok(());
        }
        let present = self.present(at);
        let of_auction = market.buyer_of(call.contract);
        let endpoint = &present.buyer_named(&of_auction.name).unwrap_or(of_auction).endpoint;
        let Some(url) = native::status_url(endpoint, false, call.sale.post_id()) else {
            self.answer_soon(at, effect, Answer::Status(PostReply::Unknown(CallFailure::Unreachable)));
            return Ok(());
        };
        let passage = self.passage();
        self.fail(at, effect, passage, self.now.plus(call.time), |failure| Answer::Status(PostReply::Unknown(failure)));
        let about = About::Status { sale: call.sale, echoes };
        self.travel(at, effect, passage, Outgoing { to: Some((at, effect)), buyer, contract, path: url.path().to_owned(), body: Vec::new(), about });
        Ok(())
    }

    /// The contact of a sold lead, opened by the sale as the server does it.
    fn open_contact(&mut self, sale: &Sale) -> Result<Option<Contact>, Fatal> {
        let mut whole: Option<Contact> = None;
        for part in self.storage.reader.contact_parts(sale.lead(), sale.ping())? {
            let Ok(opened) = part.open(Opener::Sale(sale), &self.master) else { return Ok(None) };
            match &mut whole {
                None => whole = Some(opened),
                Some(contact) => contact.complete_with(opened),
            }
        }
        Ok(whole)
    }

    /// What no ping and no confirmation may carry.
    fn check_sealed(&mut self, body: &[u8], what: &str) {
        if holds_contact(body) {
            self.model.report(Invariant::ContactStaysSealed, format!("{what} carries a contact"));
        }
    }

    /// Before any byte of a contact leaves, its post has durably started: the store's rows say so, not the run.
    fn check_started(&mut self, sale: SaleId, lead: exchange::id::LeadId) {
        let started = self.model.sales.get(&sale).is_some_and(|sale| sale.started_at.is_some() && sale.lead == lead);
        if !started {
            self.model.report(Invariant::DisclosedAfterPost, format!("{sale} is sent, and no post of it has durably started"));
        }
    }

    pub(super) fn answer_soon(&mut self, at: RunAt, effect: EffectId, answer: Answer) {
        let wait = self.slow(100, 1500);
        self.after(wait, Event::Answer { at, effect, answer });
    }

    /// What the exchange hears where nothing else comes first.
    fn fail(&mut self, at: RunAt, effect: EffectId, passage: Passage, give_up: Timestamp, failed: impl Fn(CallFailure) -> Answer) {
        match passage {
            Passage::Arrives | Passage::Lost(_) => self.at(give_up.max(self.now), Event::Answer { at, effect, answer: failed(CallFailure::Timeout) }),
            Passage::Refused => self.answer_soon(at, effect, failed(CallFailure::Unreachable)),
            Passage::Broken(_) => {
                let wait = micros(self.random.between(1_000, 200_000));
                self.after(wait, Event::Answer { at, effect, answer: failed(CallFailure::Reset) });
            }
        }
    }

    fn travel(&mut self, at: RunAt, effect: EffectId, passage: Passage, call: Outgoing) {
        let arrives = matches!(passage, Passage::Arrives | Passage::Broken(true) | Passage::Lost(true));
        self.journal.note(self.now, format_args!("{at:?} {effect:?} calls {} {} {passage:?}", call.contract, call.path));
        if !call.path.starts_with(&format!("/{}/", call.buyer)) {
            self.model.report(Invariant::CallsAllowed, format!("{} is called at {}", call.buyer, call.path));
        }
        if !arrives {
            return;
        }
        let wait = self.slow(500, 30_000);
        let to = call.to.filter(|_| passage == Passage::Arrives);
        if self.random.chance(self.rates.replay / 3)
            && let About::Post { sale, attempt, .. } = &call.about
        {
            self.tally.fault("message repeated");
            let about = About::Post { sale: *sale, attempt: *attempt, echoes: None };
            let copy =
                Outgoing { to: None, buyer: call.buyer.clone(), contract: call.contract.clone(), path: call.path.clone(), body: call.body.clone(), about };
            let later = self.slow(1_000, 2_000_000);
            self.after(wait + later, Event::AtBuyer(Box::new(copy)));
        }
        self.after(wait, Event::AtBuyer(Box::new(Outgoing { to, ..call })));
    }
}

/// None of a buyer's words, where nobody can tell whether they repeat the contact.
pub(super) fn without_contact(echoes: Option<&Echoes>, reply: PostReply) -> PostReply {
    match (echoes, reply) {
        (Some(echoes), reply) => echoes.kept_out_of(reply),
        (None, PostReply::Accepted { .. }) => PostReply::Accepted { redirect_url: None, lead_reference: None },
        (None, PostReply::Rejected { .. }) => PostReply::Rejected { reason: None },
        (None, reply) => reply,
    }
}
