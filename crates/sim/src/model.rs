//! The oracle: a naive second exchange, fed by what was asked of the store and what it answered, and by the buyers' own books.
//!
//! It holds plain maps and counts everything anew each time. Nothing of it is taken from the store's code: where the two
//! disagree, an invariant is broken, and it says which.

mod accepting;
mod comparing;
mod limits;
mod operating;
mod quoting;
mod recovering;
mod selling;
mod telling;

pub use limits::hours_of_day;

use std::collections::{BTreeMap, BTreeSet};

use exchange::{
    command::{Command, Fence, LeadStatus, Outcome},
    contract::SaleKind,
    id::{LeadId, MovementId, NodeId, PingId, Revision, SaleId},
    ledger::Account,
    money::Money,
    seal::{Fingerprint, PersonMac},
    time::Timestamp,
};

use crate::{
    books::Books,
    invariant::{Broken, Invariant},
    market::MarketPlan,
};

#[derive(Debug, Default)]
pub struct Model {
    pub plans: BTreeMap<Revision, MarketPlan>,
    pub leads: BTreeMap<LeadId, Lead>,
    pub sales: BTreeMap<SaleId, Sale>,
    pub quotes: BTreeMap<PingId, Quote>,
    keys: BTreeMap<(String, String), Key>,
    pub balances: BTreeMap<Account, Money>,
    suppressed: BTreeSet<(String, PersonMac)>,
    /// Until when each node is known to live.
    nodes: BTreeMap<NodeId, Timestamp>,
    moved: BTreeSet<MovementId>,
    /// Sales that an operator has decided, whatever their buyers say.
    pub resolved: BTreeSet<SaleId>,
    pub returns: BTreeMap<SaleId, Returning>,
    broken: Vec<Broken>,
}

#[derive(Debug)]
pub struct Lead {
    pub supplier: String,
    pub vertical: String,
    pub revision: Revision,
    pub test: bool,
    pub ping: Option<PingId>,
    pub quoted: bool,
    pub people: Vec<PersonMac>,
    pub fingerprint: Fingerprint,
    pub fence: Fence,
    pub runs: bool,
    pub lease_until: Timestamp,
    pub node: NodeId,
    pub accepted_at: Timestamp,
    /// What its run, or whoever took it over, ended it as.
    pub ended_as: Option<LeadStatus>,
    pub interrupted: bool,
    pub erased: bool,
    pub sales: Vec<SaleId>,
    /// What its run answered its supplier, where nothing was left unanswered to it: status and net.
    pub answered: Option<(LeadStatus, Money)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Held,
    Posted,
    Unknown,
    Sold,
    Void,
    Returned,
}

/// How far a return has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returning {
    Requested,
    Accepted,
    Refused,
}

#[derive(Debug)]
pub struct Sale {
    pub lead: LeadId,
    pub buyer: String,
    pub contract: String,
    pub parent: String,
    pub kind: SaleKind,
    pub price: Money,
    pub net: Money,
    pub test: bool,
    pub state: State,
    /// The instant that it counts at in its contract's caps.
    pub counted_at: Timestamp,
    pub started_at: Option<Timestamp>,
    /// Provably nothing left: it was no disclosure after all.
    pub unsent: bool,
    pub sold_at: Option<Timestamp>,
    /// Nobody knew what had become of it, before it was found to be sold: its lead's run may have ended without it.
    pub found_sold: bool,
}

#[derive(Debug)]
pub struct Quote {
    pub supplier: String,
    pub net: Money,
    pub firm: bool,
    pub expires_at: Timestamp,
    pub lead: Option<LeadId>,
    pub erased: bool,
    pub holds: Vec<Hold>,
}

/// What a firm quote holds of one contract.
#[derive(Clone, Debug)]
pub struct Hold {
    pub contract: String,
    pub kind: SaleKind,
    pub price: Money,
    pub counted_at: Timestamp,
}

#[derive(Debug)]
struct Key {
    fingerprint: Fingerprint,
    of: KeyOf,
    used_at: Timestamp,
    /// Of a ping: whose auction it is.
    node: Option<exchange::id::NodeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyOf {
    Ping(PingId),
    Lead(LeadId),
}

/// What one batch touched, to be compared with the store's rows.
#[derive(Debug, Default)]
pub struct Touched {
    pub leads: BTreeSet<LeadId>,
    pub sales: BTreeSet<SaleId>,
    pub pings: BTreeSet<PingId>,
    pub money: bool,
}

impl Sale {
    pub fn is_live(&self) -> bool {
        self.state != State::Void
    }

    /// Whether its buyer may have the contact.
    pub fn is_disclosed(&self) -> bool {
        self.started_at.is_some() && !self.unsent
    }

