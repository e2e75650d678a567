//! The reader: the queries of `read`, each as of one moment.

use std::time::Duration;

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

use super::{
    db::Db,
    failure::Result,
    read::{accounts, alerts, audit, due_figures, facts, figures, leads, market, money, notices, people, pings, sales, search},
};
use crate::{
    reader::{ReadError, Reader},
    rows::{
        AccountRow, AlertRow, AuditRow, BookedRow, Checked, Difference, DisclosureRow, DraftRow, DueAlertRow, KeyRow, LeadRow, LedgerRow, LinkRow, MovementRow,
        NoticeRow, PersonRow, PingAnswer, QuoteRow, ReturnRow, RevealRow, RevisionRow, SaleRow, SessionRow, Statement, StatementPage, StatementPlace, Tallies,
        UnknownRow,
    },
    search::{LeadFilter, ListedLead},
};

type Read<T> = std::result::Result<T, ReadError>;

/// A connection that can read as of one moment, however many queries that takes.
pub trait Snapshot: Send {
    /// May read once more from the start where the connection was lost.
    fn at_once<T>(&mut self, read: impl FnMut(&dyn Db) -> Result<T>) -> Result<T>;

    /// What time it is, for what is due and what has lapsed: the argument, or the database's own.
    fn time(&self) -> fn(&dyn Db, Timestamp) -> Result<Timestamp> {
        |_, argument| Ok(argument)
    }

    /// The same as `at_once`, for what reads the whole store.
    fn at_length<T>(&mut self, read: impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        self.at_once(read)
    }

    /// What the database itself finds wrong with its file. A database that looks after its own finds nothing.
    fn damaged(&mut self) -> Result<Vec<Difference>> {
        Ok(Vec::new())
    }
}

/// Reads rows over such a connection.
#[derive(Debug)]
pub struct RowReader<S>(pub(crate) S);

impl<S: Snapshot> RowReader<S> {
    fn at_once<T>(&mut self, read: impl FnMut(&dyn Db) -> Result<T>) -> Read<T> {
        Ok(self.0.at_once(read)?)
    }
}

impl<S: Snapshot> Reader for RowReader<S> {
    fn facts(&mut self, now: Timestamp, asked: &[(ContractIndex, Terms)], people: &[PersonMac], test: bool) -> Read<Vec<ContractFacts>> {
        let time = self.0.time();
        self.at_once(|db| facts::facts(db, time(db, now)?, asked, people, test))
    }

    fn contact_parts(&mut self, lead: LeadId, ping: Option<PingId>) -> Read<Vec<ContactPart>> {
        self.at_once(|db| pings::contact_parts(db, lead, ping))
    }

    fn lapsed(&mut self, now: Timestamp, most: u32) -> Read<Vec<LeadId>> {
        let time = self.0.time();
        self.at_once(|db| leads::lapsed(db, time(db, now)?, most))
    }

    fn due_unknown(&mut self, now: Timestamp, most: u32) -> Read<Vec<UnknownRow>> {
        let time = self.0.time();
        self.at_once(|db| sales::due_unknown(db, time(db, now)?, most))
    }

    fn open_post(&mut self, now: Timestamp, sale: SaleId) -> Read<Option<UnknownRow>> {
        let time = self.0.time();
        self.at_once(|db| sales::open_post(db, time(db, now)?, sale))
    }

    fn unknown_sales(&mut self) -> Read<Vec<SaleRow>> {
        self.at_once(sales::unknown)
    }

    fn newest_revision(&mut self) -> Read<Option<Revision>> {
        self.at_once(market::newest_revision)
    }

    fn bundle(&mut self, revision: Revision) -> Read<Option<Vec<u8>>> {
        self.at_once(|db| market::bundle(db, revision))
    }

    fn kept_market(&mut self, revision: Revision) -> Read<Option<Vec<u8>>> {
        self.at_once(|db| market::kept_market(db, revision))
    }

