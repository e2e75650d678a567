//! Whatever is asked, in whatever order: the books agree, and no limit is passed.

use std::time::Duration;

use exchange::{
    cap::Period,
    command::{
        Accept, Command, Erase, Fence, LeadStatus, LookAgain, Operation, Outcome, Reserve, ReserveRequest, Settle, StartPost, TakeOver, TakenBy, Terms,
        VoidCause,
    },
    contract::SaleKind,
    id::ContractIndex,
    money::{Money, Percent},
    notice::{NoteTry, NoticeId, TakeNotice, TryResult},
    returns::{RequestReturn, ReturnReason, ReturnRules},
};
use proptest::prelude::*;

use super::{Bench, known::Memory, world::*};
use crate::{SaleStatus, reader::Reader};

/// Small numbers, so that leads, sales and pings meet each other.
#[derive(Clone, Debug)]
enum Step {
    Quote { ping: u32, contract: u8, price: i64 },
    Accept { lead: u32, ping: Option<u32>, person: u32, test: bool },
    Reserve { sale: u32, lead: u32, contract: u8, shared: bool, price: i64, start_post: bool, quoted: bool },
    StartPost { sale: u32, lead: u32 },
    TakeOver { lead: u32 },
    LookAgain { sale: u32 },
    TakeNotice { lead: u32 },
    NoteTry { lead: u32, delivered: bool },
    GiveUp { sale: u32 },
    RequestReturn { sale: u32, contract: u8 },
    DecideReturn { sale: u32, accept: bool },
    Settle { sale: u32, ends_lead: bool },
    Void { sale: u32, unsent: bool },
    MarkUnknown { sale: u32 },
    End { lead: u32 },
    Prepay { contract: u8 },
    Erase { lead: u32 },
    Pass { seconds: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (lead, sale, ping, contract, price) = (0u32..6, 0u32..12, 0u32..4, 0u8..3, 1i64..6);
    prop_oneof![
        3 => (ping.clone(), contract.clone(), price.clone()).prop_map(|(ping, contract, price)| Step::Quote { ping, contract, price }),
        4 => (lead.clone(), proptest::option::of(ping), 0u32..8, prop::bool::weighted(0.1))
            .prop_map(|(lead, ping, person, test)| Step::Accept { lead, ping, person, test }),
        8 => (sale.clone(), lead.clone(), contract.clone(), any::<bool>(), price, any::<bool>(), any::<bool>()).prop_map(
            |(sale, lead, contract, shared, price, start_post, quoted)| Step::Reserve { sale, lead, contract, shared, price, start_post, quoted }
        ),
        1 => (sale.clone(), lead.clone()).prop_map(|(sale, lead)| Step::StartPost { sale, lead }),
        1 => lead.clone().prop_map(|lead| Step::TakeOver { lead }),
        1 => sale.clone().prop_map(|sale| Step::LookAgain { sale }),
        1 => lead.clone().prop_map(|lead| Step::TakeNotice { lead }),
        1 => (lead.clone(), any::<bool>()).prop_map(|(lead, delivered)| Step::NoteTry { lead, delivered }),
        1 => sale.clone().prop_map(|sale| Step::GiveUp { sale }),
        2 => (sale.clone(), 0..3u8).prop_map(|(sale, contract)| Step::RequestReturn { sale, contract }),
        2 => (sale.clone(), any::<bool>()).prop_map(|(sale, accept)| Step::DecideReturn { sale, accept }),
        4 => (sale.clone(), any::<bool>()).prop_map(|(sale, ends_lead)| Step::Settle { sale, ends_lead }),
        2 => (sale.clone(), any::<bool>()).prop_map(|(sale, unsent)| Step::Void { sale, unsent }),
        2 => sale.prop_map(|sale| Step::MarkUnknown { sale }),
        1 => lead.clone().prop_map(|lead| Step::End { lead }),
        1 => contract.prop_map(|contract| Step::Prepay { contract }),
        1 => lead.prop_map(|lead| Step::Erase { lead }),
        2 => prop_oneof![Just(1u64), Just(70), Just(1800), Just(30_000)].prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// Two contracts of one buyer, and one of another; each with limits that are soon met.
fn contract(number: u8) -> Terms {
    match number {
        0 => Terms { caps: vec![count(3, Period::Day), spend(8, Period::Hour)], credit: units(15), ..terms("acme/west") },
        1 => Terms { caps: vec![spend(20, Period::Total)], credit: units(15), ..terms("acme/east") },
        _ => Terms { caps: vec![count(4, Period::Week)], credit: units(6), duplicate_days: Some(1), ..terms("other/one") },
    }
}

fn command<B: Bench>(world: &mut World<B>, step: &Step) -> Option<Command> {
    let fence = |world: &mut World<B>, number| world.reader.lead(lead(number)).unwrap().map_or(Fence(0), |row| row.fence);
    Some(match step {
        Step::Quote { ping, contract: number, price } => {
            let share = exchange::money::Percent::of_whole(60).unwrap();
            let quote = quote(*ping, vec![offer(u32::from(*number), SaleKind::Exclusive, *price)], vec![contract(*number)]);
            Command::Quote(exchange::command::Quote { firm_share: share, ..quote })
        }
        Step::Accept { lead, ping: of, person: of_person, test } => {
            Command::Accept(Accept { ping: of.map(ping), requote: true, people: vec![person(*of_person)], test: *test, ..accept(*lead) })
        }
        Step::Reserve { sale, lead, contract: number, shared, price, start_post, quoted } => {
            let terms = contract(*number);
            let row = world.reader.lead(super::world::lead(*lead)).unwrap();
            let quoted_by = row.and_then(|row| row.ping).filter(|_| *quoted);
            let kind = if *shared { SaleKind::Shared } else { SaleKind::Exclusive };
            let (fence, price) = (fence(world, *lead), units(*price));
            let key = terms.contract.to_string();
            let request = ReserveRequest { kind, price, net: price, start_post: *start_post, quoted_by, ..request(*sale, *lead, fence, &key) };
            Command::Reserve(Reserve { request, terms })
        }
        Step::StartPost { sale: number, lead } => {
            let contract = world.reader.sale(sale(*number)).unwrap().map_or_else(|| "acme/west".into(), |row| row.contract.to_string());
            Command::StartPost(StartPost { sale: sale(*number), fence: fence(world, *lead), terms: terms(&contract) })
        }
        Step::TakeOver { lead: number } => Command::TakeOver(TakeOver { lead: lead(*number), by: TakenBy::Holder(fence(world, *number)) }),
        Step::LookAgain { sale: number } => {
            let looks = world.reader.sale(sale(*number)).unwrap().map_or(0, |row| row.looks);
            Command::LookAgain(LookAgain { sale: sale(*number), looks, next: Duration::from_secs(9) })
        }
        Step::TakeNotice { lead } => {
            let (notice, tries) = last_notice(world, *lead)?;
            Command::TakeNotice(TakeNotice { notice, tries })
        }
        Step::NoteTry { lead, delivered } => {
            let (notice, tries) = last_notice(world, *lead)?;
            let result = if *delivered { TryResult::Delivered } else { TryResult::Failed("503".into()) };
            Command::NoteTry(NoteTry { notice, tries: tries.saturating_sub(1), result })
        }
        Step::GiveUp { sale } => void(*sale, VoidCause::GivenUp),
        Step::RequestReturn { sale: number, contract: of } => {
            let rules = ReturnRules { within: Some(DAY), percent: Percent::of_whole(100).unwrap() };
            let buyer = contract(*of).contract.buyer;
            Command::RequestReturn(RequestReturn { sale: sale(*number), buyer, reason: ReturnReason::Fraud, note: None, rules })
        }
        Step::DecideReturn { sale: number, accept } => Command::Operate(Operation::DecideReturn { sale: sale(*number), accept: *accept }),
        Step::Settle { sale, ends_lead } => Command::Settle(Settle { ends_lead: *ends_lead, ..settle(*sale) }),
        Step::Void { sale, unsent } => void(*sale, if *unsent { VoidCause::Unsent } else { VoidCause::Rejected }),
        Step::MarkUnknown { sale: number } => Command::MarkUnknown { sale: sale(*number), why: "timeout".into() },
        Step::End { lead } => end(*lead, fence(world, *lead), LeadStatus::Unsold),
        Step::Prepay { contract: number } => {
            world.prepaid += 1;
            prepay(world.prepaid, contract(*number).contract.buyer.as_str(), 3)
        }
        Step::Erase { lead: number } => Command::Operate(Operation::Erase(Erase::Lead(lead(*number)))),
        Step::Pass { seconds } => {
            world.pass(Duration::from_secs(*seconds));
            return None;
        }
    })
}

fn last_notice<B: Bench>(world: &mut World<B>, number: u32) -> Option<(NoticeId, u32)> {
    let rows = world.reader.notices_of(lead(number)).unwrap();
    rows.last().map(|row| (row.notice.id, row.tries))
}

/// No cap is passed and no credit: whatever the facts say is left is not less than nothing.
fn nothing_is_passed<B: Bench>(world: &mut World<B>) {
    for number in 0..3 {
        let facts = world.reader.facts(world.now, &[(ContractIndex(0), contract(number))], &[], false).unwrap().remove(0);
        assert!(facts.available >= Money::ZERO, "credit of {:?}", contract(number).contract);
        for (cap, usage) in facts.caps.iter() {
            let within = match cap.limit {
                exchange::cap::Limit::Count(most) => usage.count <= most,
                exchange::cap::Limit::Spend(most) => usage.spend <= most,
            };
            assert!(within, "{cap} of {:?}", contract(number).contract);
        }
    }
}

/// Outcomes as text, without what a repeat may say otherwise: a state that has moved on since.
fn same(first: &Outcome, again: &Outcome) -> bool {
    format!("{first:?}") == format!("{again:?}")
}

pub(super) fn whatever_is_asked_the_books_agree<B: Bench>(_: B) {
    let config = ProptestConfig { cases: B::RANDOM_CASES, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() };
    proptest!(config, |(steps in proptest::collection::vec((step(), any::<bool>()), 1..60))| {
        let mut world = World::new(B::fresh().unwrap());
        let mut memory = Memory::of(&world, vec![contract(1), contract(0), contract(2)]);
        let mut is_first = true;
        for (step, repeats) in &steps {
            let Some(command) = command(&mut world, step) else { continue };
            let is_idempotent = match step {
                Step::Erase { .. } | Step::LookAgain { .. } | Step::TakeNotice { .. } => false,
                // What its sales say goes before what the run says, and is another end than the one that it says once more.
                Step::End { lead: number } => {
                    let says = |status| matches!(status, SaleStatus::Sold | SaleStatus::Unknown | SaleStatus::Returned);
                    !world.reader.sales_of(lead(*number)).unwrap().iter().any(|sale| says(sale.status))
                }
                _ => true,
            };
            memory.read(&mut world);
            let first = memory.apply(&mut world, std::slice::from_ref(&command));
            if *repeats && is_idempotent {
                // In one batch with something else, as the writer would.
                let again = memory.apply(&mut world, &[Command::Sweep, command]);
                prop_assert!(same(&first, &again), "{step:?}: {first:?}, then {again:?}");
            }
            world.agrees();
            nothing_is_passed(&mut world);
            // Nothing but the first batch makes the memory forget: it can't say whether anybody else wrote before.
            let known = memory.known_now(&mut world);
            prop_assert!(known == 3 || is_first, "{step:?}: {known}");
            is_first = false;
        }
    });
}
