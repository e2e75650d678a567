//! No byte of a contact is anywhere but sealed in the store and at the buyers that it was disclosed to.
//!
//! Every lead carries markers of its own in everything that no ping shows. Leads of all kinds run through all trees of
//! the sample market; then all that left the exchange, or lies on its disk, is searched for every marker.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Mutex,
};

use serde_json::{Value, json};

use crate::support::{Answer, Call, World, people::with, scan::Scan, world::rows};

const LEADS: usize = 156;

/// What one lead hides.
struct Hidden {
    vertical: &'static str,
    lead: Value,
    markers: Vec<String>,
}

/// A word that occurs nowhere else.
fn word(lead: usize, field: &str) -> String {
    format!("Qvj{lead:04}{field}w")
}

const STATES: [(&str, &str); 8] =
    [("CA", "90012"), ("TX", "77002"), ("FL", "33101"), ("NY", "10001"), ("MA", "02108"), ("OH", "43004"), ("WA", "98101"), ("GA", "30301")];

fn hidden(number: usize) -> Hidden {
    let vertical = ["auto-insurance", "mortgage", "debt-relief"][number % 3];
    let (state, zip) = STATES[(number / 3) % STATES.len()];
    let words: BTreeMap<&str, String> =
        ["firstname", "lastname", "street", "mailbox", "form", "landing", "note", "token", "consent"].map(|field| (field, word(number, field))).into();
    let (phone, ssn) = (format!("738492{number:04}"), format!("6{:08}", 38_174_000 + number));
    let birth = jiff::civil::date(1948, 3, 1).checked_add(jiff::Span::new().days(i64::try_from(number).unwrap() * 113)).unwrap().to_string();
    let ip = format!("2001:db8:{:x}:7391:5c1::{:x}", 0xa000 + number, 0x100 + number);
    let amount = |from: usize| format!("{}.{:02}", from + number * 137, 11 + number % 80);
    let contact = json!({
        "first_name": words["firstname"],
        "last_name": words["lastname"],
        "street": format!("{} Lane 7", words["street"]),
        "email": format!("{}@example.com", words["mailbox"]),
        "phone": format!("({}) {}-{}", &phone[..3], &phone[3..6], &phone[6..]),
        "ssn": ssn,
        "ip": ip,
        "landing_page": format!("https://landing.example.com/{}?a=b", words["landing"]),
        "notes": format!("please {} & thanks", words["note"]),
        "tcpa_optin": true,
        "tcpa_text": format!("I agree to {}", words["consent"]),
        "trusted_form": format!("https://cert.trustedform.com/{}", words["form"]),
        "universal_leadid": words["token"],
    });
    let mut markers: Vec<String> = words.into_values().chain([phone, ssn, ip]).collect();
    let attributes = match vertical {
        "auto-insurance" => {
            markers.extend([birth.clone(), birth.replace('-', "")]);
            json!({
                "zip": zip, "coverage_type": (["basic", "standard", "superior"][number % 2]), "birth_date": birth, "currently_insured": !number.is_multiple_of(4),
                "home_owner": !number.is_multiple_of(5), "vehicle_count": 1 + number % 3,
            })
        }
        "mortgage" => {
            let (loan, value, income) = (amount(140_011 + (number % 7) * 90_000), amount(1_500_013), amount(170_021));
            markers.extend([loan.clone(), value.clone(), income.clone()]);
            json!({ "state": state, "loan_amount": loan, "zip": zip, "property_value": value, "income": income, "loan_type": "refinance" })
        }
        _ => {
            let (debt, income) = (amount(10_017 + (number % 5) * 9_000), amount(20_023 + (number % 4) * 20_000));
            markers.extend([debt.clone(), income.clone()]);
            json!({
                "state": state, "zip": zip, "debt_amount": debt, "income": income, "behind_on_payments": number.is_multiple_of(2),
                "home_ownership": (["own", "mortgage", "rent"][number % 3]), "employment_type": "employed", "debt_purpose": word(number, "purpose"),
            })
        }
    };
    if vertical == "debt-relief" {
        markers.push(word(number, "purpose"));
    }
    Hidden { vertical, lead: with(contact, attributes), markers }
}

