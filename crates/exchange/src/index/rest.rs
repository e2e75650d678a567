//! What is to be said of a slot that the segments of a lead don't say.

#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    /// The number of its opening hours.
    pub opening: u32,
    /// Which of its contract's alternatives it is.
    pub alternative: u8,
    /// The alternatives don't say all that the filter does.
    pub asks_filter: bool,
}
