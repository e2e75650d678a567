//! Pings that share connections, over real sockets: each has its own answer, whatever the buyer does to its connections.

use std::sync::Mutex;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::sync::{mpsc, oneshot};

use super::*;

/// A peer's end of a connection: requests one after the other, however many have come.
struct Requests {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Requests {
    fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, bytes: Vec::new() }
    }

    /// The next one's body; none at the end of the connection.
    async fn next(&mut self) -> Option<String> {
        loop {
            let text = String::from_utf8_lossy(&self.bytes).into_owned();
            if let Some((head, rest)) = text.split_once("\r\n\r\n") {
                let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
                if rest.len() >= length {
                    drop(self.bytes.drain(..head.len() + 4 + length));
                    return Some(rest[..length].to_owned());
                }
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(read) if read > 0 => self.bytes.extend_from_slice(&buffer[..read]),
                _ => return None,
            }
        }
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Answers each with its own body.
    async fn echo(mut self) {
        while let Some(body) = self.next().await {
            self.send(ok(&body)).await;
        }
    }
}

/// A buyer that lets so many pings wait on one connection.
struct Asking {
    egress: Egress,
    way: Way,
}

const TIME: Duration = Duration::from_secs(10);

impl Asking {
    fn of(egress: Egress, url: &Url, pipelining: usize) -> Self {
        let way = egress.way(&buyer(), url, &loopback(), pipelining).unwrap();
        Self { egress, way }
    }

    async fn ask_within(&self, body: &str, time: Duration) -> Result<Answered, Failed> {
        let body = Bytes::from(body.to_owned());
        let (method, headers) = (Method::POST, Headers::default());
        self.way.send(&Sending { max_in_flight: 100, method, headers, body, time, fresh: false, when_open: WhenOpen::Ignore, keeps_headers: false }).await
    }

    async fn ask(&self, body: &str) -> Result<Answered, Failed> {
        self.ask_within(body, TIME).await
    }

    /// At the same moment; the answers in the order of the bodies.
    async fn ask_all(&self, bodies: &[String]) -> Vec<Result<Answered, Failed>> {
        futures_util::future::join_all(bodies.iter().map(|body| self.ask(body))).await
    }
}

fn bodies(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}{}", "x".repeat(number * 397 % 5000))).collect()
}

/// Asks one after the first, which brings the connection that is shared from then on.
async fn acquainted(peer: &Peer, pipelining: usize) -> Asking {
    let asking = Asking::of(egress(), &peer.url(), pipelining);
    assert_eq!(asking.ask("first").await, answered(200, "first"));
    asking
}

