//! PostgreSQL on the bench, in a cluster of the tests' own.

use cluster::Database;

use super::{Bench, conformance, world::master};
use crate::{Address, Clock, PostgresEngine, PostgresReader};

struct InPostgres {
    database: Database<'static>,
}

impl InPostgres {
    fn address(&self) -> Address {
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
        PostgresReader::connect(&self.address()).unwrap()
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
