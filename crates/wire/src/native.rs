//! The native protocol: what the exchange sends to buyers and what it makes of their answers.
//!
//! Requests are JSON with a fixed order of keys. Replies are read strictly: what is not exactly as the protocol says is a
//! failure that names the key, never the value.

mod confirm;
mod echo;
mod endpoint;
mod ping;
mod post;
mod reply;
mod status;
mod values;

#[cfg(test)]
mod tests;

pub use confirm::{confirm_body, read_confirm};
pub use echo::Echoes;
pub use endpoint::{confirm_url, ping_url, post_url, status_url};
pub use ping::{Shown, ping_body, read_bid};
pub use post::{PostAttempt, post_body, read_delivery, read_post};
pub use reply::{MAX_REPLY_BYTES, MAX_REPLY_DEPTH};
pub use status::read_status;

pub(crate) use post::{MAX_REDIRECT_URL, is_web_address};
pub(crate) use reply::{MAX_REFERENCE, one_line};

use exchange::{attribute::PingPart, market::Market, schema::Vertical};

/// What every call about a lead says of it: nothing that a ping may not show.
#[derive(Clone, Copy, Debug)]
pub struct PingContext<'a> {
    /// The run's own revision.
    pub market: &'a Market,
    pub vertical: &'a Vertical,
    pub attributes: &'a PingPart,
    pub test: bool,
}
