//! Names to addresses, kept for a short while. However many calls wait for a name, it is looked up once.

use std::{
    collections::{HashMap, hash_map::Entry},
    future::Future,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

/// Looks a name up, uncached.
pub type Lookup = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> + Send + Sync>;

/// The system's resolver, on the runtime's blocking threads.
#[must_use]
pub fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    })
}

/// A name without an address is asked for again after this long.
const FAILURE_KEPT: Duration = Duration::from_secs(1);
/// A lookup may take this long, whoever waits for it.
const LOOKUP_TIME: Duration = Duration::from_secs(10);

type Found = Option<Arc<[IpAddr]>>;

#[derive(Clone)]
pub struct Resolver {
    lookup: Lookup,
    kept: Duration,
    /// None in it while the lookup goes on. One entry for each name called lately.
    names: Arc<Mutex<HashMap<String, watch::Receiver<Option<Found>>>>>,
}

impl Resolver {
    pub fn new(lookup: Lookup, kept: Duration) -> Self {
        Self { lookup, kept, names: Arc::default() }
    }

    /// None where the name has no address. The lookup outlives a caller that gives up, so that the next one finds it done.
    pub async fn addresses(&self, name: &str) -> Found {
        let mut receiver = self.receiver(name);
        let found = receiver.wait_for(Option::is_some).await.ok()?;
        found.clone().flatten()
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
        let found: Found = addresses.ok().and_then(Result::ok).filter(|addresses| !addresses.is_empty()).map(Into::into);
        let kept = if found.is_some() { self.kept } else { FAILURE_KEPT };
        sender.send_replace(Some(found));
        tokio::time::sleep(kept).await;
        self.names.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
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
        let resolver = Resolver::new(lookup, Duration::from_millis(50));
        // One gives up before the answer; the lookup goes on for the others.
        assert!(tokio::time::timeout(Duration::from_millis(1), resolver.addresses("a")).await.is_err());
        let (one, two) = tokio::join!(resolver.addresses("a"), resolver.addresses("a"));
        assert_eq!((one, two, lookups.load(Ordering::Relaxed)), (Some([IpAddr::from([127, 0, 0, 1])].into()), Some([IpAddr::from([127, 0, 0, 1])].into()), 1));
        assert_eq!(resolver.addresses("none").await, None);
        tokio::time::sleep(Duration::from_millis(100)).await;
        resolver.addresses("a").await;
        assert_eq!(lookups.load(Ordering::Relaxed), 3);
    }
}
