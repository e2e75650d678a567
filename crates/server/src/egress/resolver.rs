//! Names to allowed addresses, kept for a short while; a forbidden one is never kept. However many calls wait for a name, it
//! is looked up once.

use std::{
    collections::{HashMap, hash_map::Entry},
    future::Future,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ipnet::IpNet;
use tokio::sync::watch;

use super::address::may_reach;

/// Looks a name up, uncached.
pub type Lookup = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> + Send + Sync>;

/// A name without an address is asked for again after this long.
const FAILURE_KEPT: Duration = Duration::from_secs(1);
/// A lookup may take this long, whoever waits for it.
const LOOKUP_TIME: Duration = Duration::from_secs(10);

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One or more, each of them allowed over HTTPS.
    Addresses(Arc<[IpAddr]>),
    /// Addresses, and not one allowed.
    Forbidden,
    Nothing,
}

#[derive(Clone)]
pub struct Resolver {
    lookup: Lookup,
    kept: Duration,
    allow: Arc<[IpNet]>,
    /// None in it while the lookup goes on. One entry for each name called lately.
    names: Arc<Mutex<HashMap<String, watch::Receiver<Option<Found>>>>>,
}

impl Resolver {
    pub fn new(lookup: Lookup, kept: Duration, allow: Arc<[IpNet]>) -> Self {
        Self { lookup, kept, allow, names: Arc::default() }
    }

    /// The lookup outlives a caller that gives up, so that the next one finds it done.
    pub async fn addresses(&self, name: &str) -> Found {
        let mut receiver = self.receiver(name);
        match receiver.wait_for(Option::is_some).await {
            Ok(found) => found.clone().unwrap_or(Found::Nothing),
            Err(_) => Found::Nothing,
        }
    }

    fn receiver(&self, name: &str) -> watch::Receiver<Option<Found>> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match names.entry(name.to_owned()) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(vacant) => {
                let (sender, receiver) = watch::channel(None);
                tokio::spawn(self.clone().look_up(name.to_owned(), sender));
                vacant.insert(receiver).clone()
            }
        }
    }

    async fn look_up(self, name: String, sender: watch::Sender<Option<Found>>) {
        let addresses = tokio::time::timeout(LOOKUP_TIME, (self.lookup)(name.clone())).await;
        let found = self.allowed(&addresses.ok().and_then(Result::ok).unwrap_or_default());
        let kept = if matches!(found, Found::Addresses(_)) { self.kept } else { FAILURE_KEPT };
        sender.send_replace(Some(found));
        tokio::time::sleep(kept).await;
        self.names.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    }

    fn allowed(&self, addresses: &[IpAddr]) -> Found {
        let allowed: Arc<[IpAddr]> = addresses.iter().copied().filter(|address| may_reach(*address, true, &self.allow)).collect();
        match (addresses.is_empty(), allowed.is_empty()) {
            (true, _) => Found::Nothing,
            (false, true) => Found::Forbidden,
            (false, false) => Found::Addresses(allowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_name_is_looked_up_once_while_it_is_kept() {
        let lookups = Arc::new(AtomicUsize::new(0));
        let counter = lookups.clone();
        let lookup: Lookup = Arc::new(move |name| {
            counter.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if name == "none" { Err(io::Error::other("no such name")) } else { Ok(vec![IpAddr::from([127, 0, 0, 1])]) }
            })
        });
        let resolver = Resolver::new(lookup, Duration::from_millis(50), Arc::new(["127.0.0.0/8".parse().unwrap()]));
        let local = Found::Addresses([IpAddr::from([127, 0, 0, 1])].into());
        // One gives up before the answer; the lookup goes on for the others.
        assert!(tokio::time::timeout(Duration::from_millis(1), resolver.addresses("a")).await.is_err());
        let (one, two) = tokio::join!(resolver.addresses("a"), resolver.addresses("a"));
        assert_eq!((one, two, lookups.load(Ordering::Relaxed)), (local.clone(), local, 1));
        assert_eq!(resolver.addresses("none").await, Found::Nothing);
        tokio::time::sleep(Duration::from_millis(100)).await;
        resolver.addresses("a").await;
        assert_eq!(lookups.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_name_that_nobody_answers_for_keeps_no_other_waiting() {
        let lookup: Lookup = Arc::new(|name| match name.as_str() {
            "dead" => Box::pin(std::future::pending()),
            _ => Box::pin(std::future::ready(Ok(vec![IpAddr::from([8, 8, 8, 8])]))),
        });
        let resolver = Resolver::new(lookup, Duration::from_secs(30), Arc::new([]));
        let dead: Vec<_> = (0..1000).map(|_| Box::pin(resolver.addresses("dead"))).collect();
        let dead = futures_util::future::join_all(dead);
        tokio::select! {
            biased;
            _ = dead => panic!("nobody answers"),
            found = resolver.addresses("alive") => assert_eq!(found, Found::Addresses([IpAddr::from([8, 8, 8, 8])].into())),
        }
    }

    #[tokio::test]
    async fn a_forbidden_address_is_not_kept() {
        let of = |addresses: &[[u8; 4]]| {
            let addresses: Vec<IpAddr> = addresses.iter().map(|address| IpAddr::from(*address)).collect();
            let lookup: Lookup = Arc::new(move |_| Box::pin(std::future::ready(Ok(addresses.clone()))));
            Resolver::new(lookup, Duration::from_secs(30), Arc::new(["127.0.0.1/32".parse().unwrap()]))
        };
        let kept = of(&[[10, 0, 0, 1], [127, 0, 0, 1], [127, 0, 0, 2], [8, 8, 8, 8]]).addresses("a").await;
        assert_eq!(kept, Found::Addresses([IpAddr::from([127, 0, 0, 1]), IpAddr::from([8, 8, 8, 8])].into()));
        assert_eq!(of(&[[10, 0, 0, 1], [169, 254, 169, 254]]).addresses("a").await, Found::Forbidden);
        assert_eq!(of(&[]).addresses("a").await, Found::Nothing);
    }
}
