//! Who signs in to the console.

use std::time::Duration;

use exchange::{
    command::{ApplyMarket, Audited, Command, Operation, Outcome},
    id::{AuditId, PersonName},
    person::{ENTRANCE_LIVES, LinkKind, MOST_SESSIONS, NewLink, PersonCommand, Proof, SESSION_IDLE, SESSION_LIVES, TokenHash, UsedUp},
    seal::SealedSecret,
};

use super::{Bench, world::*};
use crate::reader::Reader;

fn token(number: u8) -> TokenHash {
    TokenHash([number; 32])
}

fn name(text: &str) -> PersonName {
    text.parse().unwrap()
}

fn link(number: u8, kind: LinkKind) -> NewLink {
    NewLink { token: token(number), kind, lives: ENTRANCE_LIVES }
}

fn add(person: &str, role: &str, number: u8) -> Command {
    ask(PersonCommand::Add { person: name(person), role: role.parse().unwrap(), email: None, link: link(number, LinkKind::Welcome) })
}

fn ask(command: PersonCommand) -> Command {
    Command::Operate(Operation::Person(command))
}

fn proof() -> Proof {
    let codes = SealedSecret { nonce: [1; 24], ciphertext: vec![1, 2, 3] };
    Proof { password: "$argon2id$…".into(), codes: Some(codes), recovery: vec![token(91), token(92)] }
}

fn enrol(link: u8, session: u8) -> Command {
    ask(PersonCommand::Enrol { link: token(link), proof: proof(), session: token(session) })
}

fn sign_in(person: &str, proof: u32, used_up: UsedUp, session: u8) -> Command {
    ask(PersonCommand::SignIn { person: name(person), proof, used_up, session: token(session) })
}

impl<B: Bench> World<B> {
    fn is_on(&mut self, session: u8) -> bool {
        self.reader.session(self.now, token(session)).unwrap().is_some()
    }

    fn refuses(&mut self, command: Command) -> bool {
        matches!(self.apply(command), Outcome::Conflict(_))
    }
}

pub(super) fn a_link_opens_something_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    assert_eq!((world.say(add("maria", "owner", 1)), world.say(add("maria", "owner", 1))), ("Done".into(), "Done".into()));
    assert!(world.refuses(add("maria", "owner", 2)), "the name is taken");
    let row = world.reader.link(world.now, token(1)).unwrap().unwrap();
    assert_eq!((row.person, row.role.to_string(), row.kind), (name("maria"), "owner".into(), LinkKind::Welcome));
    assert!(world.refuses(ask(PersonCommand::Enter { link: token(1), session: token(10) })), "it is of another kind");
    // Whoever held the link has used it up.
    assert!(world.refuses(enrol(1, 10)));
    let make = |number| ask(PersonCommand::Link { person: name("maria"), link: link(number, LinkKind::Welcome) });
    world.say(make(3));
    world.say(make(4));
    assert!(world.refuses(enrol(3, 10)), "a newer one was made");
    assert_eq!((world.say(enrol(4, 10)), world.say(enrol(4, 10))), ("Done".into(), "Done".into()), "the same once more");
    assert!(world.refuses(enrol(4, 11)), "it was used");
    assert!(world.is_on(10));
    let row = world.reader.person(&name("maria")).unwrap().unwrap();
    assert_eq!((row.password.as_deref(), row.codes, row.recovery, row.proof), (Some("$argon2id$…"), proof().codes, proof().recovery, 1));
    world.say(make(5));
    world.pass(ENTRANCE_LIVES);
    assert_eq!(world.reader.link(world.now, token(5)).unwrap(), None, "it is too old");
    assert!(world.refuses(enrol(5, 12)));
    // A new proof ends what was open under the old one.
    world.say(make(6));
    assert_eq!(world.say(enrol(6, 13)), "Done");
    assert_eq!((world.is_on(10), world.is_on(13)), (false, true));
}

