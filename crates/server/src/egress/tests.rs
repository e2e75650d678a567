//! Calls over real sockets: what each misbehaving peer leads to.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

mod answers;
mod corpus;
mod left_alone;
mod pipelining;
mod tls;
mod turns;

/// A peer that does to every connection what the test says; counts them.
struct Peer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Peer {
    async fn new<F: Future<Output = ()> + Send + 'static>(behave: impl Fn(TcpStream, usize) -> F + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, connections) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(behave(stream, counter.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { address, connections }
    }

    /// Reads one request, writes these bytes, and keeps the connection open.
    async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::new(move |mut stream, _| {
            let answer = answer.clone();
            async move {
                while read_request(&mut stream).await.is_some() {
                    let _ = stream.write_all(&answer).await;
                }
            }
        })
        .await
    }

    fn url(&self) -> Url {
        format!("http://{}/ping?a=1", self.address).parse().unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A request's head and body; none at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn egress() -> Egress {
    Egress::new(Settings { idle_time: Duration::from_secs(5), ..Settings::standard().unwrap() })
}

fn buyer() -> Callee {
    Callee::Buyer("buyer".parse().unwrap())
}

fn loopback() -> Vec<IpNet> {
    vec!["127.0.0.0/8".parse().unwrap()]
}

fn call_to<'a>(callee: &'a Callee, url: &'a Url, allow: &'a [IpNet]) -> Call<'a> {
    Call {
        callee,
        max_in_flight: 1,
        url,
        method: Method::POST,
        headers: Headers::default(),
        body: Bytes::from_static(b"{\"contact\":1}"),
        time: Duration::from_secs(10),
        allow,
        fresh: false,
        when_open: WhenOpen::Ignore,
        keeps_headers: false,
        is_lasting: true,
        pipelining: 1,
    }
}

async fn post_within(egress: &Egress, url: &Url, allow: &[IpNet], time: Duration) -> Result<Answered, Failed> {
    egress.call(Call { time, ..call_to(&buyer(), url, allow) }).await
}

async fn post(egress: &Egress, url: &Url) -> Result<Answered, Failed> {
    post_within(egress, url, &loopback(), Duration::from_secs(10)).await
}

/// For a call that is to end at its deadline.
async fn post_soon(egress: &Egress, url: &Url) -> Result<Answered, Failed> {
    post_within(egress, url, &loopback(), Duration::from_millis(500)).await
}

fn unsent(failure: CallFailure) -> Result<Answered, Failed> {
    Err(Failed { failure, body_left: false })
}

fn perhaps_sent(failure: CallFailure) -> Result<Answered, Failed> {
    Err(Failed { failure, body_left: true })
}

fn answered(status: u16, body: &str) -> Result<Answered, Failed> {
    Ok(Answered { status, headers: Vec::new(), body: body.into() })
}

#[tokio::test]
async fn what_a_peer_answers_is_given_back_whole() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    let gzip = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x0b\x08\x00";
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    for (case, answer, expected) in [
        ("plain", ok("{}"), answered(200, "{}")),
        ("chunked", chunked.to_owned(), answered(200, "abcdef")),
        ("gzip is not taken", gzip.to_owned(), perhaps_sent(CallFailure::Malformed("content-encoding".into()))),
        ("an encoding that is none", "HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 2\r\n\r\n{}".to_owned(), answered(200, "{}")),
        ("a refusal says all by its status", format!("HTTP/1.1 404 No\r\ncontent-length: {}\r\n\r\n", MAX_BODY + 1), answered(404, "")),
        ("and is not waited for", "HTTP/1.1 422 No\r\ncontent-length: 10\r\n\r\nabc".to_owned(), answered(422, "")),
        ("a redirect is an answer", redirect.to_owned(), answered(302, "")),
        ("no content", "HTTP/1.1 204 No Content\r\n\r\n".to_owned(), answered(204, "")),
        ("an error", "HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno".to_owned(), answered(500, "no")),
        ("just fits", ok(&"x".repeat(MAX_BODY)), answered(200, &"x".repeat(MAX_BODY))),
        ("headers that just fit", format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(15_000)), answered(200, "")),
    ] {
        let peer = Peer::answering(answer).await;
        assert_eq!(post(&egress(), &peer.url()).await, expected, "{case}");
        assert_eq!(peer.connections(), 1, "{case}");
    }
}

