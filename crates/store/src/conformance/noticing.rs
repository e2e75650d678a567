//! Notices: what a supplier is told once its lead stands otherwise than it was answered.

use std::time::Duration;

use exchange::{
    command::{Command, Erase, Fence, LeadStatus, Operation, ReserveRequest, Settle, TakeOver, TakenBy, VoidCause},
    contract::SaleKind,
    money::Percent,
    notice::{FIRST_BACK_OFF, NoteTry, NoticeId, TRIED_FOR, TakeNotice, TryResult, back_off},
    returns::{RequestReturn, ReturnReason, ReturnRules},
};

use super::{Bench, world::*};
use crate::{reader::Reader, rows::NoticeRow};

fn told<B: Bench>(world: &mut World<B>, number: u32) -> Vec<String> {
    let rows = world.reader.notices_of(lead(number)).unwrap();
    rows.iter().map(|row| format!("{} {} {} {}", row.notice.id.number, row.notice.change.word(), row.notice.status.word(), row.notice.net)).collect()
}

fn due<B: Bench>(world: &mut World<B>) -> Vec<NoticeRow> {
    world.reader.due_notices(world.now, 9).unwrap()
}

fn unknown(number: u32) -> Command {
    Command::MarkUnknown { sale: sale(number), why: "timeout".into() }
}

/// A lead whose supplier was told that it is pending.
fn pending<B: Bench>(world: &mut World<B>, number: u32) -> Fence {
    let fence = world.posted(number, "acme/west");
    assert_eq!(world.say(unknown(number)), "Done");
    assert_eq!(world.say(end(number, fence, LeadStatus::Pending)), "Done");
    fence
}

fn returned<B: Bench>(world: &mut World<B>, number: u32, buyer: &str) {
    let rules = ReturnRules { within: Some(DAY), percent: Percent::of_whole(100).unwrap() };
    let request = RequestReturn { sale: sale(number), buyer: buyer.parse().unwrap(), reason: ReturnReason::Fraud, note: None, rules };
    assert_eq!(world.say(Command::RequestReturn(request)), "ReturnOpen");
    assert_eq!(world.say(Command::Operate(Operation::DecideReturn { sale: sale(number), accept: true })), "Done");
}

fn take<B: Bench>(world: &mut World<B>, number: u32, tries: u32) -> String {
    world.say(Command::TakeNotice(TakeNotice { notice: NoticeId { lead: lead(number), number: 1 }, tries }))
}

fn note<B: Bench>(world: &mut World<B>, number: u32, tries: u32, result: TryResult) -> String {
    world.say(Command::NoteTry(NoteTry { notice: NoticeId { lead: lead(number), number: 1 }, tries, result }))
}

fn failed() -> TryResult {
    TryResult::Failed("503".into())
}

pub(super) fn a_pending_lead_that_is_decided_is_told<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    for number in 1..=4 {
        pending(&mut world, number);
        assert_eq!(told(&mut world, number), Vec::<String>::new());
    }
    world.pass(Duration::from_secs(5));
    assert_eq!(world.say(Command::Settle(Settle { redirect_url: Some("https://acme.example/thanks".into()), ..settle(1) })), "Done");
    assert_eq!(world.say(Command::Settle(settle(1))), "Done", "once");
    assert_eq!(world.say(void(2, VoidCause::Rejected)), "Done");
    assert_eq!(world.say(void(3, VoidCause::GivenUp)), "Done");
    assert_eq!(world.say(void(3, VoidCause::GivenUp)), "Done", "once");
    assert_eq!(told(&mut world, 1), ["1 decided sold 8.00"]);
    assert_eq!((told(&mut world, 2), told(&mut world, 3)), (vec!["1 decided unsold 0.00".to_owned()], vec!["1 decided unsold 0.00".to_owned()]));
    let rows = due(&mut world);
    assert_eq!(rows.iter().map(|row| row.notice.id.lead).collect::<Vec<_>>(), [lead(1), lead(2), lead(3)]);
    let row = &rows[0];
    assert_eq!((row.notice.redirect_url.as_deref(), row.notice.test, row.supplier.as_str()), (Some("https://acme.example/thanks"), false, "dreamy"));
    assert_eq!((row.notice.changed_at, row.due_at, row.tries), (world.now, Some(world.now), 0));
    assert_eq!(world.reader.due_notices(world.now, 2).unwrap().len(), 2);
    world.agrees();
}

