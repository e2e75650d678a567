//! What crosses runs: caps used, credit left, positions and the lot's seed, as this node last saw them.
//!
//! Facts may be stale: they choose whom to ping. The store's Reserve decides.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    cap::{Cap, Usage},
    id::ContractIndex,
    money::Money,
    refusal::Refusal,
};

/// The seed of a run: every lot and every id that the run makes comes from it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Seed {
    /// Sixteen bytes that only this purpose and number give. One way: who sees some can't tell others.
    #[must_use]
    pub fn bytes(&self, purpose: &str, number: u64) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.hash(purpose, number)[..16]);
        bytes
    }

    fn hash(&self, purpose: &str, number: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(purpose.as_bytes());
        hash.update(number.to_be_bytes());
        hash.finalize().into()
    }

    /// Bytes in the form of a UUID version 4.
    #[must_use]
    pub fn uuid(&self, purpose: &str, number: u64) -> [u8; 16] {
        as_uuid(self.bytes(purpose, number))
    }

    /// A contract's lot and the id of its ping, by one hash. One way between the two: neither tells the other.
    #[must_use]
    pub fn lot_and_id(&self, number: u64) -> (u64, [u8; 16]) {
        let hash = self.hash("lot and buyer ping", number);
        let (mut lot, mut id) = ([0; 8], [0; 16]);
        lot.copy_from_slice(&hash[..8]);
        id.copy_from_slice(&hash[8..24]);
        (u64::from_be_bytes(lot), as_uuid(id))
    }

    #[must_use]
    pub fn number(&self, purpose: &str, number: u64) -> u64 {
        let bytes = self.bytes(purpose, number);
        u64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
    }
}

fn as_uuid(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// One for each contract asked for, in that order.
    pub contracts: Vec<ContractFacts>,
    /// How many runs this tree has seen: where a round robin stands.
    pub round: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractFacts {
    pub contract: ContractIndex,
    /// Why the contract may not be offered anything at present: withdrawn, paused, suspended, suppressed, a duplicate there.
    pub refused: Option<Refusal>,
    /// Each of its present caps, and its use in the current window.
    pub caps: Arc<[(Cap, Usage)]>,
    /// Balance plus credit minus holds.
    pub available: Money,
}

impl ContractFacts {
    /// Of a contract of which nothing was looked up, as for a test.
    #[must_use]
    pub fn untouched(contract: ContractIndex) -> Self {
        Self { contract, refused: None, caps: Arc::default(), available: Money::ZERO }
    }

    /// Of a contract that may be offered nothing now, whatever else there is to know of it.
    #[must_use]
    pub fn refused(contract: ContractIndex, refusal: Refusal) -> Self {
        Self { refused: Some(refusal), ..Self::untouched(contract) }
    }
}
