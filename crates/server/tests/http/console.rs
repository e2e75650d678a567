//! The console from outside: signing in, what stands before every page, and who may open which.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{
    Buyer, Call, Market, Person, World,
    console::{PASSWORD, Visitor, between, code},
    people::with,
    wait_for,
};

const ROUTES: &str = include_str!("../../src/console/routes.rs");

fn world() -> World {
    World::of_traced(Market::of_bids(&["20.00"]))
}

#[test]
fn a_link_lets_a_person_in_once() {
    let world = world();
    let added = world.run(&["person", "add", "maria", "--role", "owner", "--at", &world.at, "--json"]).done().json();
    let link = added["link"].as_str().unwrap();
    let path = link.strip_prefix(&world.at).unwrap();
    let nobody = Visitor::nobody(&world.at);
    let page = nobody.get(path).expect(200);
    let secret = between(&page.text, r#"name="secret" value=""#, "\"");
    let typed = |password: &str, code: &str| nobody.form(path, &json!({ "secret": secret, "password": password, "again": password, "code": code }));
    for (password, digits) in [("short", code(secret, 0)), (PASSWORD, "000000".into()), (PASSWORD, String::new())] {
        let refused = nobody.send(&typed(password, &digits)).expect(422);
        assert!(refused.text.contains("aria-invalid") && refused.text.contains(secret), "the same secret stands: {}", refused.text);
    }
    assert!(!nobody.is_signed_in());

    let maria = Visitor::welcomed(&world.at, link);
    assert_eq!(maria.recovery.len(), 8);
    assert!(maria.get("/console/account").expect(200).text.contains("maria"));
    nobody.get(path).expect(404);
    nobody.send(&typed(PASSWORD, &code(secret, 0))).expect(404);

    let listed = world.run(&["person", "list", "--json"]).done().json();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["role"], &listed[0]["state"], &listed[0]["codes"]),
        (&json!("maria"), &json!("owner"), &json!("active"), &json!(true))
    );
    world.run(&["person", "add", "maria", "--role", "finance"]).refused();
    world.run(&["person", "disable", "maria"]).refused();

    // Neither links nor passwords nor codes are written anywhere.
    let logs = world.logs();
    for secret in [path.rsplit('/').next().unwrap(), PASSWORD, secret, &maria.recovery[0], &maria.csrf()] {
        assert!(!logs.contains(secret), "{secret} was logged");
    }
}

