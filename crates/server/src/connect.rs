//! Making out a buyer's interface: questions to whoever is at the terminal, samples, and the market file that comes of them.

mod proposal;
mod questions;
mod samples;

pub use proposal::{Proposal, choose};
pub use questions::Questions;
pub use samples::{ask_for_samples, sample_of};