/// What a ping may carry of a lead: the exact values of what it shows, to be coarsened, and free texts, to be ignored.
fn attributes_of(lead: &Value) -> Value {
    let contact = ["first_name", "last_name", "street", "email", "phone", "ssn", "ip", "landing_page"];
    let kept = lead.as_object().unwrap().iter().filter(|(name, _)| !contact.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The exchange of the sample market, and all that it answered.
struct Stage {
    world: World,
    keys: BTreeMap<&'static str, String>,
    answers: Mutex<Vec<Answer>>,
    /// Leads and pings by their ids, with the number of what they hide.
    ids: Mutex<Vec<(String, usize)>>,
}

impl Stage {
    fn new() -> Self {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/market");
        let flags =
            "--name every --bid 19 --bid-spread 14 --shared-bid 9 --no-bid-rate 0.1 --decline-rate 0.15 --reject-rate 0.2 --unknown-rate 0.12 --stay-unknown";
        let mut world = World::of_directory(&sample, flags);
        for vertical in ["auto-insurance", "mortgage", "debt-relief"] {
            let path = world.market_directory().join(format!("verticals/{vertical}.toml"));
            let more = "\n[fields.ssn]\ntype = \"ssn\"\n[fields.landing_page]\ntype = \"url\"\n[fields.notes]\ntype = \"text\"\n";
            std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + more).unwrap();
        }
        world.apply_directory().done();
        for buyer in ["clear-path-debt", "second-chance-auto"] {
            world.run(&["credit", "add", buyer, "2000.00"]).done();
        }
        let keys = ["dreamy-leads", "fresh-start-media", "quote-orchard", "rate-compass", "cheap-clicks"].map(|name| (name, world.new_key("--supplier", name)));
        world.serve();
        Self { world, keys: keys.into(), answers: Mutex::default(), ids: Mutex::default() }
    }

    fn supplier(&self, number: usize) -> &str {
        let of_vertical: &[&str] = match number % 3 {
            0 => &["dreamy-leads", "quote-orchard", "cheap-clicks"],
            1 => &["dreamy-leads", "rate-compass"],
            _ => &["dreamy-leads", "fresh-start-media"],
        };
        &self.keys[of_vertical[(number / 3) % of_vertical.len()]]
    }

    /// Sends, and keeps the answer; a supplier that is too fast waits.
    fn send(&self, call: Call, number: usize) -> Answer {
        let answer = crate::support::wait_for("a place in the rate", || Some(call.send()).filter(|answer| answer.status != 429));
        let ids = answer.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.len() == 31);
        self.ids.lock().unwrap().extend(ids.filter(|word| word.starts_with("lead_") || word.starts_with("ping_")).map(|id| (id.to_owned(), number)));
        self.answers.lock().unwrap().push(answer.clone());
        answer
    }

    fn call(&self, path: &str, number: usize) -> Call {
        Call::post(self.world.url(path)).key(self.supplier(number))
    }

    fn direct(&self, number: usize, hidden: &Hidden) -> Call {
        self.call(&format!("/v1/leads/{}", hidden.vertical), number)
    }

    /// One lead's way through the exchange. There are twelve kinds of them.
    fn play(&self, number: usize, hidden: &Hidden) {
        let Hidden { vertical, lead, .. } = hidden;
        let pings = format!("/v1/pings/{vertical}");
        match (number / 3) % 12 {
            0..=2 => drop(self.send(self.direct(number, hidden).json(lead), number)),
            3 => drop(self.send(self.direct(number, hidden).form(lead), number)),
            4 => drop(self.send(self.direct(number, hidden).xml(lead).accept("application/xml"), number)),
            // A ping with everything that it may carry, then its post, twice, and once otherwise.
            5..=7 => {
                let quote = self.send(self.call(&pings, number).json(&attributes_of(lead)), number).expect(200).json();
                if quote["status"] == "matched" {
                    let post = format!("/v1/pings/{}/post", quote["ping_id"].as_str().unwrap());
                    self.send(self.call(&post, number).json(lead), number).expect(200);
                    self.send(self.call(&post, number).json(lead), number).expect(200);
                    self.send(self.call(&post, number).json(&with(lead.clone(), json!({ "notes": word(number, "note") }))), number).expect(409);
                    let changed = with(lead.clone(), json!({ "state": "HI", "zip": "96801" }));
                    self.send(self.call(&post, number).json(&changed), number).expect(422);
                }
            }
            // The same person again, with and without a key.
            8 => {
                self.send(self.direct(number, hidden).json(lead).once("the-same"), number);
                self.send(self.direct(number, hidden).json(lead), number);
                self.send(self.direct(number, hidden).json(&with(lead.clone(), json!({ "first_name": word(number, "firstname") }))).once("the-same"), number);
            }
            9 => drop(self.send(self.direct(number, hidden).json(&with(lead.clone(), json!({ "test": true }))), number)),
            // What is refused: contact in a ping, wrong types, and bodies that break off.
            10 => {
                self.send(self.call(&pings, number).json(lead), number).expect(422);
                let wrong = with(lead.clone(), json!({ "phone": word(number, "note"), "email": word(number, "token"), "birth_date": word(number, "form") }));
                self.send(self.direct(number, hidden).json(&wrong), number).expect(422);
                let body = lead.to_string();
                self.send(self.direct(number, hidden).body("application/json", &body[..body.len() - 9]), number).expect(400);
                self.send(self.direct(number, hidden).body("application/xml", format!("<a><b>{}</c></a>", word(number, "note"))), number).expect(400);
                self.send(self.direct(number, hidden).body("text/csv", body), number).expect(415);
                self.send(self.call(&format!("/v1/leads/{}", word(number, "note")), number).json(lead), number).expect(404);
            }
            _ => {
                let nested =
                    with(lead.clone(), json!({ "phone": { "number": lead["phone"] }, "notes": [lead["notes"]], word(number, "token"): lead["email"] }));
                self.send(self.direct(number, hidden).json(&nested), number).expect(422);
                self.send(self.direct(number, hidden).json(lead), number);
            }
        }
    }

    /// Each buyer that had a lead disclosed, by the number of the lead; and all that the traces say.
    fn trace_all(&self, said: &Mutex<Vec<u8>>) -> BTreeSet<(usize, String)> {
        let ids: BTreeMap<String, usize> = self.ids.lock().unwrap().iter().cloned().collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let disclosed = Mutex::new(BTreeSet::new());
        std::thread::scope(|scope| {
            for part in ids.chunks(ids.len().div_ceil(3)) {
                let (disclosed, world) = (&disclosed, &self.world);
                scope.spawn(move || {
                    for (place, (id, number)) in part.iter().enumerate() {
                        let trace = world.trace(id);
                        let of_lead = rows(&trace, "disclosures").iter().map(|row| (*number, row["buyer"].as_str().unwrap().to_owned()));
                        disclosed.lock().unwrap().extend(of_lead);
                        said.lock().unwrap().extend(trace.to_string().into_bytes());
                        if place % 8 == 0 {
                            let ran = world.run(&["trace", id]).done();
                            said.lock().unwrap().extend([ran.stdout, ran.stderr].concat().into_bytes());
                        }
                    }
                });
            }
        });
        disclosed.into_inner().unwrap()
    }
}

