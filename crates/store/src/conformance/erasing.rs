//! Erase: nothing of the person stays, everything that was booked does.

use exchange::{
    attribute::PingPart,
    command::{Accept, Command, Erase, LeadStatus, Operation, ReserveRequest, Settle},
    contract::SaleKind,
    id::Subject,
    record::RunKind,
    seal::SealedValues,
};

use super::{Bench, books::ledger, world::*};
use crate::reader::Reader;

fn erase(number: u32) -> Command {
    Command::Operate(Operation::Erase(Erase::Lead(lead(number))))
}

pub(super) fn erasure_leaves_nothing<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.quote(vec![offer(0, SaleKind::Exclusive, 10)], vec![terms("acme/west")], 1);
    let post = Accept { ping: Some(ping(1)), ..accept(1) };
    let fence = world.accepted(post.clone());
    let reserved = ReserveRequest { quoted_by: Some(ping(1)), reference: Some("their bid".into()), ..request(1, 1, fence, "acme/west") };
    world.reserve(reserved, terms("acme/west"));
    let disputed = Some("reason by hand".into());
    world.say(Command::Settle(Settle {
        redirect_url: Some("https://a.example/?p=jane".into()),
        buyer_lead_reference: Some("jane-1".into()),
        disputed,
        ..settle(1)
    }));
    world.say(Command::Record { subject: Subject::Lead(lead(1)), record: record(RunKind::Direct) });
    let sealed_ping = quote(1, Vec::new(), Vec::new()).sealed.unwrap();
    let mut traces: Vec<Vec<u8>> = Vec::new();
    for part in [&post.sealed, &sealed_ping] {
        let SealedValues::Together(values) = &part.values else { panic!("sealed each by itself") };
        traces.extend([part.key.ciphertext.clone(), part.key.nonce.to_vec(), values.ciphertext.clone(), values.nonce.to_vec()]);
    }
    traces.extend([person(1).0.to_vec(), b"state CA".to_vec(), b"p=jane".to_vec(), b"jane-1".to_vec(), b"their bid".to_vec(), b"reason by hand".to_vec()]);
    for trace in &traces {
        assert!(world.bench.holds_bytes(trace), "the test would see it: {}", String::from_utf8_lossy(trace));
    }
    assert_eq!(world.say(erase(1)), "Erased { leads: 1, pings: 1 }");
    for trace in &traces {
        assert!(!world.bench.holds_bytes(trace), "still there: {}", String::from_utf8_lossy(trace));
    }
    assert_eq!(world.say(erase(1)), "Erased { leads: 0, pings: 0 }");
    assert_eq!(world.reader.contact_parts(lead(1), Some(ping(1))).unwrap(), []);
    assert_eq!(world.reader.record(Subject::Lead(lead(1))).unwrap(), None);
    let row = world.reader.lead(lead(1)).unwrap().unwrap();
    assert_eq!((row.erased_at, row.attributes, row.status, row.net), (Some(world.now), PingPart::default(), LeadStatus::Sold, units(8)));
    assert_eq!(ledger(&mut world, 1), ["buyer:acme -10.00", "house 2.00", "supplier:dreamy 8.00"]);
    assert_eq!(world.reader.disclosures_of(lead(1)).unwrap().len(), 1);
    assert_eq!(world.accept(Accept { ping: Some(ping(1)), ..accept(2) }), "NotAccepted(Erased)");
    world.agrees();
}

pub(super) fn erasure_by_person<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.accept(Accept { people: vec![person(1), person(2)], ..accept(1) });
    world.accept(Accept { people: vec![person(2)], vertical: "auto".parse().unwrap(), ..accept(2) });
    world.accept(accept(3));
    let by = |number| Command::Operate(Operation::Erase(Erase::Person(person(number))));
    assert_eq!(world.say(by(2)), "Erased { leads: 2, pings: 0 }");
    assert_eq!(world.say(by(1)), "Erased { leads: 0, pings: 0 }");
    assert_eq!(world.reader.contact_parts(lead(3), None).unwrap().len(), 1, "another person");
    assert_eq!(world.say(erase(99)), "Erased { leads: 0, pings: 0 }");
}

pub(super) fn an_erased_lead_goes_nowhere<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    assert_eq!(world.quote(vec![offer(0, SaleKind::Exclusive, 10)], vec![terms("acme/west")], 1), "Quoted(firm)");
    let fence = world.accepted(Accept { ping: Some(ping(1)), ..accept(1) });
    let other = world.posted(2, "acme/west");
    world.say(erase(1));
    world.say(erase(2));
    assert_eq!(world.reserve(request(1, 1, fence, "acme/west"), terms("acme/west")), "Refused(Erased)");
    assert_eq!(world.reserve(request(2, 2, other, "acme/west"), terms("acme/west")), "Refused(Erased)", "the same again gives no permission either");
    world.say(Command::Record { subject: Subject::Lead(lead(1)), record: record(RunKind::Quoted(ping(1))) });
    world.say(Command::Record { subject: Subject::Ping(ping(1)), record: record(RunKind::Ping) });
    assert_eq!(world.reader.record(Subject::Lead(lead(1))).unwrap(), None, "a record that comes late is not kept");
    assert_eq!(world.reader.record(Subject::Ping(ping(1))).unwrap(), None);
    // What was under way still gets its outcome, but nothing that the buyer wrote.
    assert_eq!(world.say(Command::MarkUnknown { sale: sale(2), why: "jane said so".into() }), "Done");
    assert_eq!(world.say(Command::Settle(Settle { redirect_url: Some("https://jane".into()), ..settle(2) })), "Done");
    let row = world.reader.sale(sale(2)).unwrap().unwrap();
    assert_eq!((row.status.word(), row.why, row.redirect_url), ("sold", None, None));
    assert!(!world.bench.holds_bytes(b"jane"));
    assert_eq!(world.money("acme"), "-10.00 held 0.00");
    assert_eq!(world.say(end(1, fence, LeadStatus::Unsold)), "Done");
    world.agrees();
}
