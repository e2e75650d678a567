//! What every request of a supplier is checked for, in this order: room, key, rate, formats, size, body.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use exchange::{
    command::{Idempotency, Role},
    flow::Limits,
    id::{SupplierName, VerticalName},
    lead::{Code, FieldError},
    market::Market,
    raw::RawFields,
    schema::Vertical,
    seal::{Fingerprint, MasterKey},
    supplier::Supplier,
};
use futures_util::StreamExt;
use wire::{answer::Format, bearer::Bearer, body};

use super::{answers, outcome::Outcome};
use crate::{admission::Class, node::Node, problem::Problem};

/// In bytes: the most that a body may have.
pub const MOST_BODY: usize = 64 * 1024;
/// In bytes: so much of a larger body is read before the answer, for clients that don't listen while they send.
const MOST_DRAINED: usize = 2 * 1024 * 1024;
/// A body has so long to come, or what is too large of it to be read.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// A request that was shed is answered after this: whoever asks again at once asks a few times a second, and not all the time.
const SHED_PAUSE: Duration = Duration::from_millis(250);
/// The small body of a request that was shed may still be on its way.
const SHED_BODY_TIME: Duration = Duration::from_secs(1);
const MOST_KEY: usize = 255;

/// A request that has passed.
pub struct Incoming {
    pub supplier: SupplierName,
    pub format: Format,
    pub fields: RawFields,
    pub test: bool,
    pub idempotency_key: Option<String>,
    pub limits: Limits,
    /// Of what is no field of a vertical.
    mistakes: Vec<FieldError>,
}

impl Incoming {
    pub fn new(supplier: SupplierName, format: Format, fields: RawFields, test: bool, idempotency_key: Option<String>) -> Self {
        Self { supplier, format, fields, test, idempotency_key, limits: Limits::default(), mistakes: Vec::new() }
    }

    /// The supplier's own names of fields become the vertical's.
    pub fn rename(&mut self, terms: &Supplier) {
        let names = &terms.inbound.fields;
        if names.is_empty() {
            return;
        }
        for (name, _) in &mut self.fields {
            if let Some(ours) = names.get(name) {
                name.clone_from(ours);
            }
        }
    }

    /// A mistake to be named together with those of the fields.
    pub fn mistaken(&mut self, field: &str, code: Code, message: &str) {
        self.mistakes.push(FieldError { field: field.into(), code, message: message.into() });
    }

    /// What was read of the fields, or all mistakes of the request together.
    pub fn all_right<T>(&self, read: Result<T, Vec<FieldError>>) -> Result<T, Problem> {
        match read {
            Ok(read) if self.mistakes.is_empty() => Ok(read),
            read => Err(Problem::fields(&[self.mistakes.clone(), read.err().unwrap_or_default()].concat())),
        }
    }
}

/// What a request's path names: a vertical, a ping or a lead. Nothing, where it isn't text.
pub struct About(pub String);

impl<S: Send + Sync> FromRequestParts<S> for About {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Path::from_request_parts(parts, state).await.map(|Path(about)| about).unwrap_or_default()))
    }
}

/// Who asks, and how it wants to be answered: all that a request without a body has.
pub struct Asking {
    pub supplier: SupplierName,
    pub format: Format,
}

/// Why a request didn't pass, in the format that it wants to hear it in.
pub type Refused = (Format, Problem);

pub async fn asking(node: &Node, headers: &HeaderMap) -> Result<Asking, Refused> {
    let format = format_of(headers).map_err(|problem| (Format::Json, problem))?;
    let supplier = supplier_of(node, headers).await.map_err(|problem| (format, problem))?;
    node.rates.admit(&supplier).map_err(|too_fast| (format, Problem::too_many_requests(too_fast.retry_after)))?;
    Ok(Asking { supplier, format })
}

