//! PostgreSQL on the bench, in a cluster of the tests' own.

use cluster::Database;
use exchange::{
    command::{Command, StoreUnknown},
    seal::MasterKey,
};

use super::{
    Bench, conformance,
    world::{World, accept, at, master},
};
use crate::{Address, Clock, Engine, OpenError, PostgresEngine, PostgresReader, Reader};

pub(super) struct InPostgres {
    pub(super) database: Database<'static>,
}

impl InPostgres {
    pub(super) fn address(&self) -> Address {
        Address::parse(&self.database.url()).unwrap()
    }
}

impl Bench for InPostgres {
    type Engine = PostgresEngine;
    type Reader = PostgresReader;
    const RANDOM_CASES: u32 = 8;

    fn fresh() -> Option<Self> {
        let bench = Self { database: cluster::shared()?.database() };
        // Made once, so that a reader finds it.
        bench.engine();
        Some(bench)
    }

    fn engine(&self) -> PostgresEngine {
        PostgresEngine::open(&self.address(), &master(), Clock::Argument, 7).unwrap()
    }

    fn reader(&self) -> PostgresReader {
        PostgresReader::connect(&self.address(), Clock::Argument).unwrap()
    }

    /// Old row versions go with a VACUUM, which is the operator's to run; only the rows themselves are the engine's.
    fn holds_bytes(&self, bytes: &[u8]) -> bool {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let tables = self.database.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
        let found = |table: &str| {
            // Columns of bytes show as hex, those of text as themselves.
            let places = "r::text || encode(convert_to(r::text, 'UTF8'), 'hex')";
            let sql = format!("SELECT count(*) FROM {table} AS r WHERE position('{hex}' in {places}) > 0");
            self.database.sql(&sql).trim() != "0"
        };
        tables.lines().any(found)
    }
}

conformance!(InPostgres);

/// The same through a pooler that gives each transaction another connection: nothing is prepared on the server.
struct Unprepared(InPostgres);

impl Bench for Unprepared {
    type Engine = PostgresEngine;
    type Reader = PostgresReader;
    const RANDOM_CASES: u32 = 4;

    fn fresh() -> Option<Self> {
        InPostgres::fresh().map(Self)
    }

    fn engine(&self) -> PostgresEngine {
        PostgresEngine::open(&self.address(), &master(), Clock::Argument, 7).unwrap()
    }

    fn reader(&self) -> PostgresReader {
        PostgresReader::connect(&self.address(), Clock::Argument).unwrap()
    }

    fn holds_bytes(&self, bytes: &[u8]) -> bool {
        self.0.holds_bytes(bytes)
    }
}

impl Unprepared {
    pub(super) fn address(&self) -> Address {
        Address::parse(&format!("{}&prepare=off", self.0.database.url())).unwrap()
    }
}

mod unprepared {
    use super::*;

    crate::conformance::stories! { Unprepared;
        erasing: erasure_leaves_nothing;
        operating: markets, api_keys, prepayments, payouts, payouts_together, second_persons, statements, suppression, reveals;
        returning: a_return_reverses_the_sale;
        racing: a_person_is_taken_on_once;
        random: whatever_is_asked_the_books_agree;
    }
}

#[test]
fn another_master_key_is_refused() {
    let Some(bench) = InPostgres::fresh() else { return };
    let other = PostgresEngine::open(&bench.address(), &MasterKey::from_bytes([8; 32]), Clock::Database, 7);
    assert_eq!(other.unwrap_err(), OpenError::OtherMasterKey);
}

#[test]
fn many_may_make_the_tables_at_once() {
    let Some(cluster) = cluster::shared() else { return };
    let bench = InPostgres { database: cluster.database() };
    assert_eq!(PostgresReader::connect(&bench.address(), Clock::Argument).unwrap_err(), OpenError::NotMade);
    std::thread::scope(|scope| {
        let opening: Vec<_> = (0..6).map(|_| scope.spawn(|| drop(bench.engine()))).collect();
        opening.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let newer = "UPDATE meta SET value = '99' WHERE name = 'version'";
    bench.database.sql(newer);
    assert!(matches!(PostgresReader::connect(&bench.address(), Clock::Argument), Err(OpenError::Newer { found: 99, .. })));
}

#[test]
fn what_is_not_durable_is_refused() {
    let Some(bench) = InPostgres::fresh() else { return };
    let checked = Address::parse(&bench.database.url().replace("durability=unchecked", "durability=checked")).unwrap();
    let opened = PostgresEngine::open(&checked, &master(), Clock::Database, 7);
    assert_eq!(opened.unwrap_err(), OpenError::NotDurable("fsync".into()));
}

#[test]
fn ledger_entries_stay_as_they_are() {
    let Some(bench) = InPostgres::fresh() else { return };
    let mut world = World::new(bench);
    world.prepay("acme", 5);
    for sql in ["UPDATE entries SET amount = 1", "DELETE FROM entries", "UPDATE transfers SET note = ''", "DELETE FROM transfers"] {
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.bench.database.sql(sql)));
        assert!(refused.is_err(), "{sql}");
    }
}

/// While PostgreSQL is away nothing is written and nobody waits for long; when it is back, the same engine and reader go on.
#[test]
fn an_engine_goes_on_by_itself_after_postgresql_was_stopped() {
    let Some(cluster) = cluster::Cluster::start(&cluster::FAST) else { return };
    let database = cluster.database();
    let address = Address::parse(&database.url()).unwrap();
    let mut engine = PostgresEngine::open(&address, &master(), Clock::Argument, 7).unwrap();
    let mut reader = PostgresReader::connect(&address, Clock::Argument).unwrap();
    let now = at("2026-06-01T16:00:00Z");
    let accepted = |engine: &mut PostgresEngine, number| engine.apply(now, &[Command::Accept(accept(number))]);
    assert!(accepted(&mut engine, 1).is_ok());
    for mode in ["fast", "immediate"] {
        cluster.stop(mode);
        assert!(matches!(accepted(&mut engine, 2), Err(StoreUnknown::NotWritten(_))));
        assert!(reader.leads(None, 10).is_err());
        cluster.start_again();
        assert!(accepted(&mut engine, 2).is_ok());
        assert_eq!(reader.leads(None, 10).unwrap().len(), 2);
    }
}
