//! Where planted bugs come in: around the engine, and around what the driver hears and says.

use std::time::Duration;

use exchange::{
    call::{PingReply, PostReply},
    command::Engine,
    contract::{Pricing, UnknownPolicy},
    lead::FromPing,
    market::Market,
    money::{Margin, Money},
};

use super::{Plant, tampered::Tampered};
use crate::setup::Setup;

#[derive(Clone, Copy, Debug)]
pub struct Seams(Option<Plant>);

impl Seams {
    pub fn of(setup: Setup) -> Self {
        Self(setup.plant)
    }

    fn is(self, plant: Plant) -> bool {
        self.0 == Some(plant)
    }

    pub fn engine(self, engine: Box<dyn Engine>) -> Box<dyn Engine> {
        match self.0 {
            Some(plant) => Box::new(Tampered::new(engine, plant)),
            None => engine,
        }
    }

    pub fn market(self, market: Market) -> Market {
        let mut parts = market.parts().clone();
        match self.0 {
            Some(Plant::MaxDisclosuresRaised) => parts.trees.iter_mut().for_each(|tree| tree.max_disclosures += 2),
            Some(Plant::OverMaxBidTaken) => parts.contracts.iter_mut().for_each(|contract| {
                if let Pricing::Bid { max_bid } = &mut contract.pricing {
                    *max_bid = Money::from_units(1_000_000);
                }
            }),
            Some(Plant::MarginForgotten) => parts.suppliers.iter_mut().for_each(|supplier| supplier.margin = Margin::default()),
            _ => return market,
        }
        Market::new(market.revision(), parts)
    }

    pub fn ping_body(self, mut body: Vec<u8>) -> Vec<u8> {
        if self.is(Plant::ContactInPing) {
            body.extend(format!("+1{}0001", crate::people::CANARY_PHONE).into_bytes());
        }
        body
    }

    pub fn pinged(self, reply: PingReply, has_bid: bool) -> PingReply {
        if self.is(Plant::FirstBidWins) && has_bid { PingReply::NoBid(None) } else { reply }
    }

    pub fn posted(self, reply: PostReply) -> PostReply {
        match (self.0, reply) {
            (Some(Plant::UnknownOfferedOn), PostReply::Unknown(failure)) => PostReply::Unsent(failure),
            (Some(Plant::UnknownTakenForRejected), PostReply::Unknown(_)) => PostReply::Rejected { reason: None },
            (Some(Plant::UnknownTakenForAccepted), PostReply::Unknown(_)) => PostReply::Accepted { redirect_url: None, lead_reference: None },
            (_, reply) => reply,
        }
    }

    pub fn elapsed(self, elapsed: Duration) -> Duration {
        if self.is(Plant::LateBidAdmitted) { elapsed * 7 / 10 } else { elapsed }
    }

    pub fn wake(self, at: Duration) -> Duration {
        if self.is(Plant::LateBidAdmitted) { at * 10 / 7 } else { at }
    }

    pub fn known_of_ping(self, from_ping: Option<FromPing>) -> Option<FromPing> {
        from_ping.filter(|_| !self.is(Plant::ChangedAttributeTaken))
    }

    pub fn policy(self, policy: Option<UnknownPolicy>) -> Option<UnknownPolicy> {
        policy.map(|policy| if self.is(Plant::GivenUpEarly) { UnknownPolicy { after: Duration::ZERO, ..policy } } else { policy })
    }

    pub fn confirmed(self, confirmed: bool) -> bool {
        confirmed && !self.is(Plant::ConfirmationForgotten)
    }

    pub fn posts_early(self) -> bool {
        self.is(Plant::PostBeforeCommit)
    }
}