#[tokio::test]
async fn pings_of_the_same_moment_share_a_connection_and_have_their_own_answers() {
    // Answers by length and in chunks, all that were asked so far at once, in pieces that end anywhere.
    let peer = Peer::new(|stream, _| async move {
        let (mut requests, mut number) = (Requests::new(stream), 0);
        while let Some(body) = requests.next().await {
            number += 1;
            let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
            let answer = if number % 2 == 0 { ok(&body) } else { chunked };
            for piece in answer.as_bytes().chunks(1 + number * 131 % 977) {
                requests.send(piece).await;
            }
        }
    })
    .await;
    let asking = acquainted(&peer, 64).await;
    for round in 0..5 {
        let bodies = bodies(&format!("{round}:"), 40);
        let expected: Vec<_> = bodies.iter().map(|body| answered(200, body)).collect();
        assert!(asking.ask_all(&bodies).await == expected, "round {round}");
    }
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn what_a_connection_has_no_room_for_goes_over_another() {
    // Answers only once four have come, over whatever connections.
    let barrier = Arc::new(tokio::sync::Barrier::new(4));
    let peer = Peer::new(move |stream, _| {
        let barrier = barrier.clone();
        async move {
            let mut requests = Requests::new(stream);
            while let Some(body) = requests.next().await {
                if body != "first" {
                    let mut both = vec![body];
                    if both[0].starts_with('a') {
                        both.push(requests.next().await.unwrap());
                    }
                    for _ in 1..both.len() {
                        tokio::spawn({
                            let barrier = barrier.clone();
                            async move { barrier.wait().await }
                        });
                    }
                    barrier.wait().await;
                    for body in both {
                        requests.send(ok(&body)).await;
                    }
                } else {
                    requests.send(ok(&body)).await;
                }
            }
        }
    })
    .await;
    let asking = acquainted(&peer, 2).await;
    let bodies: Vec<String> = ["a0", "a1", "b", "c"].map(str::to_owned).into();
    assert_eq!(asking.ask_all(&bodies).await, bodies.iter().map(|body| answered(200, body)).collect::<Vec<_>>());
    assert_eq!(peer.connections(), 3);
}

/// What the peer does after it has read three pings on its first connection; others it answers as they come.
#[tokio::test]
async fn a_connection_that_ends_costs_none_but_those_whose_answers_were_under_way() {
    let [own, again, reset] = [Ok(200), Ok(200), Err(CallFailure::Reset)];
    let huge = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", MAX_BODY + 1);
    let first_with = |more: &str| format!("{}{more}", ok("0"));
    for (case, bytes, expected) in [
        ("all are answered", [ok("0"), ok("1"), ok("2")].concat(), [own.clone(), own.clone(), own.clone()]),
        ("it ends at once", String::new(), [again.clone(), again.clone(), again.clone()]),
        ("it ends after an answer", ok("0"), [own.clone(), again.clone(), again.clone()]),
        (
            "it says that it ends",
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n0".to_owned() + &ok("?"),
            [own.clone(), again.clone(), again.clone()],
        ),
        ("an answer as of old", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n0".to_owned() + &ok("?"), [own.clone(), again.clone(), again.clone()]),
        ("an answer until the end", "HTTP/1.1 200 OK\r\n\r\n0".to_owned(), [own.clone(), again.clone(), again.clone()]),
        ("it ends in a head", first_with("HTTP/1.1 200 OK\r\ncont"), [own.clone(), reset.clone(), again.clone()]),
        ("it ends in a body", first_with("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), [own.clone(), reset.clone(), again.clone()]),
        ("it ends in a refusal", first_with("HTTP/1.1 404 No\r\ncontent-length: 10\r\n\r\nabc"), [own.clone(), Ok(404), again.clone()]),
        ("no HTTP", first_with("220 smtp.example ESMTP\r\n"), [own.clone(), Err(CallFailure::Malformed("not HTTP".into())), reset.clone()]),
        ("an answer that is too large", first_with(&huge), [own.clone(), Err(CallFailure::TooLarge), reset.clone()]),
        ("a refusal that is too large", first_with(&huge.replace("200", "400")), [own.clone(), Ok(400), reset.clone()]),
        (
            "interim answers without an end",
            first_with(&"HTTP/1.1 100 Continue\r\n\r\n".repeat(60_000)),
            [own.clone(), Err(CallFailure::TooLarge), reset.clone()],
        ),
        (
            "a compressed answer",
            first_with("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\n1"),
            [own.clone(), Err(CallFailure::Malformed("content-encoding".into())), reset.clone()],
        ),
        ("one more than was asked for", [ok("0"), ok("1"), ok("2"), ok("?")].concat(), [own.clone(), own.clone(), own.clone()]),
    ] {
        let bytes: Arc<str> = bytes.into();
        let peer = Peer::new(move |stream, connection| {
            let bytes = bytes.clone();
            async move {
                let mut requests = Requests::new(stream);
                if connection > 0 {
                    return requests.echo().await;
                }
                let first = requests.next().await.unwrap();
                requests.send(ok(&first)).await;
                for _ in 0..3 {
                    requests.next().await.unwrap();
                }
                requests.send(&*bytes).await;
            }
        })
        .await;
        let asking = acquainted(&peer, 16).await;
        let bodies = ["0", "1", "2"].map(str::to_owned);
        for ((given, body), expected) in asking.ask_all(&bodies).await.into_iter().zip(&bodies).zip(expected) {
            match expected {
                Ok(200) => assert_eq!(given, answered(200, body), "{case}"),
                Ok(status) => assert_eq!(given, answered(status, ""), "{case}"),
                Err(failure) => assert_eq!(given, perhaps_sent(failure), "{case}"),
            }
        }
        assert_eq!(asking.ask("next").await, answered(200, "next"), "{case}");
    }
}

/// Gives the peer's connections to the test, each with its number.
async fn peer_in_hand() -> (Peer, mpsc::UnboundedReceiver<(usize, Requests)>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let peer = Peer::new(move |stream, connection| {
        let sender = sender.clone();
        async move { drop(sender.send((connection, Requests::new(stream)))) }
    })
    .await;
    (peer, receiver)
}

/// And the first connection, which pings share.
async fn acquainted_in_hand(pipelining: usize) -> (Peer, Asking, mpsc::UnboundedReceiver<(usize, Requests)>, Requests) {
    let (peer, mut connections) = peer_in_hand().await;
    let asking = Asking::of(egress(), &peer.url(), pipelining);
    let serve = async {
        let (_, mut requests) = connections.recv().await.unwrap();
        let body = requests.next().await.unwrap();
        requests.send(ok(&body)).await;
        requests
    };
    let (given, requests) = tokio::join!(asking.ask("first"), serve);
    assert_eq!(given, answered(200, "first"));
    (peer, asking, connections, requests)
}

const SOON: Duration = Duration::from_millis(100);

/// Where the order is lost, both sides may wait for ever.
async fn in_time<T>(test: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), test).await.expect("somebody waits for ever")
}

#[tokio::test]
async fn a_late_answer_is_given_to_nobody_else() {
    let (_peer, asking, mut connections, mut first) = acquainted_in_hand(16).await;
    // The second waits for longer than the first, and has its answer in its turn.
    let serve = async {
        assert_eq!([first.next().await.unwrap(), first.next().await.unwrap()], ["late", "patient"]);
        // The first has gone by now: it says so by its end.
        let (_, mut second) = connections.recv().await.unwrap();
        let body = second.next().await.unwrap();
        second.send(ok(&body)).await;
        first.send([ok("late"), ok("patient")].concat()).await;
        (first, second)
    };
    let ask = async {
        let late_and_next = async {
            assert_eq!(asking.ask_within("late", SOON).await, perhaps_sent(CallFailure::Timeout));
            // A connection that owes an answer takes no more.
            asking.ask("next").await
        };
        tokio::join!(late_and_next, asking.ask("patient"))
    };
    let ((next, patient), (mut first, _second)) = in_time(async { tokio::join!(ask, serve) }).await;
    assert_eq!((next, patient), (answered(200, "next"), answered(200, "patient")));
    // Nothing is owed any more: the connection serves again.
    let serve = async {
        let body = first.next().await.unwrap();
        first.send(ok(&body)).await;
    };
    let (again, ()) = tokio::join!(asking.ask("again"), serve);
    assert_eq!(again, answered(200, "again"));
}

#[tokio::test]
async fn a_connection_that_owes_an_answer_for_too_long_is_closed_and_who_waits_behind_is_asked_again() {
    let (peer, asking, mut connections, mut first) = acquainted_in_hand(16).await;
    let serve = async {
        assert_eq!([first.next().await.unwrap(), first.next().await.unwrap()], ["late", "patient"]);
        assert_eq!(first.next().await, None);
        let (_, mut second) = connections.recv().await.unwrap();
        let body = second.next().await.unwrap();
        second.send(ok(&body)).await;
    };
    let (late, patient, ()) = in_time(async { tokio::join!(asking.ask_within("late", SOON), asking.ask("patient"), serve) }).await;
    assert_eq!((late, patient), (perhaps_sent(CallFailure::Timeout), answered(200, "patient")));
    assert_eq!(peer.connections(), 2);
}

#[tokio::test]
async fn who_gives_up_in_the_queue_leaves_the_order_as_it_was() {
    let (peer, asking, _connections, mut first) = acquainted_in_hand(16).await;
    let (gone, has_gone) = oneshot::channel();
    let serve = async {
        for expected in ["a", "b", "c"] {
            assert_eq!(first.next().await.unwrap(), expected);
        }
        has_gone.await.unwrap();
        first.send([ok("a"), ok("b"), ok("c")].concat()).await;
    };
    let give_up = async {
        let given = asking.ask_within("b", SOON).await;
        gone.send(()).unwrap();
        given
    };
    let (a, b, c, ()) = in_time(async { tokio::join!(asking.ask("a"), give_up, asking.ask("c"), serve) }).await;
    assert_eq!((a, b, c), (answered(200, "a"), perhaps_sent(CallFailure::Timeout), answered(200, "c")));
    assert_eq!(peer.connections(), 1);
}

/// A ping that is dropped, as with its run, leaves its place too.
#[tokio::test]
async fn who_is_dropped_leaves_the_order_as_it_was() {
    let (_peer, asking, _connections, mut first) = acquainted_in_hand(16).await;
    {
        let mut dropped = Box::pin(asking.ask("dropped"));
        let serve = async { first.next().await.unwrap() };
        tokio::select! {
            _ = &mut dropped => panic!("nobody answers"),
            body = serve => assert_eq!(body, "dropped"),
        }
    }
    let serve = async {
        let body = first.next().await.unwrap();
        first.send([ok("dropped"), ok(&body)].concat()).await;
    };
    let (given, ()) = tokio::join!(asking.ask("next"), serve);
    assert_eq!(given, answered(200, "next"));
}

/// An answer that nobody asked for may be of anything: the next ping doesn't get it.
#[tokio::test]
async fn an_answer_that_nobody_asked_for_ends_the_connection() {
    let (peer, asking, mut connections, mut first) = acquainted_in_hand(16).await;
    first.send(ok("unasked")).await;
    assert_eq!(first.next().await, None);
    let serve = async {
        let (_, mut second) = connections.recv().await.unwrap();
        let body = second.next().await.unwrap();
        second.send(ok(&body)).await;
    };
    let (given, ()) = tokio::join!(asking.ask("next"), serve);
    assert_eq!(given, answered(200, "next"));
    assert_eq!(peer.connections(), 2);
}

#[tokio::test]
async fn a_refusal_whose_rest_does_not_come_is_one_and_ends_the_connections_use() {
    let (_peer, asking, mut connections, mut first) = acquainted_in_hand(16).await;
    let serve = async {
        first.next().await.unwrap();
        first.send("HTTP/1.1 503 Busy\r\ncontent-length: 10\r\n\r\nabc").await;
        let (_, mut second) = connections.recv().await.unwrap();
        let body = second.next().await.unwrap();
        second.send(ok(&body)).await;
    };
    let ask = async {
        assert_eq!(asking.ask("refused").await, answered(503, ""));
        assert_eq!(asking.ask("next").await, answered(200, "next"));
    };
    tokio::join!(ask, serve);
}

#[tokio::test]
async fn a_post_never_goes_over_a_connection_that_pings_wait_on() {
    let (peer, asking, mut connections, mut first) = acquainted_in_hand(16).await;
    let serve = async {
        let ping = first.next().await.unwrap();
        let (connection, mut second) = connections.recv().await.unwrap();
        second.next().await.unwrap();
        second.send(ok("post")).await;
        first.send(ok(&ping)).await;
        connection
    };
    let (buyer, url, allow) = (buyer(), peer.url(), loopback());
    let post = Call { max_in_flight: 2, ..call_to(&buyer, &url, &allow) };
    let (ping, post, connection) = tokio::join!(asking.ask("ping"), asking.egress.call(post), serve);
    assert_eq!((ping, post, connection), (answered(200, "ping"), answered(200, "post"), 1));
}

#[tokio::test]
async fn pings_that_share_connections_have_no_more_places_than_others() {
    let (peer, asking, _connections, mut first) = acquainted_in_hand(16).await;
    let serve = async {
        let ping = first.next().await.unwrap();
        first.send(ok(&ping)).await;
    };
    let (buyer, url, allow) = (buyer(), peer.url(), loopback());
    let second = Call { pipelining: 16, max_in_flight: 1, ..call_to(&buyer, &url, &allow) };
    let (ping, second) = tokio::join!(asking.ask("ping"), async {
        let second = asking.egress.call(second).await;
        serve.await;
        second
    });
    assert_eq!((ping, second), (answered(200, "ping"), unsent(CallFailure::Busy)));
}

/// A server that keeps no connection is asked one ping at a time on each.
#[tokio::test]
async fn a_server_that_keeps_no_connection_shares_none() {
    let most = Arc::new(Mutex::new(0));
    let counter = most.clone();
    let peer = Peer::new(move |stream, _| {
        let counter = counter.clone();
        async move {
            let mut requests = Requests::new(stream);
            let body = requests.next().await.unwrap();
            requests.send(ok(&body).replace("200 OK", "200 OK\r\nconnection: close")).await;
            let mut more = 0;
            while requests.next().await.is_some() {
                more += 1;
            }
            *counter.lock().unwrap() += more;
        }
    })
    .await;
    let asking = acquainted(&peer, 16).await;
    let bodies = bodies("", 8);
    assert!(asking.ask_all(&bodies).await == bodies.iter().map(|body| answered(200, body)).collect::<Vec<_>>());
    assert_eq!((peer.connections(), *most.lock().unwrap()), (9, 0));
}

#[tokio::test]
async fn a_connection_that_nothing_is_asked_over_is_closed() {
    let (peer, mut connections) = peer_in_hand().await;
    let asking = Asking::of(Egress::new(Settings { idle_time: SOON, ..Settings::standard().unwrap() }), &peer.url(), 16);
    let serve = async {
        let (_, mut requests) = connections.recv().await.unwrap();
        let body = requests.next().await.unwrap();
        requests.send(ok(&body)).await;
        requests.next().await
    };
    assert_eq!(tokio::join!(asking.ask("first"), serve), (answered(200, "first"), None));
}

/// All at once, over and over, of buyers' connections that end at any time: nobody ever gets another's answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_any_disorder_each_ping_has_its_own_answer_or_none() {
    let peer = Peer::new(|stream, connection| async move {
        let mut requests = Requests::new(stream);
        for number in 0.. {
            let Some(body) = requests.next().await else { return };
            match (connection * 7 + number) % 23 {
                // Late for some, and an end under the next.
                3 => tokio::time::sleep(Duration::from_millis(30)).await,
                11 => return requests.send(&ok(&body)[..20]).await,
                _ => {}
            }
            requests.send(ok(&body)).await;
        }
    })
    .await;
    let asking = Asking::of(egress(), &peer.url(), 8);
    let mut all = FuturesUnordered::new();
    for number in 0..600 {
        let asking = &asking;
        all.push(async move {
            let body = format!("{number}");
            let given = asking.ask_within(&body, Duration::from_millis(if number % 5 == 0 { 20 } else { 2000 })).await;
            (body, given)
        });
        if all.len() > 40 {
            let (body, given) = all.next().await.unwrap();
            check(&body, given);
        }
    }
    while let Some((body, given)) = all.next().await {
        check(&body, given);
    }
}

fn check(body: &str, given: Result<Answered, Failed>) {
    match given {
        Ok(given) => assert_eq!(Ok(given), answered(200, body)),
        Err(failed) => assert!(matches!(failed.failure, CallFailure::Timeout | CallFailure::Reset), "{failed:?}"),
    }
}
