//! How far leads came through a tree, from their records.

use exchange::{
    cap::{Cap, Limit, Period},
    course::{Courses, Step},
    filter::{Filter, Predicate},
    id::{LeadId, PingId, Revision, Subject, TreeIndex},
    market::Market,
    record::RunRecord,
};

use crate::support::*;

fn subject(number: u8, record: &RunRecord) -> Subject {
    match record.kind {
        exchange::record::RunKind::Ping => Subject::Ping(PingId::from_bytes([0x50 + number; 16])),
        _ => Subject::Lead(LeadId::from_bytes([number; 16])),
    }
}

/// The runs of one world after the other, summed up from the newest on.
fn courses(exchange: &Exchange, runs: &[RunRecord]) -> Courses {
    let mut courses = Courses::default();
    for (number, record) in runs.iter().enumerate().rev() {
        courses.add(subject(number as u8, record), record, &exchange.market, TreeIndex(0), || ());
    }
    courses
}

fn told(courses: &Courses) -> String {
    let steps = Step::ALL.map(|step| format!("{} {} worth {}", step.word(), courses.reached[step.place()], courses.worth[step.place()])).join("\n");
    let lost = Step::ALL
        .iter()
        .flat_map(|step| courses.lost_at(*step).into_iter().map(|(why, lost)| format!("after {}: {why} {} worth {}", step.word(), lost.leads, lost.worth)));
    let contracts = courses.contracts().map(|(key, course)| format!("{key} {:?} {:?}", course.reached, course.main_reason()));
    [steps].into_iter().chain(lost).chain(contracts).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_direct_post_is_sold_to_the_best() {
    let mut exchange = World::competing([bids("a", "12"), bids("b", "9"), silent("c")]).open();
    // The second is a duplicate of the first: no auction is held for it.
    let runs = [exchange.lead().record, exchange.lead().record];
    assert_eq!(
        told(&courses(&exchange, &runs)),
        "offered 1 worth 12.00\neligible 1 worth 12.00\npinged 1 worth 12.00\nbid 1 worth 12.00\nwon 1 worth 12.00\nsold 1 worth 12.00
a/main [1, 1, 1, 1, 1, 1] None\nb/main [1, 1, 1, 1, 0, 0] Some((\"outbid\", 1))\nc/main [1, 1, 1, 0, 0, 0] Some((\"timeout\", 1))"
    );
}

#[test]
fn a_ping_is_sold_by_its_post() {
    let mut exchange = World::competing([bids("a", "12"), bids("b", "9")]).open();
    let runs = [exchange.ping().record, exchange.post().record];
    let posted = courses(&exchange, &runs);
    assert_eq!((posted.reached, posted.worth[Step::Sold.place()]), ([1; 6], usd("12")));
    let unposted = courses(&exchange, &runs[..1]);
    assert_eq!(unposted.reached, [1, 1, 1, 1, 1, 0]);
    assert_eq!(unposted.lost_at(Step::Won).iter().map(|(why, lost)| (*why, lost.leads, lost.worth)).collect::<Vec<_>>(), [("not_posted", 1, usd("12"))]);
}

#[test]
fn every_step_has_its_reasons() {
    let lost = |world: World| {
        let mut exchange = world.open();
        let runs = [exchange.lead().record];
        let courses = courses(&exchange, &runs);
        let of_step = |step: &Step| courses.lost_at(*step).into_iter().map(|(why, lost)| format!("{} {why} {}", step.word(), lost.worth)).collect::<Vec<_>>();
        Step::ALL.iter().flat_map(of_step).collect::<Vec<_>>().join(", ")
    };
    let one = |change: &dyn Fn(&mut Player)| {
        let mut player = bids("a", "12");
        change(&mut player);
        World::competing([player])
    };
    assert_eq!(lost(one(&|a| a.is_paused = true)), "offered paused 0.00");
    assert_eq!(lost(one(&|a| a.caps = vec![Cap { limit: Limit::Count(0), per: Period::Day }])), "eligible cap 0.00");
    assert_eq!(lost(one(&|a| a.credit = usd("0"))), "eligible credit 0.00");
    assert_eq!(lost(one(&|a| a.ping = None)), "pinged timeout 0.00");
    assert_eq!(lost(one(&|_| ()).whose_tier(|tier| tier.floor("20"))), "bid below_floor 12.00");
    assert_eq!(lost(one(&|a| a.posts = vec![(20, exchange::call::PostReply::Rejected { reason: None })])), "won rejected 12.00");
}

#[test]
fn a_clause_is_one_reason_and_two_clauses_are_two() {
    let no_at = |place: usize| {
        let first = Predicate::Not(Box::new(Predicate::Always(place == 0)));
        Filter::new(Predicate::All(vec![first, Predicate::Any(vec![Predicate::Always(place != 1), Predicate::Always(false)])]))
    };
    let of = |places: &[usize]| {
        let mut courses = Courses::default();
        for (number, place) in places.iter().enumerate() {
            let mut a = bids("a", "12");
            a.filter = Some(no_at(*place));
            let mut exchange = World::competing([a]).open();
            // Each in a market of its own, as after a change.
            let record = exchange.lead().record;
            let market = Market::new(Revision(number as u64), exchange.market.parts().clone());
            courses.add(subject(number as u8, &record), &RunRecord { revision: market.revision(), ..record }, &market, TreeIndex(0), || ());
        }
        let told = courses.contracts().map(|(_, course)| course.main_reason().map(|(why, count)| format!("{why} {count}"))).collect::<Vec<_>>();
        (told, courses.lost_at(Step::Offered).into_iter().map(|(why, lost)| format!("{why} {}", lost.leads)).collect::<Vec<_>>())
    };
    assert_eq!(of(&[0, 0, 0]), (vec![Some("filter: !(true) 3".to_owned())], vec!["filter 3".to_owned()]));
    assert_eq!(of(&[0, 1, 1]).0, [Some("filter: (false || false) 2".to_owned())]);
    assert_eq!(of(&[1, 0, 0]).0, [Some("filter: !(true) 2".to_owned())]);
}

#[test]
fn it_pauses_at_each_contract() {
    let mut exchange = World::competing([bids("a", "12"), bids("b", "9"), silent("c")]).open();
    let (record, mut pauses) = (exchange.lead().record, 0);
    Courses::default().add(subject(1, &record), &record, &exchange.market, TreeIndex(0), || pauses += 1);
    assert!(pauses >= 3, "{pauses}");
}
