//! Which rows a world has reached: by what was seen to happen, never by what was meant to.

use std::sync::Arc;

use exchange::{
    call::{CallFailure, PingReply, PostReply},
    cap::Period,
    command::{Accept, Command, LeadStatus, NotAccepted, Operation, Outcome},
    contract::SaleKind,
    flow::effect::StoreRequest,
    market::Market,
    record::{BidFault, BidOutcome, Decision, DropReason, RecordedEvent, RunKind, RunRecord},
    refusal::Refusal,
};

use super::World;
use crate::{
    agenda::RunAt,
    model::{Lead, State, hours_of_day},
    row::Row,
};

impl World {
    /// What a batch that committed shows. Called before the model takes it in.
    pub(super) fn note_commit(&mut self, node: Option<usize>, commands: &[Command], outcomes: &[Outcome]) {
        for (command, outcome) in commands.iter().zip(outcomes) {
            self.journal.note(self.now, format_args!("{} {}", said(command), answered(outcome)));
            if self.disk_full && node.is_some() && matches!(command, Command::Settle(_) | Command::Void(_) | Command::MarkUnknown { .. }) {
                self.tally.row(Row::DiskFull);
            }
            match (command, outcome) {
                (Command::Accept(accept), Outcome::Accepted { quote, .. }) => {
                    if accept.ping.is_some() && quote.is_none() {
                        self.tally.row(Row::PostAfterExpiry);
                    }
                    if !accept.test && self.model.leads.values().any(|earlier| self.is_no_bar(earlier, accept)) {
                        self.tally.row(Row::EarlierLeadUnsold);
                    }
                }
                (Command::Accept(_), Outcome::NotAccepted(answer)) => self.note_not_accepted(answer),
                (_, Outcome::AlreadyPinged(_)) => self.tally.row(Row::RequestRepeated),
                (_, Outcome::KeyReused) => self.tally.row(Row::KeyReused),
                (Command::Reserve(reserve), _) => self.note_days(reserve),
                (Command::Settle(settle), Outcome::Done) => self.note_resolved(settle.sale),
                (Command::Void(void), Outcome::Done) => self.note_resolved(void.sale),
                (Command::TakeOver(take_over), Outcome::Done) if self.model.leads.get(&take_over.lead).is_some_and(|lead| lead.runs) => {
                    self.tally.row(Row::NodeDied);
                }
                (Command::Operate(Operation::DecideReturn { .. }), Outcome::Done) => self.tally.row(Row::Returned),
                _ => {}
            }
        }
    }

    /// Of the same person, within the window of duplicates; but nobody bought it, and nobody has seen its contact.
    fn is_no_bar(&self, earlier: &Lead, accept: &Accept) -> bool {
        let is_of_late = earlier.accepted_at.plus(accept.duplicates_window) > self.now;
        let is_same = !earlier.erased && !earlier.test && earlier.people.iter().any(|person| accept.people.contains(person));
        let is_undisclosed = earlier.sales.iter().all(|sale| self.model.sales[sale].started_at.is_none());
        is_of_late && is_same && earlier.ended_as == Some(LeadStatus::Unsold) && is_undisclosed
    }

    fn note_not_accepted(&mut self, answer: &NotAccepted) {
        match answer {
            NotAccepted::Repeat(_) | NotAccepted::InFlight(_) => self.tally.row(Row::RequestRepeated),
            NotAccepted::KeyReused | NotAccepted::PostedOtherwise(_) => self.tally.row(Row::KeyReused),
            NotAccepted::QuoteExpired => self.tally.row(Row::PostAfterExpiry),
            NotAccepted::Duplicate { .. } => self.tally.row(Row::Duplicate),
            NotAccepted::QuoteUnknown | NotAccepted::Erased => {}
        }
    }

    fn note_resolved(&mut self, sale: exchange::id::SaleId) {
        if self.model.sales.get(&sale).is_some_and(|sale| sale.state == State::Unknown) {
            self.tally.row(Row::UnknownResolved);
        }
    }

    fn note_days(&mut self, reserve: &exchange::command::Reserve) {
        let by_day = reserve.terms.caps.iter().any(|cap| cap.per == Period::Day);
        if by_day && hours_of_day(self.now, &reserve.terms.time_zone) != 24 {
            self.tally.row(Row::ShortOrLongDay);
        }
    }

    /// A reserve goes by the run's revision and the present's terms.
    pub(super) fn note_request(&mut self, at: RunAt, request: &StoreRequest, present: &Arc<Market>) {
        let StoreRequest::Reserve(_) = request else { return };
        if self.nodes[at.node].runs[&at.run].machine.market().revision() != present.revision() {
            self.tally.row(Row::MarketChanged);
        }
    }

    /// A run is over: its record says what it met.
    pub(super) fn note_finished(&mut self, at: RunAt) {
        let Some(record) = self.nodes[at.node].runs[&at.run].machine.run().map(|run| run.record().clone()) else { return };
        self.note_events(&record);
        self.note_decisions(&record);
    }

