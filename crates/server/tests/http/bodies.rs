//! Bodies that break, and bodies that are too much: a clear answer, and the exchange goes on.

use std::{fmt::Write as _, io::Write as _, net::Shutdown};

use crate::support::{
    Market, Person, World,
    http::{raw, told},
    people::with,
};

fn world() -> World {
    World::of(Market::of_bids(&["20.00"]))
}

#[test]
fn an_unreadable_body_is_answered_with_the_place_where_it_breaks() {
    let world = world();
    let mut story = String::new();
    let json = Person(1).lead().to_string();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    let wide = format!("{{{}}}", (0..1001).map(|number| format!("\"f{number}\":1")).collect::<Vec<_>>().join(","));
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("empty JSON", "application/json", vec![]),
        ("broken JSON", "application/json", b"{\"state\": \"CA\",\n \"amount\": }".to_vec()),
        ("JSON that stops", "application/json", json.as_bytes()[..json.len() - 5].to_vec()),
        ("JSON that is no object", "application/json", b"[1, 2]".to_vec()),
        ("JSON that isn't UTF-8", "application/json", b"{\"state\": \"\xff\xfe\"}".to_vec()),
        ("JSON nested too deeply", "application/json", deep.into_bytes()),
        ("JSON with too many fields", "application/json", wide.into_bytes()),
        ("a form that isn't UTF-8", "application/x-www-form-urlencoded", b"state=%ff%fe".to_vec()),
        ("broken XML", "application/xml", b"<lead><state>CA</lead>".to_vec()),
        ("XML that stops", "application/xml", b"<lead><state>CA</state>".to_vec()),
        ("XML that isn't UTF-8", "application/xml", b"<lead><state>\xff</state></lead>".to_vec()),
        ("XML with a document type", "text/xml", b"<!DOCTYPE l [<!ENTITY a \"b\">]><lead><state>&a;</state></lead>".to_vec()),
        ("text that is no XML", "application/xml", b"hello".to_vec()),
    ];
    for (what, content_type, body) in cases {
        let answer = world.call("/v1/leads/loans").body(content_type, body).send();
        writeln!(story, "## {what}\n{}", told(&answer)).unwrap();
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
    }
    let keys = ["", "ünfit", &"k".repeat(256)];
    for key in keys.iter().filter(|key| key.is_ascii()) {
        world.call("/v1/leads/loans").once(key).json(&Person(1).lead()).send().expect(400);
    }
    world.lead(&Person(1).lead()).ok("sold");
    insta::assert_snapshot!(story);
}

fn head(world: &World, more: &str) -> Vec<u8> {
    format!(
        "POST /v1/leads/loans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\nconnection: close\r\n{more}\r\n\r\n",
        world.key
    )
    .into_bytes()
}

#[test]
fn a_body_that_is_cut_off_is_no_lead() {
    let world = world();
    let body = Person(1).lead().to_string();
    for framing in [format!("content-length: {}", body.len() + 100), "transfer-encoding: chunked".into()] {
        let answer = raw(&world.at, &head(&world, &framing), |socket| {
            let bytes = if framing.contains("chunked") { format!("{:x}\r\n{body}\r\n", body.len()) } else { body.clone() };
            socket.write_all(bytes.as_bytes()).unwrap();
            socket.shutdown(Shutdown::Write).unwrap();
        });
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{framing}: {answer}");
    }
    assert!(world.received("alpha").is_empty(), "it was not taken for a whole one");
    world.lead(&Person(1).lead()).ok("sold");
}

#[test]
fn a_body_of_a_megabyte_is_refused_after_it_was_read_and_nothing_else_breaks() {
    let world = world();
    let notes = "n".repeat(1024 * 1024);
    let large = with(Person(1).lead(), serde_json::json!({ "notes": notes }));
    let answer = world.lead(&large).expect(413);
    insta::assert_snapshot!(told(&answer));

    // In chunks, of which the exchange doesn't know how many come; and by a client that hears nothing before it has sent all.
    let chunked = raw(&world.at, &head(&world, "transfer-encoding: chunked"), |socket| {
        for _ in 0..256 {
            socket.write_all(format!("1000\r\n{}\r\n", "x".repeat(4096)).as_bytes()).unwrap();
        }
        socket.write_all(b"0\r\n\r\n").unwrap();
    });
    assert!(chunked.starts_with("HTTP/1.1 413"), "{chunked}");
    let announced = raw(&world.at, &head(&world, "content-length: 1048576"), |socket| socket.write_all(&vec![b'x'; 1_048_576]).unwrap());
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    // Without a key it is 401, however large.
    let unknown = raw(&world.at, b"POST /v1/leads/loans HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1048576\r\n\r\n", |socket| {
        socket.write_all(&vec![b'x'; 1_048_576]).unwrap();
    });
    assert!(unknown.starts_with("HTTP/1.1 401"), "{unknown}");
    // 64 KiB to the byte are taken, one more is not.
    let filled = |length: usize| {
        let bare = with(Person(2).lead(), serde_json::json!({ "filler": "" })).to_string();
        bare.replacen("\"filler\":\"\"", &format!("\"filler\":\"{}\"", "f".repeat(length - bare.len())), 1)
    };
    world.call("/v1/leads/loans").body("application/json", filled(65_537)).send().expect(413);
    world.call("/v1/leads/loans").body("application/json", filled(65_536)).send().ok("sold");
    assert_eq!(world.count("alpha", "/post"), 1);
}

#[test]
fn a_request_with_giant_headers_or_none_at_all_takes_nothing_down() {
    let world = world();
    let large = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n", "h".repeat(64 * 1024));
    let answer = raw(&world.at, large.as_bytes(), |_| {});
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let garbage = raw(&world.at, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", |_| {});
    assert!(garbage.is_empty() || garbage.starts_with("HTTP/1.1 400"), "{garbage}");
    world.lead(&Person(1).lead()).ok("sold");
}

#[test]
fn a_client_that_stops_sending_is_not_waited_for_for_ever() {
    let world = world();
    let stalled = |request: Vec<u8>| {
        let since = crate::support::now();
        let answer = raw(&world.at, &request, |_| {});
        assert!(since.elapsed().as_secs() < 18, "it was waited for {:?}", since.elapsed());
        answer
    };
    let nobody = b"POST /v1/leads/loans HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{".to_vec();
    let (body, unknown, headers) = std::thread::scope(|scope| {
        let body = scope.spawn(|| stalled([head(&world, "content-length: 100"), b"{".to_vec()].concat()));
        let unknown = scope.spawn(|| stalled(nobody));
        let headers = scope.spawn(|| stalled(b"POST /v1/leads/loans HTTP/1.1\r\nhost: x\r\nauthoriz".to_vec()));
        (body.join().unwrap(), unknown.join().unwrap(), headers.join().unwrap())
    });
    assert!(body.starts_with("HTTP/1.1 400"), "{body}");
    assert!(unknown.starts_with("HTTP/1.1 401"), "{unknown}");
    assert!(headers.is_empty() || headers.starts_with("HTTP/1.1 4"), "{headers}");
}
