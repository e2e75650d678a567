//! Two engines on one store, as two nodes have them.

use std::{sync::Barrier, thread};

use exchange::{
    cap::Period,
    command::{Command, Engine, Outcome, Reserve, Terms},
    refusal::Refusal,
};

use super::{Bench, world::*};

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
