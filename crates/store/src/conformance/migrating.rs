//! A store of the release before keeps all that it had: what it says of quotes, leads and sales is the same after it was brought up to
//! date, and its runs go on.

use cluster::Database;
use exchange::{
    cap::Period,
    command::{Accept, Command, Erase, LeadStatus, Operation, Quote, ReserveRequest, Terms},
    contract::SaleKind,
    id::Subject,
    record::RunKind,
    seal::{ContactPart, SealedField, SealedValues},
    time::Timestamp,
};
use rusqlite::Connection;

use super::{
    Bench,
    postgres::InPostgres,
    sqlite::{InAFile, migrated_to},
    world::*,
};
use crate::{OpenError, Reader, SqliteEngine, SqliteReader};

const OF_QUOTES: &str = "ping, supplier, vertical, revision, test, attributes, offers, asked, net, firm, holding, quoted_at, expires_at, lead, erased_at";

/// The version that the step is from.
fn version_before() -> usize {
    crate::sqlite::MIGRATIONS.iter().position(|migration| migration.contains("quotes_anew")).unwrap()
}

fn limited() -> Terms {
    Terms { caps: vec![count(10, Period::Day)], ..terms("acme/west") }
}

/// As the release before sealed: each value by itself.
fn sealed_before(subject: Subject) -> ContactPart {
    let part = quote(1, Vec::new(), Vec::new()).sealed.unwrap();
    let field = |name: &str| SealedField { name: name.into(), nonce: [6; 24], ciphertext: vec![7; 40] };
    ContactPart { subject, key: part.key, values: SealedValues::Each(vec![field("income"), field("loan")]) }
}

/// A quote that is being sold, one that is open, one without exact values, a ping without a quote, and one that was erased with its lead.
fn story<B: Bench>(world: &mut World<B>) {
    let offers = || vec![offer(0, SaleKind::Exclusive, 10)];
    for number in [1, 4] {
        assert_eq!(world.quote(offers(), vec![limited()], number), "Quoted(firm)");
        let fence = world.accepted(Accept { ping: Some(ping(number)), ..accept(number) });
        let request = ReserveRequest { quoted_by: Some(ping(number)), ..request(number, number, fence, "acme/west") };
        assert_eq!(world.reserve(request, limited()), "Reserved");
    }
    let open = Quote { sealed: Some(sealed_before(Subject::Ping(ping(2)))), ..quote(2, offers(), vec![limited()]) };
    assert_eq!(world.say(Command::Quote(open)), "Quoted(firm)");
    let bare = Quote { sealed: None, ..quote(3, offers(), Vec::new()) };
    assert_eq!(world.say(Command::Quote(bare)), "Quoted");
    world.say(Command::Record { subject: Subject::Ping(ping(5)), record: record(RunKind::Ping) });
    world.say(Command::Record { subject: Subject::Lead(lead(1)), record: record(RunKind::Quoted(ping(1))) });
    assert_eq!(world.say(Command::Settle(settle(4))), "Done");
    world.say(Command::Operate(Operation::Erase(Erase::Lead(lead(4)))));
}

/// All that is read of it, as text.
fn seen(reader: &mut impl Reader) -> Vec<String> {
    let mut seen = Vec::new();
    for number in 1..=5 {
        seen.push(format!("{:?}", reader.quote(ping(number)).unwrap()));
        seen.push(format!("{:?}", reader.ping_answer(ping(number)).unwrap()));
        seen.push(format!("{:?}", reader.record(Subject::Ping(ping(number))).unwrap()));
        seen.push(format!("{:?}", reader.record(Subject::Lead(lead(number))).unwrap()));
        seen.push(format!("{:?}", reader.contact_parts(lead(number), Some(ping(number))).unwrap()));
        seen.push(format!("{:?}", reader.lead(lead(number)).unwrap()));
        seen.push(format!("{:?}", reader.sales_of(lead(number)).unwrap()));
    }
    for account in ["buyer:acme", "supplier:dreamy", "house"] {
        let all = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));
        seen.push(format!("{:?}", reader.statement(&account.parse().unwrap(), all.0, all.1).unwrap()));
    }
    seen
}

/// What was under way goes on: a sale is settled, an open quote is posted, and what is erased leaves nothing.
fn goes_on<B: Bench>(bench: B, now: Timestamp, before: &[String]) {
    let (engine, reader) = (bench.engine(), bench.reader());
    let mut world = World { bench, engine, reader, now, prepaid: 0 };
    let after = seen(&mut world.reader);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after, before);
    }
    world.agrees();
    assert_eq!(world.say(Command::Settle(settle(1))), "Done");
    assert_eq!(world.accept(Accept { ping: Some(ping(2)), ..accept(2) }), "Accepted(quoted)");
    assert_eq!(world.say(end(2, exchange::command::Fence::FIRST, LeadStatus::Unsold)), "Done");
    assert!(world.bench.holds_bytes(&[7; 40]));
    for number in [1, 2] {
        world.say(Command::Operate(Operation::Erase(Erase::Lead(lead(number)))));
        assert_eq!(world.reader.contact_parts(lead(number), Some(ping(number))).unwrap(), []);
        assert_eq!(world.reader.record(Subject::Ping(ping(number))).unwrap(), None);
    }
    assert!(!world.bench.holds_bytes(&[7; 40]));
    assert_eq!((world.money("acme").as_str(), world.used(&limited())), ("-20.00 held 0.00", vec![2]));
    world.agrees();
}