/// Answers a request in its own format, whatever comes of it.
pub async fn answered<F>(node: &Node, class: Class, request: Request, answer: impl FnOnce(Incoming) -> F) -> Response
where
    F: Future<Output = Result<Outcome, Problem>>,
{
    let route = class.word();
    let (format, answer) = match incoming(node, class, request).await {
        Ok(incoming) => (incoming.format, answer(incoming).await),
        Err((format, problem)) => (format, Err(problem)),
    };
    match answer {
        Ok(outcome) => answers::of(outcome).respond(format, route),
        Err(problem) => problem.respond(format, route),
    }
}

async fn incoming(node: &Node, class: Class, request: Request) -> Result<Incoming, Refused> {
    let (parts, body) = request.into_parts();
    let body = match body_if_room(node, class, body).await {
        Ok(body) => body,
        Err(problem) => return Err((format_of(&parts.headers).unwrap_or(Format::Json), problem)),
    };
    let asking = match asking(node, &parts.headers).await {
        Ok(asking) => asking,
        // A client that is still sending would not hear the answer.
        Err(refused) => {
            drop(tokio::time::timeout(BODY_TIME, drain(body, 0)).await);
            return Err(refused);
        }
    };
    let Asking { supplier, format } = asking;
    let refuse = |problem| (format, problem);
    let bytes = whole_body(&parts.headers, body).await.map_err(refuse)?;
    let idempotency_key = idempotency_key(&parts.headers).map_err(refuse)?;
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if looks_like_json_as_form(content_type, &bytes) {
        return Err(refuse(Problem::bad_request("the body looks like JSON and was sent as a form: send it with `Content-Type: application/json`")));
    }
    let mut fields = body::read(content_type, &bytes).map_err(|error| refuse(error.into()))?.fields;
    let test = body::take_test(&mut fields);
    let mut incoming = Incoming::new(supplier, format, fields, test.unwrap_or(false), idempotency_key);
    if test.is_err() {
        incoming.mistaken("test", Code::WrongType, "send true or false");
    }
    Ok(incoming)
}

/// The body, still to be read; or the problem, once a client has had the time to send it.
pub async fn body_if_room(node: &Node, class: Class, body: Body) -> Result<Body, Problem> {
    let Err(problem) = room_for(node, class) else { return Ok(body) };
    drop(tokio::time::timeout(SHED_BODY_TIME, drain(body, MOST_DRAINED - MOST_BODY)).await);
    tokio::time::sleep(SHED_PAUSE).await;
    Err(problem)
}

/// Before anything is read, let alone sealed: what can't be taken on costs next to nothing.
pub fn room_for(node: &Node, class: Class) -> Result<(), Problem> {
    if node.disk.is_short() {
        return Err(Problem::unavailable("the exchange's disk is nearly full"));
    }
    if node.overload.admits(class, node.runs.len()) { Ok(()) } else { Err(Problem::overloaded()) }
}

/// What `curl -d '{…}'` sends without a content type: read as a form, it would lack every field.
fn looks_like_json_as_form(content_type: Option<&str>, bytes: &[u8]) -> bool {
    let is_form = content_type.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    is_form && bytes.trim_ascii_start().starts_with(b"{")
}

pub fn format_of(headers: &HeaderMap) -> Result<Format, Problem> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    wire::answer::negotiate(accept).ok_or_else(Problem::not_acceptable)
}

async fn supplier_of(node: &Node, headers: &HeaderMap) -> Result<SupplierName, Problem> {
    supplier_in(node, role_of(node, headers).await?)
}

fn supplier_in(node: &Node, role: Role) -> Result<SupplierName, Problem> {
    match role {
        Role::Supplier(name) => {
            let is_suspended = node.market().and_then(|market| market.supplier(&name).map(|supplier| supplier.suspended));
            if is_suspended == Some(true) { Err(Problem::forbidden("this supplier is suspended: ask the operator")) } else { Ok(name) }
        }
        Role::Buyer(_) | Role::Operator(_) => Err(Problem::forbidden("this call takes a supplier's key")),
    }
}

pub async fn role_of(node: &Node, headers: &HeaderMap) -> Result<Role, Problem> {
    role_with(node, bearer_of(headers)).await
}

