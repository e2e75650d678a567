//! Trees of several tiers, and leads that several buyers share.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Value, json};

use crate::support::{
    Buyer, Call, Market, Person, World,
    people::with,
    world::{row, rows},
};

fn shared(name: &str, bid: &str) -> Buyer {
    Buyer::bids(name, bid).contract("sale = [\"exclusive\", \"shared\"]")
}

/// First a preferred buyer at a fixed price, then an auction above a floor, then up to three at once.
fn market() -> Market {
    let tree = r#"
vertical = "loans"
deadline_ms = 8000
max_disclosures = 3
[[tiers]]
name = "preferred"
mode = "sequential"
order = "priority"
contracts = ["preferred/main", "second/main"]
sale = "exclusive"
[[tiers]]
name = "auction"
mode = "competitive"
contracts = ["alpha/main", "beta/main"]
floor = "24.00"
deadline_ms = 4000
sale = "exclusive"
[[tiers]]
name = "shared"
mode = "competitive"
contracts = ["alpha/main", "beta/main", "gamma/main", "sister/main", "delta/main"]
floor = "3.00"
deadline_ms = 4000
sale = "shared:3"
"#;
    let fixed = |name: &str, filter: &str, priority: u32| {
        let buyer = Buyer::bids(name, "1.00");
        Buyer { contract: format!("price = \"30.00\"\npriority = {priority}\nfilter = '{filter}'"), ..buyer }
    };
    Market::new()
        .file("trees/loans.toml", tree)
        .buyer(fixed("preferred", "kind == \"purchase\"", 1))
        .buyer(fixed("second", "kind == \"purchase\" && owner == true", 2))
        .buyer(shared("alpha", "10.00").contract("filter = 'state == \"CA\"'"))
        .buyer(shared("beta", "26.00").contract("filter = 'owner == true'"))
        .buyer(shared("gamma", "9.00").head("parent = \"Sisters\""))
        .buyer(shared("sister", "8.00").head("parent = \"Sisters\""))
        .buyer(shared("delta", "7.00"))
}

#[test]
fn a_tree_is_walked_tier_by_tier_and_ends_at_the_first_that_sells() {
    let world = World::of(market());
    let lead = |person: Person, more: Value| world.lead(&with(person.lead(), more)).ok("sold");
    let seen_by = |person: Person| world.who_has_seen(&person.phone()).into_iter().collect::<BTreeSet<String>>();

    let first = lead(Person(1), json!({ "kind": "purchase", "owner": true }));
    assert_eq!((first.word("price"), seen_by(Person(1))), ("24.00".into(), ["preferred".into()].into()));
    assert!(["preferred", "alpha", "beta"].iter().all(|buyer| world.count(buyer, "/ping") == 0), "a fixed price needs no ping");

    let second = lead(Person(2), json!({ "kind": "refinance", "owner": true }));
    assert_eq!((second.word("price"), seen_by(Person(2))), ("20.80".into(), ["beta".into()].into()));

    let third = lead(Person(3), json!({ "kind": "refinance", "owner": false }));
    assert_eq!(seen_by(Person(3)), ["alpha".into(), "gamma".into(), "delta".into()].into(), "one of each company, three at most");
    // Net: 10.00 − 2.00, 9.00 − 1.80, 7.00 − 1.40.
    assert_eq!((third.word("price"), &third.json()["legs"]), ("20.80".into(), &json!([{ "price": "8.00" }, { "price": "7.20" }, { "price": "5.60" }])));
    let trace = world.trace(&third.word("lead_id"));
    assert_eq!(rows(&trace, "sales").len(), 3);
    assert!(rows(&trace, "sales").iter().all(|sale| sale["kind"] == "shared" && sale["status"] == "sold"));
    assert_eq!(row(&trace, "contracts", "preferred")["reason"], "filter: kind == \"purchase\"");
    let of_tier = |tier: &str| rows(&trace, "contracts").iter().filter(|row| row["tier"] == tier).count();
    assert_eq!((of_tier("preferred"), of_tier("auction"), of_tier("shared")), (2, 2, 5), "{:#}", trace["contracts"]);
    for call in world.calls("gamma", "/post") {
        assert_eq!((&call["body"]["sale"], &call["body"]["price"]), (&json!("shared"), &json!("9.00")));
    }

    // A shared quote names its legs.
    let attributes = with(Person(4).attributes(), json!({ "kind": "refinance", "owner": false }));
    let ping = || world.call("/v1/pings/loans").once("quote").json(&attributes).send().ok("matched");
    let quote = ping();
    assert_eq!(ping().json(), quote.json(), "and so does its repeat");
    assert_eq!((quote.word("price"), quote.json()["legs"].as_array().unwrap().len()), ("20.80".into(), 3));
    let post = || world.post(&quote.word("ping_id"), &with(Person(4).lead(), json!({ "kind": "refinance", "owner": false }))).ok("sold");
    let sold = post();
    assert_eq!(post().json(), sold.json());
    assert_eq!((sold.word("price"), seen_by(Person(4)).len()), ("20.80".into(), 3));
}

#[test]
fn what_earns_more_is_sold_exclusively_or_shared() {
    let best = |tier: &str| Market::new().tree("max_disclosures = 3", tier);
    let tier = "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"best:3\"";
    let of =
        |exclusive: &str| ["alpha", "beta", "gamma"].iter().fold(best(tier), |market, name| market.buyer(shared(name, exclusive).flags("--shared-bid 8.00")));
    for (exclusive, price, buyers) in [("20.00", "19.20", 3), ("24.00", "19.20", 1), ("25.00", "20.00", 1)] {
        let world = World::of(of(exclusive));
        let sold = world.lead(&Person(1).lead()).ok("sold");
        assert_eq!(
            (sold.word("price").as_str(), world.who_has_seen(&Person(1).phone()).len()),
            (price, buyers),
            "exclusive at {exclusive}; exclusive on a tie"
        );
    }
}

