//! A buyer that is down is left alone, costs nobody anything, and is found again.

use std::sync::atomic::{AtomicBool, AtomicU64};

use super::*;

async fn call(egress: &Egress, url: &Url, when_open: WhenOpen) -> Result<Answered, Failed> {
    egress.call(Call { when_open, ..call_to(&buyer(), url, &loopback()) }).await
}

#[tokio::test]
async fn a_buyer_that_is_down_is_skipped_but_for_repeats_and_tests_until_a_probe_succeeds() {
    let works = Arc::new(AtomicBool::new(false));
    let (state, calls) = (works.clone(), Arc::new(AtomicUsize::new(0)));
    let counter = calls.clone();
    let peer = Peer::new(move |mut stream, _| {
        let (state, counter) = (state.clone(), counter.clone());
        async move {
            while read_request(&mut stream).await.is_some() {
                counter.fetch_add(1, Ordering::SeqCst);
                let status = if state.load(Ordering::SeqCst) { "200 OK" } else { "503 Down" };
                let _ = stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await;
            }
        }
    })
    .await;
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = seconds.clone();
    let time = Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst)));
    let egress = Egress::new(Settings { time, ..Settings::standard().unwrap() });
    for _ in 0..10 {
        assert_eq!(call(&egress, &peer.url(), WhenOpen::Ignore).await, answered(503, ""), "a test counts for nothing");
    }
    for _ in 0..10 {
        assert_eq!(call(&egress, &peer.url(), WhenOpen::Skip).await, answered(503, ""));
    }
    assert_eq!(call(&egress, &peer.url(), WhenOpen::Skip).await, unsent(CallFailure::CircuitOpen));
    assert_eq!(calls.load(Ordering::SeqCst), 20, "nothing was sent");
    assert_eq!(call(&egress, &peer.url(), WhenOpen::Call).await, answered(503, ""), "a repeat of what may have arrived always goes");
    assert_eq!(call(&egress, &peer.url(), WhenOpen::Ignore).await, answered(503, ""));

    works.store(true, Ordering::SeqCst);
    let other = Callee::Buyer("other".parse().unwrap());
    assert_eq!(
        egress.call(Call { when_open: WhenOpen::Skip, ..call_to(&other, &peer.url(), &loopback()) }).await,
        answered(200, ""),
        "another buyer is called as ever"
    );
    assert_eq!(call(&egress, &peer.url(), WhenOpen::Skip).await, unsent(CallFailure::CircuitOpen));
    seconds.store(5, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(call(&egress, &peer.url(), WhenOpen::Skip).await, answered(200, ""));
    }
}
