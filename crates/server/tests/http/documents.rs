//! What the exchange says of itself: the OpenAPI document, the documentation's pages, and the headers of every answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Buyer, Call, Market, Person, World, people::with, wait_for};

fn world() -> World {
    World::of(Market::of_bids(&["20.00", "15.00"]))
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let world = world();
    let get = |path: &str| Call::get(world.url(path)).send();
    let lead = || world.call("/v1/leads/loans");
    let answers = [
        ("/", get("/")),
        ("/docs", get("/docs")),
        ("/docs/", get("/docs/")),
        ("/docs/swagger-ui.css", get("/docs/swagger-ui.css")),
        ("/docs/nothing", get("/docs/nothing")),
        ("/healthz", get("/healthz").expect(200)),
        ("/readyz", get("/readyz").expect(200)),
        ("/metrics", get("/metrics").expect(200)),
        ("/openapi.json", get("/openapi.json").expect(200)),
        ("/nothing", get("/nothing").expect(404)),
        ("another method", Call::new("DELETE", world.url("/healthz")).send().expect(405)),
        ("no key", Call::post(world.url("/v1/leads/loans")).send().expect(401)),
        ("sold", lead().json(&Person(1).lead()).send().expect(200)),
        ("broken", lead().body("application/json", "{").send().expect(400)),
        ("too large", lead().body("application/json", "x".repeat(70_000)).send().expect(413)),
        ("wrong", lead().json(&json!({})).send().expect(422)),
        ("matched", world.ping(&Person(2).attributes()).expect(200)),
        ("unknown", world.status("lead_01kz5h2v7qe0gr3m5w8x9y2c4d").expect(404)),
    ];
    for (what, answer) in &answers {
        let policy = answer.header("content-security-policy");
        let is_docs = what.starts_with("/docs");
        assert!(policy.starts_with(if is_docs { "default-src 'self'" } else { "default-src 'none'" }), "{what}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("http") && !policy.contains("unsafe-eval"), "{what}: {policy}");
        assert_eq!((answer.header("x-content-type-options"), answer.header("referrer-policy")), ("nosniff", "no-referrer"), "{what}");
    }
}

/// What a page or style loads: every `src`, `href` and `url(…)`.
fn loaded(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (before, after) in [("src=\"", '"'), ("href=\"", '"'), ("src='", '\''), ("href='", '\''), ("url(", ')')] {
        found.extend(text.split(before).skip(1).filter_map(|rest| rest.split(after).next()).map(|link| link.trim_matches(['"', '\'']).to_owned()));
    }
    found
}

#[test]
fn the_documentation_loads_nothing_from_elsewhere() {
    let world = world();
    let page = Call::get(world.url("/docs/")).send().expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let assets = loaded(&page.text);
    assert!(assets.len() >= 4, "{assets:?}");
    let mut scripts = 0;
    for asset in &assets {
        assert!(!asset.contains("//"), "{asset} is from elsewhere");
        let answer = Call::get(world.url(&format!("/docs/{}", asset.trim_start_matches("./")))).send().expect(200);
        assert!(!answer.text.is_empty(), "{asset}");
        if asset.ends_with(".css") {
            assert_eq!(answer.header("content-type"), "text/css");
            let loads: Vec<String> = loaded(&answer.text).into_iter().filter(|link| !link.starts_with("data:") && !link.starts_with('#')).collect();
            assert!(loads.iter().all(|link| !link.contains("//")), "{asset}: {loads:?}");
        }
        scripts += usize::from(asset.ends_with(".js") && answer.text.contains("/openapi.json"));
    }
    assert_eq!(scripts, 1, "one script names the document");
    // The policy lets no inline script run, so the page has none.
    assert!(page.text.split("<script").skip(1).all(|script| script.split('>').next().unwrap().contains("src=")), "{}", page.text);
}

#[test]
fn the_openapi_document_describes_what_is_there() {
    let world = world();
    let document = Call::get(world.url("/openapi.json")).send().expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    // Each call with a key that may make it.
    let keys = [world.new_key("--buyer", "alpha"), world.new_key("--operator", "olga"), world.key.clone()];
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let real: String = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
            let role = [["/v1/sales", "/v1/posts", "/v1/contracts"].iter().any(|of| path.starts_with(of)), path.starts_with("/v1/admin"), true];
            let key = &keys[role.iter().position(|is| *is).unwrap()];
            let answer = Call::new(&method.to_uppercase(), world.url(&real)).key(key).send();
            assert_ne!(answer.status, 403, "{method} {path}");
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(!answer.text.contains("nothing is here"), "{method} {path}");
            let said = &methods[method]["responses"][answer.status.to_string()];
            assert!(said.is_object(), "{method} {path} answers {} and doesn't say so", answer.status);
        }
    }
    insta::assert_json_snapshot!(document);
}

