//! Figures: what leads and ledger say of a period, whatever is kept of it.

use std::time::Duration;

use exchange::{
    command::{Accept, Command, Operation, ReserveRequest, Settle, VoidCause},
    contract::SaleKind,
    figures::{Auctions, Booked, BuyerCounts, Keep, KeepTallies, Quarter},
    money::{Money, Percent},
    returns::{RequestReturn, ReturnReason, ReturnRules},
    time::Timestamp,
};

use super::{Bench, world::*};
use crate::{reader::Reader, rows::BookedRow};

const MINUTE: Duration = Duration::from_secs(60);

/// At 16:00 a sold lead, one shared by two, one that its buyer rejected, a test. At 16:20 the first of them is returned, and a third buyer
/// gets the shared one; at 16:21 comes a lead of another vertical.
fn story<B: Bench>(world: &mut World<B>) {
    world.sold(1, "acme/west");
    let fence = world.accepted(accept(2));
    let shared = |number, contract| ReserveRequest { kind: SaleKind::Shared, ..request(number, 2, fence, contract) };
    for (number, contract) in [(20, "acme/west"), (21, "harbor/east"), (22, "other/east")] {
        assert_eq!(world.reserve(shared(number, contract), terms(contract)), "Reserved");
    }
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(20) }));
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(21) }));
    world.say(Command::MarkUnknown { sale: sale(22), why: "timeout".into() });
    world.posted(3, "acme/west");
    world.say(void(3, VoidCause::Rejected));
    let fence = world.accepted(Accept { test: true, ..accept(4) });
    world.reserve(request(4, 4, fence, "acme/west"), terms("acme/west"));
    world.say(Command::Settle(settle(4)));
    world.pass(MINUTE * 20);
    let rules = ReturnRules { within: Some(DAY), percent: Percent::of_whole(100).unwrap() };
    let asked = RequestReturn { sale: sale(1), buyer: "acme".parse().unwrap(), reason: ReturnReason::Fraud, note: None, rules };
    world.say(Command::RequestReturn(asked));
    assert_eq!(world.say(Command::Operate(Operation::DecideReturn { sale: sale(1), accept: true })), "Done");
    world.say(Command::Settle(settle(22)));
    world.pass(MINUTE);
    world.accept(Accept { vertical: "solar".parse().unwrap(), ..accept(5) });
    world.prepay("acme", 500);
}

fn booked(received: u64, (sold, sales): (u64, u64), revenue: i64, returns: u64) -> Booked {
    let (revenue, returned) = (units(revenue * 10), units(returns.cast_signed() * 10));
    let payout = Money::from_micros(revenue.micros() / 10 * 8);
    Booked { received, sold, sales, revenue, payout, margin: revenue - payout, returns, returned }
}

fn told(rows: &[BookedRow]) -> Vec<(String, String, Booked)> {
    let mut told: Vec<_> = rows.iter().map(|row| (row.start.to_string()[11..16].to_owned(), row.vertical.to_string(), row.booked)).collect();
    told.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    told
}

fn expected() -> Vec<(String, String, Booked)> {
    let row = |at: &str, vertical: &str, booked| (at.to_owned(), vertical.to_owned(), booked);
    // Three sales of 10.00 at first; then one more, and one taken back.
    vec![row("16:00", "mortgage", booked(3, (2, 3), 3, 0)), row("16:15", "mortgage", booked(0, (0, 1), 0, 1)), row("16:15", "solar", booked(1, (0, 0), 0, 0))]
}

fn sum(rows: &[BookedRow]) -> Booked {
    let mut sum = Booked::default();
    rows.iter().for_each(|row| sum += row.booked);
    sum
}

pub(super) fn figures_add_up_with_leads_and_ledger<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let start = world.now;
    story(&mut world);
    let end = world.now.plus(MINUTE);
    let rows = world.reader.figures(start, end).unwrap();
    assert_eq!(told(&rows), expected());
    let balances = world.reader.balances().unwrap();
    let balance = |account: &str| balances.iter().find(|row| row.account.to_string() == account).unwrap().balance;
    assert_eq!((sum(&rows).payout, sum(&rows).margin), (balance("supplier:dreamy"), balance("house")));
    // A part of a quarter is its part, and by minute it is the same.
    assert_eq!(sum(&world.reader.figures(start.plus(MINUTE * 20), start.plus(MINUTE * 21)).unwrap()), booked(0, (0, 1), 0, 1));
    assert_eq!(world.reader.figures(end, end.plus(DAY)).unwrap(), []);
    let by_minute = world.reader.figures_by_minute(start, end).unwrap();
    assert_eq!(sum(&by_minute), sum(&rows));
    assert_eq!(by_minute.iter().map(|row| row.start.since(start).as_secs() / 60).collect::<Vec<_>>(), [0, 20, 21]);
}

fn keep_due<B: Bench>(world: &mut World<B>) -> Option<(usize, String)> {
    let due = world.reader.due_figures(world.now).unwrap()?;
    Some((due.rows.len(), world.say(Command::Keep(Keep::Figures(due)))))
}