#[test]
fn who_signs_in_needs_all_of_it() {
    let world = world();
    let maria = world.person("maria", "owner");
    maria.post("/console/account/sign-out", &json!({})).expect(303);
    assert!(!maria.is_signed_in());
    let to = maria.get("/console/people?x=1").expect(303);
    assert_eq!(to.header("location"), "/console/sign-in?to=%2Fconsole%2Fpeople%3Fx%3D1");

    // Whatever is wrong, the answer is the same: it tells nothing of who is known.
    let next = code(&maria.secret, 1);
    let answers: Vec<String> = [("maria", "wrong", next.as_str()), ("maria", PASSWORD, "000000"), ("nobody", PASSWORD, &next), ("", "", "")]
        .map(|(name, password, code)| maria.sign_in(name, password, code).expect(401).text.replace(&format!("value=\"{name}\""), "value=\"\""))
        .into();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    let entered = maria.sign_in("maria", PASSWORD, &next).expect(303);
    assert_eq!(entered.header("location"), "/console/account");
    let cookie = entered.header("set-cookie");
    assert!(cookie.starts_with("pingpost=") && cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    assert!(maria.is_signed_in());
    let other = Visitor::nobody(&world.at);
    other.sign_in("maria", PASSWORD, &next).expect(401);
    other.sign_in("maria", PASSWORD, &maria.recovery[0].to_uppercase().replace('-', " ")).expect(303);
    assert!(other.is_signed_in());

    // Through a proxy with TLS the cookie goes nowhere else.
    let far = other.form("/console/sign-in", &json!({ "name": "maria", "password": PASSWORD, "code": maria.recovery[1] }));
    let far = far.header("x-forwarded-proto", "https").header("x-forwarded-for", "203.0.113.9").send().expect(303);
    assert!(far.header("set-cookie").starts_with("__Host-pingpost=") && far.header("set-cookie").contains("; Secure"), "{far:?}");

    other.post("/console/account/sign-out-everywhere", &json!({})).expect(303);
    assert!(!maria.is_signed_in() && !other.is_signed_in());
}

#[test]
fn guesses_are_few() {
    let world = world();
    let maria = world.person("maria", "owner");
    maria.post("/console/account/sign-out", &json!({})).expect(303);
    let tries: Vec<u16> = (0..6).map(|guess| maria.sign_in("maria", &format!("guess number {guess}"), "").status).collect();
    assert_eq!(tries, [401, 401, 401, 401, 401, 429]);
    assert_eq!(maria.sign_in("maria", PASSWORD, &code(&maria.secret, 1)).status, 429, "not even with the right one");
    // Nobody is locked out from elsewhere.
    let elsewhere = maria.form("/console/sign-in", &json!({ "name": "maria", "password": PASSWORD, "code": code(&maria.secret, 1) }));
    elsewhere.header("x-forwarded-for", "203.0.113.9").send().expect(303);
}

#[test]
fn a_form_counts_from_its_own_page_alone() {
    let world = world();
    let (maria, ben) = (world.person("maria", "owner"), world.person("ben", "owner"));
    let path = "/console/people/ben/role";
    let form = |csrf: &str| maria.form(path, &json!({ "csrf": csrf, "role": "finance" }));
    for csrf in ["", "wrong", &ben.csrf()] {
        assert!(maria.send(&form(csrf)).expect(403).text.contains("out of date"), "{csrf}");
    }
    let right = form(&maria.csrf());
    maria.send(&right.clone().header("sec-fetch-site", "cross-site")).expect(403);
    let foreign = Call::post(world.url(path)).form(&json!({ "csrf": maria.csrf(), "role": "finance" })).header("origin", "https://evil.example");
    maria.send(&foreign).expect(403);
    maria.send(&Call::post(world.url("/console/sign-in")).form(&json!({ "name": "maria" })).header("origin", "https://evil.example")).expect(403);
    assert_eq!(ben.get("/console/people").status, 200, "nothing has changed");
    maria.send(&right.header("sec-fetch-site", "same-origin")).expect(303);
    assert_eq!(ben.get("/console/people").status, 403, "finance sees no people, and at once");
    assert!(maria.get("/console/people/ben").text.contains(r#"role="status">ben is finance now."#));
    assert!(!maria.get("/console/people/ben").text.contains("is finance now"), "said once");
    maria.send(&form(&"x".repeat(300_000))).expect(413);
}

#[test]
fn who_is_disabled_is_out_at_once_on_every_node() {
    let Some(cluster) = cluster::shared() else { return };
    let database = cluster.database();
    let world = World::of_database(Market::of_bids(&["20.00"]), database.url());
    let (_node, there) = world.another_node();
    let maria = world.person("maria", "owner");
    let ben = world.person_at(&there, "ben", "finance");
    assert!(ben.is_signed_in());
    maria.post("/console/people/ben/disable", &json!({})).expect(303);
    assert!(!ben.is_signed_in());
    ben.sign_in("ben", PASSWORD, &code(&ben.secret, 1)).expect(401);
    world.run(&["person", "enable", "ben"]).done();
    ben.sign_in("ben", PASSWORD, &ben.recovery[0]).expect(303);
    assert!(ben.is_signed_in());
    // Another password ends what was open under the old one.
    let link = world.run(&["person", "link", "ben", "--at", &there, "--json"]).done().json();
    let again = Visitor::welcomed(&there, link["link"].as_str().unwrap());
    assert!(again.is_signed_in() && !ben.is_signed_in());
}

#[test]
fn every_answer_is_for_one_person_and_loads_nothing_from_elsewhere() {
    let world = world();
    let maria = world.person("maria", "owner");
    for path in ["/console", "/console/account", "/console/sign-in", "/console/nothing", "/console/enter/x", "/console/welcome/x", "/console/people/nobody"] {
        let answer = maria.get(path);
        let csp = answer.header("content-security-policy");
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"), "{path}: {csp}");
        assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), ("no-store", "nosniff"), "{path}");
    }
    let page = maria.get("/console/design").expect(200).text;
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains(" style=") && !page.contains(" onclick="), "{page}");
    for asset in ["/assets/style.css", "/assets/console.css", "/assets/console.js", "/assets/icon.svg"] {
        let first = maria.get(asset).expect(200);
        assert!(page.contains(asset), "{asset} is loaded");
        maria.send(&Call::get(world.url(asset)).header("if-none-match", first.header("etag"))).expect(304);
    }
    // Keys are for programs, sessions for people.
    let key = world.new_key("--operator", "olga");
    Call::get(world.url("/console/account")).key(&key).send().expect(303);
}

