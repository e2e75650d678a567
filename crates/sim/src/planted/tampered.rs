//! An engine that lies: commands are altered on their way in, or outcomes on their way out.

use std::{collections::BTreeMap, time::Duration};

use exchange::{
    changes::Changes,
    command::{Command, Engine, Fence, Operation, Outcome, StoreUnknown, Void, VoidCause},
    id::{BuyerName, LeadId, MovementId, ParentName, SaleId},
    money::Money,
    movement::{Move, Party},
    time::Timestamp,
};
use jiff::tz::TimeZone;

use super::Plant;

pub(super) struct Tampered {
    engine: Box<dyn Engine>,
    plant: Plant,
    /// Of each lead, the sales reserved through this engine; of each sale, its buyer.
    sales: BTreeMap<LeadId, Vec<SaleId>>,
    buyers: BTreeMap<SaleId, BuyerName>,
}

/// What goes in instead of a command, and what is answered if not what comes out of its first part.
struct Instead {
    commands: Vec<Command>,
    outcome: Option<Outcome>,
    /// Whose outcome is answered otherwise.
    answers: usize,
    /// A quote that isn't firm is said to be.
    called_firm: bool,
}

impl Instead {
    fn of(command: Command) -> Self {
        Self { commands: vec![command], outcome: None, answers: 0, called_firm: false }
    }

    fn nothing(outcome: Outcome) -> Self {
        Self { commands: vec![Command::Sweep], outcome: Some(outcome), answers: 0, called_firm: false }
    }
}

impl Tampered {
    pub fn new(engine: Box<dyn Engine>, plant: Plant) -> Self {
        Self { engine, plant, sales: BTreeMap::new(), buyers: BTreeMap::new() }
    }

    fn instead(&mut self, command: &Command) -> Instead {
        if let Command::Reserve(reserve) = command {
            self.sales.entry(reserve.request.lead).or_default().push(reserve.request.sale);
            self.buyers.insert(reserve.request.sale, reserve.request.contract.buyer.clone());
        }
        match (self.plant, command.clone()) {
            (Plant::UnknownBecomesVoid, Command::MarkUnknown { sale, why }) => Instead::of(Command::Void(Void { sale, cause: VoidCause::Rejected, why })),
            (Plant::HoldForgotten, Command::Void(_)) | (Plant::EndForgotten, Command::End(_)) | (Plant::TakeOverForgotten, Command::TakeOver(_)) => {
                Instead::nothing(Outcome::Done)
            }
            (Plant::ReturnForgotten, Command::Operate(Operation::DecideReturn { .. })) => Instead::nothing(Outcome::Done),
            (Plant::SuppressionForgotten, Command::Operate(Operation::Suppress { .. })) => Instead::nothing(Outcome::Suppressed { added: 1 }),
            (Plant::EraseForgotten, Command::Operate(Operation::Erase(_))) => Instead::nothing(Outcome::Erased { leads: 1, pings: 0 }),
            (Plant::QuoteNotWritten, Command::Quote(quote)) => {
                let expires_at = quote.record.started_at.plus(quote.lives);
                Instead::nothing(Outcome::Quoted { firm: false, expires_at })
            }
            (Plant::AcceptNotWritten, Command::Accept(accept)) if accept.ping.is_none() => {
                Instead::nothing(Outcome::Accepted { fence: Fence::FIRST, quote: None })
            }
            (Plant::FirmWithoutHold, Command::Quote(mut quote)) if !quote.holds.is_empty() => {
                quote.holds.clear();
                Instead { called_firm: true, ..Instead::of(Command::Quote(quote)) }
            }
            (Plant::BookedTwice, Command::Settle(settle)) => self.booked_twice(settle.sale, command.clone()),
            (Plant::PostStartUndone, Command::Reserve(reserve)) if reserve.request.start_post => self.undone(reserve.request.sale, command.clone()),
            (Plant::PostStartUndone, Command::StartPost(start)) => self.undone(start.sale, command.clone()),
            (Plant::RecoveryVoidsPosted, Command::TakeOver(take_over)) => {
                let void = |sale: &SaleId| Command::Void(Void { sale: *sale, cause: VoidCause::Unsent, why: "cut off".into() });
                let mut commands: Vec<Command> = self.sales.get(&take_over.lead).into_iter().flatten().map(void).collect();
                commands.push(command.clone());
                Instead { answers: commands.len() - 1, commands, outcome: None, called_firm: false }
            }
            (plant, command) => Instead::of(altered(plant, command)),
        }
    }

