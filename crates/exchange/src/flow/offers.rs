//! The offers of a run: those that stand, and what has fallen away.

use super::Run;
use crate::{
    auction::{Bounds, Choice, Offer, choose},
    contract::SaleKind,
    id::ContractIndex,
    matching::WhyNot,
    money::Money,
    record::{Decision, DropReason, RankedOffer},
    tree::TierSale,
};

/// What happened so far, for the reason at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Story {
    pub asked: bool,
    pub had_offer: bool,
    pub below_quote: bool,
    pub below_min_price: bool,
    /// The store said that this lead is not this run's to sell any more.
    pub closed: bool,
}

impl Run {
    /// Takes an offer out, and says why.
    pub(super) fn drop_offer(&mut self, place: usize, why: DropReason) {
        let offer = self.offers.remove(place);
        if offer.promised && offer.kind == SaleKind::Shared {
            self.vacancies.push(offer.net);
        }
        self.decide(Decision::OfferDropped { tier: offer.tier, contract: offer.contract, kind: offer.kind, why });
    }

    /// Drops what can't be taken up any more: bids whose time is over, and companies that have or may have this lead.
    /// Not yet those of a company that is merely being reserved: its buyer may still be refused.
    pub(super) fn drop_fallen_offers(&mut self) {
        let fallen = |run: &Self| {
            run.offers.iter().enumerate().find_map(|(place, offer)| {
                if offer.expires_at.is_some_and(|end| end <= run.now.at) {
                    Some((place, DropReason::Expired))
                } else if run.legs.iter().any(|leg| leg.has_lead(&offer.parent)) {
                    Some((place, DropReason::SameParent))
                } else {
                    run.admits_evidence(offer.contract).err().map(|why| (place, DropReason::NotAdmitted(why)))
                }
            })
        };
        while let Some((place, why)) = fallen(self) {
            self.drop_offer(place, why);
        }
    }

    /// The choice among the offers that stand in a tier.
    pub(super) fn choose_in(&mut self, tier: u32, most_buyers: u32, least_net: Money) -> Option<Choice> {
        let sale = self.tier(tier)?.sale;
        let choice = choose(&self.offers, Bounds { sale, most_buyers, least_net });
        if choice.is_none() && !self.offers.is_empty() {
            self.story.below_min_price = true;
        }
        choice
    }

    pub(super) fn note_ranking(&mut self, tier: u32, choice: Option<&Choice>) {
        let mut offers: Vec<&Offer> = self.offers.iter().collect();
        offers.sort_by(|a, b| a.order(b));
        let ranked =
            offers.into_iter().map(|offer| RankedOffer { contract: offer.contract, kind: offer.kind, price: offer.price, net: offer.net, lot: offer.lot });
        let offers: Vec<RankedOffer> = ranked.collect();
        if offers.is_empty() {
            return;
        }
        self.decide(Decision::Ranked { tier, offers });
        if let (Some(choice), Some(TierSale::Best(_))) = (choice, self.tier(tier).map(|tier| tier.sale)) {
            self.decide(Decision::Chose { tier, kind: choice.kind, exclusive_net: choice.exclusive_net, shared_net: choice.shared_net });
        }
    }

    /// What the lead brings along; a ping is not asked for it.
    pub(super) fn admits_evidence(&self, contract: ContractIndex) -> Result<(), WhyNot> {
        let (Some(evidence), Some(vertical)) = (&self.evidence, self.vertical_of_run()) else { return Ok(()) };
        evidence.admits(vertical, self.market.contract(contract), self.market.buyer_of(contract))
    }

    /// How many buyers may get the contact at all: the tree's policy, which the supplier may lower, and for this lead once more.
    pub(super) fn max_disclosures(&self) -> u32 {
        let of_tree = self.tree().map_or(1, |tree| tree.max_disclosures);
        let of_supplier = self.supplier_of_run().and_then(|supplier| supplier.max_disclosures);
        [of_supplier, self.limits.max_disclosures].into_iter().flatten().fold(of_tree, Ord::min)
    }

    pub(super) fn min_price(&self) -> Money {
        let of_supplier = self.supplier_of_run().map_or(Money::ZERO, |supplier| supplier.min_price);
        self.limits.min_price.map_or(of_supplier, |of_lead| of_lead.max(of_supplier))
    }
}