pub(super) fn a_code_is_used_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(add("maria", "owner", 1));
    assert!(world.refuses(sign_in("maria", 0, UsedUp::Nothing, 10)), "no password was set");
    world.say(enrol(1, 10));
    assert_eq!(world.say(sign_in("maria", 1, UsedUp::Step(50), 11)), "Done");
    assert_eq!(world.say(sign_in("maria", 1, UsedUp::Step(50), 11)), "Done", "the same session once more");
    assert!(world.refuses(sign_in("maria", 1, UsedUp::Step(50), 12)));
    assert!(world.refuses(sign_in("maria", 1, UsedUp::Step(49), 12)));
    assert_eq!(world.say(sign_in("maria", 1, UsedUp::Step(51), 12)), "Done");
    assert_eq!(world.say(sign_in("maria", 1, UsedUp::Recovery(token(91)), 13)), "Done");
    assert!(world.refuses(sign_in("maria", 1, UsedUp::Recovery(token(91)), 14)));
    assert_eq!(world.reader.person(&name("maria")).unwrap().unwrap().recovery, [token(92)]);
    assert!(world.refuses(sign_in("maria", 0, UsedUp::Step(60), 14)), "that proof is no more");
    assert!(world.refuses(sign_in("ben", 1, UsedUp::Nothing, 14)), "nobody");
}

pub(super) fn a_session_ends<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(add("maria", "owner", 1));
    world.say(enrol(1, 10));
    let seen = |session| ask(PersonCommand::Seen { session: token(session) });
    // Whoever goes on asking stays in, but not for ever.
    let began = world.now;
    while world.now.since(began) + SESSION_IDLE / 2 < SESSION_LIVES {
        world.pass(SESSION_IDLE / 2);
        assert!(world.is_on(10));
        world.say(seen(10));
    }
    world.pass(SESSION_IDLE / 2);
    assert!(!world.is_on(10), "twelve hours are over");
    world.say(sign_in("maria", 1, UsedUp::Step(1), 11));
    world.pass(SESSION_IDLE - Duration::from_secs(1));
    assert!(world.is_on(11));
    world.pass(Duration::from_secs(1));
    assert!(!world.is_on(11), "nothing was asked for an hour");
    world.say(Command::Sweep);
    assert_eq!(world.reader.sessions_of(began, &name("maria")).unwrap(), [], "and nothing is kept of it");
    // Signed out here; then everywhere.
    for session in [12, 13, 14] {
        world.say(sign_in("maria", 1, UsedUp::Step(session.into()), session));
    }
    world.say(ask(PersonCommand::SignOut { session: token(12) }));
    assert_eq!([12, 13, 14].map(|session| world.is_on(session)), [false, true, true]);
    world.say(ask(PersonCommand::SignOutEverywhere { person: name("maria") }));
    assert_eq!([12, 13, 14].map(|session| world.is_on(session)), [false, false, false]);
}

pub(super) fn a_person_has_so_many_sessions<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(add("maria", "owner", 1));
    world.say(enrol(1, 10));
    let most = u8::try_from(MOST_SESSIONS).unwrap();
    for more in 1..=most {
        world.pass(Duration::from_secs(1));
        world.say(sign_in("maria", 1, UsedUp::Step(more.into()), 100 + more));
    }
    assert!(!world.is_on(10), "the oldest");
    assert!((1..=most).all(|more| world.is_on(100 + more)));
    assert_eq!(world.reader.sessions_of(world.now, &name("maria")).unwrap().len(), usize::from(most));
}

pub(super) fn who_is_disabled_is_out<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(add("maria", "owner", 1));
    world.say(add("ben", "finance", 2));
    world.say(enrol(1, 10));
    world.say(enrol(2, 20));
    let disable = |person: &str| ask(PersonCommand::Disable { person: name(person) });
    let role = |person: &str, role: &str| ask(PersonCommand::SetRole { person: name(person), role: role.parse().unwrap() });
    assert!(world.refuses(disable("maria")), "the last owner");
    assert!(world.refuses(role("maria", "finance")), "the last owner");
    assert_eq!(world.say(role("maria", "owner")), "Done");
    assert_eq!(world.say(disable("ben")), "Done");
    assert!(!world.is_on(20));
    assert!(world.refuses(sign_in("ben", 1, UsedUp::Step(1), 21)));
    assert!(world.refuses(ask(PersonCommand::Link { person: name("ben"), link: link(3, LinkKind::Entrance) })));
    assert_eq!(world.say(ask(PersonCommand::Enable { person: name("ben") })), "Done");
    assert!(!world.is_on(20), "what ended stays so");
    assert_eq!(world.say(sign_in("ben", 1, UsedUp::Step(1), 21)), "Done");
    assert_eq!(world.say(role("ben", "owner")), "Done");
    assert_eq!(world.reader.session(world.now, token(21)).unwrap().unwrap().role.to_string(), "owner", "at once, in the sessions that are open");
    assert_eq!(world.say(disable("maria")), "Done");
    assert!(world.refuses(role("nobody", "owner")));
    let people: Vec<_> = world.reader.people().unwrap().into_iter().map(|row| format!("{} {} {}", row.name, row.role, row.disabled_at.is_some())).collect();
    assert_eq!(people, ["ben owner false", "maria owner true"]);
}

