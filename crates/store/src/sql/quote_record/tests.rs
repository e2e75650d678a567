use std::{sync::Arc, time::Duration};

use exchange::{
    attribute::{Attribute, PingPart},
    call::RawBid,
    command::Quote,
    contract::SaleKind,
    facts::{ContractFacts, Facts},
    id::{BuyerPingId, PingId, Revision},
    matching::WhyNot,
    money::{Money, Percent},
    schema::FieldIndex,
};

use super::*;
use crate::sql::{column, db::Value};

const CONTRACTS: [ContractIndex; 4] = [ContractIndex(7), ContractIndex(9), ContractIndex(300), ContractIndex(301)];

fn money(units: i64) -> Option<Money> {
    Some(Money::from_units(units))
}

fn offer(number: u8, tier: u32, kind: SaleKind) -> QuotedOffer {
    QuotedOffer {
        tier,
        contract: CONTRACTS[usize::from(number)],
        kind,
        price: Money::from_units(10 + i64::from(number)),
        net: Money::from_units(8 + i64::from(number)),
        promised: number == 0,
        rank: 0,
        lot: u64::MAX - u64::from(number),
        buyer_ping: BuyerPingId::from_bytes([number; 16]),
        reference: None,
        expires_at: None,
    }
}

fn pinged(number: u8, tier: u32, id: u8) -> Decision {
    Decision::Pinged { tier, contract: CONTRACTS[usize::from(number)], buyer_ping: BuyerPingId::from_bytes([id; 16]), time: Micros(900) }
}

fn bid(number: u8, tier: u32, bid: Option<Money>, shared_bid: Option<Money>) -> RecordedEvent {
    let reply = PingReply::Bid(RawBid { bid, shared_bid, reference: Some("r-1".into()), ttl_s: None });
    RecordedEvent::Ping { contract: CONTRACTS[usize::from(number)], tier, reply }
}

fn taken(number: u8, tier: u32, exclusive: Option<Money>, shared: Option<Money>) -> Decision {
    Decision::Answered { tier, contract: CONTRACTS[usize::from(number)], outcome: BidOutcome::Bid { exclusive, shared } }
}

/// A quote of two tiers, with all that a record may say in another way than its row, and in the same.
fn quote() -> Quote {
    let offers = vec![offer(0, 1, SaleKind::Exclusive), offer(1, 1, SaleKind::Shared), offer(2, 2, SaleKind::Exclusive)];
    let events = vec![
        (Micros(5), bid(0, 1, money(10), None)),
        (Micros(6), RecordedEvent::Ping { contract: CONTRACTS[3], tier: 1, reply: PingReply::NoBid(Some("full".into())) }),
        (Micros(7), bid(3, 1, money(99), None)),
        (Micros(8), bid(1, 1, money(12), money(11))),
        (Micros(9), bid(2, 2, money(12), None)),
    ];
    let decisions = vec![
        (Micros(1), Decision::TierEntered { tier: 1 }),
        (Micros(1), Decision::Skipped { tier: 1, contract: CONTRACTS[2], why: WhyNot::Deadline }),
        (Micros(2), pinged(0, 1, 0)),
        (Micros(2), pinged(1, 1, 1)),
        // Of no offer, and of one with another id.
        (Micros(2), pinged(3, 1, 3)),
        (Micros(2), pinged(2, 2, 77)),
        (Micros(5), taken(0, 1, money(10), None)),
        (Micros(7), Decision::Answered { tier: 1, contract: CONTRACTS[3], outcome: BidOutcome::Late { exclusive: money(99), shared: None } }),
        // Not at its price; later than it came; as it came.
        (Micros(8), taken(1, 1, None, money(11))),
        (Micros(10), taken(2, 2, money(12), None)),
        (Micros(9), taken(2, 2, money(12), None)),
        (Micros(11), Decision::Ranked { tier: 1, offers: offers[..2].iter().map(ranked_as).collect() }),
        (Micros(11), Decision::Ranked { tier: 2, offers: offers[2..].iter().map(ranked_as).collect() }),
        // More than there are, fewer, others, none.
        (Micros(12), Decision::Ranked { tier: 2, offers: offers.iter().map(ranked_as).collect() }),
        (Micros(12), Decision::Ranked { tier: 1, offers: offers[..1].iter().map(ranked_as).collect() }),
        (Micros(12), Decision::Ranked { tier: 1, offers: vec![RankedOffer { lot: 1, ..ranked_as(&offers[0]) }] }),
        (Micros(12), Decision::Ranked { tier: 3, offers: Vec::new() }),
    ];
    let attributes = PingPart::new(vec![(FieldIndex(2), Attribute::Text("CA".into()))]);
    let record = RunRecord {
        revision: Revision(3),
        supplier: "acme".parse().unwrap(),
        vertical: "loans".parse().unwrap(),
        test: false,
        kind: RunKind::Ping,
        attributes: attributes.clone(),
        started_at: Timestamp::from_micros(1_000_000),
        seed: Seed([4; 32]),
        facts: Facts { contracts: CONTRACTS.map(ContractFacts::untouched).to_vec(), round: 6 },
        events,
        decisions,
    };
    Quote {
        ping: PingId::from_bytes([1; 16]),
        claim: None,
        supplier: record.supplier.clone(),
        vertical: record.vertical.clone(),
        revision: record.revision,
        test: record.test,
        attributes,
        sealed: None,
        offers,
        asked: Vec::new(),
        net: Money::from_units(8),
        lives: Duration::from_secs(30),
        holds: Vec::new(),
        firm_share: Percent::ZERO,
        record: Arc::new(record),
    }
}

