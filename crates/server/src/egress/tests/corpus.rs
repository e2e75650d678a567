//! Addresses that try to get inside: a listener on every address of this machine must see none of them come.

use super::*;

/// A line of the corpus: an address, in which `PORT` is the listener's, and what becomes of a call to it.
const CORPUS: &str = include_str!("ssrf.txt");

/// Counts who connects to it, at any of this machine's addresses, on one port.
async fn trap() -> (u16, Arc<AtomicUsize>) {
    let accepted = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("[::]:0").await.or(TcpListener::bind("0.0.0.0:0").await).unwrap();
    let (port, counter) = (listener.local_addr().unwrap().port(), accepted.clone());
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, accepted)
}

/// Names of the corpus. The system looks up its own, and nobody is asked about others.
fn names() -> Lookup {
    let system = system_lookup();
    Arc::new(move |name| {
        let addresses: &[&str] = match name.trim_end_matches('.') {
            "loopback.example" => &["127.0.0.1"],
            "loopback6.example" => &["::1"],
            "mapped.example" => &["::ffff:127.0.0.1"],
            "nat64.example" => &["64:ff9b::7f00:1", "64:ff9b:1::7f00:1"],
            "sixtofour.example" => &["2002:7f00:1::"],
            "metadata.example" => &["169.254.169.254"],
            "private.example" => &["10.0.0.1", "192.168.1.1", "fd00::1"],
            own if own.eq_ignore_ascii_case("localhost") => return system(name),
            _ => return Box::pin(std::future::ready(Err(std::io::Error::other("no such name")))),
        };
        Box::pin(std::future::ready(Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())))
    })
}

#[tokio::test]
async fn no_address_of_the_corpus_is_connected_to() {
    let (port, accepted) = trap().await;
    let egress = Egress::new(Settings { lookup: names(), ..Settings::standard().unwrap() });
    let (mut tried, mut wrong) = (0, Vec::new());
    for line in CORPUS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (text, expected) = line.rsplit_once(' ').unwrap();
        let text = text.trim_end().replace("PORT", &port.to_string()).replace("\\t", "\t");
        let got = match text.parse() {
            Err(_) => "no-url".to_owned(),
            Ok(url) => match post_within(&egress, &url, &[], Duration::from_secs(10)).await {
                Err(Failed { failure, body_left: false }) => failure.word().to_owned(),
                other => format!("{other:?}"),
            },
        };
        tried += 1;
        if got != expected {
            wrong.push(format!("{text}: {got}, not {expected}"));
        }
    }
    assert!(tried > 100 && wrong.is_empty(), "of {tried}:\n{}", wrong.join("\n"));
    assert_eq!(accepted.load(Ordering::SeqCst), 0);
}

/// The trap and the buyer listen on the same port of two addresses, of which one is allowed.
async fn buyer_and_trap() -> (Peer, Arc<AtomicUsize>) {
    loop {
        let peer = Peer::answering(ok("{}")).await;
        let accepted = Arc::new(AtomicUsize::new(0));
        let Ok(listener) = TcpListener::bind(("127.0.0.2", peer.address.port())).await else { continue };
        let counter = accepted.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        return (peer, accepted);
    }
}

/// Gives these answers one after the other, the last one for ever; nothing is kept.
fn rebinding(answers: &'static [&'static [&'static str]]) -> Egress {
    let asked = AtomicUsize::new(0);
    let lookup: Lookup = Arc::new(move |_| {
        let answer = answers[asked.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)];
        Box::pin(std::future::ready(Ok(answer.iter().map(|address| address.parse().unwrap()).collect())))
    });
    Egress::new(Settings { lookup, addresses_kept: Duration::ZERO, max_idle: 0, ..Settings::standard().unwrap() })
}

async fn call_named(egress: &Egress, port: u16) -> Result<Answered, Failed> {
    let allow = ["127.0.0.1/32".parse().unwrap()];
    post_within(egress, &format!("http://buyer.example:{port}/").parse().unwrap(), &allow, Duration::from_secs(10)).await
}

#[tokio::test]
async fn a_name_that_is_bound_again_reaches_what_is_allowed_and_nothing_else() {
    let (peer, trapped) = buyer_and_trap().await;
    let port = peer.address.port();
    let egress = rebinding(&[&["127.0.0.1"], &["127.0.0.2"]]);
    assert_eq!(call_named(&egress, port).await, answered(200, "{}"));
    // A name is forgotten a moment after it was answered.
    let mut forbidden = 0;
    while forbidden < 20 {
        match call_named(&egress, port).await {
            Err(Failed { failure: CallFailure::Forbidden, body_left: false }) => forbidden += 1,
            kept => assert_eq!((kept, forbidden), (answered(200, "{}"), 0)),
        }
    }
    assert_eq!(trapped.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn of_several_addresses_the_forbidden_ones_are_not_even_tried() {
    let (peer, trapped) = buyer_and_trap().await;
    let port = peer.address.port();
    const MIXED: [&[&[&str]]; 3] = [&[&["127.0.0.2", "127.0.0.1"]], &[&["127.0.0.1", "127.0.0.2"]], &[&["::ffff:127.0.0.2", "127.0.0.1"]]];
    for answer in MIXED {
        assert_eq!(call_named(&rebinding(answer), port).await, answered(200, "{}"), "{answer:?}");
    }
    // Where the allowed one doesn't answer, the other is no second choice: 127.0.0.3 is allowed, and nobody listens there.
    let egress = rebinding(&[&["127.0.0.3", "127.0.0.2"]]);
    let allow = ["127.0.0.3/32".parse().unwrap()];
    let url = format!("http://buyer.example:{port}/").parse().unwrap();
    assert_eq!(post_within(&egress, &url, &allow, Duration::from_secs(10)).await, unsent(CallFailure::Unreachable));
    assert_eq!(trapped.load(Ordering::SeqCst), 0);
}
