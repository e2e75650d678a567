//! Deterministic fuzzing on the stable toolchain, for tests alone.
//!
//! A target is a plain function that reads bytes and asserts what must hold of any. It is held to every file of its corpus,
//! and then to inputs that are made of them: the same ones each time, counted and not timed. What an input came to guides the
//! search: one with a new result joins those that the next are made of. An input that fails is made small and becomes a file
//! of the corpus.

mod corpus;
mod explore;
mod mutate;
mod random;

pub use explore::{Target, hold, hold_for_long};

/// What an input came to, roughly: inputs of new results are worth changing further.
pub type Seen = u64;

/// A result by the words that it prints as. Leave out what every input has of its own, such as places and texts.
pub fn seen(result: impl std::fmt::Debug) -> Seen {
    // FNV-1a: small, and the same on every machine.
    format!("{result:?}").bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
