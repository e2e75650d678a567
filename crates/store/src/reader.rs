//! What can be asked of a store, beside the engine that writes it.

use exchange::{
    command::Terms,
    facts::ContractFacts,
    figures::KeepFigures,
    id::{AuditId, BuyerName, ContractIndex, DraftId, KeyId, LeadId, MovementId, PersonName, PingId, Revision, SaleId, Subject},
    ledger::Account,
    money::Money,
    movement::MovementState,
    person::TokenHash,
    record::RunRecord,
    seal::{ContactPart, PersonMac},
    time::Timestamp,
};

use crate::{
    rows::{
        AccountRow, AlertRow, AuditRow, BookedRow, Checked, DisclosureRow, DraftRow, DueAlertRow, KeyRow, LeadRow, LedgerRow, LinkRow, MovementRow, NoticeRow,
        PersonRow, PingAnswer, QuoteRow, ReturnRow, RevealRow, RevisionRow, SaleRow, SessionRow, Statement, StatementPage, StatementPlace, Tallies, UnknownRow,
    },
    search::{LeadFilter, ListedLead},
};

/// A read that failed. Carries no value of any row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store can't be read: {0}")]
pub struct ReadError(pub(crate) String);

type Read<T> = Result<T, ReadError>;

/// Reads what has committed. Every call sees one moment; two calls may see two.
///
/// A reader is one connection: it is not shared between threads, but many can be open.
pub trait Reader: Send {
    // For the run.

    /// What crosses runs, of each contract asked for and in that order. A test reads nothing but suppression.
    fn facts(&mut self, now: Timestamp, asked: &[(ContractIndex, Terms)], people: &[PersonMac], test: bool) -> Read<Vec<ContractFacts>>;
    /// The sealed parts of a lead and of the ping it was quoted for: those that are there and not erased.
    fn contact_parts(&mut self, lead: LeadId, ping: Option<PingId>) -> Read<Vec<ContactPart>>;
    /// Leads whose run was cut off: their lease is over, or their node is dead. They may be taken over.
    fn lapsed(&mut self, now: Timestamp, most: u32) -> Read<Vec<LeadId>>;
    /// Unknown sales that are due for another look: the first `most` of each buyer.
    fn due_unknown(&mut self, now: Timestamp, most: u32) -> Read<Vec<UnknownRow>>;
    /// A sale whose buyer may still report: posted or unknown.
    fn open_post(&mut self, now: Timestamp, sale: SaleId) -> Read<Option<UnknownRow>>;
    /// Sales that may have been made and nobody knows. Oldest first.
    fn unknown_sales(&mut self) -> Read<Vec<SaleRow>>;

    // The market and the keys to it.

    fn newest_revision(&mut self) -> Read<Option<Revision>>;
    fn bundle(&mut self, revision: Revision) -> Read<Option<Vec<u8>>>;
    /// What was read of the bundle; empty for none.
    fn kept_market(&mut self, revision: Revision) -> Read<Option<Vec<u8>>>;
    /// Newest first.
    fn revisions(&mut self) -> Read<Vec<RevisionRow>>;
    /// So many at most, the newest first.
    fn recent_revisions(&mut self, most: u32) -> Read<Vec<RevisionRow>>;
    /// The one that was changed last first.
    fn drafts(&mut self) -> Read<Vec<DraftRow>>;
    fn draft(&mut self, draft: DraftId) -> Read<Option<DraftRow>>;
    fn key_by_id(&mut self, key: KeyId) -> Read<Option<KeyRow>>;
    fn keys(&mut self) -> Read<Vec<KeyRow>>;

    // Pings and leads.

    fn quote(&mut self, ping: PingId) -> Read<Option<QuoteRow>>;
    /// What answers a repeated ping. None while its auction goes on, and after one that was cut off.
    fn ping_answer(&mut self, ping: PingId) -> Read<Option<PingAnswer>>;
    fn lead(&mut self, lead: LeadId) -> Read<Option<LeadRow>>;
    fn lead_of_ping(&mut self, ping: PingId) -> Read<Option<LeadId>>;
    /// The newest leads, from those accepted before `before` on.
    fn leads(&mut self, before: Option<Timestamp>, most: u32) -> Read<Vec<LeadRow>>;
    /// Newest first, those before a lead.
    fn find_leads(&mut self, filter: &LeadFilter, before: Option<LeadId>, most: u32) -> Read<Vec<ListedLead>>;
    fn record(&mut self, subject: Subject) -> Read<Option<RunRecord>>;
    /// The newest pings and leads that have a record, by the time in their ids: those whose ids are lower than `before`.
    fn recent_runs(&mut self, before: Option<[u8; 16]>, most: u32) -> Read<Vec<(Subject, RunRecord)>>;

    // Sales and money.