#[test]
fn markers_in_every_contact_field_are_nowhere_but_at_who_bought() {
    let stage = Stage::new();
    let all: Vec<Hidden> = (0..LEADS).map(hidden).collect();
    std::thread::scope(|scope| {
        for part in 0..3 {
            let (stage, all) = (&stage, &all);
            scope.spawn(move || all.iter().enumerate().filter(|(number, _)| number % 3 == part).for_each(|(number, hidden)| stage.play(number, hidden)));
        }
    });
    // Whoever was sold before is a duplicate now, however busy the machine and however the buyers answered then.
    let sent_directly = |number: &usize| (number / 3) % 12 <= 2;
    let again = |number| stage.send(stage.direct(number, &all[number]).json(&all[number].lead), number).json()["status"] == "duplicate";
    assert!((0..LEADS).filter(sent_directly).any(again), "none of the leads that were sent directly was sold");
    let mut scan = Scan::default();
    for (number, hidden) in all.iter().enumerate() {
        hidden.markers.iter().for_each(|marker| scan.add(marker, number));
    }
    let world = &stage.world;
    let clean = |what: &str, bytes: &[u8]| {
        let found = scan.find(bytes);
        let places: Vec<_> =
            found.iter().take(5).map(|(number, at)| (number, String::from_utf8_lossy(&bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())]))).collect();
        assert!(found.is_empty(), "{} markers in {what}: {places:#?}", found.len());
    };

    // What buyers received: no marker before a sale; in a post, only those of a lead that is disclosed to its receiver.
    let said = Mutex::new(Vec::new());
    let disclosed = stage.trace_all(&said);
    let (mut posted, mut tested) = (BTreeSet::new(), 0);
    for call in world.received("sandbox") {
        let path = call["path"].as_str().unwrap().to_owned();
        let (buyer, action) = path.trim_start_matches('/').split_once('/').unwrap();
        let bytes = call.to_string().into_bytes();
        if !action.ends_with("post") {
            clean(&path, &bytes);
            continue;
        }
        let numbers: BTreeSet<usize> = scan.find(&bytes).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers.len(), 1, "a post has one lead's contact: {path}");
        let number = *numbers.first().unwrap();
        tested += usize::from(action == "test/post");
        assert_eq!(action == "test/post", all[number].lead["test"] == true || (number / 3) % 12 == 9, "{path} for lead {number}");
        assert!(disclosed.contains(&(number, buyer.to_owned())), "{buyer} has the contact of lead {number}, and no disclosure says so");
        assert!(call["headers"].to_string().len() < 2000 && scan.find(call["headers"].to_string().as_bytes()).is_empty(), "{path}");
        posted.insert((number, buyer.to_owned()));
        // Who gets it gets all of it.
        let body = &call["body"];
        let of_contact = ["first_name", "last_name", "street", "email", "ssn", "ip", "notes"];
        for field in of_contact {
            let sent = all[number].lead[field].as_str().unwrap().to_owned();
            let sent = if field == "email" { sent.to_lowercase() } else { sent };
            assert_eq!(body["contact"][field].as_str(), Some(sent.as_str()), "{field} of lead {number}");
        }
        assert_eq!(body["contact"]["phone"].as_str().unwrap(), format!("+1738492{number:04}"));
        assert_eq!(body["evidence"]["trusted_form"], all[number].lead["trusted_form"]);
    }
    assert!(posted.len() > 60, "only {} contacts were disclosed: the leads don't reach the buyers", posted.len());
    assert!(tested > 3, "only {tested} test leads were posted");
    let of_vertical = |vertical| posted.iter().filter(|(number, _)| number % 3 == vertical).map(|(_, buyer)| buyer).collect::<BTreeSet<_>>().len();
    assert!((0..3).all(|vertical| of_vertical(vertical) >= 3), "each vertical's leads reach several buyers: {posted:?}");

    // What the exchange said to suppliers and operators.
    let statuses: BTreeSet<u16> = stage.answers.lock().unwrap().iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 400, 404, 409, 415, 422].into());
    let words: BTreeSet<String> = stage
        .answers
        .lock()
        .unwrap()
        .iter()
        .filter_map(|answer| serde_json::from_str::<Value>(&answer.text).ok()?["status"].as_str().map(str::to_owned))
        .collect();
    assert!(["sold", "unsold", "pending", "duplicate", "matched"].iter().all(|word| words.contains(*word)), "{words:?}");
    for answer in stage.answers.lock().unwrap().iter() {
        clean("an answer", format!("{:?} {}", answer.headers, answer.text).as_bytes());
    }
    clean("the traces", &said.into_inner().unwrap());
    clean("the figures", world.metrics().as_bytes());
    let list = world.file("people.txt", &format!("738-492-0003\n{}\nno number {}\n", all[5].lead["email"].as_str().unwrap(), word(6, "note")));
    for ran in [
        world.run(&["suppress", "import", "do-not-offer", &list]),
        world.run(&["suppress", "list"]).done(),
        world.run(&["erase", "--phone", all[12].lead["phone"].as_str().unwrap()]).done(),
        world.run(&["erase", "--phone", &word(13, "note")]).refused(),
        world.run(&["trace", &word(14, "note")]),
    ] {
        // An id that was given is repeated; it is the caller's own.
        let said = format!("{}{}", ran.stdout, ran.stderr).replace(&word(14, "note"), "");
        clean("a command's output", said.as_bytes());
    }
    let logs = world.logs();
    assert!(logs.contains("TRACE"), "all is logged");
    clean("the logs", logs.as_bytes());

    // What lies on the disk, while it runs and after it has ended.
    let scan_disk = |when: &str| {
        let files: Vec<_> = std::fs::read_dir(world.data()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.iter().any(|path| path.ends_with("exchange.db")), "{files:?}");
        for path in &files {
            clean(&format!("{} {when}", path.display()), &std::fs::read(path).unwrap());
        }
        files.len()
    };
    assert!(scan_disk("while it runs") >= 4, "database, WAL, shared memory, master key");
    let mut stage = stage;
    assert!(stage.world.end("-TERM").success());
    let world = &stage.world;
    for path in std::fs::read_dir(world.data()).unwrap().map(|entry| entry.unwrap().path()) {
        let found = scan.find(&std::fs::read(&path).unwrap());
        assert!(found.is_empty(), "{} markers in {} after the end", found.len(), path.display());
    }
    // The same search finds what is there to be found.
    let planted = stage.world.file("planted", &format!("\0\0{}\0", all[77].markers[3].to_uppercase()));
    assert_eq!(scan.find(&std::fs::read(planted).unwrap()).first().map(|(number, _)| *number), Some(77));
}
