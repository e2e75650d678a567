//! The trace: the whole life of a ping or lead, from its record and its rows. No contact data, unless it is revealed.

mod build;
mod contracts;
mod gather;
mod life;
mod pings;
mod told;
mod print;
mod unread;
mod view;

pub use gather::{TraceError, gather};
pub use print::print;
pub use view::Trace;