#[test]
fn quotes_of_three_tables_become_rows_of_one() {
    let mut world = World::new(InAFile::fresh().unwrap());
    story(&mut world);
    let (now, before) = (world.now, seen(&mut world.reader));
    let newest = world.bench.path();
    drop((world.engine, world.reader));
    let old = InAFile::empty();
    let db = migrated_to(&old.path(), version_before());
    db.execute("ATTACH ?1 AS newest", [newest.display().to_string()]).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    // All that the step leaves alone.
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN ('quotes', 'sealed', 'records')";
    let same: Vec<String> = db.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
    for table in same {
        let mut columns = db.prepare("SELECT name FROM pragma_table_info(?1, 'main')").unwrap();
        let columns: Vec<String> = columns.query_map([&table], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        let columns = columns.join(", ");
        db.execute(&format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newest.{table}"), []).unwrap();
    }
    db.execute_batch(&format!(
        "INSERT INTO main.quotes ({OF_QUOTES}) SELECT {OF_QUOTES} FROM newest.quotes;
         INSERT INTO main.sealed SELECT 0, ping, wrapped_key, sealed FROM newest.quotes WHERE sealed IS NOT NULL;
         INSERT INTO main.sealed SELECT 1, lead, wrapped_key, fields FROM newest.sealed;
         INSERT INTO main.records SELECT * FROM newest.records;
         INSERT INTO main.records SELECT 0, ping, record, quoted_at FROM newest.quotes WHERE record IS NOT NULL;
         DETACH newest"
    ))
    .unwrap();
    drop(db);
    SqliteEngine::open(&old.path(), &master()).unwrap();
    let db = Connection::open(old.path()).unwrap();
    let in_records: i64 = db.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap();
    assert_eq!(in_records, 2, "a lead's, and that of the ping without a quote");
    assert_eq!(SqliteReader::open(&old.path()).unwrap().check().unwrap().differences, []);
    goes_on(old, now, &before);
}

#[test]
fn an_entry_without_its_transfer_stops_the_step_and_is_kept() {
    let old = InAFile::empty();
    let before = crate::sqlite::MIGRATIONS.iter().position(|migration| migration.contains("entries_anew") && migration.contains("LEFT JOIN")).unwrap();
    let db = migrated_to(&old.path(), before);
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db.execute("INSERT INTO entries (cause, transfer, account, amount) VALUES ('sale', zeroblob(16), 'house', 5)", []).unwrap();
    assert!(SqliteEngine::open(&old.path(), &master()).is_err());
    let kept: i64 = db.query_row("SELECT amount FROM entries", [], |row| row.get(0)).unwrap();
    assert_eq!((kept, crate::sqlite_version(&old.path())), (5, Ok(before as i64)));
}

/// It could not book there, and would post leads all the same.
#[test]
fn a_database_takes_no_new_form_while_a_node_lives() {
    let Some(bench) = InPostgres::fresh() else { return };
    make_older(&bench.database);
    // Its last word is long over: it may have had no database for a while, as after an outage.
    bench.database.sql("INSERT INTO nodes (id, lives_until) VALUES (decode(repeat('07', 16), 'hex'), 1)");
    let version = || bench.database.sql("SELECT convert_from(value, 'UTF8') FROM meta WHERE name = 'version'").trim().to_owned();
    let has_ended = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !has_ended.load(std::sync::atomic::Ordering::Relaxed) {
                bench.database.sql("UPDATE nodes SET lives_until = lives_until + 1");
            }
        });
        let migrated = crate::postgres::migrate_soon(&bench.address());
        has_ended.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(migrated, Err(OpenError::IsServed));
    });
    assert_eq!(version(), version_before().to_string(), "it stays as it is");
    assert_eq!(crate::postgres::migrate_soon(&bench.address()), Ok(version_before() as i64));
}

#[test]
fn quotes_of_three_tables_become_rows_of_one_in_postgresql() {
    let Some(bench) = InPostgres::fresh() else { return };
    let mut world = World::new(bench);
    story(&mut world);
    let (now, before) = (world.now, seen(&mut world.reader));
    let World { bench, engine, reader, .. } = world;
    drop((engine, reader));
    make_older(&bench.database);
    bench.database.sql("DELETE FROM nodes");
    goes_on(bench, now, &before);
}

/// The tables of a database as the release before had them, with their rows.
fn make_older(database: &Database<'_>) {
    database.sql("ALTER SCHEMA public RENAME TO newest");
    database.sql("CREATE SCHEMA public");
    database.sql("CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value BYTEA NOT NULL)");
    crate::postgres::MIGRATIONS.iter().take(version_before()).for_each(|migration| drop(database.sql(migration)));
    let listed = |sql: &str| -> Vec<String> { database.sql(sql).lines().map(str::to_owned).collect() };
    let same = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT IN ('quotes', 'sealed', 'records')";
    for table in listed(same) {
        let columns =
            listed(&format!("SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'")).join(", ");
        database.sql(&format!("INSERT INTO public.{table} ({columns}) SELECT {columns} FROM newest.{table}"));
    }
    for sql in [
        &format!("INSERT INTO public.quotes ({OF_QUOTES}) SELECT {OF_QUOTES} FROM newest.quotes"),
        "INSERT INTO public.sealed (kind, id, wrapped_key, fields) SELECT 0, ping, wrapped_key, sealed FROM newest.quotes WHERE sealed IS NOT NULL",
        "INSERT INTO public.sealed (kind, id, wrapped_key, fields) SELECT 1, lead, wrapped_key, fields FROM newest.sealed",
        "INSERT INTO public.records SELECT * FROM newest.records",
        "INSERT INTO public.records (kind, id, record, recorded_at) SELECT 0, ping, record, quoted_at FROM newest.quotes WHERE record IS NOT NULL",
        "DROP SCHEMA newest CASCADE",
        &format!("UPDATE meta SET value = '{}' WHERE name = 'version'", version_before()),
    ] {
        database.sql(sql);
    }
}