#[test]
fn what_anybody_changes_stands_in_the_audit_log() {
    let world = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").contract("return_days = 14")));
    let maria = world.person("maria", "owner");
    let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
    let (buyer, operator) = (world.new_key("--buyer", "alpha"), world.new_key("--operator", "olga"));
    let post = |path: &str, key: &str, body| Call::post(world.url(path)).key(key).json(&body).send().expect(200);
    post(&format!("/v1/sales/{sale}/return"), &buyer, json!({ "reason": "wrong_person" }));
    post(&format!("/v1/admin/sales/{sale}/return/decide"), &operator, json!({ "decision": "accept" }));
    world.run_as("ann", &["credit", "add", "alpha", "10.00"]).done();
    let page = maria.get("/console/audit").expect(200).text;
    let rows: Vec<String> = page.split("<tr>").skip(2).map(text_of).collect();
    let has = |words: &[&str]| assert!(rows.iter().any(|row| words.iter().all(|word| row.contains(word))), "{words:?} in {rows:#?}");
    has(&["ann", "move money", "buyer:alpha 10.00, booked"]);
    has(&["olga", "decide return", &sale, "accepted"]);
    has(&["buyer alpha", "request return", &sale, "wrong_person"]);
    has(&["apply market", "revision 1"]);
    has(&["maria", "set password"]);
    let ben = world.person("ben", "read-only");
    ben.get("/console/audit").expect(403);
}

/// The words of a piece of a page.
fn text_of(html: &str) -> String {
    html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect::<Vec<_>>().join(" ")
}

/// A page of `console/routes.rs`.
struct Page {
    method: String,
    path: String,
}

fn pages() -> Vec<Page> {
    let lines = ROUTES.lines().map(str::trim).filter(|line| line.ends_with(';') && line.contains(" => "));
    let pages = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let (method, path) = (words.next()?, words.next()?.trim_matches('"'));
        path.starts_with("/console").then(|| Page { method: method.to_uppercase(), path: path.to_owned() })
    });
    pages.collect()
}

/// The objects of a path: one's own, another's, none. Its places are `{sale_id}`, `{lead_id}`; others are filled with what nothing has.
struct Objects {
    of: [(&'static str, String, String); 3],
}

impl Objects {
    fn paths(&self, path: &str) -> Vec<(&'static str, String)> {
        let fill = |object: &(&'static str, String, String)| {
            let path = path.replace("{sale_id}", &object.1).replace("{lead_id}", &object.2);
            let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part }).collect();
            (object.0, parts.join("/"))
        };
        let is_about_one = path.contains("{sale_id}") || path.contains("{lead_id}");
        if is_about_one { self.of.iter().map(fill).collect() } else { vec![("-", fill(&self.of[2]).1)] }
    }
}

