//! Suppliers: they ping and post, repeat themselves, change their minds, and come back too late.

use std::time::Duration;

use exchange::{id::PingId, time::Timestamp};

use super::{World, calls::Passage};
use crate::{
    agenda::{Ask, Event, Request, Told},
    people::Person,
};

/// One lead as its supplier goes about it.
#[derive(Debug)]
pub(crate) struct Deal {
    pub supplier: usize,
    pub person: usize,
    pub test: bool,
    pings: bool,
    /// Ping and post carry idempotency keys.
    keyed: bool,
    exact: bool,
    /// The next post differs from the ping.
    pub has_changed: bool,
    attempt: u32,
    tries: u32,
    replays: u32,
    /// The next request has another payload under the same key.
    reuses_key: bool,
    answered: u32,
    ping: Option<PingId>,
    is_posting: bool,
    pub is_over: bool,
}

const PATIENCE: Duration = Duration::from_secs(25);
const MOST_TRIES: u32 = 4;

impl World {
    /// All deals of the world: bursts of a few seconds, minutes or hours apart.
    pub(super) fn draw_deals(&mut self) {
        let mut at = self.now.plus(Duration::from_secs(5));
        let mut left = self.setup.leads;
        while left > 0 {
            let burst = (self.random.between(3, 14) as u32).min(left);
            // In a rush they come all at once, most of them without a ping: they race for whatever is scarce.
            let (within, pings) = if self.random.chance(300) { (300, 200) } else { (4000, 750) };
            for _ in 0..burst {
                let deal = self.draw_deal(pings);
                let ask = if self.deals[deal].pings { Ask::Ping } else { Ask::Direct };
                let wait = Duration::from_millis(self.random.below(within));
                self.at(at.plus(wait), Event::Send { deal, ask });
            }
            left -= burst;
            let gap = if self.random.chance(400) { self.random.between(10, 200) } else { self.random.between(200, 12_000) };
            at = at.plus(Duration::from_secs(gap));
        }
        self.open_deals = self.deals.len();
    }

    fn draw_deal(&mut self, pings: u32) -> usize {
        let again = !self.people.is_empty() && self.random.chance(120);
        let person = if again {
            // Somebody of late, so that the earlier lead may still be under way.
            let back = self.random.below(6.min(self.people.len() as u64)) as usize;
            self.people.len() - 1 - back
        } else {
            let number = self.people.len() as u32;
            self.people.push(Person::draw(&mut self.random, number));
            self.people.len() - 1
        };
        self.deals.push(Deal {
            supplier: self.random.below(2) as usize,
            person,
            test: self.random.chance(40),
            pings: self.random.chance(pings),
            keyed: self.random.chance(700),
            exact: self.random.chance(300),
            has_changed: false,
            attempt: 0,
            tries: 0,
            replays: 0,
            reuses_key: false,
            answered: 0,
            ping: None,
            is_posting: false,
            is_over: false,
        });
        self.deals.len() - 1
    }

    pub(super) fn send(&mut self, deal: usize, ask: Ask) {
        let other_payload = self.deals[deal].is_over && (self.deals[deal].reuses_key || self.random.chance(250));
        let changed = self.random.chance(self.rates.supplier / 3) && matches!(ask, Ask::Post(_));
        let of = &mut self.deals[deal];
        of.attempt += 1;
        of.tries += 1;
        of.has_changed = changed;
        of.is_posting = !matches!(ask, Ask::Ping);
        let (attempt, test) = (of.attempt, of.test);
        let person = &self.people[of.person];
        let mut other = person.clone();
        match ask {
            // What the ping hasn't shown: the post agrees with it.
            Ask::Post(_) => other.has_email = !person.has_email,
            Ask::Ping | Ask::Direct => other.state = if person.state == "CA" { "TX" } else { "CA" },
        }
        let person = if other_payload { &other } else { person };
        let body = match ask {
            Ask::Ping => person.ping(test, of.exact),
            Ask::Post(_) | Ask::Direct => person.post(test, changed),
        };
        let key = of.keyed.then(|| format!("{deal}-{}", if of.is_posting { "post" } else { "ping" }));
        let request = Request { deal, attempt, ask, body, key };
        let node = self.random.below(self.nodes.len() as u64) as usize;
        match self.passage() {
            Passage::Arrives | Passage::Broken(true) | Passage::Lost(true) => {
                let wait = self.slow(500, 40_000);
                self.after(wait, Event::Arrive { node, request });
            }
            Passage::Refused | Passage::Broken(false) | Passage::Lost(false) => {}
        }
        if !self.deals[deal].is_over {
            self.after(PATIENCE, Event::Impatient { deal, attempt });
        }
    }