fn bearer_of(headers: &HeaderMap) -> Option<Bearer<'_>> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(Bearer::of_header)
}

async fn role_with(node: &Node, key: Option<Bearer<'_>>) -> Result<Role, Problem> {
    let role = match key {
        Some(key) => node.keys.role_of(key, &node.readers).await.map_err(Problem::store)?,
        None => None,
    };
    role.ok_or_else(Problem::unauthorized)
}

/// The supplier whose key stands in a dialect's own place, or else in the header; within its rate.
pub async fn supplier_with(node: &Node, key: Option<&str>, headers: &HeaderMap) -> Result<SupplierName, Problem> {
    let key = match key {
        Some(key) => Bearer::of_key(key),
        None => bearer_of(headers),
    };
    let supplier = supplier_in(node, role_with(node, key).await?)?;
    node.rates.admit(&supplier).map_err(|too_fast| Problem::too_many_requests(too_fast.retry_after))?;
    Ok(supplier)
}

/// What is kept of an idempotency key: suppliers put e-mails and phone numbers into them.
pub fn idempotency(master: &MasterKey, key: &str, fingerprint: Fingerprint) -> Idempotency {
    Idempotency { key: kept_key(master, key), fingerprint }
}

pub fn kept_key(master: &MasterKey, key: &str) -> String {
    hex(&master.fingerprint(&[b"idempotency key", key.as_bytes()]).0)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let fits = !text.is_empty() && text.len() <= MOST_KEY && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if fits { Ok(Some(text.to_owned())) } else { Err(Problem::bad_request("an Idempotency-Key has 1 to 255 printable characters of ASCII")) }
}

pub async fn whole_body(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let late = || Problem::bad_request("the body did not come within ten seconds");
    tokio::time::timeout(BODY_TIME, body_within(headers, body)).await.map_err(|_| late())?
}

async fn body_within(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MOST_BODY) {
        drain(body, 0).await;
        return Err(Problem::too_large(MOST_BODY));
    }
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("the body ended before its end"))?;
        if bytes.len() + chunk.len() > MOST_BODY {
            drain(Body::from_stream(stream), bytes.len() + chunk.len()).await;
            return Err(Problem::too_large(MOST_BODY));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads on and forgets, up to a bound, so that the client hears its answer.
pub async fn drain(body: Body, mut read: usize) {
    let mut stream = body.into_data_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        read += chunk.len();
        if read > MOST_DRAINED {
            return;
        }
    }
}

/// The market in force, the supplier's terms in it, and a vertical that it may send.
pub struct Desk {
    pub market: Arc<Market>,
    pub vertical: VerticalName,
    pub supplier: SupplierName,
}

impl Desk {
    /// 404 for a vertical that the market doesn't have, 403 for one that isn't this supplier's.
    pub fn open(market: Option<Arc<Market>>, vertical: &str, supplier: &SupplierName) -> Result<Self, Problem> {
        let market = market.ok_or_else(|| Problem::unavailable("no market has been applied yet"))?;
        let name: Option<VerticalName> = vertical.parse().ok();
        let known = name.filter(|name| market.vertical(name).is_some()).ok_or_else(|| Problem::not_found("the market has no such vertical"))?;
        let terms = market.supplier(supplier).ok_or_else(|| Problem::forbidden("this supplier is not in the market: ask the operator"))?;
        if !terms.verticals.contains(&known) {
            return Err(Problem::forbidden("this supplier doesn't send this vertical: ask the operator"));
        }
        Ok(Self { market, vertical: known, supplier: supplier.clone() })
    }

    pub fn vertical(&self) -> Result<&Vertical, Problem> {
        self.market.vertical(&self.vertical).ok_or_else(|| Problem::not_found("the market has no such vertical"))
    }

    pub fn terms(&self) -> Result<&Supplier, Problem> {
        self.market.supplier(&self.supplier).ok_or_else(|| Problem::forbidden("this supplier is not in the market: ask the operator"))
    }
}