    pub fn holds(&self) -> bool {
        matches!(self.state, State::Held | State::Posted | State::Unknown)
    }
}

impl Model {
    fn break_(&mut self, invariant: Invariant, what: String) {
        self.broken.push(Broken { invariant, what });
    }

    fn must(&mut self, holds: bool, invariant: Invariant, what: impl FnOnce() -> String) {
        if !holds {
            self.break_(invariant, what());
        }
    }

    /// For what the world itself sees broken.
    pub fn report(&mut self, invariant: Invariant, what: String) {
        self.break_(invariant, what);
    }

    #[must_use]
    pub fn first_broken(&self) -> Option<&Broken> {
        self.broken.first()
    }

    /// Takes in a batch that has committed.
    pub fn observe(&mut self, now: Timestamp, commands: &[Command], outcomes: &[Outcome], books: &Books) -> Touched {
        let mut touched = Touched::default();
        self.release_expired(now);
        for (command, outcome) in commands.iter().zip(outcomes) {
            self.observe_one(now, command, outcome, books, &mut touched);
        }
        touched
    }

    fn observe_one(&mut self, now: Timestamp, command: &Command, outcome: &Outcome, books: &Books, touched: &mut Touched) {
        match command {
            Command::Claim(claim) => self.claimed(now, claim, outcome),
            Command::Quote(quote) => {
                touched.pings.insert(quote.ping);
                touched.money = true;
                self.quoted(now, quote, outcome, books);
            }
            Command::Accept(accept) => {
                touched.leads.insert(accept.lead);
                touched.money = true;
                self.accepted(now, accept, outcome, touched);
            }
            Command::Reserve(reserve) => {
                touched.leads.insert(reserve.request.lead);
                touched.sales.insert(reserve.request.sale);
                touched.money = true;
                self.reserved(now, reserve, outcome, books);
            }
            Command::Unclaim(claim) => self.unclaimed(claim),
            Command::StartPost(start) => {
                touched.sales.insert(start.sale);
                self.started(now, start, outcome, books);
            }
            Command::TakeOver(take_over) => self.taken_over(now, take_over, outcome, touched),
            Command::LookAgain(look) => self.looked_at(look, outcome),
            Command::Beat(beat) => self.beat(now, beat),
            Command::RequestReturn(request) => {
                touched.sales.insert(request.sale);
                self.return_requested(now, request, outcome);
            }
            Command::Settle(settle) => {
                self.touch_sale(settle.sale, touched);
                self.settled(now, settle, outcome, books);
            }
            Command::Void(void) => {
                self.touch_sale(void.sale, touched);
                self.voided(now, void, outcome, books);
            }
            Command::MarkUnknown { sale, .. } => {
                self.touch_sale(*sale, touched);
                self.marked_unknown(*sale, outcome);
            }
            Command::End(end) => {
                touched.leads.insert(end.lead);
                touched.money = true;
                self.ended(end, outcome);
            }
            Command::Operate(operation) => {
                touched.money = true;
                self.operated(operation, outcome, touched);
            }
            // The simulator's people ask for commands as such.
            Command::Audited(_) => {}
            Command::AddOffers { .. } | Command::TakeNotice(_) | Command::NoteTry(_) | Command::Record { .. } | Command::Keep(_) | Command::Sweep => {}
        }
    }

    fn touch_sale(&self, sale: SaleId, touched: &mut Touched) {
        touched.sales.insert(sale);
        touched.money = true;
        if let Some(row) = self.sales.get(&sale) {
            touched.leads.insert(row.lead);
        }
    }

    /// Where a lead stands, as its sales and its run's end say.
    pub fn status(&self, lead: LeadId) -> LeadStatus {
        let Some(row) = self.leads.get(&lead) else { return LeadStatus::Open };
        let any = |wanted: &[State]| row.sales.iter().filter_map(|sale| self.sales.get(sale)).any(|sale| wanted.contains(&sale.state));
        if row.ended_as == Some(LeadStatus::Duplicate) {
            LeadStatus::Duplicate
        } else if any(&[State::Sold]) {
            LeadStatus::Sold
        } else if any(&[State::Unknown]) {
            LeadStatus::Pending
        } else if any(&[State::Returned]) {
            LeadStatus::Returned
        } else if row.runs {
            LeadStatus::Open
        } else {
            LeadStatus::Unsold
        }
    }

    /// The net of all legs that are sold, and not returned since.
    pub fn net(&self, lead: LeadId) -> Money {
        self.sales_of(lead).filter(|sale| sale.state == State::Sold).map(|sale| sale.net).sum()
    }

    pub fn sales_of(&self, lead: LeadId) -> impl Iterator<Item = &Sale> {
        self.leads.get(&lead).into_iter().flat_map(|row| &row.sales).filter_map(|sale| self.sales.get(sale))
    }
}
