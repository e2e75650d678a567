//! The same fan-out written as one does with hyper: its server, and hyper-util's pooled client.

use std::{convert::Infallible, net::SocketAddr};

use futures_util::stream::{FuturesUnordered, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, Uri,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpListener;

use super::{answer, bid_cents};

type Calls = Client<HttpConnector, Full<Bytes>>;

pub async fn serve(listener: TcpListener, buyers: Vec<SocketAddr>) -> std::io::Result<()> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Calls = Client::builder(TokioExecutor::new()).build(connector);
    let ping_urls: Result<Vec<Uri>, _> = buyers.iter().map(|buyer| format!("http://{buyer}/ping").parse()).collect();
    let ping_urls: &'static [Uri] = ping_urls.map_err(std::io::Error::other)?.leak();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let client = client.clone();
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| auction(&client, ping_urls, request));
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
        });
    }
}

async fn auction(client: &Calls, ping_urls: &[Uri], request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let status = |status| {
        let mut response = Response::new(Full::default());
        *response.status_mut() = status;
        response
    };
    let Ok(body) = request.into_body().collect().await else { return Ok(status(hyper::StatusCode::BAD_REQUEST)) };
    let body = body.to_bytes();
    let mut bids: FuturesUnordered<_> = ping_urls.iter().map(|url| bid(client, url, &body)).collect();
    let mut best = None;
    while let Some(bid) = bids.next().await {
        best = best.max(bid);
    }
    let Some(best) = best else { return Ok(status(hyper::StatusCode::BAD_GATEWAY)) };
    let mut response = Response::new(Full::new(Bytes::from(answer(best))));
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    Ok(response)
}

async fn bid(client: &Calls, url: &Uri, body: &Bytes) -> Option<u64> {
    let request = Request::builder().method(Method::POST).uri(url).header(CONTENT_TYPE, "application/json").body(Full::new(body.clone())).ok()?;
    let response = client.request(request).await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    bid_cents(&response.into_body().collect().await.ok()?.to_bytes())
}
