//! What every engine does alike, in numbers.

use std::time::Duration;

/// So long a supplier's idempotency key answers for the request that used it first.
pub const IDEMPOTENCY_KEYS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A key claimed for a ping that has neither a quote nor a record after this is free for the same request again: its
/// auction was cut off. Longer than any auction lasts: a tree's deadline is at most 60 s.
pub const CLAIM_KEPT: Duration = Duration::from_secs(120);

/// A supplier has at most so many open quotes that hold caps and credit; the ones after it are not firm.
pub const FIRM_QUOTES_PER_SUPPLIER: u64 = 1000;

/// The list of people whom nobody on the exchange may be offered.
pub const EXCHANGE_LIST: &str = "exchange";

/// Nodes that are dead are forgotten so long after.
pub(crate) const NODES_KEPT: Duration = Duration::from_secs(3600);

/// Why a sale is void or unknown whose run was cut off.
pub(crate) const CUT_OFF: &str = "the run was cut off";

/// A quarter of an hour is over for figures so long after its end: longer than any transaction that began in it may still take.
pub(crate) const FIGURES_SETTLE: Duration = Duration::from_secs(5 * 60);

/// Quarters of an hour that are counted in one go: a day.
pub(crate) const QUARTERS_AT_ONCE: u32 = 96;

/// What nodes counted is forgotten so long after.
pub(crate) const TALLIES_KEPT: Duration = Duration::from_secs(40 * 24 * 3600);

/// An alert is forgotten so long after it was over, once all ways of telling it have ended.
pub(crate) const ALERTS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// An alert that nobody hears of is told again for so long.
pub(crate) const ALERTS_TRIED_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// How many rows of a kind a sweep forgets at most.
pub(crate) const FORGOTTEN_PER_SWEEP: u32 = 4096;

/// Windows of caps are forgotten so long after their end: nothing is sold in them any more, and they can be counted again.
pub(crate) const WINDOWS_KEPT: Duration = Duration::from_secs(2 * 24 * 3600);