    fn sale(&mut self, sale: SaleId) -> Read<Option<SaleRow>>;
    /// In the order they were reserved.
    fn sales_of(&mut self, lead: LeadId) -> Read<Vec<SaleRow>>;
    /// A buyer's newest sales, from those reserved before `before` on.
    fn sales_of_buyer(&mut self, buyer: &BuyerName, before: Option<Timestamp>, most: u32) -> Read<Vec<SaleRow>>;
    fn disclosures_of(&mut self, lead: LeadId) -> Read<Vec<DisclosureRow>>;
    fn returns_of(&mut self, lead: LeadId) -> Read<Vec<ReturnRow>>;
    /// Returns that wait for the operator, oldest first.
    fn open_returns(&mut self, most: u32) -> Read<Vec<ReturnRow>>;
    /// Notices that are due for a try: the first `most` of each supplier.
    fn due_notices(&mut self, now: Timestamp, most: u32) -> Read<Vec<NoticeRow>>;
    /// Those that wait or were given up, oldest first.
    fn undelivered_notices(&mut self, most: u32) -> Read<Vec<NoticeRow>>;
    /// In the order of their changes.
    fn notices_of(&mut self, lead: LeadId) -> Read<Vec<NoticeRow>>;
    fn ledger_of(&mut self, lead: LeadId) -> Read<Vec<LedgerRow>>;
    /// What was booked on an account from `from` up to, and without, `until`.
    fn statement(&mut self, account: &Account, from: Timestamp, until: Timestamp) -> Read<Statement>;
    /// The same without reading all that was ever booked: its first `most` lines, or those behind a place, and what the whole period
    /// comes to.
    fn statement_page(&mut self, account: &Account, period: (Timestamp, Timestamp), after: Option<StatementPlace>, most: u32) -> Read<StatementPage>;
    /// Money that was moved or is to be, the newest first; all states, or one.
    fn movements(&mut self, state: Option<MovementState>, most: u32) -> Read<Vec<MovementRow>>;
    fn movement(&mut self, movement: MovementId) -> Read<Option<MovementRow>>;
    /// Every account that was ever booked or held on.
    fn balances(&mut self) -> Read<Vec<AccountRow>>;
    /// From `from` up to, and without, `until`; by quarter of an hour and vertical, test leads left out.
    fn figures(&mut self, from: Timestamp, until: Timestamp) -> Read<Vec<BookedRow>>;
    /// The same by minute. It counts leads and ledger, whatever is kept of them: for short periods.
    fn figures_by_minute(&mut self, from: Timestamp, until: Timestamp) -> Read<Vec<BookedRow>>;
    /// What is to be kept of figures now: counted here, beside the engine that keeps it.
    fn due_figures(&mut self, now: Timestamp) -> Read<Option<KeepFigures>>;
    /// What nodes counted in the quarters of an hour that the period touches.
    fn tallies(&mut self, from: Timestamp, until: Timestamp) -> Read<Tallies>;
    /// Newest first.
    fn standing_alerts(&mut self) -> Read<Vec<AlertRow>>;
    /// Those that were cleared, newest first.
    fn cleared_alerts(&mut self, most: u32) -> Read<Vec<AlertRow>>;
    /// What is to be told of alerts now.
    fn due_alert_messages(&mut self, now: Timestamp, most: u32) -> Read<Vec<DueAlertRow>>;
    fn reveals_of(&mut self, subject: Subject) -> Read<Vec<RevealRow>>;
    /// The lists of suppressed people, and how many are on each.
    fn suppression_lists(&mut self) -> Read<Vec<(String, u64)>>;

    // Who signs in to the console, and who changed what.

    fn person(&mut self, person: &PersonName) -> Read<Option<PersonRow>>;
    /// By name.
    fn people(&mut self) -> Read<Vec<PersonRow>>;
    /// A link that opens something now.
    fn link(&mut self, now: Timestamp, token: TokenHash) -> Read<Option<LinkRow>>;
    /// A session that goes on now, of a person that is not disabled.
    fn session(&mut self, now: Timestamp, token: TokenHash) -> Read<Option<SessionRow>>;
    /// Newest first.
    fn sessions_of(&mut self, now: Timestamp, person: &PersonName) -> Read<Vec<SessionRow>>;
    /// Newest first, from the one after `before` in that order on.
    fn audit_log(&mut self, before: Option<(Timestamp, AuditId)>, most: u32) -> Read<Vec<AuditRow>>;

    // The store itself.

    /// The sum of all entries: zero, or the ledger is broken.
    fn ledger_sum(&mut self) -> Read<Money>;
    /// Counts everything again that the engine keeps up, and says what doesn't agree. Reads the whole store.
    fn check(&mut self) -> Read<Checked>;
    /// The differences that [`Reader::check`] finds, in words.
    fn audit(&mut self) -> Read<Vec<String>> {
        Ok(self.check()?.differences.iter().map(ToString::to_string).collect())
    }
}
