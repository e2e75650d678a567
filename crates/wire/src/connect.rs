//! A buyer's interface, made out from answers that it gave: the presets that read them, or else the places where a price, a reference
//! and a word of yes or no seem to stand. What is proposed is a market file's text, which is checked like any other.

mod fit;
mod guess;
mod leaves;
mod sample;
mod text;
mod words;

pub use fit::{Fit, fits, own_names};
pub use guess::{Candidate, Guess, are_forms, guess, texts_at};
pub use sample::Sample;
pub use text::{Chosen, RequestFormat, Words, endpoint};
pub use words::{Meaning, meaning_of};
