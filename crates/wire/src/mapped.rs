//! Buyers with an interface of their own: requests filled in and answers read as their mappings say.
//!
//! What renders a ping has no way to a contact: it is given what a ping shows, and nothing else.

mod answer;
mod bid;
mod outcome;
mod reference;
mod request;

pub(crate) use answer::{Walker, format_of, has_word, is_document, walk};

pub use answer::Heard;
pub use bid::{Offered, read_bid};
pub use outcome::{read_confirm, read_post, read_status};
pub use reference::made_up_reference;
pub use request::{Alike, Outgoing, Surroundings, Unrendered, alike, render_confirm, render_ping, render_post, render_status};
