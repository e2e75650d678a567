//! Every status of the public contract, with what it says to do.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    Answer, Buyer, Call, Market, Person, World,
    http::{told, without_ids},
    now,
    people::with,
    wait_for,
};

/// A story of calls and their answers, for a snapshot.
#[derive(Default)]
struct Told(String);

impl Told {
    #[track_caller]
    fn answer(&mut self, what: &str, status: u16, answer: Answer) -> Answer {
        let answer = answer.expect(status);
        writeln!(self.0, "## {what}\n{}", told(&answer)).unwrap();
        if status >= 400 {
            let kind = if answer.header("content-type").contains("xml") { "application/problem+xml; charset=utf-8" } else { "application/problem+json" };
            assert_eq!(answer.header("content-type"), kind, "{what}");
        }
        answer
    }
}

fn market() -> Market {
    Market::of_bids(&["20.00"])
        .supplier("other", "")
        .supplier("brief", "quote = { kind = \"indicative\", ttl_s = 1 }")
        .supplier("again", "quote = { kind = \"indicative\", ttl_s = 1 }\naccept_requote = true")
        .supplier("eager", "rate_limit_per_s = 2")
        .supplier("barred", "suspended = true")
}

#[test]
fn a_request_without_a_good_key_is_refused() {
    let world = World::of(market());
    let mut story = Told::default();
    let lead = Person(1).lead();
    let path = world.url("/v1/leads/loans");
    story.answer("no key", 401, Call::post(&path).json(&lead).send());
    let (id, secret) = world.key.split_once('.').unwrap();
    let bad = [
        ("another scheme", format!("Basic {}", world.key)),
        ("no id", format!("Bearer {secret}")),
        ("another secret", format!("Bearer {id}.{}", "A".repeat(secret.len()))),
        ("the secret cut short", format!("Bearer {id}.{}", &secret[1..])),
        ("nothing but words", "Bearer of good news".into()),
        ("an empty key", "Bearer ".into()),
    ];
    for (what, value) in bad {
        let answer = Call::post(&path).header("authorization", &value).json(&lead).send().expect(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
        assert!(!answer.text.contains(secret), "{what}");
    }
    // Case of the scheme is free.
    Call::post(world.url("/v1/pings/loans")).header("authorization", &format!("bearer {}", world.key)).json(&Person(1).attributes()).send().ok("matched");

    for (role, name) in [("--buyer", "alpha"), ("--operator", "olga")] {
        let key = world.new_key(role, name);
        story.answer(&format!("a key of {role}"), 403, Call::post(&path).key(&key).json(&lead).send());
    }
    let barred = world.new_key("--supplier", "barred");
    story.answer("a suspended supplier", 403, Call::post(&path).key(&barred).json(&lead).send());
    let unknown = world.new_key("--supplier", "nobody");
    story.answer("a supplier that the market doesn't have", 403, Call::post(&path).key(&unknown).json(&lead).send());
    story.answer("another vertical", 403, world.call("/v1/leads/autos").json(&lead).send());
    story.answer("an unknown vertical", 404, world.call("/v1/leads/boats").json(&lead).send());
    story.answer("an unknown vertical, pinged", 404, world.call("/v1/pings/boats").json(&lead).send());
    assert_eq!(world.count("alpha", "/post"), 0, "none of them got through");

    world.run(&["key", "revoke", id]).done();
    let since = now();
    wait_for("the revocation", || Some(world.ping(&Person(2).attributes())).filter(|answer| answer.status == 401));
    assert!(since.elapsed() < Duration::from_secs(1), "a revoked key was taken for {:?}", since.elapsed());
    insta::assert_snapshot!(story.0);
}

#[test]
fn what_is_unknown_or_not_ones_own_is_not_found() {
    let world = World::of(market());
    let mut story = Told::default();
    let other = world.new_key("--supplier", "other");
    let ping = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    let lead = world.lead(&Person(2).lead()).ok("sold").word("lead_id");
    let post = |path: &str, key: &str| Call::post(world.url(path)).key(key).json(&Person(1).lead()).send();
    let get = |path: &str, key: &str| Call::get(world.url(path)).key(key).send();

    story.answer("another supplier's ping", 404, post(&format!("/v1/pings/{ping}/post"), &other));
    let unknown_ping = another(&ping);
    story.answer("an unknown ping", 404, post(&format!("/v1/pings/{unknown_ping}/post"), &world.key));
    post("/v1/pings/nonsense/post", &world.key).expect(404);
    story.answer("another supplier's lead", 404, get(&format!("/v1/leads/{lead}"), &other));
    let unknown_lead = another(&lead);
    story.answer("an unknown lead", 404, get(&format!("/v1/leads/{unknown_lead}"), &world.key));
    get("/v1/leads/nonsense", &world.key).expect(404);
    get(&format!("/v1/leads/{ping}"), &world.key).expect(404);
    story.answer("no such page", 404, get("/v1/nothing", &world.key));
    story.answer("another method", 405, Call::new("DELETE", world.url("/v1/leads/loans")).key(&world.key).send());
    assert_eq!(get(&format!("/v1/leads/{lead}"), &other).text, get(&format!("/v1/leads/{unknown_lead}"), &other).text, "nobody learns that it exists");
    // And its owner still sells it.
    world.post(&ping, &Person(1).lead()).ok("sold");
    insta::assert_snapshot!(story.0);
}

#[test]
fn what_goes_in_and_comes_out_has_a_format() {
    let world = World::of(market());
    let mut story = Told::default();
    let lead = Person(1).lead();
    story.answer("neither JSON nor XML is accepted", 406, world.call("/v1/leads/loans").accept("text/html").json(&lead).send());
    story.answer("an unknown type", 415, world.call("/v1/leads/loans").body("text/csv", "a,b").send());
    story.answer("no type at all", 415, Call::post(world.url("/v1/leads/loans")).key(&world.key).send());
    world.call("/v1/leads/loans").body("application/json; charset=utf-16", lead.to_string()).send().expect(415);
    story.answer("a refusal in XML", 422, world.call("/v1/leads/loans").accept("application/xml").json(&json!({ "phone": "1" })).send());
    world.call("/v1/leads/loans").body("application/json; charset=utf-8", lead.to_string()).send().ok("sold");
    insta::assert_snapshot!(story.0);
}

#[test]
fn a_lead_in_flight_and_a_ping_posted_otherwise_are_conflicts() {
    let world = World::of(Market::new().buyer(Buyer::bids("slow", "20.00").flags("--latency 700ms")));
    let mut story = Told::default();
    let lead = Person(1).lead();
    let send = || world.call("/v1/leads/loans").once("first").json(&lead).send();
    let first = std::thread::scope(|scope| {
        let first = scope.spawn(send);
        wait_for("the ping", || Some(()).filter(|()| world.count("slow", "/ping") == 1));
        let repeat = story.answer("the same while the first is in flight", 409, send());
        assert_eq!(repeat.header("retry-after"), "1");
        first.join().unwrap().ok("sold")
    });
    assert_eq!(send().json(), first.json(), "then the repeat has the same answer");

    let ping = world.ping(&Person(2).attributes()).ok("matched").word("ping_id");
    world.post(&ping, &Person(2).lead()).ok("sold");
    story.answer("posted with another payload", 409, world.post(&ping, &with(Person(2).lead(), json!({ "street": "1 Other Road" }))));
    assert_eq!((world.count("slow", "/ping"), world.count("slow", "/post")), (2, 2));
    insta::assert_snapshot!(story.0);
}

#[test]
fn an_expired_quote_is_gone_or_auctioned_again() {
    let world = World::of(market());
    let mut story = Told::default();
    let (brief, again) = (world.new_key("--supplier", "brief"), world.new_key("--supplier", "again"));
    let ping = |key: &str| Call::post(world.url("/v1/pings/loans")).key(key).json(&Person(1).attributes()).send().ok("matched").word("ping_id");
    let (first, second) = (ping(&brief), ping(&again));
    // Nothing tells that a quote has expired but the time.
    std::thread::sleep(Duration::from_millis(1100));
    let post = |key: &str, ping: &str, person: Person| Call::post(world.url(&format!("/v1/pings/{ping}/post"))).key(key).json(&person.lead()).send();
    story.answer("a quote that has expired", 410, post(&brief, &first, Person(1)));
    assert_eq!(world.count("alpha", "/post"), 0);
    post(&again, &second, Person(2)).ok("sold");
    assert_eq!(world.count("alpha", "/ping"), 3, "its buyers were asked again");
    insta::assert_snapshot!(story.0);
}

#[test]
fn all_mistakes_of_a_lead_are_named_at_once() {
    let world = World::of(market());
    let mut story = Told::default();
    let lead = |fields: Value| world.lead(&fields);
    story.answer("nothing at all", 422, lead(json!({})));
    let wrong = json!({
        "state": "Californication", "amount": "much", "birth_date": "31.12.1979", "owner": "perhaps", "kind": "lease", "first_name": true,
        "last_name": "\u{7}", "phone": "12345", "email": "nobody", "ssn": "123", "consent_url": [1], "notes": { "a": 1 }, "test": false,
    });
    let answer = story.answer("every field wrong", 422, lead(wrong));
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 12, "{}", answer.text);
    story.answer("below the first band, and under age", 422, lead(with(Person(1).lead(), json!({ "amount": "-1", "birth_date": "2020-01-01" }))));
    story.answer("a band where the exact value is due", 422, lead(with(Person(1).lead(), json!({ "amount": "200000-299999" }))));
    story.answer("one field under two names", 422, lead(with(Person(1).lead(), json!({ "loan_amount": "99000" }))));
    story.answer("a test that is none, and a field that is wrong", 422, lead(with(Person(1).lead(), json!({ "test": "maybe", "phone": "1" }))));
    world.call("/v1/pings/loans").json(&json!({ "test": "maybe", "state": "CA", "amount": "1" })).send().expect(422);

    let ping = world.ping(&with(Person(1).attributes(), json!({ "birth_date": "1979-06-14" }))).ok("matched").word("ping_id");
    let changed = with(Person(1).lead(), json!({ "state": "NV", "amount": "300000", "birth_date": "1999-06-14" }));
    let answer = story.answer("other attributes than the ping's", 422, world.post(&ping, &changed));
    let codes: Vec<_> = answer.json()["errors"].as_array().unwrap().iter().map(|error| error["code"].clone()).collect();
    assert_eq!(codes, vec![json!("attribute_changed"); 3]);
    // Within the band, an exact value may be another: the ping shows the band.
    world.post(&ping, &with(Person(1).lead(), json!({ "amount": "299999.99" }))).ok("sold");
    assert_eq!(world.count("alpha", "/post"), 1);
    insta::assert_snapshot!(story.0);
}