pub(super) fn what_is_over_is_kept_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let start = world.now;
    story(&mut world);
    let due = world.reader.due_figures(world.now).unwrap().unwrap();
    assert_eq!((due.from, due.until, due.rows.len()), (None, Quarter::of(start).next(), 1), "a quarter that is over for long enough");
    assert_eq!(world.say(Command::Keep(Keep::Figures(due.clone()))), "Done");
    assert!(world.say(Command::Keep(Keep::Figures(due))).starts_with("Conflict"), "another node has kept it");
    assert_eq!(keep_due(&mut world), None);
    let end = world.now.plus(MINUTE);
    assert_eq!(told(&world.reader.figures(start, end).unwrap()), expected(), "kept or not");
    world.pass(MINUTE * 13);
    assert_eq!(keep_due(&mut world), None, "what began in it may still commit");
    world.pass(MINUTE);
    assert_eq!(keep_due(&mut world), Some((2, "Done".into())));
    world.pass(DAY * 3);
    assert_eq!(keep_due(&mut world), Some((0, "Done".into())), "a day at a time");
    assert_eq!(told(&world.reader.figures(start, end).unwrap()), expected());
    assert_eq!(told(&world.reader.figures(start.plus(MINUTE * 7), end).unwrap()), expected()[1..], "only what is whole is taken as kept");
    world.agrees();
}

pub(super) fn a_clock_that_goes_back_drops_what_was_kept<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let start = world.now;
    story(&mut world);
    world.pass(DAY);
    assert_eq!(keep_due(&mut world), Some((3, "Done".into())));
    world.now = start.plus(MINUTE * 25);
    let due = world.reader.due_figures(world.now).unwrap().unwrap();
    assert_eq!((due.until, due.rows.len()), (Quarter::of(world.now), 0));
    assert_eq!(world.say(Command::Keep(Keep::Figures(due))), "Done");
    world.sold(6, "acme/west");
    world.agrees();
    world.pass(DAY);
    assert_eq!(keep_due(&mut world), Some((2, "Done".into())));
    world.agrees();
}

pub(super) fn a_statements_page_is_the_statement<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let start = world.now;
    story(&mut world);
    let end = world.now.plus(MINUTE);
    let periods =
        [(start, end), (start.plus(MINUTE), end), (start, start.plus(MINUTE * 20)), (start.plus(MINUTE * 20), start.plus(MINUTE * 21)), (end, end.plus(DAY))];
    let agrees = |world: &mut World<B>| {
        for account in ["buyer:acme", "buyer:harbor", "supplier:dreamy", "house", "cash"].map(|account| account.parse().unwrap()) {
            for (from, until) in periods {
                let statement = world.reader.statement(&account, from, until).unwrap();
                for most in [1, 2, 1000] {
                    let (mut after, mut lines) = (None, Vec::new());
                    loop {
                        let page = world.reader.statement_page(&account, (from, until), after, most).unwrap();
                        assert_eq!(
                            (page.opening, page.closing(), page.entries()),
                            (statement.opening, statement.closing(), statement.lines.len() as u64),
                            "{account}"
                        );
                        let earlier = lines.iter().map(|line: &crate::StatementLine| line.amount).sum();
                        assert_eq!((page.earlier.entries, page.earlier.amount), (lines.len() as u64, earlier), "{account}");
                        after = page.end;
                        let is_whole = page.lines.len() == most as usize;
                        lines.extend(page.lines);
                        if !is_whole {
                            break;
                        }
                    }
                    assert_eq!(lines, statement.lines, "{account}");
                }
            }
        }
    };
    agrees(&mut world);
    assert_eq!(keep_due(&mut world), Some((1, "Done".into())));
    agrees(&mut world);
    world.pass(DAY);
    assert_eq!(keep_due(&mut world), Some((2, "Done".into())));
    agrees(&mut world);
    world.agrees();
}

pub(super) fn tallies_are_kept_whole<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let (quarter, start) = (Quarter::of(world.now), world.now);
    let buyer = |pings| {
        let mut counts = BuyerCounts { pings, bids: 1, ..BuyerCounts::default() };
        counts.times.add(Duration::from_millis(pings));
        counts
    };
    let keep = |of: u32, quarter, pings| {
        let verticals = vec![("mortgage".parse().unwrap(), Auctions { pings, ..Auctions::default() })];
        Command::Keep(Keep::Tallies(KeepTallies { node: node(of), quarter, verticals, buyers: vec![("acme".parse().unwrap(), buyer(pings))] }))
    };
    for command in [keep(1, quarter, 1), keep(1, quarter, 3), keep(2, quarter, 4), keep(1, quarter.next(), 9)] {
        assert_eq!(world.say(command), "Done");
    }
    let of = |world: &mut World<B>, until: Timestamp| {
        let tallies = world.reader.tallies(start, until).unwrap();
        let pings = |counts: &BuyerCounts| (counts.pings, counts.bids, counts.times.count());
        (tallies.buyers.values().map(pings).collect::<Vec<_>>(), tallies.verticals.values().map(|auctions| auctions.pings).collect::<Vec<_>>())
    };
    assert_eq!(of(&mut world, start.plus(MINUTE)), (vec![(7, 2, 2)], vec![7]), "each node's last word");
    assert_eq!(of(&mut world, start.plus(DAY)), (vec![(7, 2, 2), (9, 1, 1)], vec![7, 9]));
    world.pass(DAY * 41);
    world.say(Command::Sweep);
    assert_eq!(of(&mut world, start.plus(DAY)).0, []);
}
