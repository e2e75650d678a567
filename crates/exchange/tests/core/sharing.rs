//! Shared sales: to at most N buyers, one of each company, or exclusive where that earns more.

use exchange::{
    call::{CallFailure, PostReply},
    contract::SaleKind,
    tree::{Order, TierSale},
};

use crate::support::{player::accepted, *};

fn sharing(name: &'static str, price: &str) -> Player {
    bids(name, price).shared_only()
}

fn shared(most: u32, players: impl IntoIterator<Item = Player>) -> World {
    World::competing(players).whose_tier(|tier| tier.shared(most)).disclosing(most)
}

#[test]
fn a_shared_sale_goes_to_the_best_n_one_of_each_company() {
    let world = shared(3, [sharing("a", "9").of("P"), sharing("b", "8").of("P"), sharing("c", "7"), sharing("d", "6"), sharing("e", "5")]);
    let played = world.lead();
    assert_eq!(played.story(), "ask a+b+c+d+e, post a+c+d, sold 22.00 to a+c+d");
    assert_eq!(played.lead_reply().legs, [usd("9"), usd("7"), usd("6")]);
    assert!(played.sales.iter().all(|sale| sale.kind == SaleKind::Shared && sale.most_shared == 3));
    // Fewer than N are shared, too.
    assert_eq!(shared(3, [sharing("a", "9")]).lead().ending(), "sold 9.00 to a");
    // The policy allows fewer than the tier would take.
    assert_eq!(shared(3, [sharing("a", "9"), sharing("b", "8"), sharing("c", "7")]).disclosing(2).lead().ending(), "sold 17.00 to a+b");
}

#[test]
fn the_supplier_may_lower_the_disclosures() {
    let mut world = shared(3, [sharing("a", "9"), sharing("b", "8"), sharing("c", "7")]);
    world.supplier.max_disclosures = Some(1);
    assert_eq!(world.lead().ending(), "sold 9.00 to a");
    world.supplier.max_disclosures = Some(9);
    assert_eq!(world.lead().ending(), "sold 24.00 to a+b+c");
    // And for one lead once more.
    for (of_lead, ending) in [(2, "sold 17.00 to a+b"), (9, "sold 24.00 to a+b+c")] {
        world.limits.max_disclosures = Some(of_lead);
        assert_eq!(world.lead().ending(), ending);
    }
    world.supplier.max_disclosures = Some(1);
    assert_eq!(world.lead().ending(), "sold 9.00 to a");
}

#[test]
fn whichever_way_earns_more_is_sold_and_exclusive_on_a_tie() {
    for (exclusive, ending) in [("14.99", "sold 15.00 to b+c"), ("15", "sold 15.00 to a"), ("16", "sold 16.00 to a")] {
        let world = World::competing([bids("a", exclusive), sharing("b", "8"), sharing("c", "7")]).whose_tier(|tier| tier.best(3)).disclosing(3);
        assert_eq!(world.lead().ending(), ending);
    }
    // One buyer that bids for both is sold one way.
    let both = World::competing([bids("a", "10").or_shared("6"), bids("b", "3").or_shared("5")]).whose_tier(|tier| tier.best(2)).disclosing(2);
    assert_eq!(both.lead().ending(), "sold 11.00 to a+b");
    assert_eq!(both.disclosing(1).lead().ending(), "sold 10.00 to a");
}

#[test]
fn a_failed_leg_is_replaced_and_an_exclusive_offer_never_follows_a_sold_one() {
    let players = || [sharing("a", "9").rejects(), sharing("b", "8"), sharing("c", "7"), bids("x", "10")];
    let world = World::competing(players()).whose_tier(|tier| tier.best(2)).disclosing(3);
    assert_eq!(world.lead().story(), "ask a+b+c+x, post a+b, post c, sold 15.00 to b+c");
    // With b alone to share, x stays out.
    let world = World::competing([sharing("a", "9").rejects(), sharing("b", "8"), bids("x", "10")]).whose_tier(|tier| tier.best(2)).disclosing(3);
    assert_eq!(world.lead().story(), "ask a+b+x, post a+b, sold 8.00 to b");
}

#[test]
fn an_exclusive_offer_may_follow_rejected_shared_ones_within_the_disclosures() {
    let players = || [sharing("a", "9").rejects(), sharing("b", "8").rejects(), bids("x", "10")];
    let world = World::competing(players()).whose_tier(|tier| tier.best(2));
    assert_eq!(world.clone().disclosing(3).lead().story(), "ask a+b+x, post a+b, post x, sold 10.00 to x");
    assert_eq!(world.disclosing(2).lead().story(), "ask a+b+x, post a+b, unsold max_disclosures");
}

