//! The reader: a read-only connection of its own, which neither waits for the engine nor holds it up.

use std::path::Path;

use exchange::{
    command::Terms,
    facts::ContractFacts,
    id::{BuyerName, ContractIndex, KeyId, LeadId, PingId, Revision, SaleId, Subject},
    money::Money,
    record::RunRecord,
    seal::{ContactPart, PersonMac},
    time::Timestamp,
};
use rusqlite::Connection;

use super::{
    failure::Result,
    open,
    open_error::OpenError,
    read::{audit, facts, leads, market, money, pings, sales},
};
use crate::{
    reader::{ReadError, Reader},
    rows::{AccountRow, DisclosureRow, KeyRow, LeadRow, LedgerRow, PingAnswer, QuoteRow, ReturnRow, RevealRow, RevisionRow, SaleRow, UnfinishedLead},
};

type Read<T> = std::result::Result<T, ReadError>;

#[derive(Debug)]
pub struct SqliteReader {
    db: Connection,
}

impl SqliteReader {
    /// Opens the store at `path`, which an engine has made before.
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        Ok(Self { db: open::reader(path)? })
    }

    /// Reads as of one moment, however many queries that takes.
    fn at_once<T>(&mut self, read: impl FnOnce(&Connection) -> Result<T>) -> Read<T> {
        let inner = || {
            let transaction = self.db.transaction()?;
            let found = read(&transaction)?;
            transaction.finish()?;
            Ok(found)
        };
        inner().map_err(|failure: super::failure::Failure| failure.into())
    }
}

impl Reader for SqliteReader {
    fn facts(&mut self, now: Timestamp, asked: &[(ContractIndex, Terms)], people: &[PersonMac], test: bool) -> Read<Vec<ContractFacts>> {
        self.at_once(|db| facts::facts(db, now, asked, people, test))
    }

    fn contact_parts(&mut self, lead: LeadId, ping: Option<PingId>) -> Read<Vec<ContactPart>> {
        self.at_once(|db| pings::contact_parts(db, lead, ping))
    }

    fn unfinished(&mut self, lease_over_by: Option<Timestamp>) -> Read<Vec<UnfinishedLead>> {
        self.at_once(|db| leads::unfinished(db, lease_over_by))
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

    fn revisions(&mut self) -> Read<Vec<RevisionRow>> {
        self.at_once(market::revisions)
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

    fn record(&mut self, subject: Subject) -> Read<Option<RunRecord>> {
        self.at_once(|db| pings::record(db, &subject))
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

    fn ledger_of(&mut self, lead: LeadId) -> Read<Vec<LedgerRow>> {
        self.at_once(|db| money::ledger_of(db, lead))
    }

    fn balances(&mut self) -> Read<Vec<AccountRow>> {
        self.at_once(money::balances)
    }

    fn reveals_of(&mut self, subject: Subject) -> Read<Vec<RevealRow>> {
        self.at_once(|db| pings::reveals(db, &subject))
    }

    fn suppression_lists(&mut self) -> Read<Vec<(String, u64)>> {
        self.at_once(market::suppression_lists)
    }

    fn data_version(&mut self) -> Read<u64> {
        self.at_once(market::data_version)
    }

    fn ledger_sum(&mut self) -> Read<Money> {
        self.at_once(money::ledger_sum)
    }

    fn audit(&mut self) -> Read<Vec<String>> {
        self.at_once(audit::audit)
    }
}
