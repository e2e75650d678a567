//! Intake: a supplier's request comes in, is checked, read and sealed, and becomes a run.

mod request;
mod answers;
mod fingerprint;
mod sealing;
mod ping;
mod quoted_post;
mod direct_post;
mod lead_status;

pub use direct_post::direct_post;
pub use lead_status::lead_status;
pub use ping::ping;
pub use quoted_post::quoted_post;
