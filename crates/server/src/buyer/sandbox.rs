//! The sandbox buyer's server: reads a call, draws an answer, remembers both.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    future::Future,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use exchange::time::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wire::webhook::{DEFAULT_TOLERANCE_S, ID_HEADER, SIGNATURE_HEADER, Signed, TIMESTAMP_HEADER};

use super::{
    behaviour::{Behaviour, Draws},
    received::{Log, Received},
};

/// The wall clock, for the age of signatures.
pub type Clock = fn() -> Timestamp;

/// In bytes: what a call to the sandbox may have.
const MAX_REQUEST: usize = 256 * 1024;
/// Posts whose answer is remembered.
const MAX_POSTS: usize = 100_000;

#[derive(Debug)]
pub struct Sandbox {
    behaviours: BTreeMap<String, Behaviour>,
    default: Option<(String, Behaviour)>,
    print: bool,
    clock: Clock,
    received: Log,
    posts: Mutex<Posts>,
}

/// The answers to posts, by buyer and post, the latest kept.
#[derive(Debug, Default)]
struct Posts {
    answers: HashMap<(String, String), Value>,
    order: VecDeque<(String, String)>,
}

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Ping,
    Confirm,
    Post,
    Status,
    Received,
}

type Answer = (StatusCode, Value);

impl Sandbox {
    /// Buyers by name, and one for paths and names that no other has.
    #[must_use]
    pub fn new(behaviours: BTreeMap<String, Behaviour>, default: Option<(String, Behaviour)>, print: bool, clock: Clock) -> Self {
        Self { behaviours, default, print, clock, received: Log::default(), posts: Mutex::default() }
    }

    async fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Answer {
        let Some((named, action)) = route(uri.path()) else { return fault(StatusCode::NOT_FOUND, "paths end in ping, confirm, post, status or received") };
        if action == Action::Received {
            let path = named.map_or("/".to_owned(), |name| format!("/{name}/"));
            return (StatusCode::OK, json!(self.received.under(&path)));
        }
        let received = Arc::new(Received::new(method, uri.path_and_query().map_or("/", |path| path.as_str()), headers, body));
        self.received.add(received.clone());
        let answer = self.answer_call(method, uri, headers, body, named, action).await;
        if self.print {
            print_line(&json!({ "request": received, "status": answer.0.as_u16(), "answer": answer.1 }));
        }
        answer
    }

    async fn answer_call(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8], named: Option<&str>, action: Action) -> Answer {
        let own = named.and_then(|name| self.behaviours.get_key_value(name));
        let default = self.default.as_ref().map(|(name, behaviour)| (name, behaviour));
        let Some((buyer, behaviour)) = own.or(default) else { return fault(StatusCode::NOT_FOUND, "no buyer has this name") };
        // A buyer that falls back to the default's behaviour still draws under its own name.
        let buyer = named.unwrap_or(buyer);
        if *method != if action == Action::Status { Method::GET } else { Method::POST } {
            return fault(StatusCode::METHOD_NOT_ALLOWED, "status is asked with GET, everything else sent with POST");
        }
        if !self.is_signed(behaviour, headers, body) {
            return fault(StatusCode::UNAUTHORIZED, "not signed with this buyer's secret");
        }
        let call: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = match action {
            Action::Ping | Action::Confirm => text(&call, "ping_id"),
            Action::Post => text(&call, "post_id"),
            Action::Status | Action::Received => query(uri, "post_id"),
        };
        let Some(id) = id else { return fault(StatusCode::BAD_REQUEST, "ping_id or post_id is missing") };
        let draws = Draws { buyer, id: &id };
        tokio::time::sleep(draws.latency(behaviour)).await;
        match action {
            Action::Ping => bid(behaviour, draws, &call),
            Action::Confirm if draws.is_one_of(behaviour.decline_rate, "decline") => (StatusCode::OK, json!({ "status": "declined", "reason": "drawn" })),
            Action::Confirm => (StatusCode::OK, json!({ "status": "confirmed" })),
            Action::Post => self.post(behaviour, draws),
            Action::Status | Action::Received => self.status(behaviour, draws),
        }
    }

    fn is_signed(&self, behaviour: &Behaviour, headers: &HeaderMap, body: &[u8]) -> bool {
        let Some(secret) = &behaviour.secret else { return true };
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let signed = Signed { id: header(ID_HEADER), timestamp: header(TIMESTAMP_HEADER), signatures: header(SIGNATURE_HEADER) };
        secret.verify(signed, body, (self.clock)().micros().div_euclid(1_000_000), DEFAULT_TOLERANCE_S).is_ok()
    }

    /// The first answer to a post is kept and given again. One that is lost is kept as it should have been.
    fn post(&self, behaviour: &Behaviour, draws: Draws<'_>) -> Answer {
        let is_lost = draws.is_one_of(behaviour.unknown_rate, "unknown");
        let key = (draws.buyer.to_owned(), draws.id.to_owned());
        let mut posts = self.posts.lock().unwrap_or_else(PoisonError::into_inner);
        let repeated = posts.answers.get(&key).cloned();
        let is_first = repeated.is_none();
        let answer = repeated.unwrap_or_else(|| {
            let answer = if draws.is_one_of(behaviour.reject_rate, "reject") {
                json!({ "status": "rejected", "reason": "drawn" })
            } else {
                json!({ "status": "accepted", "lead_ref": format!("{}-{}", draws.buyer, posts.answers.len() + 1) })
            };
            posts.keep(key, answer.clone());
            answer
        });
        if is_lost && (is_first || behaviour.stay_unknown) { fault(StatusCode::INTERNAL_SERVER_ERROR, "drawn") } else { (StatusCode::OK, answer) }
    }

    fn status(&self, behaviour: &Behaviour, draws: Draws<'_>) -> Answer {
        let posts = self.posts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = posts.answers.get(&(draws.buyer.to_owned(), draws.id.to_owned())).cloned();
        let hidden = behaviour.stay_unknown && draws.is_one_of(behaviour.unknown_rate, "unknown");
        (StatusCode::OK, known.filter(|_| !hidden).unwrap_or_else(|| json!({ "status": "unknown" })))
    }
}

