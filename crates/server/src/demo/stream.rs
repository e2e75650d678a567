//! The demo's suppliers: leads over real HTTP, some pinged first, some posted directly, a few abandoned.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::{facts::Seed, money::Money};
use hyper::Method;
use ipnet::IpNet;
use serde_json::{Map, Value};
use tokio_util::task::TaskTracker;
use url::Url;
use zeroize::Zeroizing;

use super::{
    draw::Draw,
    leads::{Lead, Leads},
};
use crate::{
    clock,
    egress::{Call, Callee, Egress, Headers, Settings, WhenOpen},
    entropy,
};

/// What suppliers were told so far.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// By vertical and status of leads; `unmatched` and `abandoned` end at the ping.
    pub ended: BTreeMap<(String, String), u64>,
    /// The net prices of all leads that were said to be sold.
    pub earned: Money,
    pub sent: u64,
    pub failed: u64,
}

/// A supplier of the demo, with its key.
pub struct Supplier {
    pub verticals: Vec<String>,
    pub key: Zeroizing<String>,
}

pub struct Stream {
    exchange: Url,
    suppliers: Vec<Supplier>,
    client: Egress,
    told: Mutex<Told>,
}

/// In percent: pings first, then posts.
const PINGED_FIRST: u64 = 55;
/// In percent, of quotes: the supplier thinks better of it.
const ABANDONED: u64 = 8;
const TIME: Duration = Duration::from_secs(60);

impl Stream {
    pub fn new(exchange: Url, suppliers: Vec<Supplier>) -> Result<Self, rustls::Error> {
        Ok(Self { exchange, suppliers, client: Egress::new(Settings::standard()?), told: Mutex::default() })
    }

    pub fn told(&self) -> Told {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends so many leads a second until `end`, then waits for the answers that are still out.
    pub async fn run(self: Arc<Self>, rate: f64, end: impl Future<Output = ()>) {
        let under_way = TaskTracker::new();
        let (mut leads, mut draw) = (Leads::load(), Draw::new(entropy::seed()));
        let mut tick = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        tokio::pin!(end);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = &mut end => break,
            }
            let today = clock::now().date_in(&jiff::tz::TimeZone::UTC);
            if let Some(lead) = leads.next(&mut draw, today) {
                under_way.spawn(Arc::clone(&self).send(lead, entropy::seed()));
            }
        }
        under_way.close();
        under_way.wait().await;
    }

    async fn send(self: Arc<Self>, lead: Lead, seed: Seed) {
        let mut draw = Draw::new(seed);
        let able: Vec<&Supplier> = self.suppliers.iter().filter(|supplier| supplier.verticals.iter().any(|vertical| vertical == lead.vertical)).collect();
        let Some(supplier) = draw.one_of(&able) else { return };
        self.count(|told| told.sent += 1);
        let answered = if draw.percent(PINGED_FIRST) {
            self.ping_and_post(&lead, supplier, &mut draw).await
        } else {
            self.post(&format!("v1/leads/{}", lead.vertical), &lead.post, supplier).await
        };
        self.count(|told| match answered {
            Some(answer) => {
                let status = answer["status"].as_str().unwrap_or("?").to_owned();
                if status == "sold" {
                    told.earned += answer["price"].as_str().and_then(|price| Money::parse(price, 6).ok()).unwrap_or_default();
                }
                *told.ended.entry((lead.vertical.to_owned(), status)).or_default() += 1;
            }
            None => told.failed += 1,
        });
    }

    async fn ping_and_post(&self, lead: &Lead, supplier: &Supplier, draw: &mut Draw) -> Option<Value> {
        let quote = self.post(&format!("v1/pings/{}", lead.vertical), &lead.ping, supplier).await?;
        match (quote["status"].as_str()?, quote["ping_id"].as_str()) {
            ("matched", Some(_)) if draw.percent(ABANDONED) => Some(serde_json::json!({ "status": "abandoned" })),
            ("matched", Some(ping)) => self.post(&format!("v1/pings/{ping}/post"), &lead.post, supplier).await,
            _ => Some(quote),
        }
    }

    /// None where no answer came, or a refusal.
    async fn post(&self, path: &str, body: &Map<String, Value>, supplier: &Supplier) -> Option<Value> {
        let url = self.exchange.join(path).ok()?;
        let mut headers = Headers::default();
        headers.add("content-type", "application/json");
        headers.add("authorization", &format!("Bearer {}", supplier.key.as_str()));
        let (name, allow): (Callee, [IpNet; 1]) = (Callee::Buyer("demo".parse().ok()?), ["127.0.0.0/8".parse().ok()?]);
        let body = serde_json::to_vec(body).ok()?.into();
        let call = Call {
            callee: &name,
            max_in_flight: 4096,
            url: &url,
            method: Method::POST,
            headers,
            body,
            time: TIME,
            allow: &allow,
            fresh: false,
            when_open: WhenOpen::Ignore,
            keeps_headers: false,
            is_lasting: true,
            pipelining: 1,
        };
        let answered = self.client.call(call).await.ok()?;
        if answered.status == 200 { serde_json::from_slice(&answered.body).ok() } else { None }
    }

    fn count(&self, count: impl FnOnce(&mut Told)) {
        count(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
