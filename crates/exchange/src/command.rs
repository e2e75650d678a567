//! Commands in, outcomes out: everything that the store is asked to make durable.
//!
//! An engine applies a batch of commands in one transaction. Each command checks, then writes, so that a refusal leaves
//! nothing behind. Every command is idempotent by its id: applied again, it gives the same outcome and no second effect.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

pub use crate::lead::LeadStatus;
use crate::{
    attribute::PingPart,
    cap::Cap,
    changes::Changes,
    contract::SaleKind,
    figures::Keep,
    id::{
        AuditId, BuyerName, BuyerPingId, ContractIndex, ContractKey, DraftId, KeyId, LeadId, ListName, NodeId, ParentName, PingId, Revision, SaleId, Subject,
        SupplierName, VerticalName,
    },
    market::Market,
    money::{Money, Percent},
    movement::{DecideMove, Move, MovementState},
    notice::{NoteTry, NoticeId, NoticeState, TakeNotice},
    person::PersonCommand,
    record::RunRecord,
    refusal::Refusal,
    returns::{RequestReturn, ReturnRefusal},
    sale::Reservation,
    seal::{ContactPart, Fingerprint, PersonMac, Reveal},
    time::Timestamp,
};

/// Something that an engine can be asked to do. The order is that of a lead's life; operators' commands follow.
#[derive(Clone, Debug)]
pub enum Command {
    Claim(Claim),
    /// The auction of a claimed ping came to nothing that could be kept: its key is free for the same request again.
    Unclaim(Claim),
    Quote(Quote),
    /// Bids that arrived for a quote after it was given, still by their deadline: fallbacks.
    AddOffers {
        ping: PingId,
        offers: Vec<QuotedOffer>,
    },
    Accept(Accept),
    Reserve(Reserve),
    StartPost(StartPost),
    Settle(Settle),
    Void(Void),
    /// The buyer may have the contact and nobody knows: hold and lease stay, the lead is pending.
    MarkUnknown {
        sale: SaleId,
        why: String,
    },
    /// The run of a lead is over: its lease ends, what its quote still holds is released.
    End(End),
    TakeOver(TakeOver),
    /// One more look at a sale that nobody knows of.
    LookAgain(LookAgain),
    RequestReturn(RequestReturn),
    /// One more try to tell a supplier what became of a lead.
    TakeNotice(TakeNotice),
    NoteTry(NoteTry),
    Record {
        subject: Subject,
        record: Arc<RunRecord>,
    },
    Beat(Beat),
    /// What nodes count and keep of what they see.
    Keep(Keep),
    /// Nothing but the housekeeping that every batch starts with: expired quotes release their holds.
    Sweep,
    Operate(Operation),
    /// A command that a person has asked for: what it changes is written to the audit log with it.
    Audited(Box<Audited>),
}

/// A command, and who asked for it.
#[derive(Clone, Debug)]
pub struct Audited {
    /// Of the entry in the audit log: repeated with it, the command is written down once.
    pub id: AuditId,
    /// A person's name, an API key's owner, or who is at the command line.
    pub who: String,
    pub command: Command,
}

/// What an operator, or the exchange for itself, books outside a lead's life.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Makes a market the new revision, if `base` is still the newest one (or nobody said which it was made from).
    ApplyMarket(ApplyMarket),
    KeepDraft(KeepDraft),
    /// As it is at this version.
    DropDraft {
        draft: DraftId,
        version: u64,
    },
    AddKey(NewKey),
    RevokeKey {
        key: KeyId,
    },
    Move(Move),
    DecideMove(DecideMove),
    Suppress {
        list: ListName,
        people: Vec<PersonMac>,
    },
    /// Accepts a return that was requested, by entries that reverse the sale's; or refuses it.
    DecideReturn {
        sale: SaleId,
        accept: bool,
    },
    /// Has a notice tried at once, and for as long as a new one, that waits or was not delivered.
    RetryNotice(NoticeId),
    /// Shreds the keys of leads and of the pings they were quoted for.
    Erase(Erase),
    Person(PersonCommand),
    /// Journals who looks at a contact, and why; only then is it opened.
    Reveal {
        subject: Subject,
        who: String,
        why: String,
    },
}

