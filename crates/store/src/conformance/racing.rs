//! Two engines on one store, as two nodes have them.

use std::{sync::Barrier, thread};

use exchange::{
    cap::Period,
    command::{Accept, Claim, Command, Engine, Outcome, Reserve, Terms},
    refusal::Refusal,
    time::Timestamp,
};

use super::{Bench, world::*};
use crate::reader::Reader;

pub(super) fn one_of_two_engines_gets_the_last_slot<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    const ROUNDS: u32 = 20;
    // Every round has a contract of its own, whose one slot two leads are after.
    let attempts: Vec<Vec<Command>> = (0..2)
        .map(|side| {
            let mut attempt = |round: u32| {
                let number = round * 2 + side;
                let contract = format!("acme/c{round}");
                let request = request(number, number, world.accepted(accept(number)), &contract);
                Command::Reserve(Reserve { request, terms: Terms { caps: vec![count(1, Period::Total)], ..terms(&contract) } })
            };
            (0..ROUNDS).map(&mut attempt).collect()
        })
        .collect();
    let mut engines = [world.bench.engine(), world.bench.engine()];
    let (start, now) = (Barrier::new(2), world.now);
    // A side that fails goes on to the end: the other waits for it in every round.
    let answers: Vec<Vec<String>> = thread::scope(|scope| {
        let running = engines.iter_mut().zip(attempts).map(|(engine, commands)| {
            let start = &start;
            let answer = move |command| {
                start.wait();
                match engine.apply(now, &[command]).map(|mut outcomes| outcomes.pop()) {
                    Ok(Some(Outcome::Reserved(_))) => "won".to_owned(),
                    Ok(Some(Outcome::Refused(Refusal::Cap(_)))) => "lost".to_owned(),
                    other => format!("{other:?}"),
                }
            };
            scope.spawn(move || commands.into_iter().map(answer).collect())
        });
        let running: Vec<_> = running.collect();
        running.into_iter().map(|side| side.join().unwrap()).collect()
    });
    for (round, answers) in answers[0].iter().zip(&answers[1]).enumerate() {
        assert!(matches!((answers.0.as_str(), answers.1.as_str()), ("won", "lost") | ("lost", "won")), "round {round}: {answers:?}");
    }
    world.agrees();
}

/// Applies each list of commands on an engine of its own, the first of each at the same time, then the second, and so on.
fn at_once<B: Bench>(world: &World<B>, sides: Vec<Vec<Command>>) -> Vec<Vec<String>> {
    let start = Barrier::new(sides.len());
    let apply = |engine: &mut B::Engine, now: Timestamp, command: Command| {
        start.wait();
        match engine.apply(now, &[command]).map(|mut outcomes| outcomes.pop()) {
            Ok(Some(Outcome::Reserved(_))) => "Reserved".to_owned(),
            Ok(Some(Outcome::Accepted { .. })) => "Accepted".to_owned(),
            Ok(Some(outcome)) => format!("{outcome:?}"),
            other => format!("{other:?}"),
        }
    };
    let engines: Vec<B::Engine> = sides.iter().map(|_| world.bench.engine()).collect();
    thread::scope(|scope| {
        let running = engines.into_iter().zip(sides).map(|(mut engine, commands)| {
            let (now, apply) = (world.now, &apply);
            scope.spawn(move || commands.into_iter().map(|command| apply(&mut engine, now, command)).collect())
        });
        let running: Vec<_> = running.collect();
        running.into_iter().map(|side| side.join().unwrap()).collect()
    })
}

const ENGINES: u32 = 4;
const ROUNDS: u32 = 10;

/// How many of a round's answers are this one.
fn of_round(answers: &[Vec<String>], round: u32, answer: &str) -> usize {
    answers.iter().filter(|side| side[round as usize].starts_with(answer)).count()
}

pub(super) fn one_of_many_gets_the_last_dollar<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let sides = (0..ENGINES).map(|side| {
        let mut attempt = |round: u32| {
            let number = round * ENGINES + side;
            let contract = format!("buyer{round}/west");
            let request = request(number, number, world.accepted(accept(number)), &contract);
            Command::Reserve(Reserve { request, terms: Terms { credit: units(10), ..terms(&contract) } })
        };
        (0..ROUNDS).map(&mut attempt).collect()
    });
    let sides = sides.collect();
    let answers = at_once(&world, sides);
    for round in 0..ROUNDS {
        assert_eq!(of_round(&answers, round, "Reserved"), 1, "{answers:?}");
        assert_eq!(of_round(&answers, round, "Refused(Credit)"), ENGINES as usize - 1, "{answers:?}");
        assert_eq!(world.money(&format!("buyer{round}")), "0.00 held 10.00");
    }
    world.agrees();
}

