//! Planted damage: whatever is changed behind the engine's back, the audit finds and names. And backups are whole.

use std::path::Path;

use exchange::{
    cap::Period,
    command::{Accept, Command, Erase, LeadStatus, Operation, ReserveRequest, VoidCause},
    contract::SaleKind,
    figures::Keep,
    seal::MasterKey,
};
use rusqlite::Connection;

use super::{Bench, sqlite::InAFile, world::*};
use crate::{OpenError, Reader, SqliteReader, backup, check_backup};

/// A sold lead under caps, an unknown one, one whose buyer said no, an erased one, an open firm quote, one that
/// became a lead, and a pending lead that was decided.
fn story() -> World<InAFile> {
    let mut world = World::new(InAFile::fresh().unwrap());
    let capped = exchange::command::Terms { caps: vec![count(100, Period::Day), spend(9000, Period::Month)], ..terms("acme/west") };
    world.prepay("acme", 500);
    let fence = world.accepted(accept(1));
    assert_eq!(world.reserve(request(1, 1, fence, "acme/west"), capped.clone()), "Reserved");
    assert_eq!(world.say(Command::Settle(settle(1))), "Done");
    let fence = world.posted(2, "harbor/east");
    assert_eq!(world.say(Command::MarkUnknown { sale: sale(2), why: "timeout".into() }), "Done");
    world.say(end(2, fence, LeadStatus::Pending));
    let fence = world.posted(3, "harbor/east");
    assert_eq!(world.say(void(3, VoidCause::Rejected)), "Done");
    world.say(end(3, fence, LeadStatus::Unsold));
    world.sold(4, "harbor/east");
    world.say(Command::Operate(Operation::Erase(Erase::Lead(lead(4)))));
    let offers = |contract| vec![offer(contract, SaleKind::Exclusive, 10)];
    assert_eq!(world.quote(offers(0), vec![capped.clone()], 1), "Quoted(firm)");
    assert_eq!(world.quote(offers(0), vec![capped.clone()], 2), "Quoted(firm)");
    let fence = world.accepted(Accept { ping: Some(ping(2)), ..accept(5) });
    assert_eq!(world.reserve(ReserveRequest { quoted_by: Some(ping(2)), ..request(5, 5, fence, "acme/west") }, capped), "Reserved");
    let fence = world.posted(6, "harbor/east");
    assert_eq!(world.say(Command::MarkUnknown { sale: sale(6), why: "timeout".into() }), "Done");
    world.say(end(6, fence, LeadStatus::Pending));
    assert_eq!(world.say(Command::Settle(settle(6))), "Done");
    let due = world.reader.due_figures(world.now.plus(DAY)).unwrap().unwrap();
    assert_eq!(world.say(Command::Keep(Keep::Figures(due))), "Done");
    world.agrees();
    world
}

/// Each as SQL, and what the audit says first.
const DAMAGE: [(&str, &str); 33] = [
    ("UPDATE balances SET amount = amount + 1 WHERE account = 'buyer:acme'", "a balance isn't the sum of its entries: buyer:acme"),
    ("DELETE FROM balances WHERE account = 'house'", "a balance isn't the sum of its entries: house"),
    ("DELETE FROM entries WHERE account = 'house'", "a transfer's entries don't sum to zero: transfer"),
    ("UPDATE entries SET amount = amount - 1 WHERE account = 'buyer:acme' AND cause = 'sale'", "a transfer's entries don't sum to zero: transfer"),
    ("UPDATE entries SET amount = amount - 1000000 WHERE account <> 'house' AND cause = 'sale'", "a transfer's entries don't sum to zero: transfer"),
    ("UPDATE entries SET booked_at = booked_at + 1 WHERE account = 'house'", "an entry isn't booked when its transfer is: transfer"),
    ("UPDATE movements SET amount = amount + 1", "money that was moved isn't booked as it was asked for, or was booked and not asked for: "),
    ("DELETE FROM movements", "money that was moved isn't booked as it was asked for, or was booked and not asked for: "),
    ("DELETE FROM disclosures WHERE outcome = 'sold'", "a sale and its disclosure disagree: sale_"),
    ("DELETE FROM disclosures WHERE outcome = 'rejected'", "a sale and its disclosure disagree: sale_"),
    ("UPDATE disclosures SET outcome = 'rejected' WHERE outcome = 'unknown'", "a sale and its disclosure disagree: sale_"),
    ("UPDATE disclosures SET buyer = 'other' WHERE outcome = 'sold'", "a disclosure is of another lead or buyer than its sale: sale_"),
    ("UPDATE credit_holds SET held = held + 10000000", "what is held isn't what open sales and firm quotes hold: acme"),
    ("UPDATE credit_holds SET firm = 0 WHERE buyer = 'acme'", "what firm quotes hold isn't what is kept of it: acme"),
    ("DELETE FROM quote_holds", "what is held isn't what open sales and firm quotes hold: acme"),
    ("UPDATE quotes SET holding = 0", "a firm quote holds something after it let go: ping_"),
    ("UPDATE cap_usage SET count = count + 1", "a cap's window isn't what was counted in it: acme/west per"),
    ("UPDATE cap_usage SET firm_spend = 0", "a cap's window isn't what was counted in it: acme/west per"),
    ("UPDATE sales SET counted_at = NULL WHERE status = 'sold'", "a sale counts in no cap: sale_"),
    ("UPDATE sales SET price = price + 1 WHERE status = 'sold'", "a sale's charge isn't its price: sale_"),
    ("UPDATE sales SET net = net - 1 WHERE status = 'sold'", "a sale's payout isn't its net: sale_"),
    ("UPDATE sales SET status = 'sold' WHERE status = 'unknown'", "what is held isn't what open sales and firm quotes hold: harbor"),
    ("UPDATE sales SET status = 'returned' WHERE status = 'sold'", "a returned sale isn't reversed, or a reversed one isn't returned: sale_"),
    ("UPDATE leads SET status = 'unsold' WHERE status = 'sold'", "a lead's status isn't what its sales say: lead_"),
    ("UPDATE leads SET net = net + 1 WHERE status = 'sold'", "a lead's net isn't the sum of its sales: lead_"),
    ("DELETE FROM sealed", "a lead's sealed values are gone, though it was not erased: lead_"),
    ("UPDATE leads SET erased_at = 1 WHERE status = 'pending'", "an erased lead still has sealed values or people: lead_"),
    ("UPDATE quotes SET erased_at = 1 WHERE ping IN (SELECT ping FROM quotes LIMIT 1)", "an erased quote still has sealed values or a record: ping_"),
    ("UPDATE notices SET net = net + 1", "a supplier's last notice isn't how its lead stands: lead_"),
    ("UPDATE quarter_figures SET received = received + 1", "figures of a quarter of an hour aren't what was counted in it: mortgage"),
    ("UPDATE quarter_accounts SET amount = amount + 1", "an account's sum of a quarter of an hour isn't what was booked in it: "),
    ("DELETE FROM quarter_figures", "figures of a quarter of an hour aren't what was counted in it: mortgage"),
    ("DELETE FROM leads WHERE status = 'pending'", "a row refers to one that isn't there: sales"),
];

