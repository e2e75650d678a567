//! A thousand posts at once for the last one: of a cap, of a credit. Exactly one wins.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use reqwest::Client;
use serde_json::Value;
use store::SaleStatus;
use tokio::{runtime::Runtime, sync::Barrier};

use super::{
    buyers::{self, Habits},
    draw::Draw,
    exchange::Exchange,
    suppliers::Supplier,
    world::alone,
};
use crate::support::{self, Market, Person};

const POSTS: u32 = 1000;

/// One buyer at a fixed price of 20.00: nobody is pinged. Every second post is of a quote, whose offer stands: those meet where it is
/// decided who wins. The others ask on the way there.
fn race(what: &str, database: Option<String>, credit: &str, limit: &str, reason: &str) {
    let runtime = Runtime::new().unwrap();
    let buyers = buyers::start(runtime.handle(), Draw::of_this_run(what), vec![Habits::PROMPT]);
    let mut buyer = support::Buyer::bids("prompt", "20.00").credit(credit);
    buyer.contract = format!("price = \"20.00\"\n{limit}");
    let mut exchange = Exchange::of(&Market::new().buyer(buyer), &buyers, if database.is_some() { 2 } else { 1 }, database);
    let supplier = exchange.supplier("acme");
    let nodes = exchange.start();
    let answers = runtime.block_on(post_all(nodes, supplier));

    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for answer in &answers {
        let word = |name: &str| answer[name].as_str().unwrap_or_default();
        *told.entry(format!("{} {}", word("status"), word("reason")).trim().to_owned()).or_default() += 1;
    }
    println!("  {POSTS} posts at once heard: {told:?}");
    assert_eq!(told.get("sold"), Some(&1), "{told:?}");
    assert_eq!(told.keys().filter(|told| !told.starts_with("sold") && !told.starts_with("unsold")).count(), 0, "{told:?}");
    let bought = buyers[0].book();
    assert_eq!(bought.len(), 1, "one contact left the exchange");
    let mut reader = exchange.reader();
    let sales = reader.sales_of_buyer(&"prompt".parse().unwrap(), None, u32::MAX).unwrap();
    assert_eq!(
        sales.iter().filter(|sale| sale.status == SaleStatus::Sold).map(|sale| sale.sale.post_id().to_string()).collect::<Vec<_>>(),
        bought.into_keys().collect::<Vec<_>>()
    );
    assert!(sales.iter().all(|sale| matches!(sale.status, SaleStatus::Sold | SaleStatus::Void)));
    let account = reader.balances().unwrap().into_iter().find(|row| row.account.to_string() == "buyer:prompt").unwrap();
    assert_eq!((account.balance.to_string(), account.held.to_string()), ("-20.00".into(), "0.00".into()));
    assert_eq!(reader.audit().unwrap(), Vec::<String>::new());
    // The others can read why: their trace names what was full.
    for answer in answers.iter().filter(|answer| answer["status"] == "unsold").take(3) {
        let trace = exchange.run(&["trace", answer["lead_id"].as_str().unwrap(), "--json"]).done().stdout;
        assert!(trace.contains(reason), "no {reason} in {trace}");
    }
    exchange.end();
}

/// Everybody is connected before anybody posts.
async fn post_all(nodes: Vec<String>, supplier: Supplier) -> Vec<Value> {
    let start = Arc::new(Barrier::new(POSTS as usize));
    let posts: Vec<_> = (1..=POSTS)
        .map(|number| {
            let (at, key, start) = (nodes[number as usize % nodes.len()].clone(), supplier.key.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                let client = Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
                let person = Person(number);
                // Also opens the connection, which the post then takes.
                let ping = post(&client, &format!("{at}/v1/pings/loans"), &key, &format!("ping-{number}"), &person.attributes()).await;
                let path = if number % 2 == 0 { "leads/loans".to_owned() } else { format!("pings/{}/post", ping["ping_id"].as_str().unwrap()) };
                start.wait().await;
                post(&client, &format!("{at}/v1/{path}"), &key, &format!("post-{number}"), &person.lead()).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for post in posts {
        answers.push(post.await.unwrap());
    }
    answers
}

/// Asks again what was turned away in the crowd.
async fn post(client: &Client, url: &str, key: &str, once: &str, body: &Value) -> Value {
    for _ in 0..200 {
        let request = client.post(url).bearer_auth(key).header("idempotency-key", once).json(body);
        if let Ok(response) = request.send().await
            && response.status().as_u16() == 200
        {
            return response.json().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{once} has no answer")
}

const LAST_SLOT: (&str, &str, &str) = ("100000.00", "caps = [{ count = 1, per = \"total\" }]", "cap");
const LAST_DOLLAR: (&str, &str, &str) = ("20.00", "", "credit");

#[test]
fn a_thousand_posts_for_the_last_slot_of_a_cap() {
    let (_alone, (credit, limit, reason)) = (alone(), LAST_SLOT);
    race("the last slot", None, credit, limit, reason);
}

#[test]
fn a_thousand_posts_for_the_last_dollar() {
    let (_alone, (credit, limit, reason)) = (alone(), LAST_DOLLAR);
    race("the last dollar", None, credit, limit, reason);
}

#[test]
fn a_thousand_posts_on_two_nodes() {
    let _alone = alone();
    let Some(cluster) = cluster::Cluster::start(&[]) else { return };
    for (what, (credit, limit, reason)) in [("the last slot, two nodes", LAST_SLOT), ("the last dollar, two nodes", LAST_DOLLAR)] {
        let database = cluster.database();
        race(what, Some(database.url()), credit, limit, reason);
    }
}
