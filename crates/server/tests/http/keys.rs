//! Who may call what: every route with every kind of key, about objects of one's own and of others.
//!
//! What is expected stands in `keys.txt`. The rows are those of the OpenAPI document and of the router: one that is missing
//! here, there or in the document fails.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Answer, Buyer, Call, Market, Person, World, people::with, revocation, scan::Scan};

const EXPECTED: &str = include_str!("keys.txt");
const ROUTER: &str = include_str!("../../src/routes.rs");

/// A row of the table: a call, whose object it is about, and the status that each role hears.
struct Row {
    method: String,
    path: String,
    object: String,
    statuses: Vec<u16>,
}

fn table() -> (Vec<String>, Vec<Row>) {
    let mut lines = EXPECTED.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let roles = lines.next().unwrap().split_whitespace().skip(3).map(str::to_owned).collect();
    let rows = lines.map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut word = || words.next().unwrap_or_else(|| panic!("{line}: a row has a method, a path and an object"));
        let (method, path, object) = (word(), word(), word());
        Row { method, path, object, statuses: words.map(|status| status.parse().unwrap()).collect() }
    });
    (roles, rows.collect())
}

/// `/v1/leads/{lead_id}` becomes `/v1/leads/{}`: what a place is called differs between document and router.
fn shape(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// What the router has: each text in its file that is a path.
fn paths_of_router() -> BTreeSet<String> {
    let texts = ROUTER.split('"').skip(1).step_by(2);
    texts.filter(|text| text.starts_with('/') && !text.contains(' ')).map(shape).collect()
}

/// The objects that a call can be about: one lead's, from its ping to its sale.
struct Object {
    ping: String,
    lead: String,
    sale: String,
    post: String,
    person: Person,
}

impl Object {
    /// A lead that was sold, and a ping of the same supplier that is still to be posted.
    fn of(world: &World, key: &str, buyer: &str, state: &str, person: Person) -> Self {
        let call = |path: &str, body: &Value| Call::post(world.url(path)).key(key).json(body).send();
        let lead = call("/v1/leads/loans", &with(Person(person.0 + 100).lead(), json!({ "state": state }))).ok("sold").word("lead_id");
        let ping = call("/v1/pings/loans", &with(person.attributes(), json!({ "state": state }))).ok("matched").word("ping_id");
        let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
        let post = world.calls(buyer, "/post")[0]["body"]["post_id"].as_str().unwrap().to_owned();
        Self { ping, lead, sale, post, person }
    }

    /// Ids of the right form that nothing has.
    fn unknown() -> Self {
        let id = |kind: &str| format!("{kind}_01kz5h2v7qe0gr3m5w8x9y2c4d");
        Self { ping: id("ping"), lead: id("lead"), sale: id("sale"), post: id("post"), person: Person(900) }
    }

    fn in_path(&self, path: &str) -> String {
        let places = [("{vertical}", "loans"), ("{ping_id}", &self.ping), ("{lead_id}", &self.lead), ("{sale_id}", &self.sale), ("{post_id}", &self.post)];
        places.iter().fold(path.replace("{kind}", "not_found").replace("{contract}", "main"), |path, (place, id)| path.replace(place, id))
    }

    /// A body that the call takes. Each is one that may be said again.
    fn body(&self, path: &str) -> Value {
        match path.rsplit('/').next().unwrap() {
            "post" => with(self.person.lead(), json!({ "state": if self.person.0 == 2 { "NV" } else { "CA" } })),
            "return" => json!({ "reason": "wrong_person" }),
            "outcome" => json!({ "status": "accepted" }),
            "resolve" => json!({ "as": "sold" }),
            "{contract}" => json!({ "paused": false }),
            "search" => json!({ "text": Person(101).phone() }),
            "decide" => json!({ "decision": "accept" }),
            _ if path.starts_with("/v1/pings/") => Person(7).attributes(),
            _ => Person(8).lead(),
        }
    }
}

struct Stage {
    world: World,
    keys: BTreeMap<&'static str, String>,
    objects: BTreeMap<&'static str, Object>,
}

/// Suppliers `acme` and `other`, buyers `alpha` and `beta`: the first object is acme's and was sold to alpha, the second one
/// other's and sold to beta.
fn stage() -> Stage {
    let only = |name: &str, state: &str| Buyer::bids(name, "20.00").contract(&format!("filter = 'state == \"{state}\"'\nreturn_days = 14"));
    let world = World::of(Market::new().supplier("other", "").buyer(only("alpha", "CA")).buyer(only("beta", "NV")));
    let mut keys: BTreeMap<&str, String> = [
        ("supplier", world.key.clone()),
        ("other_supplier", world.new_key("--supplier", "other")),
        ("buyer", world.new_key("--buyer", "alpha")),
        ("other_buyer", world.new_key("--buyer", "beta")),
        ("operator", world.new_key("--operator", "olga")),
        ("garbage", "key_01kz5h2v7qe0gr3m5w8x9y2c4d.bm90LWEtc2VjcmV0LW9mLWFueWJvZHktYXQtYWxs".to_owned()),
    ]
    .into();
    // Revoked is an operator's: it opened the most.
    let revoked = world.new_key("--operator", "oscar");
    world.run(&["key", "revoke", revoked.split_once('.').unwrap().0]).done();
    keys.insert("revoked", revoked);
    let objects = [
        ("first", Object::of(&world, &keys["supplier"], "alpha", "CA", Person(1))),
        ("second", Object::of(&world, &keys["other_supplier"], "beta", "NV", Person(2))),
        ("unknown", Object::unknown()),
        ("-", Object::unknown()),
    ];
    Stage { world, keys, objects: objects.into() }
}

impl Stage {
    fn call(&self, row: &Row, role: &str) -> Answer {
        let object = &self.objects[row.object.as_str()];
        let call = Call::new(&row.method, self.world.url(&object.in_path(&row.path)));
        let call = if role == "none" { call } else { call.key(&self.keys[role]) };
        let call = if row.method == "POST" { call.json(&object.body(&row.path)) } else { call };
        call.send()
    }
}

#[test]
fn every_route_is_open_to_whom_the_table_says_and_to_nobody_else() {
    let stage = stage();
    let (roles, rows) = table();
    let mut wrong = Vec::new();
    let mut answers: BTreeMap<(String, String, String), String> = BTreeMap::new();
    let mut scan = Scan::default();
    for (number, person) in [1, 2, 7, 8, 101, 102].into_iter().enumerate() {
        Person(person).secrets().iter().for_each(|secret| scan.add(secret, number));
    }
    for row in &rows {
        assert_eq!(row.statuses.len(), roles.len(), "{} {} {}", row.method, row.path, row.object);
        let told = |answer: &Answer| answer.status;
        let got: Vec<Answer> = roles.iter().map(|role| stage.call(row, role)).collect();
        let statuses: Vec<u16> = got.iter().map(told).collect();
        if statuses != row.statuses {
            wrong.push(format!("{} {} {}: {statuses:?}, not {:?}", row.method, row.path, row.object, row.statuses));
        }
        for (role, answer) in roles.iter().zip(&got) {
            assert_eq!(scan.find(answer.text.as_bytes()), [], "personal data in what {role} hears from {} {}", row.method, row.path);
            answers.insert((format!("{} {}", row.method, row.path), row.object.clone(), role.clone()), answer.text.clone());
        }
    }
    assert!(wrong.is_empty(), "roles {roles:?}\n{}", wrong.join("\n"));

    // What isn't one's own is answered as what isn't there: nobody learns that it exists.
    for row in rows.iter().filter(|row| ["first", "second"].contains(&row.object.as_str())) {
        for (role, _) in roles.iter().zip(&row.statuses).filter(|(_, status)| **status == 404) {
            let of = |object: &str| &answers[&(format!("{} {}", row.method, row.path), object.to_owned(), role.clone())];
            assert_eq!(of(&row.object), of("unknown"), "{} {} tells {role} something", row.method, row.path);
        }
    }
}

#[test]
fn every_route_of_the_document_and_of_the_router_is_in_the_table() {
    let world = World::without_market(Market::new());
    let mut world = world;
    world.serve_unready();
    let document = Call::get(world.url("/openapi.json")).send().expect(200).json();
    let of_document: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())))
        .collect();
    let (_, rows) = table();
    let of_table: BTreeSet<(String, String)> = rows.iter().map(|row| (row.method.clone(), row.path.clone())).collect();
    let with_key: BTreeSet<_> = of_table.iter().filter(|(_, path)| path.starts_with("/v1/")).cloned().collect();
    assert_eq!(with_key, of_document, "the table has every call of the document, and no other that takes a key");
    let shapes: BTreeSet<String> = of_table.iter().map(|(_, path)| shape(path)).collect();
    assert_eq!(paths_of_router(), shapes, "the table has every path of the router");
    // A call about an object is tried with one's own, with another's, and with none.
    for (method, path) in of_table.iter().filter(|(_, path)| ["{ping_id}", "{lead_id}", "{sale_id}", "{post_id}"].iter().any(|id| path.contains(id))) {
        let objects: BTreeSet<&str> = rows.iter().filter(|row| row.path == *path && row.method == *method).map(|row| row.object.as_str()).collect();
        assert_eq!(objects, BTreeSet::from(["first", "second", "unknown"]), "{method} {path}");
    }
}

#[test]
fn a_revoked_key_opens_nothing_a_second_later() {
    let world = World::of(Market::of_bids(&["20.00"]));
    let keys = [world.key.clone(), world.new_key("--buyer", "alpha"), world.new_key("--operator", "olga")];
    let paths = ["/v1/leads/lead_01kz5h2v7qe0gr3m5w8x9y2c4d", "/v1/sales", "/v1/admin/balances"];
    for (key, path) in keys.iter().zip(paths) {
        let revoke = || drop(world.run(&["key", "revoke", key.split_once('.').unwrap().0]).done());
        revocation::holds_within_a_second(&[world.url(path)], key, revoke);
    }
}
