//! Worlds of the simulator, as many as a test may take: `pingpost simulate` lives through thousands.

#![expect(clippy::unwrap_used, reason = "all of it is a test")]

#[cfg(feature = "planted")]
mod planted;
mod worlds;
