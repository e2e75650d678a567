//! Suppliers under whose load things fail: each asks, and asks again with the same idempotency key, until it has a final answer.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;
use tokio::{runtime::Handle, task::JoinHandle};

use crate::support::{Person, cents, now};

/// What a supplier was told of a lead, and would sue for.
#[derive(Clone, Debug)]
pub struct Told {
    pub person: Person,
    pub supplier: &'static str,
    pub lead: String,
    pub status: String,
    /// Net, in cents.
    pub price: i64,
    /// What the quote promised; none for a direct post.
    pub quoted: Option<i64>,
    pub asked: Instant,
    pub heard: Instant,
}

#[derive(Clone)]
pub struct Supplier {
    pub name: &'static str,
    pub key: String,
}

/// No exchange takes so long to come back; a request that has no final answer by then is a loss.
const PATIENCE: Duration = Duration::from_secs(90);
/// A ping that stays in flight so long was cut off: its supplier pings anew.
const PING_PATIENCE: Duration = Duration::from_secs(2);
const QUOTES_LAST: Duration = Duration::from_secs(100);

pub struct Load {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

pub struct Shared {
    client: Client,
    nodes: Vec<String>,
    next: AtomicU32,
    told: Mutex<Vec<Told>>,
    wrong: Mutex<Vec<String>>,
    ended: AtomicBool,
    pub asked_again: AtomicU64,
    pub pings_given_up: AtomicU64,
}

impl Load {
    /// So many suppliers at work at the same time, each with one lead after the other.
    pub fn start(runtime: &Handle, nodes: Vec<String>, suppliers: &[Supplier], at_once: usize) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(12)).pool_max_idle_per_host(at_once).build().unwrap();
        let shared = Arc::new(Shared {
            client,
            nodes,
            next: AtomicU32::new(1),
            told: Mutex::default(),
            wrong: Mutex::default(),
            ended: AtomicBool::new(false),
            asked_again: AtomicU64::new(0),
            pings_given_up: AtomicU64::new(0),
        });
        let task = |number: usize| {
            let (shared, supplier) = (Arc::clone(&shared), suppliers[number % suppliers.len()].clone());
            runtime.spawn(async move { shared.work(supplier, number).await })
        };
        Self { tasks: (0..at_once).map(task).collect(), shared }
    }

    pub fn told(&self) -> Vec<Told> {
        self.shared.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When the first sale was heard of whose request was sent after this.
    pub fn first_sold_after(&self, then: Instant) -> Option<Instant> {
        let told = self.shared.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter().filter(|told| told.asked > then && told.status == "sold").map(|told| told.heard).min()
    }

    /// No more leads; those under way get their final answers. Gives what was told, and what was wrong with it at once.
    pub fn end(self, runtime: &Handle) -> (Vec<Told>, Vec<String>) {
        self.shared.ended.store(true, Ordering::Relaxed);
        for task in self.tasks {
            runtime.block_on(task).unwrap();
        }
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        println!("  suppliers asked again {} times, gave {} pings up", count(&self.shared.asked_again), count(&self.shared.pings_given_up));
        (std::mem::take(&mut self.shared.told.lock().unwrap()), std::mem::take(&mut self.shared.wrong.lock().unwrap()))
    }
}

impl Shared {
    async fn work(&self, supplier: Supplier, number: usize) {
        while !self.ended.load(Ordering::Relaxed) {
            let person = Person(self.next.fetch_add(1, Ordering::Relaxed));
            if (person.0 as usize + number).is_multiple_of(2) { self.direct(&supplier, person).await } else { self.quoted(&supplier, person).await }
        }
    }

    async fn direct(&self, supplier: &Supplier, person: Person) {
        let asked = now();
        let Some((status, answer)) = self.ask(supplier, "/v1/leads/loans", &format!("lead-{}", person.0), &person.lead(), PATIENCE).await else {
            return self.say_wrong(format!("{person:?}: no final answer to a direct post"));
        };
        self.note(supplier, person, None, asked, status, &answer);
    }

    async fn quoted(&self, supplier: &Supplier, person: Person) {
        let began = now();
        let (ping, net) = loop {
            if began.elapsed() > PATIENCE {
                return self.say_wrong(format!("{person:?}: no final answer to a ping"));
            }
            let key = format!("ping-{}-{}", person.0, self.pings_given_up.load(Ordering::Relaxed));
            match self.ask(supplier, "/v1/pings/loans", &key, &person.attributes(), PING_PATIENCE).await {
                Some((200, answer)) if answer["status"] == "matched" => {
                    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
                    break (text("ping_id"), cents(&text("price")));
                }
                Some((200, _)) => return,
                Some((status, answer)) => return self.say_wrong(format!("{person:?}: a ping was answered with {status}: {answer}")),
                None => drop(self.pings_given_up.fetch_add(1, Ordering::Relaxed)),
            }
        };
        let asked = now();
        let path = format!("/v1/pings/{ping}/post");
        match self.ask(supplier, &path, &format!("post-{}", person.0), &person.lead(), PATIENCE).await {
            Some((410, _)) if asked.elapsed() > QUOTES_LAST => {}
            Some((status, answer)) => self.note(supplier, person, Some(net), asked, status, &answer),
            None => self.say_wrong(format!("{person:?}: no final answer to the post of {ping}")),
        }
    }

    /// Until an answer is final, or the patience is over: on another node each time, where there is one.
    async fn ask(&self, supplier: &Supplier, path: &str, once: &str, body: &Value, patience: Duration) -> Option<(u16, Value)> {
        let began = now();
        let mut turn = self.next.load(Ordering::Relaxed) as usize;
        while began.elapsed() < patience {
            let at = &self.nodes[turn % self.nodes.len()];
            let request = self.client.post(format!("{at}{path}")).bearer_auth(&supplier.key).header("idempotency-key", once).json(body);
            if let Ok(response) = request.send().await {
                let status = response.status().as_u16();
                // An answer that breaks off is none.
                if let Ok(answer) = response.json::<Value>().await
                    && !is_temporary(status, &answer)
                {
                    return Some((status, answer));
                }
            }
            self.asked_again.fetch_add(1, Ordering::Relaxed);
            turn += 1;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        None
    }

    fn note(&self, supplier: &Supplier, person: Person, quoted: Option<i64>, asked: Instant, status: u16, answer: &Value) {
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        if status != 200 || !["sold", "unsold", "pending"].contains(&answer["status"].as_str().unwrap_or_default()) {
            return self.say_wrong(format!("{person:?} was answered with {status}: {answer}"));
        }
        let told =
            Told { person, supplier: supplier.name, lead: text("lead_id"), status: text("status"), price: cents(&text("price")), quoted, asked, heard: now() };
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }

    fn say_wrong(&self, what: String) {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

/// Worth asking again: the exchange is away, full, or still at it.
fn is_temporary(status: u16, answer: &Value) -> bool {
    matches!(status, 429 | 500..) || (status == 409 && answer["type"].as_str().is_some_and(|kind| kind.ends_with("in_flight")))
}
