//! What operators ask.

use exchange::{
    command::{Accept, ApplyMarket, Command, Engine, Erase, KeepDraft, NewKey, Operation, Role},
    contract::SaleKind,
    id::{DraftId, KeyId, LeadId, PingId, Revision, Subject},
    movement::{DecideMove, MovementState, Party},
    record::RunKind,
    seal::Opener,
};

use super::{Bench, world::*};
use crate::reader::Reader;

pub(super) fn markets<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    assert_eq!(world.reader.newest_revision().unwrap(), None);
    for (bundle, base, says) in [
        ("a", Some(3), "StaleBase { newest: Revision(0) }"),
        ("a", Some(0), "Applied(Revision(1))"),
        ("a", Some(0), "Stays(Revision(1))"),
        ("b", Some(0), "StaleBase { newest: Revision(1) }"),
        ("b", Some(1), "Applied(Revision(2))"),
        ("b", None, "Stays(Revision(2))"),
        ("a", None, "Applied(Revision(3))"),
    ] {
        let apply = ApplyMarket {
            bundle: bundle.into(),
            kept: format!("{bundle} read on {base:?}").into(),
            base: base.map(Revision),
            author: format!("ann with {bundle}"),
            note: format!("on {base:?}"),
            draft: None,
        };
        assert_eq!(world.say(Command::Operate(Operation::ApplyMarket(apply))), says, "{bundle} on {base:?}");
    }
    assert_eq!(world.reader.newest_revision().unwrap(), Some(Revision(3)));
    assert_eq!(world.reader.bundle(Revision(2)).unwrap(), Some(b"b".to_vec()));
    assert_eq!(world.reader.bundle(Revision(9)).unwrap(), None);
    // The same market once more is no new revision, but was read anew.
    assert_eq!(world.reader.kept_market(Revision(2)).unwrap(), Some(b"b read on None".to_vec()));
    assert_eq!(world.reader.kept_market(Revision(9)).unwrap(), None);
    let revisions: Vec<_> =
        world.reader.revisions().unwrap().into_iter().map(|row| format!("{} {} {}: {}", row.revision, row.bytes, row.author, row.note)).collect();
    assert_eq!(revisions, ["3 1 ann with a: on None", "2 1 ann with b: on Some(1)", "1 1 ann with a: on Some(0)"], "whoever applied it first");
    let recent = world.reader.recent_revisions(2).unwrap();
    assert_eq!(recent, world.reader.revisions().unwrap()[..2]);
}

pub(super) fn drafts<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let id = DraftId::from_bytes([1; 16]);
    let draft = |files: &str, version| KeepDraft { id, base: Revision(0), files: files.into(), author: "ann".into(), note: format!("{files} it is"), version };
    let keep = |files, version| Command::Operate(Operation::KeepDraft(draft(files, version)));
    assert_eq!(world.say(keep("a", 0)), "DraftKept(1)");
    assert!(world.say(keep("b", 0)).starts_with("Conflict"), "it is no new one");
    assert_eq!(world.say(keep("b", 1)), "DraftKept(2)");
    assert!(world.say(keep("c", 1)).starts_with("Conflict"), "another change came in between");
    let row = world.reader.draft(id).unwrap().unwrap();
    assert_eq!((row.files.as_slice(), row.note.as_str(), row.version, row.changed_at), (&b"b"[..], "b it is", 2, world.now));
    assert_eq!(world.reader.drafts().unwrap(), [row]);
    // What is applied is no draft any more; where another revision is in force by now, it stays one.
    let apply = |bundle: &str, base, version| {
        let draft = Some((id, version));
        let apply = ApplyMarket { bundle: bundle.into(), kept: Vec::new(), base: Some(Revision(base)), author: "ann".into(), note: String::new(), draft };
        Command::Operate(Operation::ApplyMarket(apply))
    };
    assert_eq!(world.say(apply("b", 7, 2)), "StaleBase { newest: Revision(0) }");
    assert!(world.reader.draft(id).unwrap().is_some());
    assert!(world.say(apply("b", 0, 1)).starts_with("Conflict"), "it was changed since somebody looked at it");
    assert_eq!(world.say(apply("b", 0, 2)), "Applied(Revision(1))");
    assert_eq!(world.reader.draft(id).unwrap(), None);
    assert!(world.say(keep("d", 2)).starts_with("Conflict"), "it ended meanwhile");
    assert!(world.say(apply("c", 1, 2)).starts_with("Conflict"), "it ended meanwhile");
    assert_eq!(world.say(keep("d", 0)), "DraftKept(1)");
    assert_eq!(world.say(apply("b", 1, 0)), "Stays(Revision(1))", "the market in force once more");
    assert!(world.reader.draft(id).unwrap().is_some(), "it was changed since somebody looked at it");
    let drop = |version| Command::Operate(Operation::DropDraft { draft: id, version });
    assert!(world.say(drop(0)).starts_with("Conflict"), "it was changed since somebody looked at it");
    assert!(world.reader.draft(id).unwrap().is_some());
    assert_eq!((world.say(drop(1)), world.say(drop(1))), ("Done".into(), "Done".into()));
    assert_eq!(world.reader.drafts().unwrap(), []);
}

