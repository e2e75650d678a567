//! The system's resolver, on threads of its own: a name server that is silent holds none of those that read the store.

use std::{io, net::ToSocketAddrs, sync::Arc, thread};

use tokio::sync::{Semaphore, oneshot};

use super::resolver::Lookup;

/// Names looked up at the same time. The system's resolver can't be told to stop: a thread is its own until it answers.
const MOST_AT_ONCE: usize = 32;

#[must_use]
pub fn system_lookup() -> Lookup {
    let places = Arc::new(Semaphore::new(MOST_AT_ONCE));
    Arc::new(move |name| {
        let places = Arc::clone(&places);
        Box::pin(async move {
            let place = places.acquire_owned().await.map_err(io::Error::other)?;
            let (answer, answered) = oneshot::channel();
            thread::Builder::new().name("lookup".into()).spawn(move || {
                let found = (name.as_str(), 0).to_socket_addrs().map(|addresses| addresses.map(|address| address.ip()).collect());
                drop(place);
                // Whoever waited may have given up.
                drop(answer.send(found));
            })?;
            answered.await.map_err(io::Error::other)?
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_machine_has_an_address_and_nonsense_has_none() {
        let lookup = system_lookup();
        assert!(lookup("localhost".into()).await.unwrap().iter().all(std::net::IpAddr::is_loopback));
        assert!(lookup("no name at all".into()).await.is_err());
    }
}
