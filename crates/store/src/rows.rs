//! What a reader finds: plain rows, the same from every database.

use std::{collections::BTreeMap, time::Duration};

use exchange::{
    alerts::{AlertKey, AlertMessage},
    attribute::PingPart,
    call::PostTerms,
    command::{Fence, LeadStatus, QuotedOffer, Role},
    contract::SaleKind,
    figures::{Auctions, Booked, BuyerCounts, Quarter},
    id::{
        AuditId, BuyerName, BuyerPingId, ContractKey, DraftId, KeyId, LeadId, MovementId, ParentName, PersonName, PingId, Revision, SaleId, SupplierName,
        VerticalName,
    },
    ledger::Account,
    money::Money,
    movement::MovementState,
    notice::{Notice, NoticeState},
    person::{LinkKind, PersonRole, TokenHash},
    record::RunRecord,
    seal::{ContactPart, SealedSecret},
    time::Timestamp,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionRow {
    pub revision: Revision,
    pub applied_at: Timestamp,
    /// The size of its bundle.
    pub bytes: u64,
    /// Empty where it wasn't kept.
    pub author: String,
    pub note: String,
}

/// Changes of the market that are not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    pub id: DraftId,
    pub base: Revision,
    pub files: Vec<u8>,
    pub author: String,
    pub note: String,
    pub version: u64,
    pub changed_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    pub id: KeyId,
    pub role: Role,
    pub hash: [u8; 32],
    pub added_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteRow {
    pub ping: PingId,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub revision: Revision,
    pub test: bool,
    /// Empty once erased.
    pub attributes: PingPart,
    /// The names of the fields whose exact values came with the ping.
    pub sealed_fields: Vec<String>,
    pub offers: Vec<QuotedOffer>,
    pub net: Money,
    pub firm: bool,
    pub quoted_at: Timestamp,
    pub expires_at: Timestamp,
    /// What it was posted as.
    pub lead: Option<LeadId>,
    pub erased_at: Option<Timestamp>,
}

/// What a supplier was, or is to be, told of a ping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PingAnswer {
    Quoted(Box<QuoteRow>),
    /// It ended without a quote: its record says why.
    Unmatched(Box<RunRecord>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadRow {
    pub lead: LeadId,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub revision: Revision,
    pub test: bool,
    pub ping: Option<PingId>,
    /// Whether its run started from the ping's quote.
    pub quoted: bool,
    pub status: LeadStatus,
    /// Of all sold legs.
    pub net: Money,
    /// The net of each sold leg, in the order they were reserved.
    pub legs: Vec<Money>,
    /// Why it wasn't sold.
    pub reason: Option<String>,
    pub redirect_url: Option<String>,
    /// The first lead of the same person: anybody's, so it is for operators only.
    pub duplicate_of: Option<LeadId>,
    /// The supplier's own first lead of the same person: the one it may be told.
    pub own_duplicate_of: Option<LeadId>,
    /// Empty once erased.
    pub attributes: PingPart,
    pub fence: Fence,
    pub accepted_at: Timestamp,
    /// Some as long as its run goes on.
    pub lease_until: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub erased_at: Option<Timestamp>,
}

/// Where a sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaleStatus {
    /// Held; the contact has not left.
    Reserved,
    /// The buyer may have the contact.
    Posted,
    Sold,
    Void,
    /// Posted, and nobody knows what came of it.
    Unknown,
    Returned,
}

impl SaleStatus {
    pub const WORDS: [(&'static str, Self); 6] = [
        ("reserved", Self::Reserved),
        ("posted", Self::Posted),
        ("sold", Self::Sold),
        ("void", Self::Void),
        ("unknown", Self::Unknown),
        ("returned", Self::Returned),
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, status)| *status == self).map_or("", |(word, _)| word)
    }

    #[must_use]
    pub fn of_word(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, status)| *status)
    }

    /// Whether credit is held for it: it is neither charged nor given back.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Reserved | Self::Posted | Self::Unknown)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleRow {
    pub sale: SaleId,
    pub lead: LeadId,
    pub buyer: BuyerName,
    pub contract: ContractKey,
    pub parent: ParentName,
    pub kind: SaleKind,
    pub status: SaleStatus,
    pub test: bool,
    pub price: Money,
    pub net: Money,
    pub buyer_ping: BuyerPingId,
    /// The buyer's reference of its bid.
    pub reference: Option<String>,
    /// The cause of a void sale, in one word.
    pub void_cause: Option<String>,
    /// Why it is void or unknown; or how it came to be known that it is sold, where its post's answer didn't tell.
    pub why: Option<String>,
    pub redirect_url: Option<String>,
    pub buyer_lead_reference: Option<String>,
    pub reserved_at: Timestamp,
    pub post_started_at: Option<Timestamp>,
    /// When it was settled or voided.
    pub ended_at: Option<Timestamp>,
    /// The buyer of a strict contract confirmed before the post, and is bound.
    pub confirmed: bool,
    /// How often it was looked at since it became unknown.
    pub looks: u32,
    /// When it is looked at next.
    pub look_at: Option<Timestamp>,
}

