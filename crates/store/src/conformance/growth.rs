//! What a command costs doesn't grow with what the store keeps of others: counted in SQLite's own operations, whatever the machine.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use exchange::{
    command::{Command, Operation, Reserve},
    money::Percent,
    returns::{RequestReturn, ReturnReason, ReturnRules},
};

use super::{Bench, sqlite::InAFile, world::*};

const FEW: u32 = 20;
const MANY: u32 = 400;

/// The operations of each command of a lead's life, and of its return.
fn costs(world: &mut World<InAFile>, number: u32) -> Vec<(&'static str, u64)> {
    let operations = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&operations);
    let count = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        false
    };
    world.engine.db.progress_handler(1, Some(count)).unwrap();
    let fence = exchange::command::Fence::FIRST;
    let rules = ReturnRules { within: Some(DAY * 14), percent: Percent::of_whole(100).unwrap() };
    let back = RequestReturn { sale: sale(number), buyer: "acme".parse().unwrap(), reason: ReturnReason::Fraud, note: None, rules };
    let commands = [
        ("quote", Command::Quote(quote(number, Vec::new(), Vec::new()))),
        ("accept", Command::Accept(accept(number))),
        ("reserve", Command::Reserve(Reserve { request: request(number, number, fence, "acme/west"), terms: terms("acme/west") })),
        ("settle", Command::Settle(settle(number))),
        ("ask to return", Command::RequestReturn(back)),
        ("return", Command::Operate(Operation::DecideReturn { sale: sale(number), accept: true })),
    ];
    let costs = commands.map(|(name, command)| {
        let before = operations.load(Ordering::Relaxed);
        let said = world.say(command);
        assert!(["Quoted", "Accepted", "Reserved", "Done", "ReturnOpen"].contains(&&*said), "{name}: {said}");
        (name, operations.load(Ordering::Relaxed) - before)
    });
    world.engine.db.progress_handler(0, None::<fn() -> bool>).unwrap();
    costs.into()
}

#[test]
fn what_a_command_costs_does_not_grow_with_what_others_have() {
    let mut world = World::new(InAFile::fresh().unwrap());
    (0..FEW).for_each(|number| world.sold(number, "zenith/east"));
    let first = costs(&mut world, 9_000);
    (FEW..MANY).for_each(|number| world.sold(number, "zenith/east"));
    let later = costs(&mut world, 9_001);
    for ((name, before), (_, after)) in first.iter().zip(&later) {
        assert!(*before > 0 && *after < before + before / 4, "{name}: {before} operations beside {FEW} leads, {after} beside {MANY}");
    }
}
