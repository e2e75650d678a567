//! The sample market is read without a complaint, and says what its comments say.

use std::{collections::BTreeMap, path::Path, time::Duration};

use exchange::{
    contract::{Pricing, SaleKind, SaleKinds},
    id::Revision,
    market::Market,
    money::{Currency, Money},
    schema::PingShows,
    supplier::QuoteKind,
    tree::{Mode, Order, TierSale},
};

use super::{Bundle, read};

/// The files of a directory as the server reads them.
pub fn sample() -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/market");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    Bundle { files }
}

fn collect(root: &Path, directory: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn market() -> Market {
    let (parts, warnings) = read(&sample()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(warnings, [], "the sample is meant to be copied");
    Market::new(Revision(1), parts)
}

#[test]
fn the_sample_has_no_problem() {
    let market = market();
    let parts = market.parts();
    assert_eq!((parts.verticals.len(), parts.suppliers.len(), parts.buyers.len(), parts.trees.len()), (3, 5, 27, 4));
    assert_eq!(market.currency(), Currency::USD);
}

#[test]
fn places_are_those_of_the_names() {
    let market = market();
    for (place, contract) in market.parts().contracts.iter().enumerate() {
        assert!(std::ptr::eq(market.contract_named(&contract.key).unwrap(), &market.parts().contracts[place]));
        assert_eq!(market.buyer(contract.buyer).name, contract.key.buyer);
        assert!(market.buyer_named(&contract.key.buyer).is_some());
    }
}

#[test]
fn contracts_say_what_their_files_say() {
    let market = market();
    let contract = |key: &str| market.contract_named(&key.parse().unwrap()).unwrap();
    let dollars = Money::from_units;
    assert_eq!(contract("harbor-lending/west").pricing, Pricing::Bid { max_bid: dollars(80) });
    assert!(contract("harbor-lending/west").is_strict());
    assert_eq!(contract("harbor-lending/west").time_zone.iana_name(), Some("America/Los_Angeles"));
    assert_eq!(contract("second-wind/fixed").pricing, Pricing::Fixed { exclusive: Some(dollars(19)), shared: Some(Money::from_micros(9_500_000)) });
    assert_eq!(contract("lighthouse-counseling/everyone").kinds, SaleKinds::SHARED);
    assert_eq!(contract("lighthouse-counseling/everyone").highest(SaleKind::Exclusive), None);
    assert_eq!(contract("granite-home-loans/northeast").unknown.unwrap().after, Duration::from_secs(48 * 3600));
    assert_eq!(contract("freedom-bridge/auction").weight, 30);
    assert!(contract("keystone-direct/mid-atlantic").paused);
    assert!(contract("evergreen-auto/national").filter.is_none());
}

#[test]
fn trees_say_what_their_files_say() {
    let market = market();
    let tree = |supplier: &str| market.tree(market.tree_for(&"debt-relief".parse().unwrap(), &supplier.parse().unwrap()).unwrap());
    let own = tree("fresh-start-media");
    assert_eq!((own.name.as_str(), own.max_disclosures, own.deadline), ("debt-relief-fresh-start", 3, Duration::from_millis(2500)));
    assert_eq!((own.tiers[0].sale, own.tiers[1].order, own.tiers[1].mode), (TierSale::Best(3), Order::Weight, Mode::Sequential));
    let general = tree("dreamy-leads");
    let preferred: Vec<String> = general.tiers[0].contracts.iter().map(|index| market.contract(*index).key.to_string()).collect();
    assert_eq!(preferred, ["clear-path-debt/large-debts", "liberty-relief/first-look", "phoenix-recovery/behind", "phoenix-recovery/night-shift"]);
}

#[test]
fn suppliers_and_fields_say_what_their_files_say() {
    let market = market();
    let supplier = |name: &str| market.supplier(&name.parse().unwrap()).unwrap();
    assert_eq!(supplier("fresh-start-media").margin.percent.to_string(), "17.5");
    assert_eq!(supplier("rate-compass").quote.unwrap().kind, QuoteKind::Firm);
    assert_eq!(supplier("quote-orchard").max_disclosures, Some(1));
    let vertical = market.vertical(&"mortgage".parse().unwrap()).unwrap();
    let PingShows::Bands(bands) = &vertical.field(vertical.find("loan_amount").unwrap()).shows else { panic!("bands") };
    assert_eq!(bands.label(2), "200000-299999");
}