impl SaleRow {
    /// What a post of it says of the deal.
    #[must_use]
    pub fn post_terms(&self) -> PostTerms {
        PostTerms { buyer_ping: self.buyer_ping, reference: self.reference.clone(), kind: self.kind, price: self.price }
    }
}

/// One entry of a transfer of a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// `sale` or `return`.
    pub cause: String,
    pub sale: SaleId,
    pub lead: LeadId,
    pub account: Account,
    pub amount: Money,
    pub note: Option<String>,
    pub booked_at: Timestamp,
}

/// What was booked on an account in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What the account had when the period began.
    pub opening: Money,
    /// In the order they were booked.
    pub lines: Vec<StatementLine>,
}

impl Statement {
    /// What the account had when it ended.
    #[must_use]
    pub fn closing(&self) -> Money {
        self.opening + self.lines.iter().map(|line| line.amount).sum::<Money>()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    pub booked_at: Timestamp,
    /// `sale`, `return`, `prepayment` or `payout`.
    pub cause: String,
    /// Of a sale or a return.
    pub sale: Option<SaleId>,
    pub lead: Option<LeadId>,
    /// Of a prepayment or a payout.
    pub movement: Option<MovementId>,
    pub note: Option<String>,
    pub amount: Money,
}

/// A part of a statement, and what all of it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPage {
    /// What the account had when the period began.
    pub opening: Money,
    /// What was booked in the period, by cause.
    pub totals: BTreeMap<String, CauseTotal>,
    /// What of the period was booked before the first of the lines.
    pub earlier: CauseTotal,
    /// The place behind the last of the lines; none where there are none.
    pub end: Option<StatementPlace>,
    /// Those that follow, in the order they were booked.
    pub lines: Vec<StatementLine>,
}

/// A place between two lines of a statement. It has no id in it: what is a buyer's to know isn't a supplier's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementPlace {
    /// Of the line before.
    pub booked_at: Timestamp,
    /// How many lines of that instant are before.
    pub passed: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CauseTotal {
    pub entries: u64,
    pub amount: Money,
}

impl StatementPage {
    /// What the account had when the period ended.
    #[must_use]
    pub fn closing(&self) -> Money {
        self.opening + self.totals.values().map(|total| total.amount).sum::<Money>()
    }

    /// How many lines the whole period has.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.totals.values().map(|total| total.entries).sum()
    }
}

