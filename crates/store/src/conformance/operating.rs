//! What operators ask.

use exchange::{
    command::{Command, NewKey, Operation, Role},
    id::{KeyId, Revision, Subject},
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
        ("a", Some(0), "Applied(Revision(1))"),
        ("b", Some(0), "StaleBase { newest: Revision(1) }"),
        ("b", Some(1), "Applied(Revision(2))"),
        ("b", None, "Applied(Revision(2))"),
        ("a", None, "Applied(Revision(3))"),
    ] {
        let apply = Operation::ApplyMarket { bundle: bundle.into(), kept: format!("{bundle} read on {base:?}").into(), base: base.map(Revision) };
        assert_eq!(world.say(Command::Operate(apply)), says, "{bundle} on {base:?}");
    }
    assert_eq!(world.reader.newest_revision().unwrap(), Some(Revision(3)));
    assert_eq!(world.reader.bundle(Revision(2)).unwrap(), Some(b"b".to_vec()));
    assert_eq!(world.reader.bundle(Revision(9)).unwrap(), None);
    // The same market once more is no new revision, but was read anew.
    assert_eq!(world.reader.kept_market(Revision(2)).unwrap(), Some(b"b read on None".to_vec()));
    assert_eq!(world.reader.kept_market(Revision(9)).unwrap(), None);
    let revisions: Vec<_> = world.reader.revisions().unwrap().into_iter().map(|row| (row.revision.0, row.bytes)).collect();
    assert_eq!(revisions, [(3, 1), (2, 1), (1, 1)]);
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
    assert_eq!(world.prepay("acme", 10), "Balance(10.00)");
    assert_eq!(world.prepay("acme", 5), "Balance(15.00)");
    assert_eq!(world.say(prepay(2, "acme", 5)), "Balance(15.00)", "the same once more");
    for amount in [0, -5] {
        assert!(world.prepay("acme", amount).starts_with("Conflict"));
    }
    let balances: Vec<_> = world.reader.balances().unwrap().into_iter().map(|row| format!("{} {}", row.account, row.balance)).collect();
    assert_eq!(balances, ["buyer:acme 15.00", "cash -15.00"]);
    world.agrees();
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
