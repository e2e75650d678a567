//! Reconciling: one look at a sale that may have been made and nobody knows. A pure state machine like the run.
//!
//! The look is taken in the store, so that no two nodes look at once. Then the buyer's status address is asked; then, where the
//! buyer is idempotent, the post is sent again: to the same buyer, under the same id. What still isn't known waits for the next
//! look, for the buyer's own report (which is a look, too), or until the contract's policy gives it up.

use std::{sync::Arc, time::Duration};

use super::effect::{Answer, Effect, EffectId, Event, NumberedEffect, StoreRequest};
use crate::{
    attribute::PingPart,
    buyer::Endpoint,
    call::{PostCall, PostReply, PostTerms, StatusCall},
    command::{Command, LookAgain, Outcome, Settle, Void, VoidCause},
    contract::{UnknownEnd, UnknownPolicy},
    id::{ContractIndex, ContractKey, SaleId, VerticalName},
    market::Market,
    sale::Sale,
    time::Now,
};

/// The first look comes so soon after the sale became unknown; each further one after twice the time.
pub const FIRST_LOOK: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
const STATUS_TIME: Duration = Duration::from_secs(10);

/// A sale that may have been made, as the store has it.
#[derive(Clone, Debug)]
pub struct UnknownSale {
    pub sale: SaleId,
    pub contract: ContractKey,
    pub terms: PostTerms,
    /// The buyer of a strict contract had confirmed, and is bound.
    pub confirmed: bool,
    /// How many looks there were.
    pub looks: u32,
    /// How long ago its post started, by the store's own clock.
    pub age: Duration,
}

/// What a look starts with. The market is that of the lead's auction.
#[derive(Clone, Debug)]
pub struct LookStart {
    pub market: Arc<Market>,
    pub vertical: VerticalName,
    pub test: bool,
    pub attributes: PingPart,
    pub unknown: UnknownSale,
    /// Where the buyer is now. None where it is no longer in the market: then nothing is asked of it and nothing sent.
    pub endpoint: Option<Endpoint>,
    /// Of the contract as it is now, where it still is.
    pub policy: Option<UnknownPolicy>,
    pub source: Source,
}

/// Who is to say what became of the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The buyer is asked, and sent the post again where that is harmless; at the end the policy speaks.
    Asked,
    /// The buyer reports by itself: its report answers the status call.
    Reported,
}

/// What somebody says of a post whose outcome is unknown: the buyer, to a question or by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    Accepted { redirect_url: Option<String>, lead_reference: Option<String> },
    Rejected { reason: Option<String> },
}

/// Books or voids the sale as its buyer reports, and keeps how that came to be known. A buyer that had confirmed is bound: its rejection books the sale and opens a
/// return.
#[must_use]
pub fn on_report(sale: SaleId, confirmed: bool, report: Report, how: &str) -> Command {
    let settle = |redirect_url, buyer_lead_reference, disputed| {
        Command::Settle(Settle { sale, redirect_url, buyer_lead_reference, disputed, why: Some(how.into()), ends_lead: false })
    };
    match report {
        Report::Accepted { redirect_url, lead_reference } => settle(redirect_url, lead_reference, None),
        Report::Rejected { reason } => {
            let why = reason.unwrap_or_else(|| "rejected".into());
            if confirmed { settle(None, None, Some(why)) } else { Command::Void(Void { sale, cause: VoidCause::Rejected, why }) }
        }
    }
}

/// Nobody could find out: the contract's policy, or the operator, says what the sale is taken for.
#[must_use]
pub fn give_up(sale: SaleId, end: UnknownEnd, why: &str) -> Command {
    match end {
        UnknownEnd::Sold => {
            Command::Settle(Settle { sale, redirect_url: None, buyer_lead_reference: None, disputed: None, why: Some(why.into()), ends_lead: false })
        }
        UnknownEnd::Void => Command::Void(Void { sale, cause: VoidCause::GivenUp, why: why.into() }),
    }
}

/// How long after one look the next is due.
#[must_use]
pub fn back_off(looks: u32) -> Duration {
    FIRST_LOOK.saturating_mul(1 << looks.min(16)).min(LONGEST_WAIT)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Taking,
    AskingStatus,
    PostingAgain,
    Booking,
    Over,
}

/// One look at one sale.
#[derive(Debug)]
pub struct Look {
    start: LookStart,
    contract: ContractIndex,
    stage: Stage,
    /// The permission to post again; none where the lead was erased.
    sale: Option<Sale>,
    elapsed: Duration,
    next_effect: u32,
    effects: Vec<NumberedEffect>,
}

/// The market of the auction doesn't know the sale's contract, or its vertical: a bug, or a store that was tampered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the market of the sale doesn't know its contract or vertical")]
pub struct UnknownContract;

impl Look {
    /// Starts a look and gives its first effects.
    pub fn start(start: LookStart) -> Result<(Self, Vec<NumberedEffect>), UnknownContract> {
        let contract = start.market.contract_index(&start.unknown.contract).ok_or(UnknownContract)?;
        start.market.vertical(&start.vertical).ok_or(UnknownContract)?;
        let mut look = Self { start, contract, stage: Stage::Taking, sale: None, elapsed: Duration::ZERO, next_effect: 0, effects: Vec::new() };
        let take = LookAgain { sale: look.id(), looks: look.start.unknown.looks, next: look.next_wait() };
        look.store(Command::LookAgain(take));
        let effects = look.take_effects();
        Ok((look, effects))
    }