/// Every page as every role: `yes` where its handler answers, `404` where it says that there is no such thing, `no` where the role may not, `in` where one must sign in first. A change of this
/// table is a change of who sees what.
#[test]
fn who_may_open_which_page() {
    let only = |name: &str, state: &str| Buyer::bids(name, "20.00").contract(&format!("filter = 'state == \"{state}\"'\nreturn_days = 14"));
    let world = World::of(Market::new().supplier("other", "").buyer(only("alpha", "CA")).buyer(only("beta", "NV")));
    let other_key = world.new_key("--supplier", "other");
    let sold = |number, state: &str, key: &str| {
        let lead =
            Call::post(world.url("/v1/leads/loans")).key(key).json(&with(Person(number).lead(), json!({ "state": state }))).send().ok("sold").word("lead_id");
        let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
        (sale, lead)
    };
    let (own, other) = (sold(1, "CA", &world.key), sold(2, "NV", &other_key));
    let unknown = |kind: &str| format!("{kind}_01kz5h2v7qe0gr3m5w8x9y2c4d");
    let objects = Objects { of: [("own", own.0, own.1), ("other's", other.0, other.1), ("unknown", unknown("sale"), unknown("lead"))] };
    let roles = ["none", "buyer:alpha", "supplier:acme", "read-only", "finance", "operations", "owner"];
    let name = |role: &str| role.replace(':', "-");
    let mut visitors: Vec<Visitor> =
        roles.iter().map(|role| if *role == "none" { Visitor::nobody(&world.at) } else { world.person(&name(role), role) }).collect();
    let mut pages = pages();
    // Those that end sessions come last.
    pages.sort_by_key(|page| page.path.starts_with("/console/account/"));
    let mut told: BTreeSet<String> = BTreeSet::new();
    for Page { method, path } in pages {
        for (object, at) in objects.paths(&path) {
            let cells = roles.iter().zip(&mut visitors).map(|(role, visitor)| {
                if *role != "none" && !visitor.is_signed_in() {
                    let link = world.run(&["person", "link", &name(role), "--at", &world.at, "--json"]).done().json();
                    *visitor = Visitor::welcomed(&world.at, link["link"].as_str().unwrap());
                }
                let csrf = if *role == "none" || method == "GET" { String::new() } else { visitor.csrf() };
                let call = if method == "GET" { Call::get(world.url(&at)) } else { visitor.form(&at, &json!({ "csrf": csrf })) };
                let (status, location) = visitor.with_cookies(&call).headers_alone();
                match status {
                    303 if location.starts_with("/console/sign-in?to=") => "in",
                    401 => "in",
                    403 => "no",
                    404 => "404",
                    200..500 => "yes",
                    _ => panic!("{method} {at} as {role}: {status}"),
                }
            });
            let cells: Vec<String> = cells.map(|cell| format!("{cell:<5}")).collect();
            told.insert(format!("{path:<42} {method:<5} {object:<8} {}\n", cells.join(" ").trim_end()));
        }
    }
    let head = "page                                       call  object   none  buyer suppl read  finan opera owner\n";
    insta::assert_snapshot!(format!("{head}{}", told.into_iter().collect::<String>()));
}