fn copy_of(world: &World<InAFile>, folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    backup(&world.bench.path(), &path).unwrap();
    path
}

#[test]
fn planted_damage_is_found_and_named() {
    let (world, folder) = (story(), tempfile::tempdir().unwrap());
    for (number, (sql, says)) in DAMAGE.iter().enumerate() {
        let path = copy_of(&world, folder.path(), &format!("{number}.db"));
        let db = Connection::open(&path).unwrap();
        db.execute_batch(
            "PRAGMA foreign_keys = OFF; DROP TRIGGER transfers_stay; DROP TRIGGER transfers_are_kept; DROP TRIGGER entries_stay; DROP TRIGGER entries_are_kept",
        )
        .unwrap();
        assert!(db.execute(sql, []).unwrap() > 0, "{sql} changes nothing");
        let checked = SqliteReader::open(&path).unwrap().check().unwrap();
        let found: Vec<String> = checked.differences.iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|line| line.starts_with(says)), "{sql}: {found:#?}");
        assert!(checked.differences.iter().all(|difference| !difference.mend.is_empty()));
    }
}

#[test]
fn a_mend_that_is_named_mends() {
    let (world, folder) = (story(), tempfile::tempdir().unwrap());
    for (number, (sql, _)) in DAMAGE.iter().enumerate() {
        let path = copy_of(&world, folder.path(), &format!("{number}.db"));
        let db = Connection::open(&path).unwrap();
        db.execute_batch("DROP TRIGGER entries_stay; DROP TRIGGER entries_are_kept; PRAGMA foreign_keys = OFF").unwrap();
        db.execute(sql, []).unwrap();
        let mends = |path: &Path| SqliteReader::open(path).unwrap().check().unwrap().differences.into_iter().map(|difference| difference.mend);
        let all: Vec<String> = mends(&path).collect();
        let steps: Vec<&str> = all.iter().filter_map(|mend| mend.strip_prefix("end every node, then: ")).collect();
        for step in &steps {
            db.execute_batch(step.split("; it is counted").next().unwrap()).unwrap();
        }
        assert_eq!(mends(&path).count(), all.len() - steps.len(), "{sql}");
    }
}

#[test]
fn a_backup_is_the_store_and_needs_its_key() {
    let (mut world, folder) = (story(), tempfile::tempdir().unwrap());
    let path = copy_of(&world, folder.path(), "backup.db");
    world.sold(8, "acme/west");
    let mut copy = SqliteReader::open(&path).unwrap();
    assert_eq!(copy.audit().unwrap(), Vec::<String>::new());
    assert_eq!(copy.leads(None, 100).unwrap().len() + 1, world.reader.leads(None, 100).unwrap().len());
    assert_eq!(check_backup(&path, &master()), Ok(()));
    assert_eq!(check_backup(&path, &MasterKey::from_bytes([8; 32])), Err(OpenError::OtherMasterKey));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "one file, and nothing beside it");
}

#[test]
fn what_is_no_backup_is_refused() {
    let (world, folder) = (story(), tempfile::tempdir().unwrap());
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (id)").unwrap();
    assert_eq!(check_backup(&path, &master()), Err(OpenError::NotAStore));
    std::fs::write(&path, "text, and not a database at all; long enough for a header of one hundred bytes, and then some more of it").unwrap();
    assert!(matches!(check_backup(&path, &master()), Err(OpenError::Sqlite(_))));
    let path = copy_of(&world, folder.path(), "cut.db");
    let whole = std::fs::read(&path).unwrap();
    for (name, bytes) in [
        ("cut short", whole[..whole.len() / 2].to_vec()),
        ("a page overwritten", {
            let (mut bytes, page) = (whole.clone(), usize::from(u16::from_be_bytes([whole[16], whole[17]])));
            bytes[page * 3..page * 4].fill(7);
            bytes
        }),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(check_backup(&path, &master()), Err(OpenError::Damaged(_) | OpenError::Sqlite(_))), "{name}");
    }
}