/// Money that came in or went out, or is to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovementRow {
    pub id: MovementId,
    pub account: Account,
    pub amount: Money,
    pub note: String,
    pub state: MovementState,
    pub asked_by: String,
    pub asked_at: Timestamp,
    /// None where it needed no second person, or waits for one.
    pub decided_by: Option<String>,
    pub decided_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureRow {
    pub sale: SaleId,
    pub lead: LeadId,
    pub buyer: BuyerName,
    pub parent: ParentName,
    pub started_at: Timestamp,
    /// `sold`, `rejected`, `void`, `unknown`, or `unsent`, which was none; None while the post is under way.
    pub outcome: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReturnStatus {
    Requested,
    Accepted,
    Refused,
}

impl ReturnStatus {
    pub const WORDS: [(&'static str, Self); 3] = [("requested", Self::Requested), ("accepted", Self::Accepted), ("refused", Self::Refused)];

    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, status)| *status == self).map_or("", |(word, _)| word)
    }

    #[must_use]
    pub fn of_word(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, status)| *status)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnRow {
    pub sale: SaleId,
    pub status: ReturnStatus,
    pub reason: String,
    /// The buyer's own words, sealed.
    pub note: Option<ContactPart>,
    pub requested_at: Timestamp,
    pub decided_at: Option<Timestamp>,
}

/// What a supplier is told of its lead, and how far that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    pub notice: Notice,
    pub supplier: SupplierName,
    pub state: NoticeState,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; some as long as it waits.
    pub due_at: Option<Timestamp>,
    /// What came of the last try in vain.
    pub failure: Option<String>,
    /// When it was delivered, given up or found unwanted.
    pub ended_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevealRow {
    pub who: String,
    pub why: String,
    pub revealed_at: Timestamp,
}

/// Who signs in to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    pub name: PersonName,
    pub role: PersonRole,
    pub email: Option<String>,
    /// argon2id, as a PHC string; none before the person's first link was opened.
    pub password: Option<String>,
    pub codes: Option<SealedSecret>,
    /// Those that were not used yet.
    pub recovery: Vec<TokenHash>,
    /// How often password and codes were set.
    pub proof: u32,
    pub added_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
    /// When a session of it was used last, as far as one is kept.
    pub seen_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    pub person: PersonName,
    pub role: PersonRole,
    pub kind: LinkKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub token: TokenHash,
    pub person: PersonName,
    pub role: PersonRole,
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
    /// At the latest.
    pub ends_at: Timestamp,
}

/// Who changed what, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub id: AuditId,
    pub at: Timestamp,
    pub who: String,
    pub what: String,
    pub subject: String,
    pub note: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    pub account: Account,
    pub balance: Money,
    /// What open sales and firm quotes hold of it.
    pub held: Money,
    /// The firm quotes' part of it.
    pub firm: Money,
}

/// An alert, standing or cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    pub key: AlertKey,
    pub raised_at: Timestamp,
    /// What was the matter when it was raised.
    pub says: String,
    pub cleared_at: Option<Timestamp>,
}

/// What is to be told of an alert now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueAlertRow {
    pub alert: AlertRow,
    pub message: AlertMessage,
}

/// What was received, sold and booked in a step of time, in one vertical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedRow {
    pub start: Timestamp,
    pub vertical: VerticalName,
    pub booked: Booked,
}

/// What nodes counted themselves, all nodes together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    pub verticals: BTreeMap<(Quarter, VerticalName), Auctions>,
    pub buyers: BTreeMap<(Quarter, BuyerName), BuyerCounts>,
}

/// A sale that may have been made and nobody knows, with its lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRow {
    pub sale: SaleRow,
    pub lead: LeadRow,
    /// How long ago its post started, by the store's own clock.
    pub age: Duration,
}

/// What a check of the whole store came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many rows there were, by what they are.
    pub rows: Vec<(&'static str, u64)>,
    pub differences: Vec<Difference>,
}

/// Something that doesn't agree with what it must agree with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub what: &'static str,
    /// The row, by its id or name.
    pub row: String,
    /// What the store has.
    pub kept: String,
    /// What it should have by everything else.
    pub counted: String,
    pub mend: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {} is kept, {} was counted", self.what, self.row, self.kept, self.counted)
    }
}
