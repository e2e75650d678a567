//! The sandbox buyer over real HTTP, called by the exchange's own egress.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use exchange::{money::Money, time::Timestamp};
use hyper::{Method, body::Bytes};
use serde_json::{Value, json};
use wire::webhook::SigningSecret;

use super::*;
use crate::egress::{Call, Callee, Egress, Headers, Message, Settings, WhenOpen, message_headers};

const SECRET: &str = "whsec_c2FtcGxlLXNlY3JldC1vZi1oYXJib3ItbGVuZGluZy4u";
const AT_S: i64 = 1_800_000_000;

async fn sandbox(behaviours: BTreeMap<String, Behaviour>, default: Option<Behaviour>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sandbox = Sandbox::new(behaviours, default.map(|behaviour| ("default".to_owned(), behaviour)), false, || Timestamp::from_micros(AT_S * 1_000_000));
    tokio::spawn(serve(listener, Arc::new(sandbox), std::future::pending()));
    address
}

async fn call(address: SocketAddr, method: Method, path: &str, body: Value, headers: Headers) -> (u16, Value) {
    let egress = Egress::new(Settings::standard().unwrap());
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let url = format!("http://{address}{path}").parse().unwrap();
    let allow = ["127.0.0.0/8".parse().unwrap()];
    let callee = Callee::Buyer("a".parse().unwrap());
    let call = Call {
        callee: &callee,
        max_in_flight: 8,
        url: &url,
        method,
        headers,
        body,
        time: Duration::from_secs(5),
        allow: &allow,
        fresh: false,
        when_open: WhenOpen::Skip,
        keeps_headers: false,
        is_lasting: true,
        pipelining: 1,
    };
    let answer = egress.call(call).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

async fn send(address: SocketAddr, path: &str, body: Value) -> (u16, Value) {
    call(address, Method::POST, path, body, Headers::default()).await
}

async fn look(address: SocketAddr, path: &str) -> (u16, Value) {
    call(address, Method::GET, path, Value::Null, Headers::default()).await
}

fn ping(id: &str, sale: Value) -> Value {
    json!({ "ping_id": id, "vertical": "mortgage", "sale": sale, "test": false })
}

fn everything() -> Share {
    "1".parse().unwrap()
}

#[tokio::test]
async fn it_bids_for_the_kinds_it_buys() {
    let both = Behaviour { shared_bid: Some(Money::from_units(7)), bid_ttl_s: Some(60), ..Behaviour::default() };
    let shared = Behaviour { bid: None, shared_bid: Some(Money::from_units(7)), ..Behaviour::default() };
    let buyers = [("both".to_owned(), both), ("exclusive".to_owned(), Behaviour::default()), ("shared".to_owned(), shared)];
    let address = sandbox(buyers.into(), None).await;
    let no_bid = json!({ "bid": null, "reason": "this kind of sale is not bought" });
    for (path, sale, expected) in [
        ("/both/ping", json!({ "exclusive": true, "shared": 3 }), json!({ "bid": "12.50", "shared_bid": "7.00", "ref": "both-p", "ttl_s": 60 })),
        ("/both/test/ping", json!({ "exclusive": true }), json!({ "bid": "12.50", "ref": "both-p", "ttl_s": 60 })),
        ("/both/ping", json!({ "exclusive": false, "shared": 3 }), json!({ "bid": "7.00", "ref": "both-p", "ttl_s": 60 })),
        ("/exclusive/ping", json!({ "exclusive": false, "shared": 3 }), json!({ "bid": "12.50", "ref": "exclusive-p" })),
        ("/shared/ping", json!({ "exclusive": true }), no_bid),
    ] {
        assert_eq!(send(address, path, ping("p", sale)).await, (200, expected), "{path}");
    }
    for (path, status) in [("/nobody/ping", 404), ("/ping", 404), ("/both/pong", 404), ("/a/b/ping", 404)] {
        assert_eq!(send(address, path, ping("p", json!({}))).await.0, status, "{path}");
    }
    assert_eq!(send(address, "/both/ping", json!({})).await.0, 400);
    assert_eq!(look(address, "/both/ping").await.0, 405);
}

#[tokio::test]
async fn a_repeated_post_gets_the_same_answer() {
    let rejecting = Behaviour { reject_rate: everything(), ..Behaviour::default() };
    let address = sandbox([("rejecting".to_owned(), rejecting)].into(), Some(Behaviour::default())).await;
    let first = send(address, "/post", json!({ "post_id": "post_1" })).await;
    assert_eq!(first, (200, json!({ "status": "accepted", "lead_ref": "default-1" })));
    assert_eq!(send(address, "/post", json!({ "post_id": "post_2" })).await.1["lead_ref"], "default-2");
    assert_eq!(send(address, "/post", json!({ "post_id": "post_1" })).await, first);
    assert_eq!(look(address, "/status?post_id=post_1").await, first);
    assert_eq!(look(address, "/status?post_id=post_9").await.1, json!({ "status": "unknown" }));
    assert_eq!(send(address, "/rejecting/post", json!({ "post_id": "post_1" })).await.1, json!({ "status": "rejected", "reason": "drawn" }));
}

#[tokio::test]
async fn a_lost_answer_is_found_by_a_repeat_unless_it_stays_lost() {
    let losing = Behaviour { unknown_rate: everything(), ..Behaviour::default() };
    let silent = Behaviour { stay_unknown: true, ..losing.clone() };
    let address = sandbox([("losing".to_owned(), losing), ("silent".to_owned(), silent)].into(), None).await;
    for (name, repeat, status) in [("losing", 200, "accepted"), ("silent", 500, "unknown")] {
        let path = format!("/{name}/post");
        assert_eq!(send(address, &path, json!({ "post_id": "post_1" })).await.0, 500, "{name}");
        assert_eq!(look(address, &format!("/{name}/status?post_id=post_1")).await.1["status"], status, "{name}");
        assert_eq!(send(address, &path, json!({ "post_id": "post_1" })).await.0, repeat, "{name}");
    }
}

#[tokio::test]
async fn it_confirms_and_declines() {
    let declining = Behaviour { decline_rate: everything(), ..Behaviour::default() };
    let address = sandbox([("declining".to_owned(), declining)].into(), Some(Behaviour::default())).await;
    assert_eq!(send(address, "/confirm", json!({ "ping_id": "p" })).await.1["status"], "confirmed");
    assert_eq!(send(address, "/declining/confirm", json!({ "ping_id": "p" })).await.1["status"], "declined");
}

#[tokio::test]
async fn with_a_secret_only_signed_calls_are_answered() {
    let secret: SigningSecret = SECRET.parse().unwrap();
    let address = sandbox(BTreeMap::new(), Some(Behaviour { secret: Some(secret.clone()), ..Behaviour::default() })).await;
    let body = ping("p", json!({ "exclusive": true }));
    for (case, at_s, expected) in [("signed", AT_S, 200), ("old", AT_S - 301, 401)] {
        let text = body.to_string();
        let message = Message { id: "msg_1", at_s, body: text.as_bytes(), idempotency_key: None };
        let headers = message_headers(&message, Some(&secret));
        assert_eq!(call(address, Method::POST, "/ping", body.clone(), headers).await.0, expected, "{case}");
    }
    assert_eq!(send(address, "/ping", body).await.0, 401);
}

#[tokio::test]
async fn it_shows_what_it_received() {
    let address = sandbox(BTreeMap::new(), Some(Behaviour::default())).await;
    send(address, "/a/ping", ping("p", json!({ "exclusive": true }))).await;
    send(address, "/b/test/post", json!({ "post_id": "post_1" })).await;
    look(address, "/b/status?post_id=post_1").await;
    let (_, all) = look(address, "/received").await;
    let seen: Vec<String> = all.as_array().unwrap().iter().map(|request| format!("{} {} {}", request["method"], request["path"], request["body"])).collect();
    let expected = [
        r#""POST" "/a/ping" {"ping_id":"p","sale":{"exclusive":true},"test":false,"vertical":"mortgage"}"#,
        r#""POST" "/b/test/post" {"post_id":"post_1"}"#,
        r#""GET" "/b/status?post_id=post_1" """#,
    ];
    assert_eq!(seen, expected);
    assert_eq!(look(address, "/b/received").await.1.as_array().unwrap().len(), 2);
    assert!(all[0]["headers"]["user-agent"].as_str().unwrap().starts_with("pingpost/"));
}