#[derive(Clone, Debug)]
pub struct ApplyMarket {
    pub bundle: Vec<u8>,
    /// What was read of the bundle, so that it needn't be read again; empty for none.
    pub kept: Vec<u8>,
    pub base: Option<Revision>,
    /// Who applied it, for the history.
    pub author: String,
    /// Why, for the history; empty where nobody said.
    pub note: String,
    /// The draft that becomes it, at the version that was looked at; it is then no draft any more.
    pub draft: Option<(DraftId, u64)>,
}

/// Changes of the market, kept until they are applied or dropped. What is in force hangs on none of them.
#[derive(Clone, Debug)]
pub struct KeepDraft {
    pub id: DraftId,
    /// The revision that the files were made from.
    pub base: Revision,
    /// The files that differ from it, packed by whoever reads them.
    pub files: Vec<u8>,
    pub author: String,
    pub note: String,
    /// The one that was read and changed, so that no other change is lost; 0 for a new draft.
    pub version: u64,
}

#[derive(Clone, Debug)]
pub enum Erase {
    Lead(LeadId),
    Person(PersonMac),
}

/// Whose key it is, and what it opens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    Supplier(SupplierName),
    Buyer(BuyerName),
    Operator(String),
}

#[derive(Clone, Debug)]
pub struct NewKey {
    pub id: KeyId,
    pub role: Role,
    /// SHA-256 of the secret, which has 256 bits of its own and needs no slower hash.
    pub hash: [u8; 32],
}

/// The supplier's own key of a request and the hash of its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    pub key: String,
    pub fingerprint: Fingerprint,
}

/// Who holds a lead's lease. A later holder has a higher number, and the store refuses the earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fence(pub u64);

impl Fence {
    /// Of the run that brought the lead in.
    pub const FIRST: Self = Self(1);
}

/// Takes an idempotency key for a ping, before its auction.
#[derive(Clone, Debug)]
pub struct Claim {
    pub supplier: SupplierName,
    pub idempotency: Idempotency,
    pub ping: PingId,
    /// Whose auction it is: once that node is dead, the key is free for the same request.
    pub node: NodeId,
}

/// T0: a quote becomes durable, with its record, before it is answered; a firm one takes its holds.
#[derive(Clone, Debug)]
pub struct Quote {
    pub ping: PingId,
    /// The supplier's key that was claimed for it, and must still be its own: a node that was taken for dead quotes nothing.
    pub claim: Option<Box<Claim>>,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub revision: Revision,
    pub test: bool,
    pub attributes: PingPart,
    pub sealed: Option<ContactPart>,
    /// In the auction's order: those promised first.
    pub offers: Vec<QuotedOffer>,
    /// Tier and contract of all that were asked: they are not asked again when an offer falls away.
    pub asked: Vec<(u32, ContractIndex)>,
    /// What the supplier is promised: the sum of the promised offers' net.
    pub net: Money,
    /// How long it stands, from when the store has it: nodes' clocks may differ.
    pub lives: Duration,
    /// For a firm quote: the terms of each promised offer, in their order. Empty for an indicative one.
    pub holds: Vec<Terms>,
    pub firm_share: Percent,
    pub record: Arc<RunRecord>,
}

/// An offer that a quote keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedOffer {
    pub tier: u32,
    /// In the quote's revision.
    pub contract: ContractIndex,
    pub kind: SaleKind,
    pub price: Money,
    pub net: Money,
    /// Whether the quote promises it; the others are fallbacks.
    pub promised: bool,
    /// The offer's place in the auction's order, before and after its price.
    pub rank: u64,
    pub lot: u64,
    pub buyer_ping: BuyerPingId,
    /// The buyer's own reference of its bid.
    pub reference: Option<String>,
    /// The bid's own end, if the buyer named one.
    pub expires_at: Option<Timestamp>,
}

