//! How much goes wrong in a world. Drawn per seed, most of it off in most worlds, so that every fault is also seen alone.

use crate::random::Random;

/// All chances are per mille.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// A message between the exchange and somebody else is lost.
    pub loss: u32,
    /// A message arrives twice; a supplier sends a request again although it was answered.
    pub replay: u32,
    /// A node crashes where it has a chance to.
    pub crash: u32,
    /// A batch is refused as a whole.
    pub refused: u32,
    /// A commit's outcome is unknown.
    pub commit_unknown: u32,
    /// A read fails.
    pub read: u32,
    /// A message takes long.
    pub delay: u32,
    /// The disk fills up for a while.
    pub disk_full: u32,
    /// An operator changes something at a chance to.
    pub operator: u32,
    /// A buyer misbehaves at a chance to.
    pub buyer: u32,
    /// A supplier misbehaves at a chance to.
    pub supplier: u32,
    /// In microseconds: a node's clock is off by at most so much.
    pub skew_us: u64,
}

impl Rates {
    /// Nothing goes wrong: what the end of every world runs under.
    pub const CALM: Self =
        Self { loss: 0, replay: 0, crash: 0, refused: 0, commit_unknown: 0, read: 0, delay: 0, disk_full: 0, operator: 0, buyer: 0, supplier: 0, skew_us: 0 };

    #[must_use]
    pub fn draw(random: &mut Random) -> Self {
        // One world in three has half of its faults, the others few; a fault that is on is seldom at its worst.
        let on = if random.chance(333) { 600 } else { 300 };
        let mut rate = |most: u32| {
            if !random.chance(on) {
                return 0;
            }
            let worst = u64::from(most);
            let most = if random.chance(200) { worst } else { worst / 3 };
            random.between(1, most.max(1)) as u32
        };
        Self {
            loss: rate(300),
            replay: rate(500),
            crash: rate(800),
            refused: rate(200),
            commit_unknown: rate(200),
            read: rate(100),
            delay: rate(400),
            disk_full: rate(600),
            operator: rate(900),
            buyer: rate(600),
            supplier: rate(600),
            skew_us: u64::from(rate(120)) * 1_000_000,
        }
    }
}
