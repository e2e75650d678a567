//! The market, the buyers and the suppliers that the faults happen to, and how it all must end.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use store::Reader;
use tokio::runtime::Runtime;

use super::{
    books::{Books, compare},
    buyers::{self, Buyer, Habits, POST_TIMEOUT_MS},
    draw::Draw,
    exchange::Exchange,
    suppliers::{Load, Supplier},
};
use crate::support::{self, Market, now};

/// Each harness has the machine to itself: what it measures is not another one's load.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub struct World {
    pub exchange: Exchange,
    pub buyers: Vec<Buyer>,
    suppliers: Vec<Supplier>,
    pub load: Option<Load>,
    pub draw: Draw,
    runtime: Runtime,
}

/// Buyers of every kind that loses leads: slow ones, ones that say no, that fail after they have the contact, that say nothing.
fn all_kinds() -> Vec<Habits> {
    vec![
        Habits::PROMPT,
        Habits { name: "slow", bid: 2050, latency_ms: 5..250, ..Habits::PROMPT },
        Habits { name: "picky", bid: 2100, rejects: 50, ..Habits::PROMPT },
        Habits { name: "failing", bid: 1950, rejects: 20, fails: 40, ..Habits::PROMPT },
        Habits { name: "stalling", bid: 1850, rejects: 20, stalls: 30, ..Habits::PROMPT },
    ]
}

/// One tree sells exclusively, to a second buyer only after a first has said no; the other, of the supplier `sharer`, to two.
fn market(habits: &[Habits]) -> Market {
    let market = Market::new()
        .tree("max_disclosures = 2", "mode = \"competitive\"\ndeadline_ms = 2000\nsale = \"exclusive\"")
        .supplier("firm", "quote = { kind = \"firm\", ttl_s = 120 }")
        .supplier("sharer", "")
        .file("trees/shared.toml", "vertical = \"loans\"\nsuppliers = [\"sharer\"]\nmax_disclosures = 2\ndeadline_ms = 4000\n[[tiers]]\nname = \"all\"\ncontracts = [\"tag:all\"]\nmode = \"competitive\"\ndeadline_ms = 2000\nsale = \"shared:2\"\n");
    habits.iter().fold(market, |market, habits| {
        let buyer = support::Buyer::bids(habits.name, "1.00")
            .credit("1000000.00")
            .endpoint(&format!("status_url = \"AT/status\"\npost_timeout_ms = {POST_TIMEOUT_MS}"))
            .contract("sale = [\"exclusive\", \"shared\"]\ncaps = [{ count = 1000000, per = \"day\" }, { spend = \"1000000.00\", per = \"month\" }]");
        market.buyer(buyer)
    })
}

impl World {
    /// Buyers listen, the market is applied; no node runs.
    pub fn new(what: &str) -> Self {
        Self::of(what, 1, None)
    }

    /// Two nodes on one PostgreSQL.
    pub fn on_postgres(what: &str, database: &str) -> Self {
        Self::of(what, 2, Some(database.to_owned()))
    }

    fn of(what: &str, nodes: usize, database: Option<String>) -> Self {
        let (draw, runtime) = (Draw::of_this_run(what), Runtime::new().unwrap());
        let buyers = buyers::start(runtime.handle(), draw, all_kinds());
        let exchange = Exchange::of(&market(&all_kinds()), &buyers, nodes, database);
        let suppliers = ["acme", "firm", "sharer"].map(|name| exchange.supplier(name)).to_vec();
        Self { exchange, buyers, suppliers, load: None, draw, runtime }
    }

    pub fn start(&mut self) {
        let nodes = self.exchange.start();
        self.load = Some(Load::start(self.runtime.handle(), nodes, &self.suppliers, 12));
    }

    pub fn sleep_ms(&mut self, range: std::ops::Range<u64>) {
        std::thread::sleep(Duration::from_millis(self.draw.within(range)));
    }

    /// Waits until a lead is sold whose request was sent after `then`: how long that took.
    pub fn first_sold_after(&self, then: Instant) -> Duration {
        let load = self.load.as_ref().unwrap();
        support::wait_for("a sale after the fault", || load.first_sold_after(then)) - then
    }

    /// No more load.
    pub fn pause(&mut self) {
        let (_, wrong) = self.load.take().unwrap().end(self.runtime.handle());
        assert_eq!(wrong, Vec::<String>::new());
    }

    /// No more load: every lead comes to its end, and then all books are compared.
    pub fn end(mut self) -> Books {
        let (told, wrong) = self.load.take().unwrap().end(self.runtime.handle());
        self.settle();
        let books = compare(&mut *self.exchange.reader(), &self.buyers, told, wrong);
        self.exchange.end();
        books
    }

    /// Waits until no run goes on, and until the exchange has found out by itself what became of every unknown sale.
    pub fn settle(&self) {
        let began = now();
        let mut reader = self.exchange.reader();
        let running = |reader: &mut dyn Reader| reader.leads(None, u32::MAX).unwrap().iter().any(|lead| lead.lease_until.is_some());
        support::wait_at_most(Duration::from_secs(90), "the end of all runs", || Some(()).filter(|()| !running(&mut *reader)));
        let ended = began.elapsed().as_secs_f64();
        let unknown = reader.unknown_sales().unwrap().len();
        // Looks come after 5, 15, 35, 75 and 155 s: a buyer that can't tell at the fourth has a fifth to do so.
        support::wait_at_most(Duration::from_secs(240), "the end of all unknown sales", || Some(()).filter(|()| reader.unknown_sales().unwrap().is_empty()));
        println!(
            "  every run ended {ended:.1} s after the load; {unknown} sales were unknown then, and all were found out about {:.1} s after",
            began.elapsed().as_secs_f64()
        );
    }
}