/// A lead becomes durable before anything is done with it.
#[derive(Clone, Debug)]
pub struct Accept {
    pub lead: LeadId,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub revision: Revision,
    pub test: bool,
    /// The ping that this is the post of.
    pub ping: Option<PingId>,
    /// Whether an expired quote is auctioned again instead of refused.
    pub requote: bool,
    pub idempotency: Option<Idempotency>,
    /// Of the payload alone.
    pub fingerprint: Fingerprint,
    pub attributes: PingPart,
    pub sealed: ContactPart,
    pub people: Vec<PersonMac>,
    /// How long back a lead of the same person in the same vertical makes this one a duplicate.
    pub duplicates_window: Duration,
    pub lease: Duration,
    /// Whose run it is.
    pub node: NodeId,
}

/// What the market says *now* of a contract: caps, credit and pauses are the present's, prices the run's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub contract: ContractKey,
    pub parent: ParentName,
    pub caps: Vec<Cap>,
    pub time_zone: jiff::tz::TimeZone,
    /// How far below zero the buyer's balance may go.
    pub credit: Money,
    pub lists: Vec<ListName>,
    pub duplicate_days: Option<u32>,
}

impl Terms {
    /// The present terms of a contract, or why it may not be offered anything now.
    pub fn of(present: &Market, key: &ContractKey) -> Result<Self, Refusal> {
        let index = present.contract_index(key).ok_or(Refusal::Withdrawn)?;
        if let Some(refusal) = present.refusal_of(index) {
            return Err(refusal);
        }
        let contract = present.contract(index);
        let buyer = present.buyer(contract.buyer);
        Ok(Self {
            contract: key.clone(),
            parent: buyer.parent.clone(),
            caps: contract.caps.clone(),
            time_zone: contract.time_zone.clone(),
            credit: buyer.credit,
            lists: contract.lists.clone(),
            duplicate_days: contract.duplicate_days,
        })
    }
}

/// T1: hold credit, take a cap slot, check the lease, write `post_started` (unless the contract confirms first); or refuse.
#[derive(Clone, Debug)]
pub struct Reserve {
    pub request: ReserveRequest,
    pub terms: Terms,
}

/// What the run wants reserved: under the run's prices, and whatever the present's terms are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveRequest {
    pub sale: SaleId,
    pub lead: LeadId,
    pub fence: Fence,
    pub contract: ContractKey,
    pub kind: SaleKind,
    pub price: Money,
    pub net: Money,
    /// How many shared legs the tier allows.
    pub most_shared: u32,
    pub max_disclosures: u32,
    /// Writes `post_started` at once; a strict contract's follows its confirmation.
    pub start_post: bool,
    /// The ping whose firm quote may hold this offer already: the sale takes the hold over.
    pub quoted_by: Option<PingId>,
    pub buyer_ping: BuyerPingId,
    pub reference: Option<String>,
}

/// A strict contract has confirmed: `post_started` becomes durable. The present is asked once more; what is held stays held.
#[derive(Clone, Debug)]
pub struct StartPost {
    pub sale: SaleId,
    pub fence: Fence,
    pub terms: Terms,
}

/// T2: the buyer accepted. The ledger is written, the hold becomes a charge.
#[derive(Clone, Debug)]
pub struct Settle {
    pub sale: SaleId,
    pub redirect_url: Option<String>,
    pub buyer_lead_reference: Option<String>,
    /// A confirmed buyer rejected the post: it is bound, and a return is opened in the same transaction.
    pub disputed: Option<String>,
    /// How it came to be known, where the post's own answer didn't tell.
    pub why: Option<String>,
    /// No other leg follows: the lead ends with this sale.
    pub ends_lead: bool,
}

/// The sale didn't come about: hold and cap slot are given back. Whether the buyer had the contact is in the journal.
#[derive(Clone, Debug)]
pub struct Void {
    pub sale: SaleId,
    pub cause: VoidCause,
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VoidCause {
    /// The buyer has seen the contact and said no.
    Rejected,
    /// No byte of the contact left.
    Unsent,
    /// A strict buyer declined, or was silent, before the contact.
    NotConfirmed,
    /// The run was cut off between hold and post. Says nothing of a sale whose post has started.
    Interrupted,
    /// Nobody could find out, and the contract's policy or the operator gave it up. Only of a sale that is unknown.
    GivenUp,
}

impl VoidCause {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Unsent => "unsent",
            Self::NotConfirmed => "not_confirmed",
            Self::Interrupted => "interrupted",
            Self::GivenUp => "given_up",
        }
    }
}

