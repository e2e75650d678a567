//! Buyers: fair, slow, silent, late, lying. They speak in bytes, and keep books of their own.

use exchange::money::Money;
use serde_json::Value;

use crate::{
    books::{BidMade, Receipt},
    random::Random,
};

/// How a buyer is, per mille of its calls.
#[derive(Clone, Debug, Default)]
pub struct Buyer {
    pub no_bid: u32,
    pub silent: u32,
    pub late: u32,
    pub malformed: u32,
    pub rejects: u32,
    pub declines: u32,
    /// Takes the contact, and answers with an error, nonsense, or not at all.
    pub hides: u32,
    /// Tells a repeat something else than the first time.
    pub forgets: u32,
    pub slow: u32,
}

/// What a buyer writes back.
#[derive(Debug)]
pub struct Written {
    pub status: u16,
    pub body: Vec<u8>,
    pub silent: bool,
}

impl Written {
    fn json(body: String) -> Self {
        Self { status: 200, body: body.into_bytes(), silent: false }
    }

    fn silent() -> Self {
        Self { status: 0, body: Vec::new(), silent: true }
    }

    fn plain(status: u16) -> Self {
        Self { status, body: Vec::new(), silent: false }
    }
}

impl Buyer {
    pub fn draw(random: &mut Random, worst: u32) -> Self {
        let mut trait_ = |most: u32| if random.chance(400) { random.between(0, u64::from(most.min(worst))) as u32 } else { 0 };
        let bad = Self {
            silent: trait_(300),
            late: trait_(300),
            malformed: trait_(300),
            rejects: trait_(400),
            declines: trait_(300),
            hides: trait_(500),
            forgets: trait_(300),
            slow: trait_(300),
            no_bid: 0,
        };
        Self { no_bid: random.between(0, 200) as u32, rejects: bad.rejects + random.between(0, 60) as u32, ..bad }
    }

    /// A bid and how the buyer meant it.
    pub fn bid(&self, random: &mut Random, body: &[u8], contract: &str, max_cents: i64, slack: bool) -> (Written, BidMade) {
        let ping: Value = serde_json::from_slice(body).unwrap_or_default();
        let exclusive = ping["sale"]["exclusive"] == Value::Bool(true);
        let shared = ping["sale"]["shared"].is_u64();
        let mut made = BidMade { contract: contract.to_owned(), ..BidMade::default() };
        if random.chance(self.no_bid) {
            let written = if random.chance(500) { Written::plain(204) } else { Written::json("{\"bid\": null, \"reason\": \"full\"}".into()) };
            return (written, made);
        }
        if random.chance(self.silent) {
            return (Written::silent(), made);
        }
        if random.chance(self.malformed) {
            return (nonsense_bid(random, max_cents), made);
        }
        // A narrow range of prices, so that ties are common.
        let step = (max_cents / 12).max(1);
        let low = if slack { 1 } else { 4 };
        let price = |random: &mut Random| step * random.between(low, 12) as i64;
        let (alone, together) = (price(random), (price(random) / 2).max(1));
        let mut fields = Vec::new();
        let text = |cents: i64| format!("\"{}.{:02}\"", cents / 100, cents % 100);
        if exclusive {
            made.exclusive = Some(money(alone));
            fields.push(format!("\"bid\": {}", text(alone)));
        }
        if shared {
            made.shared = Some(money(together));
            let key = if exclusive || random.chance(500) { "shared_bid" } else { "bid" };
            fields.push(format!("\"{key}\": {}", text(together)));
        }
        fields.push(format!("\"ref\": \"r{}\"", random.below(1_000_000)));
        if random.chance(200) {
            fields.push(format!("\"ttl_s\": {}", random.between(1, 60)));
        }
        made.is_sound = exclusive || shared;
        (Written::json(format!("{{{}}}", fields.join(", "))), made)
    }

    pub fn confirm(&self, random: &mut Random) -> (Written, bool) {
        if random.chance(self.declines) {
            let written = match random.below(3) {
                0 => Written::silent(),
                1 => Written::plain(500),
                _ => Written::json("{\"status\": \"declined\", \"reason\": \"no room\"}".into()),
            };
            return (written, false);
        }
        (Written::json("{\"status\": \"confirmed\"}".into()), true)
    }