/// A buyer's sales, its contacts and returns; and nothing of another's.
#[test]
fn a_buyer_sees_its_own_world() {
    let only = |name: &str, state: &str| Buyer::bids(name, "20.00").contract(&format!("filter = 'state == \"{state}\"'\nreturn_days = 14"));
    let world = World::of(Market::new().buyer(only("alpha", "CA")).buyer(only("beta", "NV")));
    let sold = |number, state: &str| {
        let lead = world.lead(&with(Person(number).lead(), json!({ "state": state }))).ok("sold").word("lead_id");
        world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned()
    };
    let (own, other) = (sold(1, "CA"), sold(2, "NV"));
    let (buyer, owner) = (world.person("bea", "buyer:alpha"), world.person("maria", "owner"));
    let home = buyer.get("/console").expect(303);
    assert_eq!(home.header("location"), "/console/buying");
    let overview = buyer.get("/console/buying").expect(200).text;
    assert!(overview.contains("\u{2212}20.00") && !overview.contains("beta"), "{overview}");

    let sales = buyer.get("/console/buying/sales").expect(200).text;
    assert!(sales.contains(&own) && !sales.contains(&other));
    // A ping that nobody posts is among its bids, too.
    world.ping(&Person(3).attributes()).ok("matched");
    let bids = wait_for("both bids", || Some(buyer.get("/console/buying/bids").expect(200).text).filter(|page| page.contains("not posted")));
    assert!(text_of(&bids).contains("won") && !bids.contains("beta"), "{bids}");
    let statement = buyer.get("/console/buying/statement").expect(200).text;
    assert!(statement.contains("\u{2212}20.00"), "{statement}");
    assert!(buyer.get("/console/buying/statement/csv").expect(200).text.contains("-20.00"));

    // The contact is on no page before somebody asks for it, and the journal says who.
    let page = format!("/console/buying/sales/{own}");
    let phone = Person(1).phone();
    assert!(!buyer.get(&page).expect(200).text.contains(&phone));
    assert!(buyer.post(&format!("{page}/contact"), &json!({})).expect(200).text.contains(&phone));
    assert!(owner.get("/console/audit").text.contains("reveal contact"));
    buyer.get(&format!("/console/buying/sales/{other}")).expect(404);
    for what in ["contact", "return"] {
        buyer.post(&format!("/console/buying/sales/{other}/{what}"), &json!({ "reason": "wrong_person" })).expect(404);
    }

    // Given back, it is the operator's to decide, and the contact is the buyer's no more.
    let give_back = |reason: &str| buyer.post(&format!("{page}/return"), &json!({ "reason": reason, "note": "hung up" }));
    assert!(give_back("no such reason").expect(409).text.contains("reason"));
    give_back("wrong_person").expect(303);
    assert!(buyer.get(&page).text.contains("The operator is asked to take it back."));
    owner.post(&format!("/console/money/returns/{own}/accept"), &json!({})).expect(303);
    assert!(text_of(&buyer.get(&page).text).contains("accepted"));
    buyer.post(&format!("{page}/contact"), &json!({})).expect(409);
    assert!(text_of(&buyer.get("/console/buying").text).contains("0.00"));
}

#[test]
fn a_supplier_sees_its_own_world_and_tries_a_lead() {
    let world = World::of(Market::new().supplier("other", "").buyer(Buyer::bids("alpha", "20.00")));
    let own = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let other_key = world.new_key("--supplier", "other");
    let other = Call::post(world.url("/v1/leads/loans")).key(&other_key).json(&Person(2).lead()).send().ok("sold").word("lead_id");
    let sam = world.person("sam", "supplier:acme");
    let leads = sam.get("/console/supplying").expect(200).text;
    assert!(leads.contains(&own) && !leads.contains(&other) && !leads.contains("alpha"), "{leads}");
    assert!(sam.get("/console/supplying?status=unsold").expect(200).text.contains("No such leads"));
    let lead = sam.get(&format!("/console/supplying/leads/{own}")).expect(200).text;
    assert!(!lead.contains("alpha") && !lead.contains("20.00"), "no buyer, no gross price: {lead}");
    sam.get(&format!("/console/supplying/leads/{other}")).expect(404);
    sam.get("/console/supplying/statement").expect(200);

    let posting = sam.get("/console/supplying/posting").expect(200).text;
    assert!(posting.contains("/specs/acme"));
    let fields: serde_json::Map<_, _> = Person(3).lead().as_object().unwrap().iter().map(|(name, value)| (format!("field.{name}"), value.clone())).collect();
    let tried = sam.post("/console/supplying/posting/loans", &fields.clone().into()).expect(200).text;
    assert!(tried.contains("Nothing was booked."), "{tried}");
    let mut wrong = fields;
    wrong.insert("field.phone".into(), json!("12"));
    let again = sam.post("/console/supplying/posting/loans", &wrong.into()).expect(422).text;
    assert!(again.contains("aria-invalid") && again.contains("Quillfeather3"), "what was typed stands: {again}");
    sam.get("/console/supplying/posting/nothing").expect(404);
}