/// Who works for the exchange has codes, whichever way it came to its role.
pub(super) fn nobody_works_here_without_codes<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let without = |link: u8, session: u8| {
        ask(PersonCommand::Enrol { link: token(link), proof: Proof { codes: None, recovery: Vec::new(), ..proof() }, session: token(session) })
    };
    let role = |person: &str, role: &str| ask(PersonCommand::SetRole { person: name(person), role: role.parse().unwrap() });
    let make = |person: &str, number| ask(PersonCommand::Link { person: name(person), link: link(number, LinkKind::Welcome) });
    world.say(add("maria", "owner", 1));
    assert!(world.refuses(without(1, 10)));
    assert_eq!(world.say(enrol(1, 10)), "Done", "the link is as good as it was");
    // A partner that goes without comes in that way, and stays what it is until it has some.
    world.say(add("ben", "buyer:acme", 2));
    assert_eq!(world.say(without(2, 20)), "Done");
    assert!(world.refuses(role("ben", "owner")) && world.refuses(role("ben", "read-only")));
    assert_eq!(world.say(role("ben", "supplier:dreamy")), "Done");
    world.say(make("ben", 3));
    world.say(enrol(3, 21));
    assert_eq!(world.say(role("ben", "owner")), "Done");
    // One that was made an operator while it filled in its form as a partner.
    world.say(add("cat", "buyer:acme", 4));
    assert_eq!(world.say(role("cat", "finance")), "Done");
    assert!(world.refuses(without(4, 30)));
    assert_eq!(world.say(enrol(4, 30)), "Done");
}

pub(super) fn what_people_change_is_written_down<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    let audited = |number: u8, command| Command::Audited(Box::new(Audited { id: AuditId::from_bytes([number; 16]), who: "maria".into(), command }));
    let decide = Command::Operate(Operation::DecideReturn { sale: sale(1), accept: true });
    assert!(world.refuses(audited(1, decide)), "nobody has asked for it");
    assert_eq!(world.say(audited(2, add("ben", "finance", 2))), "Done");
    assert_eq!(world.say(audited(2, add("ben", "finance", 2))), "Done", "the same once more");
    world.pass(DAY);
    let apply =
        || Operation::ApplyMarket(ApplyMarket { bundle: b"a".into(), kept: Vec::new(), base: None, author: "maria".into(), note: String::new(), draft: None });
    assert_eq!(world.say(audited(3, Command::Operate(apply()))), "Applied(Revision(1))");
    assert_eq!(world.say(audited(4, Command::Operate(apply()))), "Stays(Revision(1))", "nothing is changed, and nothing written down");
    let told = |rows: Vec<crate::rows::AuditRow>| rows.iter().map(|row| format!("{} {}: {} {}", row.who, row.what, row.subject, row.note)).collect::<Vec<_>>();
    let newest = world.reader.audit_log(None, 1).unwrap();
    let before = (newest[0].at, newest[0].id);
    assert_eq!(told(newest), ["maria apply market: revision 1 "]);
    assert_eq!(told(world.reader.audit_log(Some(before), 9).unwrap()), ["maria add person: ben finance"]);
    world.pass(DAY);
    let (id, party) = (exchange::id::MovementId::from_bytes([9; 16]), exchange::movement::Party::Buyer("acme".parse().unwrap()));
    let ask = || exchange::movement::Move { id, party: party.clone(), amount: units(5), note: String::new(), by: "maria".into(), needs_second: true };
    let decide = |by: &str| exchange::movement::DecideMove { id, party: party.clone(), accept: true, by: by.into() };
    for (number, operation) in [
        (5, Operation::Move(ask())),
        (6, Operation::Move(ask())),
        (7, Operation::DecideMove(decide("ben"))),
        (8, Operation::DecideMove(decide("maria"))),
        (9, Operation::DecideMove(decide("ben"))),
    ] {
        assert!(world.say(audited(number, Command::Operate(operation))).starts_with("Moved"), "{number}");
    }
    let moved: Vec<_> = world.reader.audit_log(None, 9).unwrap().into_iter().map(|row| row.what).collect();
    assert_eq!(moved, ["decide money", "move money", "apply market", "add person"], "each once, whoever says it again");
}
