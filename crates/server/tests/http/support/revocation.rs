//! A revoked key, on every node of an exchange.

use std::time::{Duration, Instant};

use super::{Call, now, wait_for};

/// Calls each address with the key without a pause, revokes it meanwhile, and holds every node to it: what was sent a second
/// after the revocation had committed is refused. Slow machines make fewer calls, and are held to the same.
pub fn holds_within_a_second(nodes: &[String], key: &str, revoke: impl FnOnce()) {
    let accepts = |at: &String| Call::get(at).key(key).send().status != 401;
    for at in nodes {
        wait_for("a node that takes the key", || Some(()).filter(|()| accepts(at)));
    }
    std::thread::scope(|scope| {
        // The last time at which a call was sent that the node still took.
        let last_taken = |at: &String| -> Instant {
            let mut last = now();
            wait_for("the revocation", || {
                let sent = now();
                if accepts(at) {
                    last = sent;
                    return None;
                }
                Some(())
            });
            assert!((0..3).all(|_| !accepts(at)), "{at} takes the key again");
            last
        };
        let watched: Vec<_> = nodes.iter().map(|at| (at, scope.spawn(move || last_taken(at)))).collect();
        revoke();
        let revoked = now();
        for (at, watching) in watched {
            let after = watching.join().unwrap().saturating_duration_since(revoked);
            assert!(after < Duration::from_secs(1), "{at} took a key that was revoked {after:?} before");
        }
    });
}
