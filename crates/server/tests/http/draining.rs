//! Told to end: no new connection, what is under way is finished within one span of time, and told twice it ends at once.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use crate::support::{
    Buyer, Market, Person, World,
    gate::Gate,
    now,
    peer::{Peer, pleased},
    wait_for,
};

/// A buyer whose posts wait at the gate, which is closed.
fn waiting() -> (Gate, Peer, Market) {
    let gate = Gate::default();
    gate.close();
    let of_buyer = gate.clone();
    let peer = Peer::answering(move |heard| {
        if heard.path.ends_with("/post") {
            of_buyer.pass();
        }
        pleased(heard)
    });
    let market = Market::new().buyer(Buyer::played("alpha", &peer.at).endpoint("post_timeout_ms = 120000"));
    (gate, peer, market)
}

/// Sends a lead on a connection of its own, and comes back once the buyer has it.
fn post_under_way(world: &World, peer: &Peer) -> TcpStream {
    let body = Person(1).lead().to_string();
    let head = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}", world.key, body.len());
    let mut stream = TcpStream::connect(world.at.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(format!("POST /v1/leads/loans HTTP/1.1\r\nhost: x\r\n{head}\r\n\r\n{body}").as_bytes()).unwrap();
    wait_for("the post", || Some(()).filter(|()| peer.posts().len() == 1));
    stream
}

/// Until nobody listens any more.
fn refused(world: &World) {
    let at = world.at.strip_prefix("http://").unwrap().to_owned();
    wait_for("the end of listening", || TcpStream::connect(&at).err());
}

#[test]
fn a_request_under_way_is_answered_and_its_connection_closed() {
    let (gate, peer, market) = waiting();
    let mut world = World::of(market);
    let mut idle = TcpStream::connect(world.at.strip_prefix("http://").unwrap()).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let mut stream = post_under_way(&world, &peer);
    world.signal("-TERM");
    refused(&world);
    drop(idle.read_to_end(&mut Vec::new()));
    gate.open();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"sold\""), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    assert!(world.end("-CONT").success());
}

#[test]
fn the_drain_has_one_span_for_requests_and_runs_together() {
    let (gate, peer, market) = waiting();
    let mut world = World::configured(market, "drain_s = 5\n");
    let stream = post_under_way(&world, &peer);
    let began = now();
    assert!(world.end("-TERM").success());
    let took = now() - began;
    assert!(took >= Duration::from_secs(4) && took < Duration::from_secs(9), "{took:?}: once, and not for requests and again for runs");
    drop((stream, gate));
}

#[test]
fn told_twice_it_ends_at_once_and_what_was_cut_off_is_pending() {
    let (gate, peer, market) = waiting();
    let mut world = World::configured(market, "drain_s = 3600\n");
    let stream = post_under_way(&world, &peer);
    world.signal("-TERM");
    refused(&world);
    // A signal may arrive before the first one was looked at; it is then the same one.
    let status = thread::scope(|scope| {
        let world = &mut world;
        scope.spawn(move || world.end("-TERM")).join().unwrap()
    });
    assert!(status.success(), "{status}");
    drop((stream, gate));
    world.serve();
    world.call("/v1/leads/loans").json(&Person(1).lead()).send().expect(200);
}
