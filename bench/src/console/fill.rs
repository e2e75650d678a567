//! A few thousand leads become a million: each row is copied with ids of its own, spread over thirty days.

use std::path::Path;

use rusqlite::Connection;

use crate::Failure;

const SPREAD_MS: u64 = 30 * 24 * 3600 * 1000;
/// Records are the largest rows, and an exchange keeps them of late leads: so many copies have one.
const COPIES_WITH_RECORD: u32 = 5;

/// What columns of a copy are, where they aren't those of the row; `c` is the number of the copy, `came` the first lead's instant.
type Changed = &'static [(&'static str, &'static str)];

// An id of a lead has its instant in the first six bytes, and is the only one of it; others are told apart by their last four.
const LEAD_ID: &str = "unhex(printf('%012x', came / 1000 - c * $step) || substr(hex($id), 13))";
const OTHER_ID: &str = "unhex(substr(hex($id), 1, 24) || printf('%08x', c))";

const TABLES: [(&str, &str, Changed); 8] = [
    (
        "leads",
        "leads AS t",
        &[
            ("id", "LEAD(t.id)"),
            ("status", "CASE WHEN c % 3 = 0 THEN CASE WHEN c % 27 = 0 THEN 'duplicate' ELSE 'unsold' END ELSE t.status END"),
            ("reason", "CASE WHEN c % 3 = 0 THEN 'no_bid' ELSE t.reason END"),
            ("net", "CASE WHEN c % 3 = 0 THEN 0 ELSE t.net END"),
            ("accepted_at", "t.accepted_at - c * $step * 1000"),
            ("ended_at", "t.ended_at - c * $step * 1000"),
        ],
    ),
    ("people", "people AS t", &[("mac", "OTHER(t.mac)"), ("lead", "LEAD(t.lead)")]),
    ("sealed", "sealed AS t", &[("lead", "LEAD(t.lead)")]),
    ("records", "records AS t", &[("id", "LEAD(t.id)"), ("recorded_at", "t.recorded_at - c * $step * 1000")]),
    (
        "sales",
        "sales AS t",
        &[
            ("id", "OTHER(t.id)"),
            ("lead", "LEAD(t.lead)"),
            ("buyer_ping", "OTHER(t.buyer_ping)"),
            ("counted_at", "t.counted_at - c * $step * 1000"),
            ("reserved_at", "t.reserved_at - c * $step * 1000"),
            ("post_started_at", "t.post_started_at - c * $step * 1000"),
            ("ended_at", "t.ended_at - c * $step * 1000"),
            ("buyer_lead_reference", "t.buyer_lead_reference || '-' || c"),
        ],
    ),
    ("disclosures", "disclosures AS t", &[("sale", "OTHER(t.sale)"), ("lead", "LEAD(t.lead)"), ("started_at", "t.started_at - c * $step * 1000")]),
    ("transfers", "transfers AS t", &[("id", "OTHER(t.id)"), ("lead", "LEAD(t.lead)"), ("booked_at", "t.booked_at - c * $step * 1000")]),
    (
        "entries",
        "transfers CROSS JOIN entries AS t ON t.cause = transfers.cause AND t.transfer = transfers.id",
        &[("transfer", "OTHER(t.transfer)"), ("booked_at", "t.booked_at - c * $step * 1000")],
    ),
];

pub fn leads(store: &Path, wanted: u32) -> Result<(), Failure> {
    let mut db = Connection::open(store)?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;")?;
    let first: u32 = db.query_row("SELECT count(*) FROM leads", [], |row| row.get(0))?;
    let copies = (wanted / first.max(1)).max(2);
    let step = SPREAD_MS / u64::from(copies);
    let transaction = db.transaction()?;
    // Which rows were there, before their copies are.
    transaction.execute_batch("CREATE TEMP TABLE first AS SELECT id, accepted_at AS came FROM leads; CREATE UNIQUE INDEX first_by_id ON first (id);")?;
    for (table, from, changed) in TABLES {
        let columns = transaction
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<String>, _>>()?;
        let value = |column: &String| {
            let changed = changed.iter().find(|(name, _)| name == column).map(|(_, value)| (*value).to_owned());
            written(&changed.unwrap_or_else(|| format!("t.{column}")), step)
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let lead = match table {
            "leads" | "records" => "t.id",
            "entries" => "transfers.lead",
            _ => "t.lead",
        };
        let which = match table {
            "leads" | "people" | "sealed" => "1",
            "records" => "c <= $most",
            _ => "c % 3 <> 0",
        };
        let which = which.replace("$most", &COPIES_WITH_RECORD.to_string());
        let (columns, values) = (columns.join(", "), values.join(", "));
        // Copy by copy, so that ids are written nearly in their order.
        let sql = format!(
            "WITH RECURSIVE copies (c) AS (SELECT {} UNION ALL SELECT c - 1 FROM copies WHERE c > 1)
             INSERT INTO {table} ({columns}) SELECT {values} FROM copies CROSS JOIN first CROSS JOIN {} WHERE {lead} = first.id AND {which}",
            copies - 1,
            from
        );
        transaction.execute(&sql, [])?;
    }
    transaction
        .execute_batch("DELETE FROM balances; INSERT INTO balances (account, slot, amount) SELECT account, 0, sum(amount) FROM entries GROUP BY account;")?;
    // Figures are counted anew.
    transaction.execute_batch("DELETE FROM quarter_figures; DELETE FROM quarter_accounts; DELETE FROM figures_until;")?;
    transaction.commit()?;
    Ok(())
}

/// Whether all figures are kept that the exchange keeps of the time until now.
pub fn is_counted(store: &Path) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM figures_until WHERE until >= (unixepoch() / 900 - 1) * 900000000)";
    Ok(Connection::open(store)?.query_row(sql, [], |row| row.get(0))?)
}

/// `LEAD(x)` and `OTHER(x)` stand for the ids of a copy.
fn written(value: &str, step: u64) -> String {
    let mut value = value.to_owned();
    for (name, id) in [("LEAD(", LEAD_ID), ("OTHER(", OTHER_ID)] {
        if let Some(argument) = value.strip_prefix(name).and_then(|rest| rest.strip_suffix(')')) {
            value = id.replace("$id", argument);
        }
    }
    value.replace("$step", &step.to_string())
}