#[test]
fn an_unknown_leg_uses_a_place_and_the_others_go_on() {
    let world = shared(2, [sharing("a", "9").times_out(), sharing("b", "8").rejects(), sharing("c", "7"), sharing("d", "6")]).disclosing(4);
    let played = world.lead();
    assert_eq!(played.story(), "ask a+b+c+d, post a+b, post c, sold 7.00 to c");
    // All unknown: pending, and no exclusive offer follows.
    let players = [sharing("a", "9").times_out(), bids("x", "8")];
    let world = World::competing(players).whose_tier(|tier| tier.best(2)).disclosing(3);
    assert_eq!(world.lead().story(), "ask a+x, post a, pending");
}

#[test]
fn a_sequential_tier_shares_until_it_has_enough() {
    let players = [sharing("a", "4").priority(1), sharing("b", "3").says_no().priority(2), sharing("c", "2").priority(3), sharing("d", "9").priority(4)];
    let world = World::new(players).tier(sequential(Order::Priority, ["a", "b", "c", "d"]).shared(2)).disclosing(2);
    assert_eq!(world.lead().story(), "ask a, post a, ask b, ask c, post c, sold 6.00 to a+c");
}

/// The minimum is per lead: the legs make it up together, and one alone is not begun.
#[test]
fn the_minimum_is_for_all_legs_together() {
    let players = || [sharing("a", "4").priority(1), sharing("b", "4").priority(2), sharing("c", "4").priority(3)];
    let world = || World::new(players()).tier(sequential(Order::Priority, ["a", "b", "c"]).shared(3)).disclosing(3);
    assert_eq!(world().min_price("8").lead().story(), "ask a, ask b, post a+b, ask c, post c, sold 12.00 to a+b+c");
    assert_eq!(world().min_price("12.01").lead().ending(), "unsold below_min_price");
    assert_eq!(shared(3, players()).min_price("12").lead().ending(), "sold 12.00 to a+b+c");
}

/// What is still under way may come to nothing: it doesn't count towards the minimum, and when a fallback came makes no difference.
#[test]
fn a_fallback_below_the_minimum_waits_for_what_is_under_way() {
    let players = |g: Player, after_ms| {
        let e = sharing("e", "20").unreachable().posts_after_ms(60);
        World::competing([e, g.posts_after_ms(100), sharing("b", "3").at_most("3").after_ms(after_ms)])
            .whose_tier(|tier| tier.shared(2))
            .disclosing(3)
            .min_price("4")
    };
    for after_ms in [20, 40, 200, 400] {
        assert_eq!(players(sharing("g", "5").unreachable(), after_ms).lead().ending(), "unsold offers_fell_away", "b after {after_ms}");
        assert_eq!(players(sharing("g", "5"), after_ms).lead().ending(), "sold 8.00 to b+g", "b after {after_ms}");
    }
}

/// A company whose one buyer is refused may still buy through another, whenever the next bid happens to come.
#[test]
fn a_refused_buyer_doesnt_keep_its_company_out() {
    for late in [21, 400] {
        let players = [bids("a", "90").of("P"), bids("b", "80").of("P"), bids("c", "10").at_most("50").after_ms(late)];
        let mut exchange = World::competing(players).open();
        exchange.store.refusals.insert("a/main".parse().unwrap(), exchange::refusal::Refusal::Credit);
        let played = exchange.lead();
        assert_eq!(played.ending(), "sold 80.00 to b", "c after {late}");
    }
    let players = [sharing("a", "90").of("P"), sharing("b", "80").of("P"), sharing("c", "70")];
    let mut exchange = shared(2, players).open();
    exchange.store.refusals.insert("a/main".parse().unwrap(), exchange::refusal::Refusal::Credit);
    assert_eq!(exchange.lead().ending(), "sold 150.00 to b+c");
}

#[test]
fn a_late_fallback_fills_a_shared_place() {
    // a and b win early; b rejects, and d could beat c until it has answered.
    for (after_c, after_d) in [(300, 200), (200, 300)] {
        let players = [
            sharing("a", "90"),
            sharing("b", "80").rejects(),
            sharing("c", "20").at_most("30").after_ms(after_c),
            sharing("d", "25").at_most("30").after_ms(after_d),
        ];
        let played = World::competing(players).whose_tier(|tier| tier.shared(2)).disclosing(3).lead();
        assert!(played.closed_early());
        assert_eq!(played.story(), "ask a+b+c+d, post a+b, post d, sold 115.00 to a+d", "c after {after_c}");
    }
}

#[test]
fn a_tier_says_how_many_may_share_and_how() {
    for (sale, exclusive, shared) in [(TierSale::Exclusive, 1, 0), (TierSale::Shared(3), 0, 3), (TierSale::Best(2), 1, 2)] {
        assert_eq!((sale.most(SaleKind::Exclusive), sale.most(SaleKind::Shared)), (exclusive, shared), "{sale:?}");
    }
    // An unsent leg is no disclosure: the next takes its place even where the policy allows only so many.
    let unsent = PostReply::Unsent(CallFailure::Unreachable);
    let world = shared(2, [sharing("a", "9").posts([unsent, accepted()]), sharing("b", "8"), sharing("c", "7")]);
    assert_eq!(world.lead().story(), "ask a+b+c, post a+b, post c, sold 15.00 to b+c");
}