    pub(super) fn hear(&mut self, deal: usize, attempt: u32, told: Told) {
        if self.deals[deal].is_over || self.deals[deal].answered >= attempt {
            return;
        }
        self.deals[deal].answered = attempt;
        match told {
            Told::Quoted { ping, expires_at } => self.on_quote(deal, ping, expires_at),
            Told::Changed => {
                if let Some(ping) = self.deals[deal].ping {
                    self.after(Duration::from_secs(1), Event::Send { deal, ask: Ask::Post(ping) });
                }
            }
            Told::TryAgain => self.try_again(deal),
            Told::Final => self.replay_or_end(deal),
        }
    }

    fn on_quote(&mut self, deal: usize, ping: PingId, expires_at: Timestamp) {
        self.deals[deal].ping = Some(ping);
        self.deals[deal].tries = 0;
        if self.random.chance(60) {
            return self.end_deal(deal);
        }
        let left = expires_at.since(self.now);
        let wait = if self.random.chance(80 + self.rates.supplier / 5) {
            // Around its end, before or after.
            left + Duration::from_millis(self.random.below(40_000))
        } else {
            Duration::from_millis(self.random.between(200, (left.as_millis() as u64).clamp(201, 30_000)))
        };
        self.after(wait, Event::Send { deal, ask: Ask::Post(ping) });
        if self.random.chance(self.rates.replay / 4) {
            // Twice at once, on whatever nodes.
            let twice = Duration::from_millis(self.random.below(300));
            self.after(wait + twice, Event::Send { deal, ask: Ask::Post(ping) });
        }
    }

    fn ask_again(&self, deal: usize) -> Ask {
        let of = &self.deals[deal];
        match of.ping {
            Some(ping) if of.is_posting => Ask::Post(ping),
            _ if of.pings => Ask::Ping,
            _ => Ask::Direct,
        }
    }

    fn try_again(&mut self, deal: usize) {
        let of = &self.deals[deal];
        // Without a key, a repeat of a direct post could be a second lead: the supplier leaves it.
        if of.tries >= MOST_TRIES || (!of.keyed && of.ping.is_none()) {
            return self.end_deal(deal);
        }
        let wait = Duration::from_millis(self.random.between(500, 8000) * u64::from(of.tries));
        let ask = self.ask_again(deal);
        self.after(wait, Event::Send { deal, ask });
    }

    pub(super) fn lose_patience(&mut self, deal: usize, attempt: u32) {
        if !self.deals[deal].is_over && self.deals[deal].answered < attempt && self.deals[deal].attempt == attempt {
            self.try_again(deal);
        }
    }

    fn replay_or_end(&mut self, deal: usize) {
        let replays = self.deals[deal].replays < 2 && (self.deals[deal].keyed || self.deals[deal].ping.is_some());
        let reuses_key = self.random.chance(self.rates.supplier / 4);
        let again = replays && (reuses_key || self.random.chance(self.rates.replay));
        self.end_deal(deal);
        if again {
            self.deals[deal].replays += 1;
            self.deals[deal].reuses_key = reuses_key;
            self.tally.fault("request repeated");
            let ask = self.ask_again(deal);
            let wait = Duration::from_millis(self.random.between(10, 60_000));
            self.after(wait, Event::Send { deal, ask });
        }
    }

    fn end_deal(&mut self, deal: usize) {
        if !self.deals[deal].is_over {
            self.deals[deal].is_over = true;
            self.open_deals -= 1;
        }
    }
}
