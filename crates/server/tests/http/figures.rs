//! Figures: one definition each, the same from every side, and to the cent what the ledger says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Buyer, Call, Market, Person, World, people::with, shape::Shapes, wait_for};

/// Leads are shared by up to two; `delta` bids most and takes nothing, `gamma` never bids.
fn market() -> Market {
    let shared = |name: &str, bid: &str| Buyer::bids(name, bid).contract("sale = [\"shared\"]\nreturn_days = 14");
    Market::new()
        .tree("max_disclosures = 3", "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"shared:2\"")
        .buyer(shared("alpha", "20.00"))
        .buyer(shared("beta", "9.35"))
        .buyer(shared("gamma", "1.00").flags("--no-bid-rate 1"))
        .buyer(shared("delta", "30.00").flags("--reject-rate 1"))
}

fn asked(world: &World, key: &str, query: &str) -> Value {
    Call::get(world.url(&format!("/v1/admin/figures{query}"))).key(key).send().expect(200).json()
}

/// Without when it was asked.
fn figures(answer: &Value) -> Value {
    json!([answer["figures"], answer["verticals"], answer["buyers"]])
}

fn cents(amount: &str) -> i64 {
    let (whole, fraction) = amount.trim_start_matches('-').split_once('.').unwrap();
    let cents = whole.parse::<i64>().unwrap() * 100 + fraction[..2].parse::<i64>().unwrap();
    if amount.starts_with('-') { -cents } else { cents }
}

/// What the ledger says of all accounts of a kind, by cause, in cents.
fn booked(world: &World, of: &str) -> BTreeMap<String, i64> {
    let balances = world.run(&["balances", "--json"]).done().json();
    let mut sums = BTreeMap::new();
    for account in balances.as_array().unwrap().iter().map(|row| row["account"].as_str().unwrap()).filter(|account| account.starts_with(of)) {
        let statement = world.run(&["statement", account, "--json"]).done().json();
        for line in statement["lines"].as_array().unwrap() {
            *sums.entry(line["cause"].as_str().unwrap().to_owned()).or_default() += cents(line["amount"].as_str().unwrap());
        }
    }
    sums
}

#[test]
fn figures_are_the_same_from_every_side_and_add_up_with_the_ledger() {
    let mut world = World::of(market());
    let (olga, alpha) = (world.new_key("--operator", "olga"), world.new_key("--buyer", "alpha"));
    world.run(&["credit", "add", "alpha", "500.00"]).done();
    for number in 1..=4 {
        world.lead(&Person(number).lead()).ok("sold");
    }
    world.lead(&Person(1).lead()).ok("duplicate");
    world.lead(&with(Person(5).lead(), json!({ "test": true })));
    world.ping(&Person(6).attributes()).ok("matched");
    let sales = Call::get(world.url("/v1/sales")).key(&alpha).send().expect(200).json();
    let sale = sales["sales"][0]["sale_id"].as_str().unwrap();
    Call::post(world.url(&format!("/v1/sales/{sale}/return"))).key(&alpha).json(&json!({ "reason": "fraud" })).send().expect(200);
    let decide = Call::post(world.url(&format!("/v1/admin/sales/{sale}/return/decide"))).key(&olga);
    decide.json(&json!({ "decision": "accept" })).send().expect(200);

    // What nodes count themselves is kept within seconds.
    let told = wait_for("every ping to be counted", || {
        Some(asked(&world, &olga, "")).filter(|told| told["figures"]["pings"] == 1 && told["buyers"][0]["figures"]["pings"] == 5)
    });
    Shapes::of(&world).hold("get", "/v1/admin/figures", &told);
    let of = &told["figures"];
    let counts = ["received", "sold", "sales", "returns", "pings", "matched"].map(|name| of[name].as_i64().unwrap());
    assert_eq!(counts, [5, 4, 8, 1, 1, 1], "{told:#}");
    assert_eq!((&of["sold_percent"], &of["returned"]), (&json!(80.0), &json!("20.00")));

    // To the cent, by the ledger's own lines.
    let [buyers, suppliers, house] = ["buyer:", "supplier:", "house"].map(|of| booked(&world, of));
    let money = |name: &str| cents(of[name].as_str().unwrap());
    assert_eq!(money("revenue"), -(buyers["sale"] + buyers["return"]));
    assert_eq!(money("returned"), buyers["return"]);
    assert_eq!(money("payout"), suppliers["sale"] + suppliers["return"]);
    assert_eq!(money("margin"), house["sale"] + house["return"]);
    assert_eq!((money("revenue"), money("margin")), (4 * (2000 + 935) - 2000, money("revenue") - money("payout")));

    let of_buyer = |name: &str| told["buyers"].as_array().unwrap().iter().find(|row| row["buyer"] == name).unwrap()["figures"].clone();
    let calls = |name: &str| ["pings", "bids", "wins", "accepted", "rejects"].map(|figure| of_buyer(name)[figure].as_i64().unwrap());
    assert_eq!((calls("alpha"), calls("delta"), calls("gamma")), ([5, 5, 4, 4, 0], [5, 5, 4, 0, 4], [5, 0, 0, 0, 0]));
    assert_eq!((&of_buyer("gamma")["bid_percent"], &of_buyer("gamma")["win_percent"]), (&json!(0.0), &Value::Null), "no bid, no rate of wins");

    let same = |answer: Value| assert_eq!(figures(&answer), figures(&told));
    same(world.run(&["figures", "--json"]).done().json());
    same(asked(&world, &olga, "?period=1d"));
    let only = asked(&world, &olga, "?vertical=loans");
    assert_eq!((&only["figures"], &only["buyers"]), (of, &json!([])));
    assert_eq!(asked(&world, &olga, "?vertical=autos")["figures"]["received"], 0);
    assert_eq!(asked(&world, &olga, "?period=2020-02-01..2020-02-29")["figures"]["revenue"], "0.00");
    let metrics = Call::get(world.url("/metrics")).send().expect(200).text;
    for (figure, value) in [("received", "5"), ("sales", "8"), ("sold_percent", "80"), ("pings", "1")] {
        assert!(metrics.contains(&format!("pingpost_today{{figure=\"{figure}\",vertical=\"loans\"}} {value}\n")), "{figure}: {metrics}");
    }
    let shown = world.run(&["figures"]).done().stdout;
    assert!(shown.contains("Sold share") && shown.contains("80.0 %"), "{shown}");
    // They survive the node that counted.
    world.end("-TERM");
    world.serve();
    same(asked(&world, &olga, ""));
}

#[test]
fn what_is_no_period_is_refused_with_the_mend() {
    let world = World::of(Market::of_bids(&["20.00"]));
    let olga = world.new_key("--operator", "olga");
    let refused = Call::get(world.url("/v1/admin/figures?period=week&vertical=boats")).key(&olga).send().expect(422);
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 2, "{}", refused.text);
    assert!(world.run(&["figures", "--period", "week"]).refused().stderr.contains("7d"));
    assert!(world.run(&["figures", "--vertical", "boats"]).refused().stderr.contains("no vertical boats"));
    assert!(world.run(&["figures", "--define"]).done().stdout.contains("What the exchange kept"));
}
