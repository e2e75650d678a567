//! What a buyer that lost sees of who won: nothing, unless the operator says so, and then one price.

use crate::support::{Call, Market, Person, World, console::Visitor, wait_for};

/// Everything that alpha, which lost, is told: pages, files, answers.
fn told(world: &World, bea: &Visitor, key: &str) -> Vec<(String, String)> {
    let pages = ["", "/bids", "/sales", "/statement", "/statement/csv", "/contracts/main"].map(|page| format!("/console/buying{page}"));
    let of_pages = pages.into_iter().map(|page| (page.clone(), bea.get(&page).expect(200).text));
    let of_calls = ["/v1/sales", "/v1/contracts"].map(|call| (call.to_owned(), Call::get(world.url(call)).key(key).send().expect(200).text));
    of_pages.chain(of_calls).collect()
}

fn where_it_stands(told: &[(String, String)], texts: &[&str]) -> Vec<String> {
    told.iter().filter(|(_, text)| texts.iter().any(|wanted| text.contains(wanted))).map(|(place, _)| place.clone()).collect()
}

/// Beta bids and wins at a price that stands nowhere else; gamma is as high as alpha, and loses too.
#[test]
fn the_winning_price_is_told_where_the_tree_says_so_and_nowhere_else() {
    let mut world = World::of(Market::of_bids(&["20.11", "27.31", "20.11"]));
    let (bea, key) = (world.person("bea", "buyer:alpha"), world.new_key("--buyer", "alpha"));
    let secret = ["27.31", "21.84", "5.47", "beta", "gamma"];
    let sold = |number: u32| {
        world.lead(&Person(number).lead()).ok("sold");
    };
    sold(1);
    wait_for("the record", || Some(()).filter(|()| bea.get("/console/buying/bids").text.contains("Another offer came before.")));
    assert_eq!(where_it_stands(&told(&world, &bea, &key), &secret), Vec::<String>::new());

    // Said so, of what is auctioned from then on: that price, on that page, and nothing else.
    let tier = "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"";
    let (with, without) = ("max_disclosures = 1\nshow_winning_price = true", "max_disclosures = 1");
    world.market = world.market.clone().tree(with, tier);
    world.apply().done();
    wait_for("revision 2", || Some(()).filter(|()| world.metrics().contains("pingpost_market_revision 2")));
    world.lead(&Person(2).lead()).ok("sold");
    wait_for("the record", || Some(()).filter(|()| bea.get("/console/buying/bids").text.contains("27.31")));
    let all = told(&world, &bea, &key);
    assert_eq!(where_it_stands(&all, &["27.31"]), ["/console/buying/bids"]);
    assert_eq!(all.iter().map(|(_, text)| text.matches("27.31").count()).sum::<usize>(), 1, "the first lead ran while nobody said so");
    assert_eq!(where_it_stands(&all, &secret[1..]), Vec::<String>::new());

    // Taken back, it is told of nothing any more.
    world.market = world.market.clone().tree(without, tier);
    world.apply().done();
    wait_for("silence", || Some(()).filter(|()| where_it_stands(&told(&world, &bea, &key), &secret).is_empty()));
}

/// That a bid was as high as another's tells the other's price.
#[test]
fn a_tie_is_told_only_where_prices_are() {
    for (keys, says) in [("", "Another offer came before."), ("show_winning_price = true", "A tie, and the lot fell on another.")] {
        let market = Market::of_bids(&["20.00", "20.00"]).tree(keys, "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"");
        let world = World::of(market);
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        let winner = world.trace(&lead)["sales"][0]["buyer"].as_str().unwrap().to_owned();
        let loser = if winner == "alpha" { "beta" } else { "alpha" };
        let ben = world.person("ben", &format!("buyer:{loser}"));
        wait_for("the record", || Some(()).filter(|()| ben.get("/console/buying/bids").text.contains(says)));
        assert_eq!(ben.get("/console/buying/bids").text.contains("A tie"), !keys.is_empty());
    }
}
