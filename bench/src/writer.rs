//! What the store's writing of a sale costs above the rows that it leaves: leads accepted (T1) and reserved with the post started
//! (T2) by the engine that the server's writer drives, and the same rows put by a bare loop into the same tables, in as many
//! transactions.

use std::{path::Path, sync::Arc, time::Duration};

use exchange::{
    command::{Accept, Command, Engine, Fence, Outcome, Reserve, ReserveRequest, Terms},
    contract::SaleKind,
    flow::effect::StoreRequest,
    id::{BuyerPingId, LeadId, NodeId, Revision, SaleId, Subject},
    market::Market,
    money::Money,
    seal::{Fingerprint, MasterKey, PersonMac},
    value::Value,
};
use rusqlite::{Connection, params_from_iter, types::Value as Cell};
use serde_json::json;
use store::SqliteEngine;

use crate::{
    Failure, clock,
    market::{self, read::AT},
    options::Options,
    process::usage_of,
    report::{Goal, Report},
    statistics::median,
};

/// As many sales as connections wait at the same time in the other measurements.
const BATCH: u32 = 32;
const BATCHES: u32 = 100;

#[derive(Clone, Copy)]
struct Sample {
    wall_s: f64,
    cpu_s: f64,
}

fn timed(work: impl FnOnce() -> Result<(), Failure>) -> Result<Sample, Failure> {
    let (began, before) = (clock::now(), usage_of("self")?);
    work()?;
    Ok(Sample { wall_s: began.elapsed().as_secs_f64(), cpu_s: (usage_of("self")? - before).total() / 1e6 })
}

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let market = Arc::new(market::read(100)?);
    let mut samples = Vec::new();
    for round in 0..options.rounds {
        report.progress(&format!("writer: round {} of {}", round + 1, options.rounds));
        let folder = folder.join(round.to_string());
        std::fs::create_dir_all(&folder)?;
        let (of_engine, of_loop) = (folder.join("engine.db"), folder.join("loop.db"));
        let mut engine = SqliteEngine::open(&of_engine, &MasterKey::from_bytes([7; 32]))?;
        let batches = batches(&market)?;
        let ours = timed(|| batches.iter().try_for_each(|commands| applied(&mut engine, commands)))?;
        drop(engine);
        let (bare, tables) = copy_of(&of_engine, &of_loop)?;
        let loops = timed(|| insert(&bare, &tables, batches.len()))?;
        samples.push((ours, loops));
    }
    let sales = f64::from(BATCH * BATCHES);
    let row = |name: &str, of: fn(&(Sample, Sample)) -> Sample| {
        let middle = |figure: fn(Sample) -> f64| median(&samples.iter().map(|pair| figure(of(pair))).collect::<Vec<_>>());
        vec![json!(name), json!((sales / middle(|sample| sample.wall_s)).round()), json!(middle(|sample| sample.cpu_s) / sales * 1e6)]
    };
    let title = format!("T1 and T2 of a sale, in synced batches of {BATCH}");
    report.table(
        "writer",
        &title,
        &["", "sales/s", "CPU µs each"],
        &[row("the store's engine", |pair| pair.0), row("bare loop, the same rows", |pair| pair.1)],
    );
    let ratio = |figure: fn(Sample) -> f64| median(&samples.iter().map(|(ours, bare)| figure(*bare) / figure(*ours)).collect::<Vec<_>>());
    report.goal("T1 + T2 through the store's engine ÷ a bare SQLite loop, sales/s", ratio(|sample| sample.wall_s), Goal::AtLeast(0.5));
    report.goal("the same, in sales for the same CPU", ratio(|sample| sample.cpu_s), Goal::Printed);
    Ok(())
}

/// A batch of accepts, then one of reserves for the same leads, and so on.
fn batches(market: &Market) -> Result<Vec<Vec<Command>>, Failure> {
    let master = MasterKey::from_bytes([7; 32]);
    let pings = market::bought_pings(market)?;
    let mut batches = Vec::new();
    for batch in 0..BATCHES {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let ping = |number: u32| pings[number as usize % pings.len()].clone();
        batches.push(numbers.clone().map(|number| accept(market, &master, number, ping(number))).collect::<Result<_, _>>()?);
        batches.push(numbers.map(|number| reserve(market, number)).collect::<Result<_, _>>()?);
    }
    Ok(batches)
}