#[tokio::test]
async fn a_request_carries_nothing_but_what_was_said() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let peer = Peer::new(move |mut stream, _| {
        let sender = sender.lock().unwrap().take();
        async move {
            let request = read_request(&mut stream).await;
            let _ = stream.write_all(ok("").as_bytes()).await;
            if let (Some(sender), Some(request)) = (sender, request) {
                let _ = sender.send(request);
            }
        }
    })
    .await;
    post(&egress(), &peer.url()).await.unwrap();
    let request = receiver.await.unwrap().replace(&peer.address.to_string(), "HOST");
    insta::assert_snapshot!(request.replace("\r\n", "\n"));
}

#[tokio::test]
async fn a_peer_that_floods_stalls_or_breaks_off_is_bounded() {
    let mut flood = b"HTTP/1.1 200 OK\r\n".to_vec();
    flood.extend((0..90).flat_map(|n| format!("x{n}: {}\r\n", "y".repeat(500)).into_bytes()));
    let endless_chunks = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", format!("1000\r\n{}\r\n", "x".repeat(4096)).repeat(40));
    for (case, answer, expected) in [
        ("a body said to be too large", b"HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n".to_vec(), CallFailure::TooLarge),
        ("a body that turns out too large", endless_chunks.into_bytes(), CallFailure::TooLarge),
        ("a flood of headers", flood, CallFailure::TooLarge),
        ("a hundred and one headers", format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(101)).into_bytes(), CallFailure::TooLarge),
        ("interim answers without an end", b"HTTP/1.1 100 Continue\r\n\r\n".repeat(60_000), CallFailure::TooLarge),
        ("a chunk that has no size", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n".to_vec(), CallFailure::Malformed("not HTTP".into())),
        ("an answer as in 1991", b"<html>".to_vec(), CallFailure::Malformed("not HTTP".into())),
        ("no HTTP", b"220 smtp.example ESMTP\r\n".to_vec(), CallFailure::Malformed("not HTTP".into())),
        ("silence", b"".to_vec(), CallFailure::Timeout),
        ("half a head", b"HTTP/1.1 200 OK\r\nx: ".to_vec(), CallFailure::Timeout),
        ("half a body", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec(), CallFailure::Timeout),
    ] {
        let peer = Peer::answering(answer).await;
        let call = if expected == CallFailure::Timeout { post_soon(&egress(), &peer.url()).await } else { post(&egress(), &peer.url()).await };
        assert_eq!(call, perhaps_sent(expected), "{case}");
    }
}

