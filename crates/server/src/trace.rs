//! The trace: the whole life of a ping or lead, from its record and its rows. No contact data, unless it is revealed.

mod build;
mod calls;
mod contracts;
mod gather;
mod life;
mod pings;
mod told;
mod print;
mod reason;
mod unread;
mod view;

pub use build::Story;
pub use gather::{TraceError, gather, story};
pub use print::print;
pub use view::{AuctionView, CallView, ContractView, OfferView, PingView, Trace};
#[cfg(test)]
pub use {
    life::Life,
    reason::Reason,
    view::{MomentView, SaleView},
};