    fn revisions(&mut self) -> Read<Vec<RevisionRow>> {
        self.at_once(market::revisions)
    }

    fn recent_revisions(&mut self, most: u32) -> Read<Vec<RevisionRow>> {
        self.at_once(|db| market::recent_revisions(db, most))
    }

    fn drafts(&mut self) -> Read<Vec<DraftRow>> {
        self.at_once(market::drafts)
    }

    fn draft(&mut self, draft: DraftId) -> Read<Option<DraftRow>> {
        self.at_once(|db| market::draft(db, draft))
    }

    fn key_by_id(&mut self, key: KeyId) -> Read<Option<KeyRow>> {
        self.at_once(|db| market::key_by_id(db, key))
    }

    fn keys(&mut self) -> Read<Vec<KeyRow>> {
        self.at_once(market::keys)
    }

    fn quote(&mut self, ping: PingId) -> Read<Option<QuoteRow>> {
        self.at_once(|db| pings::quote(db, ping))
    }

    fn ping_answer(&mut self, ping: PingId) -> Read<Option<PingAnswer>> {
        self.at_once(|db| pings::ping_answer(db, ping))
    }

    fn lead(&mut self, lead: LeadId) -> Read<Option<LeadRow>> {
        self.at_once(|db| leads::lead(db, lead))
    }

    fn lead_of_ping(&mut self, ping: PingId) -> Read<Option<LeadId>> {
        self.at_once(|db| leads::lead_of_ping(db, ping))
    }

    fn leads(&mut self, before: Option<Timestamp>, most: u32) -> Read<Vec<LeadRow>> {
        self.at_once(|db| leads::leads(db, before, most))
    }

    fn find_leads(&mut self, filter: &LeadFilter, before: Option<LeadId>, most: u32) -> Read<Vec<ListedLead>> {
        self.at_once(|db| search::find(db, filter, before, most))
    }

    fn record(&mut self, subject: Subject) -> Read<Option<RunRecord>> {
        self.at_once(|db| pings::record(db, &subject))
    }

    fn recent_runs(&mut self, before: Option<[u8; 16]>, most: u32) -> Read<Vec<(Subject, RunRecord)>> {
        self.at_once(|db| pings::recent_runs(db, before, most))
    }

    fn sale(&mut self, sale: SaleId) -> Read<Option<SaleRow>> {
        self.at_once(|db| sales::sale(db, sale))
    }

    fn sales_of(&mut self, lead: LeadId) -> Read<Vec<SaleRow>> {
        self.at_once(|db| sales::of_lead(db, lead))
    }

    fn sales_of_buyer(&mut self, buyer: &BuyerName, before: Option<Timestamp>, most: u32) -> Read<Vec<SaleRow>> {
        self.at_once(|db| sales::of_buyer(db, buyer, before, most))
    }

    fn disclosures_of(&mut self, lead: LeadId) -> Read<Vec<DisclosureRow>> {
        self.at_once(|db| sales::disclosures(db, lead))
    }

    fn returns_of(&mut self, lead: LeadId) -> Read<Vec<ReturnRow>> {
        self.at_once(|db| sales::returns(db, lead))
    }

    fn open_returns(&mut self, most: u32) -> Read<Vec<ReturnRow>> {
        self.at_once(|db| sales::open_returns(db, most))
    }

    fn due_notices(&mut self, now: Timestamp, most: u32) -> Read<Vec<NoticeRow>> {
        let time = self.0.time();
        self.at_once(|db| notices::due(db, time(db, now)?, most))
    }

    fn undelivered_notices(&mut self, most: u32) -> Read<Vec<NoticeRow>> {
        self.at_once(|db| notices::undelivered(db, most))
    }

    fn notices_of(&mut self, lead: LeadId) -> Read<Vec<NoticeRow>> {
        self.at_once(|db| notices::of_lead(db, lead))
    }

    fn ledger_of(&mut self, lead: LeadId) -> Read<Vec<LedgerRow>> {
        self.at_once(|db| money::ledger_of(db, lead))
    }

