//! What a world is asked for.

/// What a world is made of, besides its seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    pub seed: u64,
    /// Pings and direct posts.
    pub leads: u32,
    /// The bug that is planted in it.
    #[cfg(feature = "planted")]
    pub plant: Option<crate::planted::Plant>,
}

impl Setup {
    #[must_use]
    pub fn new(seed: u64, leads: u32) -> Self {
        Self {
            seed,
            leads,
            #[cfg(feature = "planted")]
            plant: None,
        }
    }

    pub const LEADS: u32 = 100;
}
