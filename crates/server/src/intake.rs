//! Intake: a supplier's request comes in, is checked, read and sealed, and becomes a run.

mod request;
mod fingerprint;
mod sealing;
mod posted;
mod answers;
mod outcome;
mod documents;

pub mod ping;
pub mod quoted_post;
pub mod direct_post;
pub mod lead_status;
mod trying;
pub mod dialects;
mod mount;

pub use mount::Mount;
pub use request::{About, BODY_TIME, Incoming, Refused, drain, format_of, kept_key, role_of, whole_body};
pub use trying::{Tried, try_lead};