/// Newest first, by their ids; quoted, unmatched and posted alike.
pub(super) fn recent_runs<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(Command::Quote(quote(1, vec![offer(0, SaleKind::Exclusive, 10)], Vec::new())));
    let unmatched = PingId::from_bytes([0xfe; 16]);
    let lead = LeadId::from_bytes([0xfd; 16]);
    for (subject, kind) in [(Subject::Ping(unmatched), RunKind::Ping), (Subject::Lead(lead), RunKind::Direct)] {
        world.say(Command::Record { subject, record: record(kind) });
    }
    let mut found =
        |before: Option<[u8; 16]>, most| world.reader.recent_runs(before, most).unwrap().into_iter().map(|(subject, _)| subject).collect::<Vec<_>>();
    let quoted = Subject::Ping(ping(1));
    assert_eq!(found(None, 9), [Subject::Ping(unmatched), Subject::Lead(lead), quoted]);
    assert_eq!(found(None, 2), [Subject::Ping(unmatched), Subject::Lead(lead)]);
    assert_eq!(found(Some(*lead.bytes()), 9), [quoted]);
    assert_eq!(found(Some([0; 16]), 9), []);
    // A page that isn't full is the last one: what was erased takes no place in it.
    world.say(Command::Quote(quote(2, vec![offer(0, SaleKind::Exclusive, 10)], Vec::new())));
    world.accepted(Accept { ping: Some(ping(2)), ..accept(1) });
    assert_eq!(world.say(Command::Operate(Operation::Erase(Erase::Lead(self::lead(1))))), "Erased { leads: 1, pings: 1 }");
    let left = world.reader.recent_runs(Some(*lead.bytes()), 1).unwrap();
    assert_eq!(left.iter().map(|(subject, _)| *subject).collect::<Vec<_>>(), [quoted]);
}

pub(super) fn api_keys<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let id = KeyId::from_bytes([1; 16]);
    let new = |hash| Command::Operate(Operation::AddKey(NewKey { id, role: Role::Buyer("acme".parse().unwrap()), hash: [hash; 32] }));
    assert_eq!((world.say(new(1)), world.say(new(1))), ("Done".into(), "Done".into()));
    assert!(world.say(new(2)).starts_with("Conflict"));
    let row = world.reader.key_by_id(id).unwrap().unwrap();
    assert_eq!((row.role, row.hash, row.revoked_at), (Role::Buyer("acme".parse().unwrap()), [1; 32], None));
    let revoke = |key| Command::Operate(Operation::RevokeKey { key });
    let revoked_at = world.now;
    assert_eq!(world.say(revoke(id)), "Revoked(true)");
    world.pass(DAY);
    assert_eq!(world.say(revoke(id)), "Revoked(true)");
    assert_eq!(world.say(revoke(KeyId::from_bytes([2; 16]))), "Revoked(false)");
    assert_eq!(world.reader.keys().unwrap()[0].revoked_at, Some(revoked_at));
}