pub(super) fn a_return_is_told<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    assert_eq!(told(&mut world, 1), Vec::<String>::new(), "its run's answer told");
    returned(&mut world, 1, "acme");
    assert_eq!(told(&mut world, 1), ["1 returned returned 0.00"]);
    world.sold(2, "acme/west");
    let ask = |accept| Command::Operate(Operation::DecideReturn { sale: sale(2), accept });
    let rules = ReturnRules { within: Some(DAY), percent: Percent::of_whole(100).unwrap() };
    let requested = RequestReturn { sale: sale(2), buyer: "acme".parse().unwrap(), reason: ReturnReason::Fraud, note: None, rules };
    world.say(Command::RequestReturn(requested));
    world.say(ask(false));
    assert_eq!(told(&mut world, 2), Vec::<String>::new(), "nothing has changed");
    // One leg of two.
    let fence = world.accepted(accept(3));
    for (number, contract) in [(3, "acme/west"), (4, "zenith/west")] {
        let shared = ReserveRequest { kind: SaleKind::Shared, ..request(number, 3, fence, contract) };
        world.reserve(shared, terms(contract));
        world.say(Command::Settle(Settle { ends_lead: number == 4, ..settle(number) }));
    }
    returned(&mut world, 3, "acme");
    returned(&mut world, 4, "zenith");
    assert_eq!(told(&mut world, 3), ["1 returned sold 8.00", "2 returned returned 0.00"]);
    world.agrees();
}

/// What came to be known while the run went on is not in its answer: it is told at its end.
pub(super) fn what_a_runs_answer_lacks_is_told<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let legs = |world: &mut World<B>, number: u32| {
        let fence = world.accepted(accept(number));
        for (leg, contract) in [(number, "acme/west"), (number + 1, "zenith/west")] {
            world.reserve(ReserveRequest { kind: SaleKind::Shared, ..request(leg, number, fence, contract) }, terms(contract));
        }
        assert_eq!(world.say(unknown(number)), "Done");
        fence
    };
    // Its buyer reports before the other leg is settled: the answer will have one leg, and two are sold.
    let fence = legs(&mut world, 10);
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(10) }));
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(11) }));
    assert_eq!(told(&mut world, 10), Vec::<String>::new(), "it runs");
    world.say(end(10, fence, LeadStatus::Sold));
    assert_eq!(told(&mut world, 10), ["1 decided sold 16.00"]);
    // It turns out void, and nothing else is sold: the answer is pending, and it is unsold.
    let fence = legs(&mut world, 20);
    world.say(void(20, VoidCause::Rejected));
    world.say(void(21, VoidCause::Rejected));
    world.say(end(20, fence, LeadStatus::Pending));
    assert_eq!(told(&mut world, 20), ["1 decided unsold 0.00"]);
    // It turns out void, and the other is sold: that is what the answer says.
    let fence = legs(&mut world, 30);
    world.say(void(30, VoidCause::Rejected));
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(31) }));
    world.say(end(30, fence, LeadStatus::Sold));
    assert_eq!(told(&mut world, 30), Vec::<String>::new());
    // A leg was sold, and is returned before the other one is known.
    let fence = legs(&mut world, 40);
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(41) }));
    returned(&mut world, 41, "zenith");
    world.say(end(40, fence, LeadStatus::Sold));
    assert_eq!(told(&mut world, 40), ["1 returned pending 0.00"]);
    world.say(Command::Settle(settle(40)));
    assert_eq!(told(&mut world, 40), ["1 returned pending 0.00", "2 decided sold 8.00"]);
    world.agrees();
}

/// Its run never heard that the settle was committed, and answers that the lead is pending.
pub(super) fn what_a_run_could_not_know_is_told<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.posted(1, "acme/west");
    assert_eq!(world.say(Command::Settle(settle(1))), "Done");
    for _ in 0..2 {
        assert_eq!(world.say(end(1, fence, LeadStatus::Pending)), "Done");
        assert_eq!(told(&mut world, 1), ["1 decided sold 8.00"]);
    }
    world.agrees();
}

pub(super) fn a_run_that_answers_for_itself_tells_nothing<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    let fence = world.posted(2, "acme/west");
    world.say(void(2, VoidCause::Rejected));
    world.say(end(2, fence, LeadStatus::Unsold));
    let fence = world.accepted(accept(3));
    world.say(Command::TakeOver(TakeOver { lead: lead(3), by: TakenBy::Holder(fence) }));
    pending(&mut world, 4);
    let fence = world.posted(5, "acme/west");
    world.say(Command::TakeOver(TakeOver { lead: lead(5), by: TakenBy::Holder(fence) }));
    for number in 1..=5 {
        assert_eq!(told(&mut world, number), Vec::<String>::new(), "{number}");
    }
    assert_eq!(due(&mut world), []);
    // What was taken over while its post was out is pending as any other.
    world.say(Command::Settle(settle(5)));
    assert_eq!(told(&mut world, 5), ["1 decided sold 8.00"]);
    world.agrees();
}