#[tokio::test]
async fn a_byte_at_a_time_ends_at_the_deadline() {
    let peer = Peer::new(|mut stream, _| async move {
        read_request(&mut stream).await;
        for byte in ok(&"x".repeat(1000)).bytes() {
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(post_within(&egress(), &peer.url(), &loopback(), Duration::from_millis(200)).await, perhaps_sent(CallFailure::Timeout));
}

#[tokio::test]
async fn a_connection_that_ends_under_the_answer_is_reset() {
    for (case, answer) in [("at once", ""), ("in the head", "HTTP/1.1 200 OK\r\n"), ("in the body", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")] {
        let peer = Peer::new(move |mut stream, _| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await;
        assert_eq!(post(&egress(), &peer.url()).await, perhaps_sent(CallFailure::Reset), "{case}");
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(post(&egress(), &format!("http://{address}/").parse().unwrap()).await, unsent(CallFailure::Unreachable));
}

#[tokio::test]
async fn without_tls_nothing_is_sent() {
    let peer = Peer::answering(ok("")).await;
    let url = format!("https://{}/", peer.address).parse().unwrap();
    // A peer that waits for the end of an HTTP head that never comes; and one that speaks plain HTTP at once.
    assert_eq!(post_soon(&egress(), &url).await, unsent(CallFailure::Timeout));
    let peer = Peer::new(|mut stream, _| async move {
        let _ = stream.write_all(ok("").as_bytes()).await;
        read_request(&mut stream).await;
    })
    .await;
    let url = format!("https://{}/", peer.address).parse().unwrap();
    assert_eq!(post(&egress(), &url).await, unsent(CallFailure::Unreachable));
}

#[tokio::test]
async fn a_name_reaches_the_address_that_was_checked() {
    let peer = Peer::answering(ok("{}")).await;
    // Nobody listens on the first; the second is forbidden; the third answers.
    let lookup: Lookup = Arc::new(|_| Box::pin(async { Ok(vec!["127.0.0.2".parse().unwrap(), "10.0.0.1".parse().unwrap(), "127.0.0.1".parse().unwrap()]) }));
    let egress = Egress::new(Settings { lookup, ..Settings::standard().unwrap() });
    let url = format!("http://buyer.example:{}/", peer.address.port()).parse().unwrap();
    assert_eq!(post(&egress, &url).await, answered(200, "{}"));
}

#[tokio::test]
async fn a_pooled_connection_is_not_reused_under_another_list_of_allowed_ranges() {
    let peer = Peer::answering(ok("")).await;
    let egress = egress();
    assert_eq!(post(&egress, &peer.url()).await, answered(200, ""));
    assert_eq!(post_within(&egress, &peer.url(), &[], Duration::from_secs(10)).await, unsent(CallFailure::Forbidden));
    assert_eq!(post(&egress, &peer.url()).await, answered(200, ""));
    assert_eq!(peer.connections(), 1);
}

/// The peer closes while the connection is idle: the next call sees that, or sends on it and can't know.
#[tokio::test]
async fn an_idle_connection_that_the_peer_closed_is_replaced() {
    let peer = Peer::new(|mut stream, _| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(ok("").as_bytes()).await;
    })
    .await;
    let egress = egress();
    for call in 1..=3 {
        assert_eq!(post(&egress, &peer.url()).await, answered(200, ""), "{call}");
        assert_eq!(peer.connections(), call);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The peer closes as it reads the second request: the body has left, so nothing is sent again by itself.
#[tokio::test]
async fn a_pooled_connection_that_dies_under_a_post_may_have_sent_it() {
    let peer = Peer::new(|mut stream, connection| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(ok("").as_bytes()).await;
        if connection == 0 {
            read_request(&mut stream).await;
        } else {
            while read_request(&mut stream).await.is_some() {
                let _ = stream.write_all(ok("").as_bytes()).await;
            }
        }
    })
    .await;
    let egress = egress();
    assert_eq!(post(&egress, &peer.url()).await, answered(200, ""));
    assert_eq!(post(&egress, &peer.url()).await, perhaps_sent(CallFailure::Reset));
    assert_eq!(peer.connections(), 1);
    assert_eq!(post(&egress, &peer.url()).await, answered(200, ""));
    let (buyer, url, allow) = (buyer(), peer.url(), loopback());
    let fresh = Call { fresh: true, ..call_to(&buyer, &url, &allow) };
    assert_eq!(egress.call(fresh).await, answered(200, ""));
    assert_eq!(peer.connections(), 3);
}

#[tokio::test]
async fn a_buyer_with_all_its_places_taken_is_busy() {
    let slow = Peer::answering("").await;
    let egress = Arc::new(egress());
    let (waiting, url) = (egress.clone(), slow.url());
    let first = tokio::spawn(async move { post_soon(&waiting, &url).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(post(&egress, &slow.url()).await, unsent(CallFailure::Busy));
    assert_eq!(first.await.unwrap(), perhaps_sent(CallFailure::Timeout));
    assert_eq!(post(&egress, &Peer::answering(ok("")).await.url()).await, answered(200, ""));
}

#[test]
fn what_failed_before_the_body_left_is_unsent() {
    for (failed, expected) in [
        (Failed { failure: CallFailure::Timeout, body_left: false }, PostReply::Unsent(CallFailure::Timeout)),
        (Failed { failure: CallFailure::Timeout, body_left: true }, PostReply::Unknown(CallFailure::Timeout)),
    ] {
        assert_eq!(PostReply::from(failed), expected);
    }
}

/// A thousand auctions that wait hold ten thousand of them: what is seldom needed of a call must not take its room all the time.
#[tokio::test]
async fn a_call_that_waits_takes_little_room() {
    let (egress, url) = (egress(), "http://127.0.0.1:1/ping".parse().unwrap());
    let way = egress.way(&buyer(), &url, &loopback(), 16).unwrap();
    let Call { max_in_flight, method, headers, body, time, fresh, when_open, keeps_headers, .. } = call_to(&buyer(), &url, &[]);
    let sending = Sending { max_in_flight, method, headers, body, time, fresh, when_open, keeps_headers };
    let room = size_of_val(&way.send(&sending));
    assert!(room <= 1536, "{room} bytes");
}
