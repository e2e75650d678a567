//! Quotes: what is promised is what was bid, and a firm one holds it.

use exchange::{
    command::{Outcome, Quote, QuotedOffer},
    contract::SaleKind,
    money::Money,
    time::Timestamp,
};

use super::{Hold, Model, Quote as Promise};
use crate::{
    books::Books,
    invariant::Invariant::{BooksBalance, CapsHold, ChargedAsBid},
};

impl Model {
    pub(super) fn quoted(&mut self, now: Timestamp, quote: &Quote, outcome: &Outcome, books: &Books) {
        let Outcome::Quoted { firm, expires_at } = outcome else { return };
        if self.quotes.contains_key(&quote.ping) {
            return;
        }
        let promised: Vec<&QuotedOffer> = quote.offers.iter().filter(|offer| offer.promised).collect();
        let sum: Money = promised.iter().map(|offer| offer.net).sum();
        self.must(sum == quote.net, ChargedAsBid, || format!("{} promises {} and its offers bring {sum}", quote.ping, quote.net));
        let mut holds = Vec::new();
        if *firm {
            self.must(quote.holds.len() == promised.len(), BooksBalance, || format!("{} is called firm without its holds", quote.ping));
            for (offer, terms) in promised.iter().zip(&quote.holds) {
                let (contract, price) = (terms.contract.to_string(), offer.price);
                let fits = terms.caps.iter().all(|cap| self.fits(&contract, cap, &terms.time_zone, now, price));
                self.must(fits, CapsHold, || format!("{} holds a slot of {contract}, whose cap is full", quote.ping));
                let available = self.available(terms.contract.buyer.as_str(), terms.credit);
                self.must(price <= available, BooksBalance, || format!("{} holds {price} of {contract}, which has {available}", quote.ping));
                holds.push(Hold { contract, kind: offer.kind, price, counted_at: now });
            }
        }
        let names = self.plans.get(&quote.revision).map(contract_keys);
        for offer in &promised {
            let key = names.as_ref().and_then(|names| names.get(offer.contract.0 as usize)).cloned().unwrap_or_default();
            self.check_price(quote.revision, quote.supplier.as_str(), &key, offer.kind, (offer.price, offer.net), offer.buyer_ping, books);
        }
        let row = Promise { supplier: quote.supplier.to_string(), net: quote.net, firm: *firm, expires_at: *expires_at, lead: None, erased: false, holds };
        self.quotes.insert(quote.ping, row);
    }

    /// The price is what the buyer bid, or the contract's own; the net is what the margin leaves of it.
    #[expect(clippy::too_many_arguments, reason = "a price hangs on all of them")]
    pub(super) fn check_price(
        &mut self,
        revision: exchange::id::Revision,
        supplier: &str,
        contract: &str,
        kind: SaleKind,
        (price, net): (Money, Money),
        buyer_ping: exchange::id::BuyerPingId,
        books: &Books,
    ) {
        let Some(plan) = self.plans.get(&revision) else {
            return self.break_(ChargedAsBid, format!("revision {revision} was never applied"));
        };
        let Some((_, of)) = plan.contract(contract) else {
            return self.break_(ChargedAsBid, format!("{contract} is not in revision {revision}"));
        };
        let cents = |amount: i64| Money::from_micros(amount * 10_000);
        let asked = if of.is_fixed() {
            if kind == SaleKind::Exclusive { of.fixed } else { of.shared_fixed }.map(cents)
        } else {
            let bid = books.bids.get(&buyer_ping).filter(|bid| bid.contract == contract && bid.is_sound);
            bid.and_then(|bid| if kind == SaleKind::Exclusive { bid.exclusive } else { bid.shared })
        };
        let over = !of.is_fixed() && price > cents(of.max_bid);
        let expected = plan.net_cents(supplier, price.micros() / 10_000).map(cents);
        self.must(asked == Some(price), ChargedAsBid, || format!("{contract} pays {price} and had offered {asked:?}"));
        self.must(!over, ChargedAsBid, || format!("{contract} pays {price}, over its most"));
        self.must(expected == Some(net), ChargedAsBid, || format!("of {price} by {contract} the supplier gets {net}, not {expected:?}"));
    }
}

/// In the order of keys, as a contract's index is a place in it.
fn contract_keys(plan: &crate::market::MarketPlan) -> Vec<String> {
    let mut keys: Vec<(String, String)> =
        plan.buyers.iter().flat_map(|buyer| buyer.contracts.iter().map(|contract| (buyer.name.clone(), contract.name.clone()))).collect();
    keys.sort();
    keys.into_iter().map(|(buyer, name)| format!("{buyer}/{name}")).collect()
}
