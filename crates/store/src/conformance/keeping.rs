//! What is still there when everything else is gone.

use std::time::Duration;

use exchange::{command::LeadStatus, money::Money};

use super::{Bench, world::*};
use crate::reader::Reader;

pub(super) fn a_store_that_is_reopened<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.prepay("acme", 50);
    world.sold(1, "acme/west");
    world.posted(2, "acme/west");
    let before = (world.money("acme"), world.reader.leads(None, 9).unwrap(), world.reader.sales_of(lead(2)).unwrap());
    let World { bench, engine, reader, now, prepaid } = world;
    drop((engine, reader));
    let mut world = World { engine: bench.engine(), reader: bench.reader(), bench, now, prepaid };
    assert_eq!((world.money("acme"), world.reader.leads(None, 9).unwrap(), world.reader.sales_of(lead(2)).unwrap()), before);
    assert_eq!(world.accepted(accept(3)).0, 1, "each lead has fences of its own");
    assert_eq!(world.reader.ledger_sum().unwrap(), Money::ZERO);
    world.agrees();
}

pub(super) fn leads_whose_lease_is_over<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    world.posted(2, "acme/west");
    world.pass(LEASE / 2);
    world.accept(accept(3));
    let fence = world.accepted(accept(4));
    world.say(end(4, fence, LeadStatus::Unsold));
    let now = world.now;
    let mut lapsed = |after: Duration, most| world.reader.lapsed(now.plus(after), most).unwrap();
    assert_eq!(lapsed(Duration::ZERO, 9), []);
    assert_eq!(lapsed(LEASE / 2, 9), [lead(2)]);
    assert_eq!(lapsed(LEASE, 9), [lead(2), lead(3)]);
    assert_eq!(lapsed(LEASE, 1), [lead(2)]);
}
