//! Where a lead stands, whoever asks.

use serde::{Deserialize, Serialize};

/// Where a lead stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LeadStatus {
    /// Its run goes on.
    Open,
    Sold,
    Unsold,
    Duplicate,
    /// No leg sold, and one not yet known.
    Pending,
    Returned,
}

words!(LeadStatus { Open = "open", Sold = "sold", Unsold = "unsold", Duplicate = "duplicate", Pending = "pending", Returned = "returned" });
