//! The client for hosts that choose HTTP/2: hyper's, with the same bounds.

use std::{error::Error, io};

use exchange::call::CallFailure;
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Request, Response, Uri,
    body::{Body, Incoming},
    header::{CONTENT_ENCODING, HeaderValue, USER_AGENT},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};

use super::{
    Answered, MAX_BODY, MAX_HEAD, Settings,
    connection::REST_TIME,
    connector::{ConnectError, Connector},
    metered::is_too_much,
    outgoing::{Outgoing, Sent},
    sending::Sending,
    target::AGENT,
};

/// In bytes: what a peer may send ahead of our reading, for one answer and for all of a connection.
const HTTP2_STREAM_WINDOW: u32 = 128 * 1024;
const HTTP2_CONNECTION_WINDOW: u32 = 512 * 1024;

type HttpClient = Client<HttpsConnector<Connector>, Outgoing>;

/// A host that gives HTTP/2 up again is called in HTTP/1.1, by the same client.
pub struct Http2 {
    pooled: HttpClient,
    fresh: HttpClient,
}

impl Http2 {
    pub fn new(settings: &Settings, connector: &Connector) -> Self {
        Self { pooled: client(settings, connector.clone(), settings.max_idle), fresh: client(settings, connector.clone(), 0) }
    }

    pub async fn call(&self, sending: &Sending, uri: Uri, sent: Sent) -> Result<Answered, CallFailure> {
        let mut request = Request::new(Outgoing::new(sending.body.clone(), sent));
        *request.method_mut() = sending.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = sending.headers.to_map();
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        answer(if sending.fresh { &self.fresh } else { &self.pooled }, request, sending.keeps_headers).await
    }
}

fn client(settings: &Settings, connector: Connector, max_idle: usize) -> HttpClient {
    let connector = HttpsConnectorBuilder::new().with_tls_config(settings.tls.clone()).https_or_http().enable_all_versions().wrap_connector(connector);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(settings.idle_time)
        .pool_max_idle_per_host(max_idle)
        .http1_max_buf_size(MAX_HEAD)
        .http2_max_header_list_size(MAX_HEAD as u32)
        .http2_initial_stream_window_size(HTTP2_STREAM_WINDOW)
        .http2_initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .http2_keep_alive_interval(settings.idle_time)
        .http2_keep_alive_timeout(settings.connect_time)
        .build(connector)
}

async fn answer(client: &HttpClient, request: Request<Outgoing>, keeps_headers: bool) -> Result<Answered, CallFailure> {
    let response = client.request(request).await.map_err(|error| failure(&error, error.is_connect()))?;
    let status = response.status();
    let headers = if keeps_headers { texts(response.headers()) } else { Vec::new() };
    if !status.is_success() {
        let body = tokio::time::timeout(REST_TIME, whole_body(response)).await;
        return Ok(Answered { status: status.as_u16(), headers, body: body.ok().and_then(Result::ok).unwrap_or_default() });
    }
    if is_encoded(response.headers()) {
        return Err(CallFailure::Malformed("content-encoding".to_owned()));
    }
    Ok(Answered { status: status.as_u16(), headers, body: whole_body(response).await? })
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect()
}

/// No encoding was asked for.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

async fn whole_body(response: Response<Incoming>) -> Result<Vec<u8>, CallFailure> {
    let mut body = response.into_body();
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(CallFailure::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| failure(&error, false))?.into_data() {
            if bytes.len() + data.len() > MAX_BODY {
                return Err(CallFailure::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

fn failure(error: &(dyn Error + 'static), is_connect: bool) -> CallFailure {
    let not_http = || CallFailure::Malformed("not HTTP".to_owned());
    let mut source = Some(error);
    let mut found = None;
    while let Some(cause) = source {
        if let Some(ConnectError::Forbidden) = cause.downcast_ref::<ConnectError>() {
            return CallFailure::Forbidden;
        }
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            if is_too_much(cause) {
                return CallFailure::TooLarge;
            }
            let is_garbled = !is_connect && matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
            found = found.or_else(|| is_garbled.then(not_http));
        }
        match cause.downcast_ref::<hyper::Error>() {
            Some(cause) if cause.is_parse_too_large() => return CallFailure::TooLarge,
            Some(cause) if cause.is_parse() => return not_http(),
            _ => {}
        }
        source = cause.source();
    }
    found.unwrap_or(if is_connect { CallFailure::Unreachable } else { CallFailure::Reset })
}