    fn statement(&mut self, account: &Account, from: Timestamp, until: Timestamp) -> Read<Statement> {
        self.at_once(|db| accounts::statement(db, account, from, until))
    }

    fn statement_page(&mut self, account: &Account, period: (Timestamp, Timestamp), after: Option<StatementPlace>, most: u32) -> Read<StatementPage> {
        self.at_once(|db| accounts::statement_page(db, account, period, after, most))
    }

    fn movements(&mut self, state: Option<MovementState>, most: u32) -> Read<Vec<MovementRow>> {
        self.at_once(|db| money::movements(db, state, most))
    }

    fn movement(&mut self, movement: MovementId) -> Read<Option<MovementRow>> {
        self.at_once(|db| money::movement(db, movement))
    }

    fn balances(&mut self) -> Read<Vec<AccountRow>> {
        self.at_once(money::balances)
    }

    fn figures(&mut self, from: Timestamp, until: Timestamp) -> Read<Vec<BookedRow>> {
        self.at_once(|db| figures::figures(db, from, until))
    }

    fn figures_by_minute(&mut self, from: Timestamp, until: Timestamp) -> Read<Vec<BookedRow>> {
        self.at_once(|db| figures::counted(db, from, until, Duration::from_secs(60)))
    }

    fn due_figures(&mut self, now: Timestamp) -> Read<Option<KeepFigures>> {
        let time = self.0.time();
        self.at_once(|db| due_figures::due(db, time(db, now)?))
    }

    fn tallies(&mut self, from: Timestamp, until: Timestamp) -> Read<Tallies> {
        self.at_once(|db| figures::tallies(db, from, until))
    }

    fn standing_alerts(&mut self) -> Read<Vec<AlertRow>> {
        self.at_once(alerts::standing)
    }

    fn cleared_alerts(&mut self, most: u32) -> Read<Vec<AlertRow>> {
        self.at_once(|db| alerts::cleared(db, most))
    }

    fn due_alert_messages(&mut self, now: Timestamp, most: u32) -> Read<Vec<DueAlertRow>> {
        let time = self.0.time();
        self.at_once(|db| alerts::due(db, time(db, now)?, most))
    }

    fn reveals_of(&mut self, subject: Subject) -> Read<Vec<RevealRow>> {
        self.at_once(|db| pings::reveals(db, &subject))
    }

    fn suppression_lists(&mut self) -> Read<Vec<(String, u64)>> {
        self.at_once(market::suppression_lists)
    }

    fn person(&mut self, person: &PersonName) -> Read<Option<PersonRow>> {
        self.at_once(|db| people::person(db, person))
    }

    fn people(&mut self) -> Read<Vec<PersonRow>> {
        self.at_once(people::people)
    }

    fn link(&mut self, now: Timestamp, token: TokenHash) -> Read<Option<LinkRow>> {
        let time = self.0.time();
        self.at_once(|db| people::link(db, time(db, now)?, token))
    }

    fn session(&mut self, now: Timestamp, token: TokenHash) -> Read<Option<SessionRow>> {
        let time = self.0.time();
        self.at_once(|db| people::session(db, time(db, now)?, token))
    }

    fn sessions_of(&mut self, now: Timestamp, person: &PersonName) -> Read<Vec<SessionRow>> {
        let time = self.0.time();
        self.at_once(|db| people::sessions_of(db, time(db, now)?, person))
    }

    fn audit_log(&mut self, before: Option<(Timestamp, AuditId)>, most: u32) -> Read<Vec<AuditRow>> {
        self.at_once(|db| people::audit_log(db, before, most))
    }

    fn ledger_sum(&mut self) -> Read<Money> {
        self.at_once(money::ledger_sum)
    }

    fn check(&mut self) -> Read<Checked> {
        let damaged = self.0.damaged()?;
        let mut checked = self.0.at_length(audit::audit)?;
        checked.differences.splice(0..0, damaged);
        Ok(checked)
    }
}