fn bytes(kind: u8, number: u32) -> [u8; 16] {
    let mut bytes = [kind; 16];
    // Ids that sort by time, as the server's do.
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn accept(market: &Market, master: &MasterKey, number: u32, attributes: exchange::attribute::PingPart) -> Result<Command, Failure> {
    let parts = market.parts();
    let (Some(supplier), Some(vertical)) = (parts.suppliers.first(), parts.verticals.first()) else { return Err(Failure("no supplier".into())) };
    let lead = LeadId::from_bytes(bytes(b'l', number));
    let values =
        [("first_name", "Pat".into()), ("last_name", "Example".into()), ("email", format!("pat{number}@example.com")), ("phone", format!("+1202{number:07}"))];
    let values = values.map(|(name, text)| (name, Value::of_text(text)));
    let mut entropy = |bytes: &mut [u8]| bytes.fill(number.to_le_bytes()[0]);
    Ok(Command::Accept(Accept {
        lead,
        supplier: supplier.name.clone(),
        vertical: vertical.name.clone(),
        revision: Revision(1),
        test: false,
        ping: None,
        requote: false,
        idempotency: None,
        fingerprint: Fingerprint(bytes(b'f', number)),
        attributes,
        sealed: master.seal(Subject::Lead(lead), values.iter().map(|(name, value)| (*name, value)), &mut entropy)?,
        people: vec![PersonMac(bytes(b'e', number)), PersonMac(bytes(b'p', number))],
        duplicates_window: Duration::from_secs(30 * 24 * 3600),
        lease: Duration::from_secs(60),
        node: NodeId::from_bytes([1; 16]),
    }))
}

fn reserve(market: &Market, number: u32) -> Result<Command, Failure> {
    let contracts = &market.parts().contracts;
    let contract = &contracts[number as usize % contracts.len()];
    let request = ReserveRequest {
        sale: SaleId::from_bytes(bytes(b's', number)),
        lead: LeadId::from_bytes(bytes(b'l', number)),
        fence: Fence::FIRST,
        contract: contract.key.clone(),
        kind: SaleKind::Exclusive,
        price: Money::from_units(20),
        net: Money::from_units(18),
        most_shared: 1,
        max_disclosures: 1,
        start_post: true,
        quoted_by: None,
        buyer_ping: BuyerPingId::from_bytes(bytes(b'b', number)),
        reference: None,
    };
    let terms = Terms::of(market, &contract.key).map_err(|refusal| Failure(format!("{refusal:?}")))?;
    StoreRequest::Plain(Command::Reserve(Reserve { request, terms })).under(market).map_err(|outcome| Failure(format!("{outcome:?}")))
}

fn applied(engine: &mut SqliteEngine, commands: &[Command]) -> Result<(), Failure> {
    let outcomes = engine.apply(AT, commands)?;
    drop(engine.take_changes());
    let refused = outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Accepted { .. } | Outcome::Reserved(_)));
    refused.map_or(Ok(()), |outcome| Err(Failure(format!("writer: {outcome:?}"))))
}

struct Table {
    insert: String,
    rows: Vec<Vec<Cell>>,
}

/// An empty store of the same tables, indexes and settings, and the rows that the other has.
fn copy_of(from: &Path, to: &Path) -> Result<(Connection, Vec<Table>), Failure> {
    let (from, to) = (Connection::open(from)?, Connection::open(to)?);
    to.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    let made: Vec<(String, String, String)> = from
        .prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'table' DESC, rowid")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for (kind, name, sql) in made.iter().filter(|(kind, ..)| kind == "table" || kind == "index") {
        to.execute_batch(sql)?;
        if kind == "table" {
            let mut select = from.prepare(&format!("SELECT * FROM {name}"))?;
            let columns = select.column_count();
            let rows = select.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?.collect::<Result<_, _>>()?;
            tables.push(Table { insert: format!("INSERT INTO {name} VALUES ({})", vec!["?"; columns].join(", ")), rows });
        }
    }
    Ok((to, tables))
}

/// An equal share of every table's rows in each transaction.
fn insert(db: &Connection, tables: &[Table], transactions: usize) -> Result<(), Failure> {
    for number in 0..transactions {
        db.execute_batch("BEGIN IMMEDIATE")?;
        for table in tables {
            let mut insert = db.prepare_cached(&table.insert)?;
            let share = |number: usize| table.rows.len() * number / transactions;
            for row in &table.rows[share(number)..share(number + 1)] {
                insert.execute(params_from_iter(row))?;
            }
        }
        db.execute_batch("COMMIT")?;
    }
    Ok(())
}
