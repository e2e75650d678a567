//! Holds a target to its corpus, and to what is made of it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::{Seen, corpus, mutate::changed, random::Random};

/// A reader of outside bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    /// The directory that has one directory of files for each target.
    pub corpus: &'static str,
    /// What inputs of this kind are made of, beside what all have in common.
    pub words: &'static [&'static str],
    /// Asserts what must hold of any bytes, and says what these came to.
    pub run: fn(&[u8]) -> Seen,
}

/// Inputs made for a target in an ordinary run. `FUZZ_INPUTS` says another number.
const INPUTS: u64 = 2_000;
/// So many times as many in a long one.
const LONGER: u64 = 100;
/// What one input may take at most, however slow the machine: a thousand times what any takes.
const LONGEST: Duration = Duration::from_secs(20);
/// Inputs that others are made of, at most.
const MOST_IN_POOL: usize = 1_000;

/// Fails with the path of a file that fails.
pub fn hold(target: &Target) {
    explore(target, inputs(), 0x5eed);
}

/// The same with many more inputs, made from another seed.
pub fn hold_for_long(target: &Target) {
    explore(target, inputs() * LONGER, 0x0010_5eed);
}

fn inputs() -> u64 {
    std::env::var("FUZZ_INPUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(INPUTS)
}

fn explore(target: &Target, inputs: u64, seed: u64) {
    let directory = PathBuf::from(target.corpus).join(target.name);
    let files = corpus::read(&directory);
    assert!(!files.is_empty(), "{} has no file to start from", directory.display());
    let mut known = std::collections::HashSet::new();
    let mut pool = Vec::new();
    for (name, bytes) in files {
        match outcome(target, &bytes) {
            Ok(seen) => drop(known.insert(seen)),
            Err(why) => panic!("{}/{name}: {why}", directory.display()),
        }
        pool.push(bytes);
    }
    let mut random = Random::of_seed(seed);
    for number in 0..inputs {
        let input = changed(&mut random, &pool, target.words);
        match outcome(target, &input) {
            Ok(seen) if known.insert(seen) && pool.len() < MOST_IN_POOL => pool.push(input),
            Ok(_) => {}
            Err(why) => {
                let small = smallest(target, input);
                let kept = corpus::keep(&directory, &small);
                panic!("{}: input {number} of seed {seed:#x}: {why}\nkept, made small, as {kept}", target.name);
            }
        }
    }
}

/// What an input came to, or how it failed.
#[expect(clippy::disallowed_methods, reason = "a reader that never ends is found by a clock alone")]
fn outcome(target: &Target, input: &[u8]) -> Result<Seen, String> {
    let began = Instant::now();
    let seen = catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        text.unwrap_or("a panic without words").to_owned()
    })?;
    if began.elapsed() > LONGEST { Err(format!("took {:?}", began.elapsed())) } else { Ok(seen) }
}

/// The same failure with as little as possible: pieces are left out for as long as it still fails.
fn smallest(target: &Target, mut input: Vec<u8>) -> Vec<u8> {
    let mut piece = input.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < input.len() {
            let mut shorter = input.clone();
            drop(shorter.drain(at..(at + piece).min(input.len())));
            if outcome(target, &shorter).is_err() {
                input = shorter;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANTED: Target = Target { name: "planted", corpus: "", words: &["depth", "bid"], run: planted };

    /// Fails where three things come together that no seed has.
    fn planted(bytes: &[u8]) -> Seen {
        let text = String::from_utf8_lossy(bytes);
        let (depth, bid) = (text.contains("depth"), text.contains("\"bid\""));
        assert!(!(depth && bid && text.contains('٣')), "planted");
        crate::seen((depth, bid))
    }

    #[test]
    fn a_planted_fault_is_found_made_small_and_kept() {
        let copy = tempfile::tempdir().unwrap();
        let directory = copy.path().join("planted");
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("seed"), r#"{"bid": "12.50"}"#).unwrap();
        let target = Target { corpus: Box::leak(copy.path().display().to_string().into_boxed_str()), ..PLANTED };
        let fails = |seed: u64| catch_unwind(|| explore(&target, 50_000, seed)).unwrap_err().downcast_ref::<String>().cloned().unwrap();
        let said = fails(1);
        assert!(said.contains("planted") && said.contains("found-"), "{said}");
        let kept: Vec<_> = corpus::read(&directory).into_iter().filter(|(name, _)| name.starts_with("found-")).collect();
        assert_eq!(kept.len(), 1);
        let small = String::from_utf8(kept[0].1.clone()).unwrap();
        assert_eq!(small.len(), "depth\"bid\"٣".len(), "{small}");
        // From then on it is a file of the corpus, and the first to fail.
        assert!(fails(2).contains(&kept[0].0), "a found case is run each time");
    }

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let pool = vec![b"{\"a\": 1}".to_vec()];
        let inputs = |seed: u64| {
            let mut random = Random::of_seed(seed);
            (0..200).map(|_| changed(&mut random, &pool, &["x"])).collect::<Vec<_>>()
        };
        assert_eq!(inputs(7), inputs(7));
        assert_ne!(inputs(7), inputs(8));
    }
}