    fn note_events(&mut self, record: &RunRecord) {
        for (_, event) in &record.events {
            match event {
                RecordedEvent::Ping { reply: PingReply::Failed(CallFailure::Timeout), .. } => self.tally.row(Row::SilentAtDeadline),
                RecordedEvent::Ping { reply: PingReply::Failed(CallFailure::Malformed(_)), .. } => self.tally.row(Row::MalformedBid),
                RecordedEvent::Post { reply: PostReply::Rejected { .. }, .. } => self.tally.row(Row::PostRejected),
                RecordedEvent::Post { reply: PostReply::Unsent(_), .. } => self.tally.row(Row::PostUnsent),
                RecordedEvent::Post { reply: PostReply::Unknown(_), .. } => self.tally.row(Row::PostUnknown),
                _ => {}
            }
        }
    }

    fn note_decisions(&mut self, record: &RunRecord) {
        let quoted = matches!(record.kind, RunKind::Quoted(_));
        let mut shared = (0u32, 0u32);
        for (_, decision) in &record.decisions {
            match decision {
                Decision::Answered { outcome: BidOutcome::Late { .. }, .. } => self.tally.row(Row::LateBid),
                Decision::Answered { outcome: BidOutcome::NotAdmitted(BidFault::OverMaxBid | BidFault::NotPositive), .. } => self.tally.row(Row::MalformedBid),
                Decision::Posting { attempt: 2.., .. } => self.tally.row(Row::PostRepeated),
                Decision::OfferDropped { why: DropReason::Refused(refusal), kind, .. } => {
                    self.note_refusal(refusal, quoted);
                    shared.1 += u32::from(*kind == SaleKind::Shared);
                }
                Decision::Voided { .. } => {
                    if quoted {
                        self.tally.row(Row::QuotedOfferFellAway);
                    }
                    shared.1 += 1;
                }
                Decision::Reserving { kind: SaleKind::Shared, .. } => shared.0 += 1,
                _ => {}
            }
        }
        if shared.0 > shared.1 && shared.1 > 0 {
            self.tally.row(Row::SharedLegFailed);
        }
    }

    fn note_refusal(&mut self, refusal: &Refusal, quoted: bool) {
        match refusal {
            Refusal::Cap(_) | Refusal::Credit if quoted => {
                self.tally.row(Row::CapOrCreditGone);
                self.tally.row(Row::QuotedOfferFellAway);
            }
            // The facts of this very run had room: somebody else was faster.
            Refusal::Cap(_) | Refusal::Credit => self.tally.row(Row::LastSlotRaced),
            Refusal::SuppressedBy(_) | Refusal::Paused | Refusal::Suspended | Refusal::BuyerDuplicate => self.tally.row(Row::RefusedAtPost),
            Refusal::Erased => self.tally.row(Row::ErasedMidAuction),
            _ => {}
        }
    }
}

/// A command in the log: what it is and what it is about, no more.
fn said(command: &Command) -> String {
    match command {
        Command::Claim(claim) => format!("claim {}", claim.ping),
        Command::Quote(quote) => format!("quote {} {} {}", quote.ping, quote.net, quote.offers.len()),
        Command::AddOffers { ping, offers } => format!("add {} to {ping}", offers.len()),
        Command::Accept(accept) => format!("accept {} {:?}", accept.lead, accept.ping),
        Command::Reserve(reserve) => {
            let request = &reserve.request;
            format!("reserve {} of {} for {} at {} {:?}", request.sale, request.lead, request.contract, request.price, request.kind)
        }
        Command::Unclaim(claim) => format!("unclaim {}", claim.ping),
        Command::StartPost(start) => format!("start {}", start.sale),
        Command::TakeOver(take_over) => format!("take over {} {:?}", take_over.lead, take_over.by),
        Command::LookAgain(look) => format!("look {} at {}", look.looks, look.sale),
        Command::RequestReturn(request) => format!("return {}", request.sale),
        Command::Beat(beat) => format!("beat {}{}", beat.node, if beat.alone { " alone" } else { "" }),
        Command::Settle(settle) => format!("settle {}", settle.sale),
        Command::Void(void) => format!("void {} {}", void.sale, void.cause.word()),
        Command::MarkUnknown { sale, why } => format!("unknown {sale} {why}"),
        Command::End(end) => format!("end {} {:?} {:?}", end.lead, end.status, end.reason),
        Command::Record { subject, .. } => format!("record {subject}"),
        Command::TakeNotice(take) => format!("take notice {}", take.notice),
        Command::NoteTry(noted) => format!("note a try of {}", noted.notice),
        Command::Keep(_) => "keep".into(),
        Command::Sweep => "sweep".into(),
        Command::Operate(_) => "operate".into(),
        Command::Audited(audited) => format!("{} asks: {:?}", audited.who, audited.id),
    }
}

fn answered(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { fence, quote } => format!("accepted {} {}", fence.0, quote.is_some()),
        Outcome::Reserved(_) => "reserved".into(),
        other => format!("{other:?}"),
    }
}
