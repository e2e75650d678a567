//! Money that people move, and what an account's statement says of it.

use serde_json::{Value, json};

use crate::support::{Buyer, Market, Person, World};

fn world() -> World {
    let market = Market::new().more("market.toml", "approvals = { above = \"100.00\" }").buyer(Buyer::bids("acme", "20.00").credit("0"));
    World::of(market)
}

fn causes(statement: &Value) -> Vec<String> {
    let lines = statement["lines"].as_array().unwrap();
    lines.iter().map(|line| format!("{} {}", line["cause"].as_str().unwrap(), line["amount"].as_str().unwrap())).collect()
}

#[test]
fn above_a_limit_a_second_person_decides() {
    let world = world();
    let ask = |amount: &str| world.run_as("ann", &["credit", "add", "acme", amount, "--note", "wire 7", "--json"]).done().json();
    assert_eq!(ask("100.00")["state"], "booked", "up to the limit nobody else is asked");
    let asked = ask("100.01");
    assert_eq!((&asked["state"], &asked["balance"]), (&json!("waiting"), &json!("100.00")));
    let id = asked["movement_id"].as_str().unwrap();
    let waits = world.run(&["movements", "--json"]).done().json();
    assert_eq!((&waits[0]["movement_id"], &waits[0]["asked_by"], &waits[0]["note"]), (&json!(id), &json!("ann"), &json!("wire 7")));
    let refused = world.run_as("ann", &["movements", "approve", id]).refused();
    assert!(refused.stderr.contains("another person decides"), "{refused:?}");
    let approved = world.run_as("ben", &["movements", "approve", id, "--json"]).done().json();
    assert_eq!((&approved["state"], &approved["balance"]), (&json!("booked"), &json!("200.01")));
    assert_eq!(world.run(&["movements", "--json"]).done().json(), json!([]));
    let other = ask("500.00");
    let other = other["movement_id"].as_str().unwrap();
    world.run_as("ben", &["movements", "refuse", other]).done();
    assert!(world.run_as("ben", &["movements", "approve", other]).refused().stderr.contains("refused already"));
    let all = world.run(&["movements", "--all", "--json"]).done().json();
    let states: Vec<&str> = all.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["refused", "booked", "booked"]);
}

#[test]
fn a_statement_adds_up_with_what_was_sold_and_paid() {
    let world = world();
    world.run(&["credit", "add", "acme", "50.00", "--note", "=1+1"]).done();
    for number in 0..2 {
        world.lead(&Person(number).lead()).ok("sold");
    }
    let statement = |account: &str| world.run(&["statement", account, "--json"]).done().json();
    let buyer = statement("buyer:acme");
    assert_eq!(causes(&buyer), ["prepayment 50.00", "sale -20.00", "sale -20.00"]);
    assert_eq!((&buyer["opening_balance"], &buyer["closing_balance"]), (&json!("0.00"), &json!("10.00")));
    let owed = statement("supplier:acme")["closing_balance"].as_str().unwrap().to_owned();
    let margin = statement("house")["closing_balance"].as_str().unwrap().to_owned();
    assert!(world.run(&["payout", "acme", "40.01"]).refused().stderr.contains(&format!("is owed {owed}")));
    world.run(&["payout", "acme", &owed, "--note", "October"]).done();
    let supplier = statement("supplier:acme");
    assert_eq!((causes(&supplier).len(), &supplier["closing_balance"]), (3, &json!("0.00")));
    assert_eq!(causes(&supplier)[2], format!("payout -{owed}"));
    let balances = world.run(&["balances", "--json"]).done().json();
    let balance = |account: &str| balances.as_array().unwrap().iter().find(|row| row["account"] == account).unwrap()["balance"].as_str().unwrap().to_owned();
    assert_eq!(balance("house"), margin);
    let micros = |amount: &str| (amount.parse::<f64>().unwrap() * 100.0).round() as i64;
    let sum: i64 = balances.as_array().unwrap().iter().map(|row| micros(row["balance"].as_str().unwrap())).sum();
    assert_eq!(sum, 0, "{balances}");
    // Of a month before there is nothing but the balances.
    assert_eq!(causes(&world.run(&["statement", "buyer:acme", "--month", "2020-02", "--json"]).done().json()), Vec::<String>::new());
    let csv = world.run(&["statement", "buyer:acme", "--csv"]).done().stdout;
    assert_eq!(csv.lines().count(), 6, "{csv}");
    assert!(csv.contains(",'=1+1,50.00,"), "no spreadsheet runs it: {csv}");
    let shown = world.run(&["statement", "buyer:acme"]).done().stdout;
    assert!(shown.contains("sale, together") && shown.contains("-40.00"), "{shown}");
}

#[test]
fn what_is_no_account_or_period_is_refused_with_the_mend() {
    let world = world();
    for (args, says) in [
        (["statement", "acme", "--month", "2026-10"], "write buyer:NAME"),
        (["statement", "buyer:acme", "--month", "10/2026"], "write it like 2026-10"),
        (["movements", "approve", "sale_1", "--json"], "it starts with movement_"),
    ] {
        let refused = world.run(&args).refused();
        assert!(refused.stderr.contains(says), "{args:?}: {refused:?}");
    }
}