#[test]
fn a_ping_with_contact_in_it_is_refused_and_forgotten() {
    let world = World::of_traced(market());
    let mut story = Told::default();
    let person = Person(777);
    let given = with(person.attributes(), json!({ "phone_number": person.phone(), "email": person.email(), "first_name": "Thessaly", "ssn": "738491720" }));
    let answer = story.answer("contact in a ping", 422, world.ping(&given));
    let fields: Vec<_> = answer.json()["errors"].as_array().unwrap().iter().map(|error| (error["field"].clone(), error["code"].clone())).collect();
    assert!(fields.contains(&(json!("phone"), json!("contact_in_ping"))) && fields.len() == 4, "{fields:?}");

    // What no ping shows is named, and goes nowhere.
    let extra = with(person.attributes(), json!({ "notes": "Qvjnotesonly", "consent_url": "https://cert.example.com/Qvjcert", "shoe_size": "Qvjshoe" }));
    let quote = story.answer("fields that no ping shows", 200, world.call("/v1/pings/loans").json(&extra).send());
    let mut ignored: Vec<_> = quote.json()["ignored"].as_array().unwrap().clone();
    ignored.sort_by_key(Value::to_string);
    assert_eq!(ignored, ["consent_url", "notes", "shoe_size"]);

    let mut scan = crate::support::scan::Scan::default();
    let markers = [person.phone(), person.email(), "738491720".into(), "Qvjnotesonly".into(), "Qvjcert/x"[..7].to_owned() + "xx", "Qvjshoexx".into()];
    markers.iter().take(4).enumerate().for_each(|(number, marker)| scan.add(marker, number));
    let received = Value::from(world.received("alpha")).to_string();
    let answers = format!("{} {}", answer.text, quote.text);
    for (place, text) in [("buyers", &received), ("logs", &world.logs()), ("figures", &world.metrics()), ("answers", &answers)] {
        assert_eq!(scan.find(text.as_bytes()), [], "{place}");
    }
    for path in std::fs::read_dir(world.data()).unwrap().map(|entry| entry.unwrap().path()) {
        assert_eq!(scan.find(&std::fs::read(&path).unwrap()), [], "{}", path.display());
    }
    insta::assert_snapshot!(story.0);
}

