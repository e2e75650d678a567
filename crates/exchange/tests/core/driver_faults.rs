//! A driver that repeats events, invents them, or answers with the wrong kind: nothing breaks, nothing is sold twice.

use std::{sync::Arc, time::Duration};

use exchange::{
    call::{ConfirmReply, PingReply, PostReply},
    command::{Outcome, StoreUnknown},
    facts::{Facts, Seed},
    flow::{
        Limits, Run, RunStart, Task,
        effect::{Answer, Effect, EffectId, Event},
    },
    time::Now,
};

use crate::support::{driver::START, *};

fn answers() -> Vec<fn() -> Answer> {
    vec![
        || Answer::Facts(Facts::default()),
        || Answer::Stored(Ok(Outcome::Done)),
        || Answer::Stored(Ok(Outcome::Claimed)),
        || Answer::Stored(Ok(Outcome::Conflict("no".into()))),
        || Answer::Stored(Err(StoreUnknown::NotWritten("no".into()))),
        || Answer::Pinged(PingReply::NoBid(None)),
        || Answer::Confirmed(ConfirmReply::Confirmed),
        || Answer::Posted(PostReply::Rejected { reason: None }),
        || Answer::Woke,
    ]
}

/// Every effect is answered by any answer at all: the run ends, with one reply, and posts nothing that wasn't reserved.
#[test]
fn answers_of_another_kind_never_panic_and_the_run_ends() {
    for turn in 0..9 {
        for is_ping in [true, false] {
            let world = World::competing([bids("a", "9"), fixed("b", "5").strict()]);
            let exchange = world.open();
            let accept = exchange.accept(None);
            let attributes = accept.attributes.clone();
            let ping = exchange::id::PingId::from_bytes([1; 16]);
            let task = if is_ping {
                Task::Ping { ping, sealed: None, idempotency: None, node: exchange::id::NodeId::from_bytes([1; 16]) }
            } else {
                Task::Lead(Box::new(accept))
            };
            let start = RunStart {
                market: Arc::clone(&exchange.market),
                supplier: world.supplier.name.clone(),
                vertical: "loans".parse().unwrap(),
                test: false,
                attributes,
                limits: Limits::default(),
                evidence: None,
                seed: Seed([3; 32]),
                task,
            };
            let now = |step: u64| Now { elapsed: Duration::from_millis(step), at: START.plus(Duration::from_millis(step)) };
            let (mut run, mut effects) = Run::start(start, now(0)).unwrap();
            let (mut replies, mut posts, mut open, mut step) = (0, 0, Vec::new(), 0u64);
            loop {
                for effect in effects.drain(..) {
                    match effect.effect {
                        Effect::Reply(_) => replies += 1,
                        Effect::Post(_) => posts += 1,
                        _ => {}
                    }
                    open.push(effect.id);
                }
                let Some(id) = open.pop() else { break };
                step += 1;
                assert!(step < 1000, "the run doesn't end");
                let answer = answers()[(turn + step as usize) % 9]();
                effects = run.step(now(step), Event { effect: id, answer });
            }
            assert_eq!((replies, posts), (1, 0), "turn {turn}");
            assert!(run.is_finished());
            let before = format!("{:?}", run.record());
            for id in 0..50 {
                assert!(run.step(now(step), Event { effect: EffectId(id), answer: Answer::Woke }).is_empty(), "an answer to nothing");
            }
            assert_eq!(before, format!("{:?}", run.record()));
        }
    }
}

#[test]
fn an_event_that_comes_twice_counts_once() {
    for player in [bids("a", "9"), bids("a", "9").strict(), bids("a", "9").rejects()] {
        let world = World::competing([player, bids("b", "5")]).disclosing(2);
        let mut twice = world.open();
        twice.repeats_events = true;
        let (once, twice) = (world.lead(), twice.lead());
        assert_eq!(once.effects, twice.effects);
        assert_eq!(format!("{:?}", once.record), format!("{:?}", twice.record));
    }
}

#[test]
fn a_run_knows_its_supplier_and_vertical_or_doesnt_start() {
    let exchange = World::competing([bids("a", "9")]).open();
    for (supplier, vertical) in [("nobody", "loans"), ("source", "boats")] {
        let start = RunStart {
            market: Arc::clone(&exchange.market),
            supplier: supplier.parse().unwrap(),
            vertical: vertical.parse().unwrap(),
            test: false,
            attributes: exchange.accept(None).attributes,
            limits: Limits::default(),
            evidence: None,
            seed: Seed([3; 32]),
            task: Task::Lead(Box::new(exchange.accept(None))),
        };
        assert!(Run::start(start, Now { elapsed: Duration::ZERO, at: START }).is_err());
    }
}
