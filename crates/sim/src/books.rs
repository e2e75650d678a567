//! What the buyers themselves keep: each bid they made and each post they got, whatever the exchange believes.

use std::collections::BTreeMap;

use exchange::{
    id::{BuyerPingId, SaleId},
    money::Money,
};

/// A bid as its buyer meant it. None where it wrote nonsense.
#[derive(Clone, Debug, Default)]
pub struct BidMade {
    pub contract: String,
    pub exclusive: Option<Money>,
    pub shared: Option<Money>,
    pub is_sound: bool,
}

/// A post as its buyer got it.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub buyer: String,
    pub copies: u32,
    pub phone: String,
    pub price: String,
    pub is_shared: bool,
    pub test: bool,
    /// What the buyer decided for itself.
    pub takes: bool,
    /// It said so, in any way and at any time, heard or not.
    pub said_accepted: bool,
    pub said_rejected: bool,
}

#[derive(Debug, Default)]
pub struct Books {
    pub bids: BTreeMap<BuyerPingId, BidMade>,
    pub posts: BTreeMap<SaleId, Receipt>,
    /// What strict buyers answered when they were asked to confirm.
    pub confirmed: BTreeMap<SaleId, bool>,
}
