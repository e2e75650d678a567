//! The HTTP server: connections with bounds on what a slow or silent client can hold, and a way to end.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::server::conn::http1;
use hyper::{Request, body::Incoming};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use crate::{clock::Stopwatch, routes};

/// A client has so long to send its headers, from the connection's first moment and after each answer.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// Connections served at the same time, where the process may open that many files; more wait to be accepted.
const MOST_CONNECTIONS: u64 = 10_000;

/// In bytes: the most that a request's headers may have.
const MOST_HEAD: usize = 16 * 1024;

/// Serves until `end` is done. Then no connection is taken, idle ones are closed, and the requests under way are answered with
/// `Connection: close`, for at most `drain`: what is left of it is given back.
pub async fn serve(listener: TcpListener, routes: Router, end: impl Future<Output = ()>, drain: Duration) -> Duration {
    let places = Arc::new(Semaphore::new(most_connections()));
    let graceful = GracefulShutdown::new();
    // HTTP/1.1 alone: whoever wants HTTP/2 has a proxy in front for TLS already.
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(MOST_HEAD).half_close(true);
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut end => break,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let routes = routes.clone();
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            let routes = routes.clone();
            async move { Ok::<_, Infallible>(routes::answer(routes, request.map(axum::body::Body::new)).await) }
        });
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks off is its client's affair.
            drop(connection.await);
            drop(place);
        });
    }
    drop(listener);
    let watch = Stopwatch::start();
    if tokio::time::timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off at the end");
    }
    drain.saturating_sub(watch.elapsed())
}

/// Half of the files that this process may open: the other half is for calls to buyers and for the store.
fn most_connections() -> usize {
    // What the system allows is asked for; where it isn't known, the common limit is assumed.
    let files = rlimit::increase_nofile_limit(MOST_CONNECTIONS * 2).unwrap_or(1024);
    usize::try_from((files / 2).clamp(16, MOST_CONNECTIONS)).unwrap_or(16)
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            drop(stream.set_nodelay(true));
            Some((stream, peer, place))
        }
        Err(error) => {
            // Out of files, most likely: a moment later there may be some.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}
