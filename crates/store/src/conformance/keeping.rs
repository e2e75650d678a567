//! What is still there when everything else is gone.

use exchange::{command::LeadStatus, money::Money};

use super::{Bench, world::*};
use crate::reader::Reader;

pub(super) fn a_store_that_is_reopened<B: Bench>() {
    let mut world = World::<B>::new();
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

pub(super) fn unfinished_leads<B: Bench>() {
    let mut world = World::<B>::new();
    world.sold(1, "acme/west");
    world.posted(2, "acme/west");
    world.pass(LEASE / 2);
    world.accept(accept(3));
    let fence = world.accepted(accept(4));
    world.say(end(4, fence, LeadStatus::Unsold));
    let mut unfinished = |by| {
        let rows = world.reader.unfinished(by).unwrap();
        rows.into_iter().map(|row| (row.lead.lead, row.sales.iter().map(|sale| sale.status.word()).collect::<Vec<_>>())).collect::<Vec<_>>()
    };
    assert_eq!(unfinished(None), [(lead(2), vec!["posted"]), (lead(3), vec![])]);
    let now = world.now;
    assert_eq!(unfinished(Some(now)), []);
    assert_eq!(unfinished(Some(now.plus(LEASE / 2))), [(lead(2), vec!["posted"])]);
}
