//! What a ping to a buyer takes beside its own bytes: the way to the buyer, its secret, its figures. Found once for each buyer of a
//! market, since pings are many and markets change seldom.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use exchange::{
    buyer::{Buyer, Endpoint},
    call::{CallFailure, PingReply},
    id::BuyerIndex,
    market::Market,
};
use wire::{native, webhook::SigningSecret};

use crate::{
    egress::{Callee, Egress, Way},
    metrics::Pings,
    signing::signing_secret,
    tally::{OfBuyer, Tally},
};

/// The lines of the newest market that pings were sent for.
#[derive(Default)]
pub struct PingLines(ArcSwapOption<OfMarket>);

struct OfMarket {
    market: Arc<Market>,
    /// By buyer.
    lines: Box<[OnceLock<Arc<PingLine>>]>,
}

pub struct PingLine {
    /// Or why no ping can be sent.
    pub open: Result<Open, CallFailure>,
    figures: Pings,
    /// None of a test: it is in no figure.
    tally: Option<OfBuyer>,
}

pub struct Open {
    pub way: Way,
    pub secret: Option<SigningSecret>,
    /// How many pings to the buyer may be under way.
    pub room: usize,
}

impl fmt::Debug for PingLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PingLine")
    }
}

impl PingLines {
    /// Of a buyer of the market. That of a test goes to another address, and is made for it.
    pub fn of(&self, market: &Arc<Market>, buyer: BuyerIndex, test: bool, (egress, tally): (&Egress, &Tally)) -> Arc<PingLine> {
        let make = || Arc::new(PingLine::of(market, market.buyer(buyer), test, egress, tally));
        if test {
            return make();
        }
        let known = self.0.load();
        match &*known {
            Some(known) if Arc::ptr_eq(&known.market, market) => known.line(buyer, make),
            // A run of a market of before is one of the last.
            Some(known) if known.market.revision() > market.revision() => make(),
            _ => {
                let lines = market.parts().buyers.iter().map(|_| OnceLock::new()).collect();
                let new = Arc::new(OfMarket { market: Arc::clone(market), lines });
                self.0.store(Some(Arc::clone(&new)));
                new.line(buyer, make)
            }
        }
    }
}

impl OfMarket {
    fn line(&self, buyer: BuyerIndex, make: impl FnOnce() -> Arc<PingLine>) -> Arc<PingLine> {
        Arc::clone(self.lines[buyer.0 as usize].get_or_init(make))
    }
}

impl PingLine {
    fn of(market: &Market, buyer: &Buyer, test: bool, egress: &Egress, tally: &Tally) -> Self {
        Self { open: Open::of(market, buyer, test, egress), figures: Pings::of(&buyer.name), tally: (!test).then(|| tally.of(&buyer.name)) }
    }

    pub fn count(&self, reply: &PingReply, took: Duration) {
        self.figures.answered(reply, took);
        if let Some(tally) = &self.tally {
            tally.pinged(reply, took);
        }
    }
}

impl Open {
    fn of(market: &Market, buyer: &Buyer, test: bool, egress: &Egress) -> Result<Self, CallFailure> {
        let url = native::ping_url(&buyer.endpoint, test).ok_or(CallFailure::Unreachable)?;
        let secret = match &buyer.endpoint.secret {
            Some(secret) => Some(signing_secret(secret).ok_or_else(no_secret)?),
            None => None,
        };
        let (callee, Endpoint { pipelining, max_in_flight, .. }) = (Callee::Buyer(buyer.name.clone()), &buyer.endpoint);
        let way = egress.way(&callee, url, &market.parts().egress_allow, *pipelining).ok_or(CallFailure::Unreachable)?;
        Ok(Self { way, secret, room: room_for_pings(*max_in_flight) })
    }
}

/// An eighth of a buyer's places is for posts, whatever the flood of pings.
pub fn room_for_pings(places: usize) -> usize {
    places - places / 8
}

pub fn no_secret() -> CallFailure {
    CallFailure::Malformed("the signing secret is missing, or is none".to_owned())
}