    fn booked_twice(&self, sale: SaleId, command: Command) -> Instead {
        let mut commands = vec![command];
        if let Some(buyer) = self.buyers.get(&sale) {
            let (id, party) = (MovementId::from_bytes(*sale.bytes()), Party::Buyer(buyer.clone()));
            let asked = Move { id, party, amount: Money::from_units(1), note: String::new(), by: String::new(), needs_second: false };
            commands.push(Command::Operate(Operation::Move(asked)));
        }
        Instead { commands, outcome: None, answers: 0, called_firm: false }
    }

    fn undone(&self, sale: SaleId, command: Command) -> Instead {
        Instead {
            commands: vec![command, Command::Void(Void { sale, cause: VoidCause::Unsent, why: String::new() })],
            outcome: None,
            answers: 0,
            called_firm: false,
        }
    }
}

/// The same command with something in it changed.
fn altered(plant: Plant, mut command: Command) -> Command {
    match &mut command {
        Command::Reserve(reserve) => {
            let (request, terms) = (&mut reserve.request, &mut reserve.terms);
            match plant {
                Plant::CapsUnchecked => terms.caps.clear(),
                Plant::CreditUnchecked => terms.credit = Money::from_units(100_000_000),
                Plant::AnotherPriceReserved => request.price += Money::from_units(1),
                Plant::CapDayInUtc => terms.time_zone = TimeZone::UTC,
                Plant::BuyerDuplicatesIgnored => terms.duplicate_days = None,
                Plant::FirmHoldNotTaken => request.quoted_by = None,
                Plant::ParentIgnored => {
                    if let Some(parent) = ParentName::of_company(&request.sale.to_string()) {
                        terms.parent = parent;
                    }
                }
                _ => {}
            }
        }
        Command::Accept(accept) => match plant {
            Plant::DuplicatesIgnored => accept.duplicates_window = Duration::ZERO,
            Plant::IdempotencyIgnored => accept.idempotency = None,
            Plant::TestBooked if accept.ping.is_none() => accept.test = false,
            _ => {}
        },
        _ => {}
    }
    command
}

impl Engine for Tampered {
    fn apply(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Outcome>, StoreUnknown> {
        let posts = commands.iter().any(|command| matches!(command, Command::Accept(accept) if accept.ping.is_some()));
        let now = if self.plant == Plant::LocalClockExpiry && posts { now.minus(Duration::from_secs(600)) } else { now };
        let instead: Vec<Instead> = commands.iter().map(|command| self.instead(command)).collect();
        let all: Vec<Command> = instead.iter().flat_map(|instead| instead.commands.iter().cloned()).collect();
        let mut outcomes = self.engine.apply(now, &all)?.into_iter();
        let answered = instead.into_iter().map(|instead| {
            let mut own: Vec<Outcome> = outcomes.by_ref().take(instead.commands.len()).collect();
            let mut outcome = instead.outcome.unwrap_or_else(|| own.swap_remove(instead.answers));
            if let Outcome::Quoted { firm, .. } = &mut outcome {
                *firm |= instead.called_firm;
            }
            outcome
        });
        Ok(answered.collect())
    }

    fn take_changes(&mut self) -> Changes {
        self.engine.take_changes()
    }
}