#[derive(Clone, Debug)]
pub struct End {
    pub lead: LeadId,
    pub fence: Fence,
    pub status: LeadStatus,
    /// Why it wasn't sold.
    pub reason: Option<String>,
}

/// Ends a lead whose run was cut off, from its rows alone and in one transaction: what [`recover`](crate::flow::recover::recover)
/// says of them. Nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakeOver {
    pub lead: LeadId,
    pub by: TakenBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBy {
    /// Its own run gives it up.
    Holder(Fence),
    /// Anybody, once its lease is over or its node is dead.
    Anybody,
}

/// A node lives for so long from now, unless it says so again. The leads of one that doesn't may be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    pub node: NodeId,
    pub lives: Duration,
    /// It knows that no other node lives: all others are forgotten.
    pub alone: bool,
}

/// Takes an unknown sale for one more look, if nobody else has since. Answered by the permission to post it again, to the same
/// buyer under the same id; by [`Outcome::Done`] where the lead was erased, and nothing may be posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookAgain {
    pub sale: SaleId,
    /// How many looks there were.
    pub looks: u32,
    /// When the next one is due, from now.
    pub next: Duration,
}

/// What came of a command.
#[derive(Debug)]
pub enum Outcome {
    Claimed,
    /// The key was used for the same payload before: this ping answers it.
    AlreadyPinged(PingId),
    /// The key was used for another payload.
    KeyReused,
    Quoted {
        /// Whether the holds of a firm quote could be taken, all of them.
        firm: bool,
        expires_at: Timestamp,
    },
    Accepted {
        fence: Fence,
        quote: Option<Box<StoredQuote>>,
    },
    NotAccepted(NotAccepted),
    Reserved(Reservation),
    Refused(Refusal),
    /// Settled, voided, marked, ended, recorded: nothing more to say.
    Done,
    /// The sale or lead isn't in a state that this command applies to; a bug, or a race that fencing lost.
    Conflict(String),
    Applied(Revision),
    /// It is the market of the newest revision: nothing changed.
    Stays(Revision),
    /// Another revision came in between.
    StaleBase {
        newest: Revision,
    },
    /// The number of the draft's change.
    DraftKept(u64),
    Revoked(bool),
    /// How the movement stands, and what its party's account has then.
    Moved {
        state: MovementState,
        balance: Money,
    },
    /// A return is open, or was decided already.
    ReturnOpen,
    ReturnRefused(ReturnRefusal),
    /// What a try of a notice came to.
    Noted(NoticeState),
    Suppressed {
        added: u64,
    },
    Erased {
        leads: u64,
        pings: u64,
    },
    Revealed(Reveal),
}

/// Why a lead isn't taken on, and what stands already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAccepted {
    /// The same request was taken before; its lead's current state is the answer.
    Repeat(LeadId),
    /// The same request is still on its way.
    InFlight(LeadId),
    /// The idempotency key was used for another payload.
    KeyReused,
    /// The ping was posted with another payload.
    PostedOtherwise(LeadId),
    QuoteUnknown,
    QuoteExpired,
    /// Stored as a duplicate under its own id; names the first lead where that is this supplier's own.
    Duplicate {
        own: Option<LeadId>,
    },
    /// The person, the ping or the lead was erased.
    Erased,
}

/// A quote as the store kept it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredQuote {
    pub ping: PingId,
    pub revision: Revision,
    pub offers: Vec<QuotedOffer>,
    pub asked: Vec<(u32, ContractIndex)>,
    pub net: Money,
    pub firm: bool,
}

/// The store could not say whether the batch was committed: all its commands are unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreUnknown {
    /// Nothing was written: the store refused the batch as a whole (disk full, busy, gone).
    #[error("the store is not able to write: {0}")]
    NotWritten(String),
    #[error("it is not known whether the store has written: {0}")]
    CommitUnknown(String),
}

/// What every store does. `now` is the store's own clock where it has one.
pub trait Engine {
    /// Applies the commands in their order, in one transaction, and answers each.
    fn apply(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Outcome>, StoreUnknown>;

    /// What the last batch changed of what runs look up, if it was committed. To be asked for once after each batch.
    fn take_changes(&mut self) -> Changes;
}
