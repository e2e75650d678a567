//! What a buyer can do to a connection, one row each: what comes of a ping to it, and of a post.
//!
//! Each row is a buyer of its own, asked at the highest price beside `alpha`, which is well and pays less.

use std::{
    io::{Read, Write},
    time::Duration,
};

use serde_json::json;

use crate::support::{
    Buyer, Market, Person, World,
    market::LOANS,
    peer::{Conversation, Peer, answer, pleased},
    people::with,
    wait_for,
    world::{row, rows},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Post {
    Accepted,
    /// The buyer had the contact, and nobody else gets it.
    Rejected,
    /// No byte left: the next buyer gets it.
    Unsent,
    /// Perhaps it was received: it stays with this buyer.
    Unknown,
}

use Post::{Accepted, Rejected, Unknown, Unsent};

struct Row {
    name: &'static str,
    at: String,
    peer: Option<Peer>,
    /// What the trace says of the ping.
    ping: &'static str,
    post: Post,
    /// How often the buyer saw the post, where that can be said.
    seen: Option<usize>,
    endpoint: &'static str,
}

/// A peer that does this with each connection.
fn row_of(name: &'static str, ping: &'static str, post: Post, seen: usize, behave: impl Fn(Conversation) + Send + Sync + 'static) -> Row {
    let peer = Peer::new(behave);
    Row { name, at: peer.at.clone(), peer: Some(peer), ping, post, seen: Some(seen), endpoint: "" }
}

/// A peer that gives these bytes for an answer to each request, and goes on listening.
fn answers(name: &'static str, ping: &'static str, post: Post, seen: usize, bytes: impl Into<Vec<u8>>) -> Row {
    let bytes = bytes.into();
    row_of(name, ping, post, seen, move |mut conversation| while conversation.hear().is_some() && conversation.stream.write_all(&bytes).is_ok() {})
}

/// Nobody that the test plays is there.
fn nowhere(name: &'static str, ping: &'static str, at: String) -> Row {
    Row { name, at, peer: None, ping, post: Unsent, seen: None, endpoint: "" }
}

fn hasty(row: Row) -> Row {
    Row { endpoint: "post_timeout_ms = 1500", ..row }
}

fn not_idempotent(row: Row) -> Row {
    Row { endpoint: "idempotent = false", ..row }
}

/// Writes until the other side has had enough.
fn for_ever(mut conversation: Conversation, head: &str, chunk: &[u8]) {
    if conversation.hear().is_some() && conversation.stream.write_all(head.as_bytes()).is_ok() {
        while conversation.stream.write_all(chunk).is_ok() {}
    }
}

fn endings() -> Vec<Row> {
    let head_of_ten = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
    vec![
        row_of("well", "lost", Accepted, 1, |mut conversation| {
            while let Some(heard) = conversation.hear() {
                // Its bid is the lower one, so that all quotes are alpha's.
                let bytes = if heard.path.ends_with("/ping") { answer("200 OK", "{\"bid\": \"2.00\"}") } else { pleased(&heard) };
                conversation.stream.write_all(&bytes).unwrap();
            }
        }),
        nowhere("refused", "unreachable", format!("http://127.0.0.1:{}", cluster::free_port())),
        nowhere("no_such_name", "unreachable", format!("https://{}.invalid", "x".repeat(64))),
        Row {
            post: Unsent,
            seen: Some(0),
            ..row_of("no_tls", "unreachable", Unsent, 0, |mut conversation| drop(conversation.stream.write_all(&answer("200 OK", "{}"))))
        },
        row_of("reset_before_the_body_was_read", "reset", Unknown, 0, |mut conversation| drop(conversation.stream.read_exact(&mut [0]))),
        row_of("reset_after_the_body", "reset", Unknown, 2, |mut conversation| drop(conversation.hear())),
        not_idempotent(row_of("reset_and_not_idempotent", "reset", Unknown, 1, |mut conversation| drop(conversation.hear()))),
        hasty(row_of("silent", "timeout", Unknown, 1, |mut conversation| while conversation.hear().is_some() {})),
        hasty(answers("silent_after_the_head", "timeout", Unknown, 1, head_of_ten)),
        hasty(row_of("a_byte_a_second", "timeout", Unknown, 1, |mut conversation| {
            conversation.hear();
            for byte in answer("200 OK", "{\"bid\": \"30.00\", \"status\": \"accepted\"}") {
                if conversation.stream.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_secs(1));
            }
        })),
        row_of("truncated_head", "reset", Unknown, 2, |mut conversation| {
            conversation.hear();
            drop(conversation.stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-"));
        }),
        row_of("truncated_body", "reset", Unknown, 2, move |mut conversation| {
            conversation.hear();
            drop(conversation.stream.write_all(head_of_ten.as_bytes()));
        }),
    ]
}

fn statuses(trap: &str) -> Vec<Row> {
    let redirect = format!("HTTP/1.1 307 Go\r\nlocation: {trap}/ping\r\ncontent-length: 0\r\n\r\n");
    vec![
        answers("redirect", "http_status", Rejected, 1, redirect),
        answers("not_found", "http_status", Rejected, 1, answer("404 No", "{}")),
        answers("a_long_refusal", "http_status", Rejected, 1, answer("403 No", &" ".repeat(100_000))),
        answers("request_timeout", "http_status", Unknown, 2, answer("408 Slow", "{}")),
        answers("too_many", "http_status", Unknown, 2, answer("429 Wait", "{}")),
        answers("broken", "http_status", Unknown, 2, answer("500 Oh", "{\"status\": \"rejected\"}")),
        answers("unavailable", "http_status", Unknown, 2, answer("503 Later", "")),
        answers("another_protocol", "http_status", Unknown, 2, "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
        answers("empty", "malformed", Unknown, 2, answer("200 OK", "")),
        answers("no_json", "malformed", Unknown, 2, answer("200 OK", "<html>accepted</html>")),
        answers("no_status", "malformed", Unknown, 2, answer("200 OK", "{\"state\": \"accepted\"}")),
        answers(
            "deep_json",
            "malformed",
            Unknown,
            2,
            answer("200 OK", &format!("{{\"status\":\"accepted\",\"bid\":\"30.00\",\"x\":{}1{}}}", "[".repeat(5000), "]".repeat(5000))),
        ),
    ]
}

fn bytes() -> Vec<Row> {
    let good = "{\"status\": \"accepted\", \"bid\": \"30.00\"}";
    let headed = |headers: String| format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{good}", good.len());
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let mebibyte = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
    // A gigabyte of zeros, as gzip tells it: a thousand times the same megabyte.
    let bomb = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n\x1f\x0b\x08{}", 40_003, "\0".repeat(40_000));
    vec![
        answers("chunked_garbage", "malformed", Unknown, 2, format!("{endless}zz\r\n{good}\r\n0\r\n\r\n")),
        answers("a_length_too_short", "malformed", Unknown, 2, format!("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{good}")),
        answers("two_lengths", "malformed", Unknown, 2, format!("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 38\r\n\r\n{good}")),
        answers("a_length_that_is_none", "malformed", Unknown, 2, format!("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{good}")),
        answers("as_in_1991", "malformed", Unknown, 2, good),
        answers("a_huge_header", "too_large", Unknown, 2, headed(format!("x: {}\r\n", "y".repeat(20_000)))),
        answers("many_headers", "too_large", Unknown, 2, headed("x: y\r\n".repeat(101))),
        answers("a_byte_too_much", "too_large", Unknown, 2, answer("200 OK", &format!("{good}{}", " ".repeat(65_537 - good.len())))),
        row_of("a_gigabyte", "too_large", Unknown, 2, move |conversation| for_ever(conversation, endless, mebibyte.as_bytes())),
        answers("a_gzip_bomb", "malformed", Unknown, 2, bomb),
        row_of("interim_for_ever", "too_large", Unknown, 2, |conversation| for_ever(conversation, "", &b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100))),
    ]
}

/// A price by bid for the leads of this row that have an owner, and a fixed one, without a ping, for the others.
fn buyer_of(row: &Row) -> Buyer {
    let filter = |owner: &str| format!("filter = 'row == \"{}\" && {owner}'", row.name);
    let bid = format!("price = \"bid\"\n{}", filter("owner"));
    let fixed = format!("[contracts.fixed]\nvertical = \"loans\"\ntags = [\"all\"]\nprice = \"30.00\"\n{}", filter("!owner"));
    Buyer { contract: format!("{bid}\n{fixed}"), ..Buyer::played(&row.name.replace('_', "-"), &row.at).endpoint(row.endpoint) }
}

fn check(world: &World, row_at: usize, wire: &Row) {
    let person = Person(u32::try_from(row_at).unwrap() + 100);
    let of_row = |owner: bool| json!({ "row": wire.name, "owner": owner });
    let buyer = wire.name.replace('_', "-");

    let quote = world.ping(&with(person.attributes(), of_row(true))).ok("matched");
    assert_eq!(quote.word("price"), "16.00", "{}: alpha's, less 20 %", wire.name);
    // A late bid is waited for a little longer than the quote is.
    let outcome = wait_for("the end of the ping's run", || {
        let trace = world.trace(&quote.word("ping_id"));
        Some(row(&trace, "pings", &buyer)["outcome"].as_str().unwrap().to_owned()).filter(|outcome| outcome != "silent")
    });
    assert_eq!(outcome, wire.ping, "{}", wire.name);

    let lead = world.lead(&with(person.lead(), of_row(false))).expect(200);
    let trace = world.trace(&lead.word("lead_id"));
    let sale = rows(&trace, "sales").iter().find(|sale| sale["buyer"] == buyer.as_str()).unwrap_or_else(|| panic!("{}: {trace:#}", wire.name));
    let (status, of_sale, alpha) = match wire.post {
        Accepted => ("sold", "sold", false),
        Rejected => ("unsold", "void", false),
        Unsent => ("sold", "void", true),
        Unknown => ("pending", "unknown", false),
    };
    assert_eq!((lead.word("status").as_str(), &sale["status"]), (status, &json!(of_sale)), "{}: {trace:#}", wire.name);
    assert_eq!(world.has_seen("alpha", &person.phone()), alpha, "{}", wire.name);
    let said = sale["reason"].as_str().unwrap_or_default();
    if wire.post == Unsent || wire.post == Unknown {
        assert!(said.contains(wire.ping) || (wire.ping == "http_status" && said.contains("http_")), "{}: {said}", wire.name);
    }
    if let (Some(peer), Some(seen)) = (&wire.peer, wire.seen) {
        let posts = peer.posts();
        assert_eq!(posts.len(), seen, "{}: {posts:?}", wire.name);
        assert!(posts.windows(2).all(|two| two[0] == two[1]), "{}: the same buyer, under the same id: {posts:?}", wire.name);
    }
}

#[test]
fn every_row_of_the_wire_ends_as_it_should() {
    let trap = Peer::new(drop);
    let mut table = endings();
    table.extend(statuses(&trap.at));
    table.extend(bytes());
    // The peer without TLS is called as if it had it.
    for row in table.iter_mut().filter(|row| row.name == "no_tls") {
        row.at = row.at.replace("http://", "https://");
    }
    let names = table.iter().map(|row| format!("\"{}\"", row.name)).collect::<Vec<_>>().join(", ");
    let vertical = format!("{LOANS}\n[fields.row]\ntype = \"enum\"\nvalues = [{names}]\nping = \"value\"\n");
    let market = Market::new().file("verticals/loans.toml", &vertical).buyer(Buyer::bids("alpha", "20.00"));
    let world = World::of(table.iter().fold(market, |market, row| market.buyer(buyer_of(row))));
    std::thread::scope(|scope| {
        let checks: Vec<_> = table
            .iter()
            .enumerate()
            .map(|(at, row)| {
                (
                    row.name,
                    scope.spawn({
                        let world = &world;
                        move || check(world, at, row)
                    }),
                )
            })
            .collect();
        let failed: Vec<_> = checks.into_iter().filter_map(|(name, check)| check.join().err().map(|_| name)).collect();
        assert!(failed.is_empty(), "{failed:?}");
    });
    assert_eq!(trap.connections(), 0, "a redirect is followed by nobody");
}

#[test]
fn a_pooled_connection_that_dies_under_a_post_is_replaced_once_under_the_same_id() {
    let peer = Peer::new(|mut conversation| {
        while let Some(heard) = conversation.hear() {
            // The connection of the ping dies under the post.
            if conversation.number == 0 && heard.path.ends_with("/post") {
                return;
            }
            conversation.stream.write_all(&pleased(&heard)).unwrap();
        }
    });
    let market = Market::new().buyer(Buyer::bids("alpha", "20.00")).buyer(Buyer::played("pooled", &peer.at));
    let world = World::of(market);
    let lead = world.lead(&Person(1).lead()).ok("sold");
    assert_eq!(row(&world.trace(&lead.word("lead_id")), "sales", "pooled")["status"], "sold");
    let posts = peer.posts();
    assert_eq!((posts.len(), posts[0] == posts[1], peer.connections()), (2, true, 2), "{posts:?}");
    assert_eq!(world.count("alpha", "/post"), 0);
}

#[test]
fn a_buyer_that_is_down_is_left_alone_and_its_leads_go_to_others_at_once() {
    let peer = Peer::answering(|heard| if heard.path.ends_with("/ping") { answer("503 Down", "") } else { pleased(heard) });
    let market = Market::new().buyer(Buyer::bids("alpha", "20.00")).buyer(Buyer::played("down", &peer.at));
    let world = World::of(market);
    for _ in 0..10 {
        world.ping(&Person(1).attributes()).ok("matched");
    }
    let ping = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    assert_eq!(row(&world.trace(&ping), "pings", "down")["outcome"], "circuit_open");
    assert_eq!(world.counted("pingpost_no_bids_total", "reason=\"circuit_open\""), 1);
    assert_eq!(world.counted("pingpost_circuit_open", "buyer=\"down\""), 1);
    assert_eq!(world.counted("pingpost_pings_total", "buyer=\"down\""), 10);
    assert!(world.logs().contains("left alone"), "it is said once");
    assert_eq!(world.logs().matches("left alone").count(), 1);
}
