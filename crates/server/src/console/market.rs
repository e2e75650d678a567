//! The market: what is in it, as pictures and lists; forms that make drafts of it; its history.

mod area;
mod card;
mod desk;
mod diff;
mod meters;

pub mod drafts;
pub mod history;
pub mod lost;
pub mod new;
pub mod overview;
pub mod sankey;
pub mod thing;
pub mod tree;

pub use desk::LookedAt;