impl Posts {
    fn keep(&mut self, key: (String, String), answer: Value) {
        self.order.push_back(key.clone());
        self.answers.insert(key, answer);
        if self.order.len() > MAX_POSTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

fn bid(behaviour: &Behaviour, draws: Draws<'_>, ping: &Value) -> Answer {
    let price = |mean| draws.price(mean, behaviour.bid_spread).to_string();
    let is_exclusive = ping["sale"]["exclusive"] == json!(true);
    let is_shared = ping["sale"]["shared"].as_u64().is_some_and(|most| most > 0);
    let exclusive = behaviour.bid.filter(|_| is_exclusive).map(price);
    // Where only a shared sale is offered, the plain bid answers it.
    let shared = behaviour.shared_bid.or(behaviour.bid.filter(|_| !is_exclusive)).filter(|_| is_shared).map(price);
    if draws.is_one_of(behaviour.no_bid_rate, "no_bid") {
        return (StatusCode::OK, json!({ "bid": null, "reason": "drawn" }));
    }
    if exclusive.is_none() && shared.is_none() {
        return (StatusCode::OK, json!({ "bid": null, "reason": "this kind of sale is not bought" }));
    }
    // `bid` answers the only kind that is offered.
    let only = if is_exclusive { &exclusive } else { &shared };
    let mut answer = json!({ "bid": only, "ref": format!("{}-{}", draws.buyer, draws.id) });
    if is_exclusive && let Some(shared) = shared {
        answer["shared_bid"] = json!(shared);
    }
    if let Some(ttl_s) = behaviour.bid_ttl_s {
        answer["ttl_s"] = json!(ttl_s);
    }
    (StatusCode::OK, answer)
}

/// `/ping`, `/test/ping`, `/NAME/ping` or `/NAME/test/ping`.
fn route(path: &str) -> Option<(Option<&str>, Action)> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (name, last) = match parts[..] {
        [last] | ["test", last] => (None, last),
        [name, last] | [name, "test", last] => (Some(name), last),
        _ => return None,
    };
    let action = match last {
        "ping" => Action::Ping,
        "confirm" => Action::Confirm,
        "post" => Action::Post,
        "status" => Action::Status,
        "received" => Action::Received,
        _ => return None,
    };
    Some((name, action))
}

fn text(call: &Value, key: &str) -> Option<String> {
    call[key].as_str().map(str::to_owned)
}

fn query(uri: &Uri, key: &str) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes()).find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
}

fn fault(status: StatusCode, what: &str) -> Answer {
    (status, json!({ "error": what }))
}

/// A reader that has gone away is no reason to stop.
fn print_line(line: &Value) {
    use std::io::Write;
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Serves until `shutdown`, and then until the calls under way are answered.
pub async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let app = Router::new().fallback(handle).layer(DefaultBodyLimit::max(MAX_REQUEST)).with_state(sandbox);
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await
}

async fn handle(State(sandbox): State<Arc<Sandbox>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let (status, answer) = sandbox.answer(&method, &uri, &headers, &body).await;
    (status, Json(answer)).into_response()
}
