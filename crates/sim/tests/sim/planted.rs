//! The simulator's own power: each planted bug is found within a stated number of seeds, and without one the same seeds pass.

use sim::{Plant, Setup, Stores, live};

/// A bug that takes more seeds than this to find would be found too late.
const MOST_SEEDS: u64 = 60;
const LEADS: u32 = 60;

/// How many seeds it took, and what the finding says.
fn found(stores: &Stores, plant: Plant) -> Option<(u64, String)> {
    (1..=MOST_SEEDS).find_map(|seed| {
        let setup = Setup { plant: Some(plant), ..Setup::new(seed, LEADS) };
        live(stores, setup, "planted").unwrap().broken.map(|broken| (seed, broken.to_string()))
    })
}

#[test]
fn each_planted_bug_is_found_and_an_invariant_is_named() {
    let stores = Stores::open().unwrap();
    let mut missed = Vec::new();
    for plant in Plant::ALL {
        match found(&stores, *plant) {
            Some((seeds, what)) => println!("{plant:?}: {} | seed {seeds} | {what}", plant.text()),
            None => missed.push(plant),
        }
    }
    assert!(Plant::ALL.len() >= 25);
    assert!(missed.is_empty(), "not found within {MOST_SEEDS} seeds: {missed:?}");
}

#[test]
fn without_a_planted_bug_the_same_seeds_pass() {
    let stores = Stores::open().unwrap();
    for seed in 1..=10 {
        let ended = live(&stores, Setup::new(seed, LEADS), "sound").unwrap();
        assert_eq!(ended.broken.map(|broken| broken.to_string()), None, "seed {seed}");
    }
}