/// What a reader finds of it, when these offers were added since.
fn read(quote: &Quote, bytes: Vec<u8>, added: &[QuotedOffer]) -> RunRecord {
    let offers: Vec<&QuotedOffer> = quote.offers.iter().chain(added).collect();
    let packed = |value: Result<Vec<u8>>| Value::Bytes(value.unwrap());
    Row(vec![
        Value::Bytes(bytes),
        Value::Text(quote.supplier.to_string()),
        Value::Text(quote.vertical.to_string()),
        Value::Int(i64::try_from(quote.revision.0).unwrap()),
        Value::Bool(quote.test),
        packed(column::packed(&quote.attributes)),
        packed(column::packed(&offers)),
    ])
    .quote_record()
    .unwrap()
}

#[test]
fn a_record_reads_as_it_was_whatever_its_row_says() {
    let quote = quote();
    let bytes = packed(&quote).unwrap();
    assert_eq!(bytes[0], SLIM);
    assert_eq!(read(&quote, bytes.clone(), &[]), *quote.record);
    assert_eq!(read(&quote, bytes, &[offer(3, 1, SaleKind::Exclusive), offer(0, 1, SaleKind::Shared)]), *quote.record, "offers that came later");
}

/// Two pings, two bids and three orders of the seventeen decisions: each of the others is there as a whole.
#[test]
fn what_the_row_has_is_not_written_again() {
    let quote = quote();
    let told = slim(&quote.record, &quote.offers).decisions;
    let count = |is: fn(&Told<'_>) -> bool| told.iter().filter(|told| is(told)).count();
    let counts = [
        count(|told| matches!(told, Told::Pinged { .. })),
        count(|told| matches!(told, Told::Bid(_))),
        count(|told| matches!(told, Told::Ranked { .. })),
        count(|told| matches!(told, Told::Whole(..))),
    ];
    assert_eq!(counts, [2, 2, 3, 10]);
}

#[test]
fn a_record_of_something_else_is_written_whole() {
    let quote = quote();
    for change in [
        |record: &mut RunRecord| record.kind = RunKind::Direct,
        |record: &mut RunRecord| record.revision = Revision(4),
        |record: &mut RunRecord| record.test = true,
        |record: &mut RunRecord| record.supplier = "bolt".parse().unwrap(),
        |record: &mut RunRecord| record.vertical = "auto".parse().unwrap(),
        |record: &mut RunRecord| record.attributes = PingPart::default(),
    ] {
        let mut record = (*quote.record).clone();
        change(&mut record);
        let other = Quote { record: Arc::new(record), ..quote.clone() };
        let bytes = packed(&other).unwrap();
        assert_eq!((bytes[0], read(&other, bytes.clone(), &[])), (WHOLE, (*other.record).clone()));
    }
}

/// As rows were before there was another form.
#[test]
fn a_row_of_before_reads_as_it_was_written() {
    let quote = quote();
    let bytes = column::packed(&*quote.record).unwrap();
    assert_eq!(read(&quote, bytes, &[]), *quote.record);
}

#[test]
fn what_is_told_by_an_offer_that_is_gone_is_no_record() {
    let mut quote = quote();
    let bytes = packed(&quote).unwrap();
    quote.offers.truncate(1);
    let offers = column::packed(&quote.offers).unwrap();
    let row = Row(vec![
        Value::Bytes(bytes),
        Value::Text("acme".into()),
        Value::Text("loans".into()),
        Value::Int(3),
        Value::Bool(false),
        Value::Bytes(column::packed(&quote.attributes).unwrap()),
        Value::Bytes(offers),
    ]);
    assert!(matches!(row.quote_record(), Err(Failure::Column)));
}