#[test]
fn answers_have_the_shape_that_the_document_says() {
    let shared = |name: &str, bid: &str| Buyer::bids(name, bid).contract("sale = [\"shared\"]");
    let market = Market::new().tree("max_disclosures = 2", "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"shared:2\"");
    let market =
        market.buyer(shared("alpha", "9.00").contract("filter = 'state == \"CA\"'")).buyer(shared("beta", "8.00").contract("filter = 'state == \"CA\"'"));
    let world = World::of(market);
    let document = Call::get(world.url("/openapi.json")).send().json();
    let elsewhere = json!({ "state": "NV", "shoe_size": 44 });
    let lead = world.lead(&with(Person(1).lead(), json!({ "shoe_size": 44 }))).ok("sold");
    let answers = [
        ("Quote", world.ping(&with(Person(2).attributes(), json!({ "notes": "x" }))).ok("matched")),
        ("Quote", world.ping(&with(Person(2).attributes(), elsewhere.clone())).ok("unmatched")),
        ("Lead", world.status(&lead.word("lead_id")).ok("sold")),
        ("Lead", lead),
        ("Lead", world.lead(&Person(1).lead()).ok("duplicate")),
        ("Lead", world.lead(&with(Person(3).lead(), elsewhere)).ok("unsold")),
    ];
    for name in ["Quote", "Lead"] {
        let schema = &document["components"]["schemas"][name];
        let of_schema: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let bodies: Vec<Value> = answers.iter().filter(|(of, _)| *of == name).map(|(_, answer)| answer.json()).collect();
        let told: BTreeSet<&String> = bodies.iter().flat_map(|body| body.as_object().unwrap().keys()).collect();
        let untold: Vec<_> = of_schema.difference(&told).filter(|member| **member != "redirect_url").collect();
        assert!(told.is_subset(&of_schema) && untold.is_empty(), "{name} says {told:?}, and the document {of_schema:?}");
        for required in schema["required"].as_array().unwrap() {
            assert!(bodies.iter().all(|body| body.get(required.as_str().unwrap()).is_some()), "{name} without {required}");
        }
        for body in &bodies {
            for (member, value) in body.as_object().unwrap() {
                let kind = &schema["properties"][member]["type"];
                let is = if value.is_string() {
                    "string"
                } else if value.is_boolean() {
                    "boolean"
                } else {
                    "array"
                };
                assert!(kind == is || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == is)), "{name}.{member} is {value}, not {kind}");
            }
        }
    }
}

#[test]
fn figures_count_what_happened_and_are_not_for_everybody() {
    let market = Market::of_bids(&["20.00", "15.00"]).buyer(Buyer::bids("quiet", "1.00").flags("--no-bid-rate 1"));
    let world = World::of(market);
    for number in 0..3 {
        world.lead(&Person(number).lead()).ok("sold");
    }
    world.lead(&Person(0).lead()).ok("duplicate");
    world.lead(&json!({})).expect(422);
    let counted = [
        ("pingpost_requests_total", "route=\"direct_post\",status=\"200\"", 4),
        ("pingpost_requests_total", "route=\"direct_post\",status=\"422\"", 1),
        ("pingpost_replies_total", "outcome=\"sold\"", 3),
        ("pingpost_replies_total", "outcome=\"duplicate\"", 1),
        ("pingpost_pings_total", "buyer=\"quiet\"", 3),
        ("pingpost_bids_total", "buyer=\"beta\"", 3),
        ("pingpost_bids_total", "buyer=\"quiet\"", 0),
        ("pingpost_no_bids_total", "buyer=\"quiet\"", 3),
        ("pingpost_posts_total", "buyer=\"alpha\",outcome=\"accepted\"", 3),
        ("pingpost_posts_total", "buyer=\"beta\"", 0),
    ];
    for (name, labels, count) in counted {
        assert_eq!(world.counted(name, labels), count, "{name} {labels}");
    }
    let forwarded = || Call::get(world.url("/metrics")).header("x-forwarded-for", "203.0.113.9");
    forwarded().send().expect(403);
    forwarded().key(&world.key).send().expect(403);
    forwarded().key(&world.new_key("--operator", "olga")).send().expect(200);
}

/// The instructions of a supplier are there in three forms, follow the market, and need no key.
#[test]
fn a_suppliers_instructions_follow_the_market() {
    let mut world = World::configured(Market::of_bids(&["20.00"]), "dialects = [\"lead_prosper=/lp\"]");
    let get = |world: &World, path: &str| Call::get(world.url(path)).send();
    let page = get(&world, "/specs/acme").expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    assert!(page.text.contains("200000-299999") && page.text.contains("/lp/ping") && !page.text.contains("20.00"), "{}", page.text);
    assert_eq!(get(&world, "/assets/style.css").expect(200).header("content-type"), "text/css; charset=utf-8");
    assert_eq!(get(&world, "/specs/acme.md").expect(200).header("content-type"), "text/markdown; charset=utf-8");
    assert!(get(&world, "/specs/acme.json").expect(200).json()["paths"].get("/v1/pings/loans").is_some());
    for unknown in ["/specs/nobody", "/specs/acme.pdf", "/specs/%3Cscript%3E"] {
        get(&world, unknown).expect(404);
    }
    world.market = world.market.clone().more("verticals/loans.toml", "[fields.roof_age]\ntype = \"integer\"\nping = \"value\"");
    world.apply().done();
    wait_for("the new field", || get(&world, "/specs/acme").text.contains("roof_age").then_some(()));
}
