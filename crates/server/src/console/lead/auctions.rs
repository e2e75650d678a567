//! Each auction with its offers, best first, and what decided between equal ones.

use exchange::{market::Market, tree::Order};

use super::{super::components::Tag, names::Names};
use crate::trace::{AuctionView, OfferView, Trace};

pub struct Auction {
    pub title: String,
    pub notes: Vec<String>,
    pub offers: Vec<Offer>,
}

pub struct Offer {
    pub contract: String,
    pub kind: String,
    pub price: String,
    pub net: String,
    /// How the draw came out; lower goes first.
    pub lot: String,
    pub sale: Option<Tag>,
}

/// The post of a quote starts with the offers of its ping: they are not told twice.
pub fn of(trace: &Trace, names: &Names) -> Vec<Auction> {
    let is_repeat =
        |place: usize, auction: &AuctionView| trace.auctions[..place].iter().any(|earlier| earlier.tier == auction.tier && earlier.offers == auction.offers);
    let told = trace.auctions.iter().enumerate().filter(|(place, auction)| !is_repeat(*place, auction));
    told.map(|(_, auction)| one(trace, names, auction)).collect()
}

fn one(trace: &Trace, names: &Names, auction: &AuctionView) -> Auction {
    let offer = |offer: &OfferView| {
        let sale = trace.sales.iter().rev().find(|sale| sale.contract == offer.contract && sale.kind == offer.kind);
        Offer {
            contract: names.contract_called(&offer.contract),
            kind: offer.kind.clone(),
            price: offer.price.clone(),
            net: offer.net.clone(),
            lot: offer.lot.clone(),
            sale: sale.map(|sale| Tag::status(&sale.status)),
        }
    };
    let notes = [order(trace, names.0.as_deref(), &auction.tier), tie(names, auction)].into_iter().flatten().collect();
    Auction { title: format!("Tier {}", auction.tier), notes, offers: auction.offers.iter().map(offer).collect() }
}

/// What goes before the price, if anything does.
fn order(trace: &Trace, market: Option<&Market>, tier: &str) -> Option<String> {
    let market = market?;
    let tree = market.tree_for(&trace.vertical.parse().ok()?, &trace.supplier.parse().ok()?)?;
    let tier = market.tree(tree).tiers.iter().find(|known| known.name == tier)?;
    let says = match tier.order {
        Order::Price => return None,
        Order::Priority => "This tier goes by its contracts' priority before their price.",
        Order::Weight => "This tier draws its order by weight before the price.",
        Order::RoundRobin => "This tier takes turns before it goes by price.",
    };
    Some(says.into())
}

/// How a tie for the first place was decided.
fn tie(names: &Names, auction: &AuctionView) -> Option<String> {
    let first = auction.offers.first()?;
    let same: Vec<&OfferView> = auction.offers.iter().filter(|offer| offer.price == first.price && offer.kind == first.kind).collect();
    if same.len() < 2 || auction.offers.get(1) != same.get(1).copied() {
        return None;
    }
    Some(format!(
        "{} offers of {} are equal: the lowest lot goes first, and {} drew it. Lots are drawn from the run's seed before anybody is asked, so no bid can change them.",
        same.len(),
        first.price,
        names.contract_called(&first.contract)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::lead::sample;

    #[test]
    fn a_tie_is_explained_by_its_lots() {
        let trace = sample::sold();
        let told = of(&trace, &Names::default());
        assert_eq!(told[0].offers[0].sale, Some(Tag::status("sold")));
        assert!(told[0].notes.is_empty());
        let mut tied = sample::sold();
        tied.auctions[0].offers[1].price = tied.auctions[0].offers[0].price.clone();
        assert!(of(&tied, &Names::default())[0].notes[0].starts_with("2 offers of 12.50 are equal: the lowest lot goes first, and harbor (west) drew it."));
    }
}