pub(super) fn a_notice_is_taken_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    pending(&mut world, 1);
    world.say(Command::Settle(settle(1)));
    assert_eq!(take(&mut world, 1, 0), "Done");
    assert!(take(&mut world, 1, 0).starts_with("Conflict"), "by one alone");
    assert_eq!(due(&mut world), [], "nobody else tries meanwhile");
    // Whoever took it is gone: it is tried again.
    world.pass(FIRST_BACK_OFF);
    assert_eq!(due(&mut world)[0].tries, 1);
    assert_eq!(take(&mut world, 1, 1), "Done");
    assert_eq!(note(&mut world, 1, 0, failed()), "Noted(Waiting)", "said by the one before");
    assert_eq!(world.reader.notices_of(lead(1)).unwrap()[0].failure, None);
    assert_eq!(note(&mut world, 1, 0, TryResult::Delivered), "Noted(Delivered)", "heard is heard");
    assert_eq!(note(&mut world, 1, 1, failed()), "Noted(Delivered)");
    assert!(take(&mut world, 1, 2).starts_with("Conflict"));
    assert!(take(&mut world, 9, 0).starts_with("Conflict"), "nobody knows it");
    assert_eq!(world.reader.undelivered_notices(9).unwrap(), []);
    world.agrees();
}

pub(super) fn a_notice_is_tried_for_three_days<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    pending(&mut world, 1);
    world.say(Command::Settle(settle(1)));
    let begun = world.now;
    let mut tries = 0;
    while world.now.since(begun) < TRIED_FOR {
        assert_eq!(due(&mut world)[0].tries, tries);
        assert_eq!(take(&mut world, 1, tries), "Done");
        assert_eq!(note(&mut world, 1, tries, failed()), "Noted(Waiting)");
        world.pass(back_off(tries));
        tries += 1;
    }
    assert_eq!(take(&mut world, 1, tries), "Done");
    assert_eq!(note(&mut world, 1, tries, failed()), "Noted(GivenUp)");
    assert_eq!(note(&mut world, 1, tries, failed()), "Noted(GivenUp)", "the same again");
    let row = world.reader.undelivered_notices(9).unwrap().remove(0);
    assert_eq!((row.state.word(), row.failure.as_deref(), row.due_at, row.ended_at), ("given_up", Some("503"), None, Some(world.now)));
    world.agrees();
}

pub(super) fn what_was_not_delivered_is_tried_again<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let retry = |number| Command::Operate(Operation::RetryNotice(NoticeId { lead: lead(number), number: 1 }));
    for number in [1, 2] {
        pending(&mut world, number);
        world.say(Command::Settle(settle(number)));
    }
    take(&mut world, 1, 0);
    assert_eq!(note(&mut world, 1, 0, TryResult::Unwanted), "Noted(Unwanted)");
    assert_eq!(world.reader.undelivered_notices(9).unwrap().len(), 1, "nobody wants it");
    world.pass(TRIED_FOR);
    assert_eq!(world.say(retry(1)), "Done");
    assert_eq!(due(&mut world).len(), 2);
    take(&mut world, 1, 1);
    assert_eq!(note(&mut world, 1, 1, failed()), "Noted(Waiting)", "its time begins anew");
    take(&mut world, 2, 0);
    assert_eq!(due(&mut world), []);
    assert_eq!(world.say(retry(2)), "Done", "at once, too");
    assert_eq!(due(&mut world).len(), 1);
    note(&mut world, 2, 0, TryResult::Delivered);
    assert!(world.say(retry(2)).starts_with("Conflict"), "it was heard");
    assert!(world.say(retry(9)).starts_with("Conflict"), "nobody knows it");
    world.agrees();
}

pub(super) fn an_erased_lead_is_told_without_its_redirect<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    pending(&mut world, 1);
    world.say(Command::Settle(Settle { redirect_url: Some("https://acme.example/?p=jane".into()), ..settle(1) }));
    assert!(world.bench.holds_bytes(b"p=jane"), "the test would see it");
    world.say(Command::Operate(Operation::Erase(Erase::Lead(lead(1)))));
    assert!(!world.bench.holds_bytes(b"p=jane"));
    let row = due(&mut world).remove(0);
    assert_eq!((row.notice.redirect_url, row.notice.status.word(), row.notice.net), (None, "sold", units(8)));
    world.agrees();
}