pub(super) fn prepayments<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    assert_eq!(world.prepay("acme", 10), "Moved { state: Booked, balance: 10.00 }");
    assert_eq!(world.prepay("acme", 5), "Moved { state: Booked, balance: 15.00 }");
    assert_eq!(world.say(prepay(2, "acme", 5)), "Moved { state: Booked, balance: 15.00 }", "the same once more");
    assert!(world.say(prepay(2, "acme", 6)).starts_with("Conflict"), "another amount");
    for amount in [0, -5] {
        assert!(world.prepay("acme", amount).starts_with("Conflict"));
    }
    let balances: Vec<_> = world.reader.balances().unwrap().into_iter().map(|row| format!("{} {}", row.account, row.balance)).collect();
    assert_eq!(balances, ["buyer:acme 15.00", "cash -15.00"]);
    world.agrees();
}

pub(super) fn payouts<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    let supplier = || Party::Supplier("dreamy".parse().unwrap());
    let pay = |number, amount| moves(number, supplier(), amount, "ann", false);
    assert!(world.say(pay(7, 9)).starts_with("Conflict(\"dreamy is owed 8.00"), "more than it is owed");
    assert_eq!(world.say(pay(7, 5)), "Moved { state: Booked, balance: 3.00 }");
    assert_eq!(world.say(pay(7, 5)), "Moved { state: Booked, balance: 3.00 }", "the same once more");
    assert!(world.say(pay(8, 4)).starts_with("Conflict"));
    assert_eq!(world.say(pay(8, 3)), "Moved { state: Booked, balance: 0.00 }");
    let balances: Vec<_> = world.reader.balances().unwrap().into_iter().map(|row| format!("{} {}", row.account, row.balance)).collect();
    assert_eq!(balances, ["buyer:acme -10.00", "supplier:dreamy 0.00", "house 2.00", "cash 8.00"]);
    world.agrees();
}

/// Two payouts in one batch don't pay the same money twice.
pub(super) fn payouts_together<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    let pay = |number| moves(number, Party::Supplier("dreamy".parse().unwrap()), 5, "ann", false);
    let outcomes = world.engine.apply(world.now, &[pay(7), pay(8)]).unwrap();
    assert_eq!(format!("{:?}", outcomes[0]), "Moved { state: Booked, balance: 3.00 }");
    assert!(format!("{:?}", outcomes[1]).starts_with("Conflict"), "{:?}", outcomes[1]);
    world.agrees();
}

pub(super) fn second_persons<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let buyer = || Party::Buyer("acme".parse().unwrap());
    let decide = |number, by: &str, accept| Command::Operate(Operation::DecideMove(DecideMove { id: movement(number), party: buyer(), by: by.into(), accept }));
    for number in [1, 2, 3] {
        assert_eq!(world.say(moves(number, buyer(), 10, "ann", true)), "Moved { state: Waiting, balance: 0.00 }");
    }
    assert!(world.say(decide(1, "ann", true)).starts_with("Conflict(\"ann has asked"), "not the same person");
    assert_eq!(world.say(decide(1, "ben", true)), "Moved { state: Booked, balance: 10.00 }");
    assert_eq!(world.say(decide(1, "ben", true)), "Moved { state: Booked, balance: 10.00 }", "the same once more");
    assert!(world.say(decide(1, "ben", false)).starts_with("Conflict"), "it is booked");
    assert_eq!(world.say(moves(1, buyer(), 10, "ann", true)), "Moved { state: Booked, balance: 10.00 }", "asked for once more");
    assert_eq!(world.say(decide(2, "ben", false)), "Moved { state: Refused, balance: 10.00 }");
    assert!(world.say(decide(2, "cat", true)).starts_with("Conflict"), "it is refused");
    assert_eq!(world.say(decide(3, "ann", false)), "Moved { state: Refused, balance: 10.00 }", "taken back");
    assert!(world.say(decide(9, "ben", true)).starts_with("Conflict"), "nobody has asked");
    let other = DecideMove { id: movement(1), party: Party::Buyer("zenith".parse().unwrap()), by: "ben".into(), accept: true };
    assert!(world.say(Command::Operate(Operation::DecideMove(other))).starts_with("Conflict"), "another's");
    let rows = world.reader.movements(None, 9).unwrap();
    let told: Vec<_> = rows.iter().map(|row| format!("{} {} {} {:?}", row.account, row.amount, row.state.word(), row.decided_by)).collect();
    let acme = |rest: &str| format!("buyer:acme 10.00 {rest}");
    assert_eq!(told, [acme("booked Some(\"ben\")"), acme("refused Some(\"ben\")"), acme("refused Some(\"ann\")")]);
    assert_eq!(world.reader.movements(Some(MovementState::Waiting), 9).unwrap(), []);
    world.agrees();
}