#[test]
fn who_sends_too_fast_waits() {
    let world = World::of(market());
    let mut story = Told::default();
    let eager = world.new_key("--supplier", "eager");
    let ping = || Call::post(world.url("/v1/pings/loans")).key(&eager).once("a-key").json(&Person(1).attributes()).send();
    let answers: Vec<Answer> = (0..6).map(|_| ping()).collect();
    let refused = answers.iter().find(|answer| answer.status == 429).expect("six at once are too many for two a second");
    let refused = story.answer("faster than the rate limit", 429, refused.clone());
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|wait| wait >= 1));
    assert!(answers.iter().all(|answer| [200, 429].contains(&answer.status)));
    // It isn't stored: the same key is answered as soon as there is a place.
    wait_for("a place", || Some(ping()).filter(|answer| answer.status == 200));
    world.ping(&Person(2).attributes()).ok("matched");
    insta::assert_snapshot!(story.0);
}

#[test]
fn without_a_market_nothing_is_taken_and_nothing_is_lost() {
    let mut world = World::without_market(market());
    let mut story = Told::default();
    let made = world.run(&["key", "new", "--supplier", "acme", "--json"]).done();
    world.key = made.json()["key"].as_str().unwrap().to_owned();
    assert!(without_ids(&made.stderr).contains("not in the market yet"), "{}", made.stderr);
    world.serve_unready();
    let lead = || world.call("/v1/leads/loans").once("same").json(&Person(1).lead()).send();
    let answer = story.answer("no market", 503, lead());
    assert_eq!(answer.header("retry-after"), "1");
    Call::get(world.url("/readyz")).send().expect(503);
    Call::get(world.url("/healthz")).send().expect(200);
    world.apply().done();
    wait_for("the market", || Some(Call::get(world.url("/readyz")).send()).filter(|answer| answer.status == 200));
    lead().ok("sold");
    assert_eq!(world.count("alpha", "/post"), 1);
    insta::assert_snapshot!(story.0);
}

/// An id of the same form that nothing has.
fn another(id: &str) -> String {
    let (rest, last) = id.split_at(id.len() - 1);
    format!("{rest}{}", if last == "z" { "y" } else { "z" })
}
