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

impl LeadStatus {
    pub const WORDS: [(&'static str, Self); 6] = [
        ("open", Self::Open),
        ("sold", Self::Sold),
        ("unsold", Self::Unsold),
        ("duplicate", Self::Duplicate),
        ("pending", Self::Pending),
        ("returned", Self::Returned),
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, status)| *status == self).map_or("", |(word, _)| word)
    }

    #[must_use]
    pub fn of_word(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, status)| *status)
    }
}