    /// Takes one event in and gives the effects that follow. An event that answers nothing outstanding changes nothing.
    pub fn step(&mut self, now: Now, event: Event) -> Vec<NumberedEffect> {
        self.elapsed = now.elapsed.max(self.elapsed);
        // One effect is outstanding at a time: the latest.
        if event.effect == EffectId(self.next_effect.wrapping_sub(1)) {
            self.take(event.answer);
        }
        self.take_effects()
    }

    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Over
    }

    #[must_use]
    pub fn market(&self) -> &Arc<Market> {
        &self.start.market
    }

    #[must_use]
    pub fn vertical(&self) -> &VerticalName {
        &self.start.vertical
    }

    #[must_use]
    pub fn attributes(&self) -> &PingPart {
        &self.start.attributes
    }

    #[must_use]
    pub fn is_test(&self) -> bool {
        self.start.test
    }

    #[must_use]
    pub fn id(&self) -> SaleId {
        self.start.unknown.sale
    }

    fn take(&mut self, answer: Answer) {
        match (self.stage, answer) {
            (Stage::Taking, Answer::Stored(Ok(Outcome::Reserved(reservation)))) => {
                self.sale = Sale::of(&reservation);
                self.ask_status();
            }
            (Stage::Taking, Answer::Stored(Ok(Outcome::Done))) => self.ask_status(),
            (Stage::AskingStatus, Answer::Status(reply)) => match Self::settling(reply) {
                Some(report) => self.book_report(report, if self.start.source == Source::Asked { "its status address told" } else { "the buyer told" }),
                None if self.start.source == Source::Reported => self.stage = Stage::Over,
                None => self.post_again(),
            },
            (Stage::PostingAgain, Answer::Posted(reply)) => match Self::settling(reply).filter(|report| !is_its_own_duplicate(report)) {
                Some(report) => self.book_report(report, "the post was sent again"),
                None => self.give_up_or_wait(),
            },
            // Somebody else looks at it, or it is known by now; or the store is silent, and another look is due anyway.
            (Stage::Taking | Stage::Booking, _) => self.stage = Stage::Over,
            // An answer of another kind than its effect: nothing was learnt.
            (Stage::AskingStatus | Stage::PostingAgain, _) => self.give_up_or_wait(),
            (Stage::Over, _) => {}
        }
    }

    fn settling(reply: PostReply) -> Option<Report> {
        match reply {
            PostReply::Accepted { redirect_url, lead_reference } => Some(Report::Accepted { redirect_url, lead_reference }),
            PostReply::Rejected { reason } => Some(Report::Rejected { reason }),
            // Of a repeat, not even an unsent one says anything about the first.
            PostReply::Unsent(_) | PostReply::Unknown(_) => None,
        }
    }

    fn ask_status(&mut self) {
        let is_asked = self.start.source == Source::Asked;
        let has_status = self.start.endpoint.as_ref().is_some_and(|endpoint| endpoint.status_url.is_some()) && !self.is_test();
        if is_asked && !has_status {
            return self.post_again();
        }
        self.stage = Stage::AskingStatus;
        let call = StatusCall { contract: self.contract, sale: self.id(), permission: self.sale.clone(), time: STATUS_TIME };
        self.emit(Effect::Status(call));
    }

    fn post_again(&mut self) {
        let endpoint = self.start.endpoint.as_ref().filter(|endpoint| endpoint.idempotent);
        let (Some(sale), Some(time)) = (self.sale.clone(), endpoint.map(|endpoint| endpoint.post_timeout)) else { return self.give_up_or_wait() };
        self.stage = Stage::PostingAgain;
        let attempt = self.start.unknown.looks.saturating_add(2);
        let call = PostCall { contract: self.contract, sale, terms: self.start.unknown.terms.clone(), attempt, time };
        self.emit(Effect::Post(Box::new(call)));
    }

    fn give_up_or_wait(&mut self) {
        match self.start.policy.filter(|policy| self.age() >= policy.after) {
            Some(policy) => self.book(give_up(self.id(), policy.then, "the contract's policy")),
            None => self.stage = Stage::Over,
        }
    }

    fn book_report(&mut self, report: Report, how: &str) {
        self.book(on_report(self.id(), self.start.unknown.confirmed, report, how));
    }

    fn book(&mut self, command: Command) {
        self.stage = Stage::Booking;
        self.store(command);
    }

    /// The policy's end isn't slept through.
    fn next_wait(&self) -> Duration {
        let wait = back_off(self.start.unknown.looks + 1);
        let left = self.start.policy.map(|policy| policy.after.saturating_sub(self.age()));
        left.filter(|left| *left > Duration::ZERO).map_or(wait, |left| wait.min(left))
    }

    fn age(&self) -> Duration {
        self.start.unknown.age + self.elapsed
    }

    fn store(&mut self, command: Command) {
        self.emit(Effect::Store(Box::new(StoreRequest::Plain(command))));
    }

    fn emit(&mut self, effect: Effect) {
        let id = EffectId(self.next_effect);
        self.next_effect += 1;
        self.effects.push(NumberedEffect { id, effect });
    }

    fn take_effects(&mut self) -> Vec<NumberedEffect> {
        std::mem::take(&mut self.effects)
    }
}

/// A buyer that calls its own first copy a duplicate has not rejected the lead.
pub(super) fn says_duplicate(reason: Option<&str>) -> bool {
    reason.is_some_and(|reason| reason.to_ascii_lowercase().contains("dup"))
}

fn is_its_own_duplicate(report: &Report) -> bool {
    matches!(report, Report::Rejected { reason } if says_duplicate(reason.as_deref()))
}