pub(super) fn a_person_is_taken_on_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let sides = (0..ENGINES).map(|side| {
        let attempt = |round: u32| Command::Accept(Accept { people: vec![person(round), person(1000 + round)], ..accept(round * ENGINES + side) });
        (0..ROUNDS).map(attempt).collect()
    });
    let answers = at_once(&world, sides.collect());
    for round in 0..ROUNDS {
        assert_eq!(of_round(&answers, round, "Accepted"), 1, "{answers:?}");
        assert_eq!(of_round(&answers, round, "NotAccepted(Duplicate"), ENGINES as usize - 1, "{answers:?}");
    }
    world.agrees();
}

pub(super) fn a_key_is_taken_once<B: Bench>(bench: B) {
    let world = World::new(bench);
    let sides = (0..ENGINES).map(|side| {
        let attempt = |round: u32| {
            let (number, text) = (round * ENGINES + side, format!("key {round}"));
            let idempotency = key(&text, 1);
            // Pings in every other round, leads in the rest.
            if round.is_multiple_of(2) {
                Command::Claim(Claim { supplier: "dreamy".parse().unwrap(), idempotency: idempotency.unwrap(), ping: ping(number), node: node(1) })
            } else {
                Command::Accept(Accept { idempotency, ..accept(number) })
            }
        };
        (0..ROUNDS).map(attempt).collect()
    });
    let answers = at_once(&world, sides.collect());
    for round in 0..ROUNDS {
        let (taken, answered) = if round % 2 == 0 { ("Claimed", "AlreadyPinged") } else { ("Accepted", "NotAccepted(InFlight") };
        assert_eq!(of_round(&answers, round, taken), 1, "{answers:?}");
        assert_eq!(of_round(&answers, round, answered), ENGINES as usize - 1, "{answers:?}");
    }
}

/// A window's row is made by counting, while others add to it.
pub(super) fn one_cap_window_is_made_by_all<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let sides = (0..ENGINES).map(|side| {
        let mut attempt = |round: u32| {
            let number = round * ENGINES + side;
            let contract = format!("acme/c{round}");
            let request = request(number, number, world.accepted(accept(number)), &contract);
            // Half of them ask for the window, half only count in it.
            let caps = if side % 2 == 0 { vec![count(100, Period::Day)] } else { Vec::new() };
            Command::Reserve(Reserve { request, terms: Terms { caps, ..terms(&contract) } })
        };
        (0..ROUNDS).map(&mut attempt).collect()
    });
    let sides = sides.collect();
    let answers = at_once(&world, sides);
    assert!(answers.iter().flatten().all(|answer| answer == "Reserved"), "{answers:?}");
    for round in 0..ROUNDS {
        let terms = Terms { caps: vec![count(100, Period::Day)], ..terms(&format!("acme/c{round}")) };
        assert_eq!(world.used(&terms), [u64::from(ENGINES)]);
    }
    world.agrees();
}

/// A batch that fails at its last command, and an engine that is dropped: nothing stays, and the same applied again is new. What was
/// committed before is the same again on whatever engine.
pub(super) fn what_was_not_committed_is_not_there<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    // Its sealed part is there already, under another lead: the row can't be written twice, and the batch fails.
    let broken = Accept { sealed: accept(1).sealed, ..accept(3) };
    world.accepted(accept(1));
    let batch = [Command::Accept(accept(2)), prepay(9, "acme", 5), Command::Accept(broken)];
    assert!(matches!(world.engine.apply(world.now, &batch), Err(exchange::command::StoreUnknown::NotWritten(_))));
    assert_eq!((world.reader.lead(lead(2)).unwrap(), world.money("acme").as_str()), (None, "nothing"));
    world.engine = world.bench.engine();
    let batch = &batch[..2];
    for _ in 0..2 {
        assert_eq!(
            world.engine.apply(world.now, batch).map(|outcomes| format!("{outcomes:?}")),
            world.bench.engine().apply(world.now, batch).map(|outcomes| format!("{outcomes:?}"))
        );
    }
    assert_eq!(world.money("acme"), "5.00 held 0.00");
    world.agrees();
}