    /// A post arrives. The first copy decides; how it is answered is another matter.
    pub fn take_post(&self, random: &mut Random, buyer: &str, body: &[u8], known: Option<&mut Receipt>, idempotent: bool) -> (Written, Option<Receipt>) {
        let Some(receipt) = known else {
            let mut receipt = read_post(body, buyer);
            receipt.takes = !random.chance(self.rejects);
            let written = self.say(random, &mut receipt);
            return (written, Some(receipt));
        };
        receipt.copies += 1;
        if !idempotent {
            // Its own first copy is a duplicate to it, whatever came of that; or it buys the same lead twice.
            return match random.below(3) {
                0 if receipt.takes => (accepted(receipt, ""), None),
                _ => (Written::json("{\"status\": \"rejected\", \"reason\": \"duplicate\"}".into()), None),
            };
        }
        if random.chance(self.forgets) {
            return (Written::plain(*random.pick(&[500, 409, 404])), None);
        }
        (self.say(random, receipt), None)
    }

    /// Asked what became of a post.
    pub fn status(&self, random: &mut Random, receipt: Option<&mut Receipt>) -> Written {
        if random.chance(self.forgets + self.silent) {
            return if random.chance(500) { Written::silent() } else { Written::plain(*random.pick(&[500, 404, 429])) };
        }
        match receipt {
            None => Written::json("{\"status\": \"unknown\"}".into()),
            Some(receipt) if receipt.takes => accepted(receipt, ""),
            Some(receipt) => {
                receipt.said_rejected = true;
                Written::json("{\"status\": \"rejected\", \"reason\": \"not for us\"}".into())
            }
        }
    }

    fn say(&self, random: &mut Random, receipt: &mut Receipt) -> Written {
        if random.chance(self.hides) {
            return match random.below(5) {
                0 => Written::silent(),
                1 => Written::plain(*random.pick(&[500, 502, 503, 429, 408])),
                2 => Written::json("<html>thank you</html>".into()),
                3 => Written { status: 200, body: vec![b' '; 70_000], silent: false },
                _ => Written::json("{\"status\": \"maybe\"}".into()),
            };
        }
        if receipt.takes {
            return accepted(receipt, if random.chance(200) { ", \"redirect_url\": \"https://buyer.example.com/thanks\"" } else { "" });
        }
        receipt.said_rejected = true;
        match random.below(4) {
            0 => Written::plain(*random.pick(&[302, 400, 404, 422])),
            _ => Written::json("{\"status\": \"rejected\", \"reason\": \"not for us\"}".into()),
        }
    }
}

fn accepted(receipt: &mut Receipt, more: &str) -> Written {
    receipt.said_accepted = true;
    Written::json(format!("{{\"status\": \"accepted\"{more}}}"))
}

fn money(cents: i64) -> Money {
    Money::from_micros(cents * 10_000)
}

fn nonsense_bid(random: &mut Random, max_cents: i64) -> Written {
    let over = format!("{{\"bid\": \"{}.00\", \"shared_bid\": \"{}.00\"}}", max_cents / 100 + 1, max_cents / 100 + 1);
    let bodies = [
        "{\"bid\": NaN}",
        "{\"bid\": \"NaN\"}",
        "{\"bid\": -5.00}",
        "{\"bid\": \"0.00\"}",
        "{\"bid\": 1e9}",
        "{\"bid\": \"99999999999999999999\"}",
        "{\"bid\": \"12.345\"}",
        "{\"bid\": \"12.50\", \"currency\": \"EUR\"}",
        "{\"bid\": \"12.50\", \"bid\": \"99.00\"}",
        "{\"bid\": [12.50]}",
        "{\"bid\": true}",
        "{}",
        "",
        "\u{0}\u{1}",
        &over,
        &over,
    ];
    Written::json((*random.pick(&bodies)).to_owned())
}

fn read_post(body: &[u8], buyer: &str) -> Receipt {
    let post: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Receipt {
        buyer: buyer.to_owned(),
        copies: 1,
        phone: text(&post["contact"]["phone"]),
        price: text(&post["price"]),
        is_shared: post["sale"] == "shared",
        test: post["test"] == Value::Bool(true),
        takes: false,
        said_accepted: false,
        said_rejected: false,
    }
}
