//! Buyers in the test's own process, which no fault touches: they answer as drawn, and keep a book of all that they got.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Handle};

use super::draw::Draw;
use crate::support::cents;

/// How a buyer behaves; rates are percent.
#[derive(Clone, Debug)]
pub struct Habits {
    pub name: &'static str,
    /// In cents; a tenth of it more or less is drawn.
    pub bid: i64,
    pub latency_ms: Range<u64>,
    pub rejects: u64,
    /// Takes the contact, and answers 500 the first time.
    pub fails: u64,
    /// Takes the contact, and answers the first time after the exchange has stopped waiting.
    pub stalls: u64,
}

impl Habits {
    pub const PROMPT: Self = Self { name: "prompt", bid: 2000, latency_ms: 0..4, rejects: 0, fails: 0, stalls: 0 };
}

/// One post that a buyer got, however often it was sent.
#[derive(Clone, Debug)]
pub struct Taken {
    pub phone: String,
    pub price: i64,
    /// What it is in the buyer's own books.
    pub accepted: bool,
    /// Whether the buyer ever said so, whether or not that was heard.
    pub answered: bool,
    /// The order in which all buyers got their posts.
    pub order: u64,
    pub deliveries: u32,
}

/// By `post_id`.
pub type Book = BTreeMap<String, Taken>;

#[derive(Clone)]
pub struct Buyer {
    pub habits: Habits,
    pub at: String,
    book: Arc<Mutex<Book>>,
    draw: Draw,
    order: Arc<AtomicU64>,
}

/// Longer than any of them waits for a post.
const STALL: Duration = Duration::from_millis(2500);
/// In milliseconds: what the contracts' endpoints are given.
pub const POST_TIMEOUT_MS: u64 = 1500;

/// Starts buyers that listen as long as the runtime lives.
pub fn start(runtime: &Handle, draw: Draw, habits: Vec<Habits>) -> Vec<Buyer> {
    let order = Arc::new(AtomicU64::new(0));
    let start = |habits: Habits| {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let draw = draw.about(habits.name);
        let buyer = Buyer { habits, at, book: Arc::default(), draw, order: Arc::clone(&order) };
        let routes = Router::new().route("/ping", post(ping)).route("/post", post(take)).route("/status", get(status)).with_state(buyer.clone());
        runtime.spawn(async move { axum::serve(listener, routes).await });
        buyer
    };
    habits.into_iter().map(start).collect()
}

impl Buyer {
    pub fn book(&self) -> Book {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn latency(&self, draw: &mut Draw) {
        tokio::time::sleep(Duration::from_millis(draw.within(self.habits.latency_ms.clone()))).await;
    }

    /// Writes a post into the book before anything is answered, as a buyer does that is called at once.
    fn enter(&self, call: &Value, draw: &mut Draw) -> (Taken, u64) {
        let (rejects, lost) = (draw.percent(self.habits.rejects), draw.within(0..100));
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = book.entry(word(call, "post_id")).or_insert_with(|| Taken {
            phone: word(&call["contact"], "phone"),
            price: cents(&word(call, "price")),
            accepted: !rejects,
            answered: false,
            order: self.order.fetch_add(1, Ordering::Relaxed),
            deliveries: 0,
        });
        taken.deliveries += 1;
        let lost = if taken.deliveries == 1 { lost } else { 100 };
        taken.answered |= lost >= self.habits.fails + self.habits.stalls;
        (taken.clone(), lost)
    }
}

fn word(call: &Value, name: &str) -> String {
    call[name].as_str().unwrap_or_else(|| panic!("no {name} in a post")).to_owned()
}

async fn ping(State(buyer): State<Buyer>, Json(call): Json<Value>) -> Json<Value> {
    let mut draw = buyer.draw.about(&word(&call, "ping_id"));
    buyer.latency(&mut draw).await;
    let bid = buyer.habits.bid * i64::try_from(draw.within(90..111)).unwrap() / 100;
    Json(json!({ "bid": format!("{}.{:02}", bid / 100, bid % 100) }))
}

async fn take(State(buyer): State<Buyer>, Json(call): Json<Value>) -> (StatusCode, Json<Value>) {
    let mut draw = buyer.draw.about(&word(&call, "post_id"));
    let (taken, lost) = buyer.enter(&call, &mut draw);
    buyer.latency(&mut draw).await;
    if lost < buyer.habits.fails {
        return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({})));
    }
    if lost < buyer.habits.fails + buyer.habits.stalls {
        tokio::time::sleep(STALL).await;
    }
    (StatusCode::OK, Json(said(&taken)))
}

fn said(taken: &Taken) -> Value {
    if taken.accepted { json!({ "status": "accepted" }) } else { json!({ "status": "rejected", "reason": "drawn" }) }
}

async fn status(State(buyer): State<Buyer>, Query(asked): Query<BTreeMap<String, String>>) -> Json<Value> {
    let book = buyer.book.lock().unwrap_or_else(PoisonError::into_inner);
    Json(asked.get("post_id").and_then(|post| book.get(post)).map_or_else(|| json!({ "status": "unknown" }), said))
}
