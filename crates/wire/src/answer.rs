//! What the exchange answers.
