//! Where a planted bug could be let in. In every build without the feature `planted` nothing is: all goes straight through.

use std::time::Duration;

use exchange::{
    call::{PingReply, PostReply},
    command::Engine,
    contract::UnknownPolicy,
    lead::FromPing,
    market::Market,
};

use crate::setup::Setup;

#[derive(Clone, Copy, Debug)]
pub struct Seams;

impl Seams {
    pub fn of(_: Setup) -> Self {
        Self
    }

    pub fn engine(self, engine: Box<dyn Engine>) -> Box<dyn Engine> {
        engine
    }

    pub fn market(self, market: Market) -> Market {
        market
    }

    pub fn ping_body(self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    pub fn pinged(self, reply: PingReply, _has_bid: bool) -> PingReply {
        reply
    }

    pub fn posted(self, reply: PostReply) -> PostReply {
        reply
    }

    pub fn elapsed(self, elapsed: Duration) -> Duration {
        elapsed
    }

    pub fn wake(self, at: Duration) -> Duration {
        at
    }

    pub fn known_of_ping(self, from_ping: Option<FromPing>) -> Option<FromPing> {
        from_ping
    }

    pub fn policy(self, policy: Option<UnknownPolicy>) -> Option<UnknownPolicy> {
        policy
    }

    pub fn confirmed(self, confirmed: bool) -> bool {
        confirmed
    }

    pub fn posts_early(self) -> bool {
        false
    }
}