/// What a period began with, what was booked in it, and what it ended with.
pub(super) fn statements<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.prepay("acme", 100);
    world.pass(DAY);
    let from = world.now;
    world.sold(1, "acme/west");
    world.pass(DAY);
    world.prepay("acme", 7);
    let until = world.now;
    world.prepay("acme", 1);
    let mut told = |account: &str, from, until| {
        let statement = world.reader.statement(&account.parse().unwrap(), from, until).unwrap();
        let lines: Vec<_> = statement.lines.iter().map(|line| format!("{} {} {}", line.cause, line.amount, line.lead.is_some())).collect();
        (statement.opening.to_string(), lines.join(", "), statement.closing().to_string())
    };
    assert_eq!(told("buyer:acme", from, until), ("100.00".into(), "sale -10.00 true".into(), "90.00".into()));
    assert_eq!(told("supplier:dreamy", from, until), ("0.00".into(), "sale 8.00 true".into(), "8.00".into()));
    assert_eq!(told("buyer:acme", until, until), ("90.00".into(), String::new(), "90.00".into()));
    let later = until.plus(DAY);
    assert_eq!(told("buyer:acme", until, later), ("90.00".into(), "prepayment 7.00 false, prepayment 1.00 false".into(), "98.00".into()));
}

pub(super) fn suppression<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let suppress = |people: &[u32]| {
        let people = people.iter().copied().map(person).collect();
        Command::Operate(Operation::Suppress { list: "mine".parse().unwrap(), people })
    };
    assert_eq!(world.say(suppress(&[1, 2, 1])), "Suppressed { added: 2 }");
    assert_eq!(world.say(suppress(&[2, 3])), "Suppressed { added: 1 }");
    assert_eq!(world.reader.suppression_lists().unwrap(), [("mine".to_owned(), 3)]);
}

pub(super) fn reveals<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.accept(accept(1));
    let reveal = |number| Command::Operate(Operation::Reveal { subject: Subject::Lead(lead(number)), who: "ops".into(), why: "a complaint".into() });
    let exchange::command::Outcome::Revealed(permission) = world.apply(reveal(1)) else { panic!("not revealed") };
    let part = world.reader.contact_parts(lead(1), None).unwrap().remove(0);
    let contact = part.open(Opener::Reveal(&permission), &master()).unwrap();
    assert_eq!(contact.value("phone").unwrap().text().as_str(), "+12025550001");
    let journal: Vec<_> = world.reader.reveals_of(Subject::Lead(lead(1))).unwrap().into_iter().map(|row| (row.who, row.why)).collect();
    assert_eq!(journal, [("ops".to_owned(), "a complaint".to_owned())]);
    assert!(world.say(reveal(9)).starts_with("Conflict"), "there is nothing to look at");
}
