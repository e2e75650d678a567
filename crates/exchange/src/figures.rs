//! Figures: what operators measure their exchange by. Each has one name and one definition, here; pages, answers, commands and metrics
//! have both from here.
//!
//! What is counted of leads belongs to the time at which they were taken in, and what is booked to the time at which the ledger booked it. So
//! what is over never changes: a lead that is sold tomorrow is one of tomorrow's sales, and a return is one of the day on which it was
//! accepted. Test leads are in no figure.

mod booked;
mod buyers;
mod keep;
mod measure;
mod quarter;
mod times;

pub use booked::{Auctions, Booked, Figure, Figures};
pub use buyers::{BuyerCounts, BuyerFigure};
pub use keep::{Keep, KeepFigures, KeepTallies, QuarterAccount, QuarterFigures};
pub use measure::Measure;
pub use quarter::Quarter;
pub use times::Times;