#[test]
fn a_rejected_contact_goes_to_no_more_buyers_than_the_tree_allows() {
    let market = |most: u32| {
        let tier = "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"";
        Market::new()
            .tree(&format!("max_disclosures = {most}"), tier)
            .supplier("careful", "max_disclosures = 1")
            .buyer(Buyer::bids("first", "30.00").flags("--reject-rate 1"))
            .buyer(Buyer::bids("second", "25.00").flags("--reject-rate 1"))
            .buyer(Buyer::bids("third", "20.00"))
    };
    for most in 1..=3 {
        let world = World::of(market(most));
        let answer = world.lead(&Person(1).lead()).expect(200);
        let trace = world.trace(&answer.word("lead_id"));
        assert_eq!(world.who_has_seen(&Person(1).phone()).len(), most as usize, "{answer:?}");
        assert_eq!(rows(&trace, "disclosures").len(), most as usize);
        if most < 3 {
            assert_eq!((answer.word("status"), answer.word("reason"), answer.word("price")), ("unsold".into(), "max_disclosures".into(), "0.00".into()));
            assert!(rows(&trace, "ledger").is_empty());
        } else {
            assert_eq!((answer.word("status"), answer.word("price")), ("sold".into(), "16.00".into()));
            assert_eq!(row(&trace, "sales", "first")["status"], "void");
        }
        let careful = world.new_key("--supplier", "careful");
        Call::post(world.url("/v1/leads/loans")).key(&careful).json(&Person(2).lead()).send().ok("unsold");
        assert_eq!(world.who_has_seen(&Person(2).phone()), ["first"], "a supplier may lower it");
    }
}

/// Debt relief of the sample market, with buyers that now and then reject, decline, or don't bid.
#[test]
fn in_the_samples_debt_relief_the_phone_reaches_who_bought_and_nobody_else() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/market");
    let mut world = World::of_directory(&sample, "--bid 17 --bid-spread 15 --shared-bid 9 --no-bid-rate 0.1 --decline-rate 0.2 --reject-rate 0.15");
    world.apply_directory().done();
    world.run(&["credit", "add", "clear-path-debt", "300.00"]).done();
    let keys = ["dreamy-leads", "fresh-start-media"].map(|name| world.new_key("--supplier", name));
    world.serve();
    let parents: BTreeMap<&str, &str> = [("second-wind", "Bridge Group"), ("freedom-bridge", "Bridge Group")].into();
    let mut tiers = BTreeSet::new();
    let mut most_sold = 0;
    for number in 0..36_u32 {
        let person = Person(number);
        let debt = [6_000, 12_000, 22_000, 34_000, 60_000][number as usize % 5];
        let lead = json!({
            "state": (["CA", "TX", "FL", "NY", "OH", "WA"][number as usize % 6]), "zip": (["90012", "77002", "33101", "10001", "43004", "98101"][number as usize % 6]),
            "debt_amount": debt, "income": 20_000 + 15_000 * (number % 4), "behind_on_payments": number % 2 == 0, "first_name": "Ada", "last_name": "Hollow",
            "email": person.email(), "phone": person.phone(),
        });
        let key = &keys[number as usize / 2 % 2];
        let answer = Call::post(world.url("/v1/leads/debt-relief")).key(key).json(&lead).send().expect(200);
        let trace = world.trace(&answer.word("lead_id"));
        let mut sold = BTreeSet::new();
        let (mut companies, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        for sale in rows(&trace, "sales").iter().filter(|sale| sale["status"] == "sold") {
            let buyer = sale["buyer"].as_str().unwrap();
            assert!(companies.insert(parents.get(buyer).copied().unwrap_or(buyer).to_owned()), "two of one company: {:#}", trace["sales"]);
            sold.insert(buyer.to_owned());
            kinds.insert(sale["kind"].as_str().unwrap().to_owned());
        }
        assert_eq!(answer.word("status"), if sold.is_empty() { "unsold" } else { "sold" });
        assert!(sold.len() <= 3 && (sold.len() <= 1 || kinds == ["shared".to_owned()].into()), "{:#}", trace["sales"]);
        let seen: BTreeSet<String> = world
            .received("sandbox")
            .iter()
            .filter(|call| call.to_string().contains(&person.phone()))
            .map(|call| call["path"].as_str().unwrap().trim_start_matches('/').split('/').next().unwrap().to_owned())
            .collect();
        let disclosed: BTreeSet<String> = rows(&trace, "disclosures").iter().map(|row| row["buyer"].as_str().unwrap().to_owned()).collect();
        assert_eq!(seen, disclosed, "who has it is who is journalled");
        assert!(seen.len() <= 3 && sold.is_subset(&seen));
        for buyer in seen.difference(&sold) {
            assert_eq!(row(&trace, "sales", buyer)["status"], "void", "who has it and didn't buy it, rejected it: {:#}", trace["sales"]);
        }
        tiers.extend(rows(&trace, "auctions").last().map(|auction| auction["tier"].as_str().unwrap().to_owned()));
        most_sold = most_sold.max(sold.len());
    }
    assert!(tiers.len() >= 3, "leads are sold in several tiers: {tiers:?}");
    assert_eq!(most_sold, 3);
}
