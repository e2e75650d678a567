//! Proof of consent: what a contract requires of a lead, and leads whose person agreed to named companies only.

use serde_json::{Value, json};

use crate::support::{
    Buyer, Market, Person, World,
    market::LOANS,
    people::with,
    world::{row, rows},
};

const CERTIFICATE: &str = "https://cert.trustedform.com/0123456789abcdef0123456789abcdef01234567";
const TOKEN: &str = "0B5F2A6C-12AB-34CD-56EF-0123456789AB";

/// `alpha` pays most and wants a certificate; `beta` goes by another name; `gamma` takes anything it may.
fn market() -> Market {
    let fields = "[fields.trusted_form]\ntype = \"trusted_form\"\n[fields.leadid]\ntype = \"jornaya\"\n[fields.sellers]\ntype = \"companies\"\n[fields.disclosure]\ntype = \"text\"\nmax_length = 2000\npart = \"evidence\"\n[fields.page_version]\ntype = \"text\"\npart = \"evidence\"\n";
    Market::new()
        .file("verticals/loans.toml", &format!("one_to_one = \"sellers\"\n{LOANS}{fields}"))
        .buyer(Buyer::bids("alpha", "30.00").contract("requires = [\"trusted_form\"]"))
        .buyer(Buyer::bids("beta", "20.00").head("consent_names = [\"Beta Lending, Inc.\"]"))
        .buyer(Buyer::bids("gamma", "10.00"))
}

fn lead(person: Person, evidence: &Value) -> Value {
    with(person.lead(), evidence.clone())
}

fn why(world: &World, id: &str, contract: &str) -> String {
    row(&world.trace(id), "contracts", contract)["reason"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_lead_goes_to_companies_that_its_person_agreed_to_and_with_the_proof_they_want() {
    let world = World::of(market());
    let both = json!({ "sellers": "Alpha; Beta Lending, Inc.; gamma", "trusted_form": CERTIFICATE, "leadid": TOKEN, "disclosure": "By pressing the button I agree", "page_version": "7" });
    let sold = world.lead(&lead(Person(1), &both)).ok("sold");
    assert_eq!(sold.word("price"), "24.00", "alpha's, with everything there");
    let post = &world.calls("alpha", "/post")[0]["body"];
    assert_eq!(post["evidence"]["trusted_form"], CERTIFICATE);
    assert_eq!((&post["evidence"]["leadid"], &post["evidence"]["page_version"]), (&json!(TOKEN), &json!("7")));
    assert!(post["contact"].get("trusted_form").is_none());

    let sold = world.lead(&lead(Person(2), &json!({ "sellers": "Alpha; Beta Lending, Inc." }))).ok("sold");
    assert_eq!(sold.word("price"), "16.00", "beta's, for want of a certificate");
    assert_eq!(why(&world, &sold.word("lead_id"), "alpha/main"), "requires: trusted_form");

    let sold = world.lead(&lead(Person(3), &json!({ "sellers": "Gamma", "trusted_form": CERTIFICATE }))).ok("sold");
    assert_eq!(sold.word("price"), "8.00");
    assert_eq!(why(&world, &sold.word("lead_id"), "alpha/main"), "consent: the company is not among those agreed to");
    assert_eq!(rows(&world.trace(&sold.word("lead_id")), "pings").len(), 1, "who may not buy is not pinged");

    for nobody in [json!({ "sellers": "Alphabet; Beta; Gam ma" }), json!({})] {
        let unsold = world.lead(&lead(Person(4), &nobody)).ok("unsold");
        assert_eq!(unsold.word("reason"), "no_eligible_buyer");
    }
}

/// A ping carries no proof, so a quote promises on the supplier's word; the post must bring it.
#[test]
fn a_quote_falls_to_the_next_where_the_post_brings_no_proof() {
    let world = World::of(market().supplier("acme", "accept_lower = true"));
    let quote = world.ping(&Person(1).attributes()).ok("matched");
    assert_eq!(quote.word("price"), "24.00");
    let sold = world.post(&quote.word("ping_id"), &lead(Person(1), &json!({ "sellers": "Alpha, Gamma" }))).ok("sold");
    assert_eq!(sold.word("price"), "8.00", "alpha lacks its certificate, beta the consent");
    assert!(world.calls("alpha", "/post").is_empty() && world.calls("beta", "/post").is_empty());
    let timeline = world.trace(&sold.word("lead_id"))["timeline"].to_string();
    assert!(timeline.contains("the exclusive offer of alpha/main falls away: requires: trusted_form"), "{timeline}");
}

#[test]
fn proof_that_is_none_is_refused() {
    let world = World::of(market());
    let wrong = json!({ "trusted_form": "https://cert.trustedform.example/0123456789", "leadid": "0B5F2A6C" });
    let refused = world.lead(&lead(Person(1), &wrong)).expect(422);
    let errors = refused.json()["errors"].clone();
    assert_eq!((&errors[0]["field"], &errors[1]["field"], &errors[2]), (&json!("leadid"), &json!("trusted_form"), &Value::Null));
    // In a ping, proof is let go of: it is the person's, and no buyer sees it.
    let quote = world.ping(&with(Person(1).attributes(), json!({ "trusted_form": CERTIFICATE, "sellers": "Alpha" }))).ok("matched");
    assert_eq!(quote.json()["ignored"], json!(["sellers", "trusted_form"]));
    assert!(!world.has_seen("alpha", "trustedform"));
}
