//! What a buyer may change of its contract by itself.

use exchange::{
    contract::Contract,
    id::BuyerIndex,
    money::Money,
    self_service::{Change, NotAllowed, OwnPrice, PriceKey, PriceRange, SelfService, Wish},
};

use crate::support::*;

fn units(units: i64) -> Money {
    Money::from_units(units)
}

/// Priced at 20, and left to its buyer from 15 to 40.
fn contract(pause: bool) -> Contract {
    let own = OwnPrice { now: Some(units(20)), range: PriceRange::new(units(15), units(40)).unwrap() };
    Contract { self_service: SelfService { pause, prices: [(PriceKey::Price, own)].into() }, ..fixed("a", "20").contract(BuyerIndex(0)) }
}

fn prices(of: &[(PriceKey, i64)]) -> Wish {
    Wish { paused: None, prices: of.iter().map(|(key, price)| (*key, units(*price))).collect() }
}

#[test]
fn a_buyer_has_what_its_operator_left_to_it_and_hears_of_all_else() {
    let both = Wish { paused: Some(true), ..prices(&[(PriceKey::Price, 40)]) };
    let raised = Change::Price { key: PriceKey::Price, from: Some(units(20)), to: units(40) };
    assert_eq!(contract(true).wished(&both), Ok(vec![Change::Paused(true), raised]));
    assert_eq!(raised.to_string(), "price 20.00 → 40.00");
    let range = PriceRange::new(units(15), units(40)).unwrap();
    let wrong = Wish { paused: Some(true), ..prices(&[(PriceKey::Price, 41), (PriceKey::MaxBid, 20)]) };
    let out_of_range = NotAllowed::OutOfRange { key: PriceKey::Price, range };
    assert_eq!(contract(false).wished(&wrong), Err(vec![NotAllowed::Pause, out_of_range, NotAllowed::Price(PriceKey::MaxBid)]));
    assert_eq!(contract(true).wished(&Wish::default()), Ok(Vec::new()));
}

#[test]
fn what_is_so_already_changes_nothing() {
    let same = Wish { paused: Some(false), ..prices(&[(PriceKey::Price, 20)]) };
    assert_eq!(contract(false).wished(&same), Ok(Vec::new()));
    // The operator's own price may lie outside; a buyer that leaves it alone isn't refused for it.
    let mut outside = contract(false);
    outside.self_service.prices.get_mut(&PriceKey::Price).unwrap().now = Some(units(50));
    assert_eq!(outside.wished(&prices(&[(PriceKey::Price, 50)])), Ok(Vec::new()));
}

#[test]
fn either_pause_is_enough_and_a_buyer_ends_its_own_alone() {
    let of = |paused, paused_by_buyer| Contract { paused, paused_by_buyer, ..contract(true) };
    assert_eq!(
        [(false, false), (true, false), (false, true), (true, true)].map(|(operator, buyer)| of(operator, buyer).is_paused()),
        [false, true, true, true]
    );
    let resume = Wish { paused: Some(false), ..Wish::default() };
    assert_eq!(of(true, true).wished(&resume), Ok(vec![Change::Paused(false)]));
    assert_eq!(of(true, false).wished(&resume), Ok(Vec::new()), "the operator's stays");
}
