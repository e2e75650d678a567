//! A small exchange to tell stories in: one supplier or two, a handful of buyers, time that is set by hand.

use std::{sync::Arc, time::Duration};

use exchange::{
    attribute::{Attribute, PingPart},
    cap::{Cap, Limit, Period},
    command::{
        Accept, Beat, Claim, Command, End, Engine, Fence, Idempotency, LeadStatus, Operation, Outcome, Quote, QuotedOffer, Reserve, ReserveRequest, Settle,
        Terms, Void, VoidCause,
    },
    contract::SaleKind,
    facts::{Facts, Seed},
    id::{BuyerPingId, ContractIndex, LeadId, MovementId, NodeId, ParentName, PingId, Revision, SaleId, Subject},
    ledger::Account,
    money::{Money, Percent},
    movement::{Move, Party},
    record::{RunKind, RunRecord},
    schema::FieldIndex,
    seal::{Fingerprint, MasterKey, PersonMac},
    time::Timestamp,
    value::Value,
};

use super::Bench;
use crate::reader::Reader;

pub(super) const LEASE: Duration = Duration::from_secs(60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) fn master() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

pub(super) struct World<B: Bench> {
    pub bench: B,
    pub engine: B::Engine,
    pub reader: B::Reader,
    pub now: Timestamp,
    /// How many prepayments were booked by [`World::prepay`].
    pub prepaid: u32,
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

pub(super) fn units(units: i64) -> Money {
    Money::from_units(units)
}

fn bytes(letter: u8, number: u32) -> [u8; 16] {
    let mut bytes = [letter; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub(super) fn ping(number: u32) -> PingId {
    PingId::from_bytes(bytes(b'p', number))
}

pub(super) fn lead(number: u32) -> LeadId {
    LeadId::from_bytes(bytes(b'l', number))
}

pub(super) fn sale(number: u32) -> SaleId {
    SaleId::from_bytes(bytes(b's', number))
}

pub(super) fn node(number: u32) -> NodeId {
    NodeId::from_bytes(bytes(b'n', number))
}

pub(super) fn person(number: u32) -> PersonMac {
    PersonMac(bytes(b'P', number))
}

pub(super) fn fingerprint(number: u8) -> Fingerprint {
    Fingerprint([number; 16])
}

pub(super) fn key(text: &str, payload: u8) -> Option<Idempotency> {
    Some(Idempotency { key: text.into(), fingerprint: fingerprint(payload) })
}

pub(super) fn count(most: u64, per: Period) -> Cap {
    Cap { limit: Limit::Count(most), per }
}

pub(super) fn spend(most: i64, per: Period) -> Cap {
    Cap { limit: Limit::Spend(units(most)), per }
}

/// The terms of a contract `buyer/name` without limits; the buyer is its own company.
pub(super) fn terms(contract: &str) -> Terms {
    let contract: exchange::id::ContractKey = contract.parse().unwrap();
    Terms {
        parent: ParentName::of_company(contract.buyer.as_str()).unwrap(),
        contract,
        caps: Vec::new(),
        time_zone: jiff::tz::TimeZone::get("America/New_York").unwrap(),
        credit: units(1_000_000),
        lists: Vec::new(),
        duplicate_days: None,
    }
}

pub(super) fn attributes() -> PingPart {
    PingPart::new(vec![(FieldIndex(0), Attribute::Text("state CA".into()))])
}

pub(super) fn record(kind: RunKind) -> Arc<RunRecord> {
    Arc::new(RunRecord {
        revision: Revision(1),
        supplier: "dreamy".parse().unwrap(),
        vertical: "mortgage".parse().unwrap(),
        test: false,
        kind,
        attributes: attributes(),
        started_at: Timestamp::from_micros(1),
        seed: Seed([3; 32]),
        facts: Facts::default(),
        events: Vec::new(),
        decisions: Vec::new(),
    })
}

pub(super) fn offer(contract: u32, kind: SaleKind, price: i64) -> QuotedOffer {
    QuotedOffer {
        tier: 0,
        contract: ContractIndex(contract),
        kind,
        price: units(price),
        net: units(price - 1),
        promised: true,
        rank: 0,
        lot: 0,
        buyer_ping: BuyerPingId::from_bytes(bytes(b'b', contract)),
        reference: Some("their reference".into()),
        expires_at: None,
    }
}

pub(super) fn quote(number: u32, offers: Vec<QuotedOffer>, holds: Vec<Terms>) -> Quote {
    let phone = Value::of_text(format!("+1202555{number:04}"));
    let mut entropy = |bytes: &mut [u8]| bytes.fill(0x50 ^ number as u8);
    Quote {
        ping: ping(number),
        claim: None,
        supplier: "dreamy".parse().unwrap(),
        vertical: "mortgage".parse().unwrap(),
        revision: Revision(1),
        test: false,
        attributes: attributes(),
        sealed: Some(master().seal(Subject::Ping(ping(number)), [("income", &phone)], &mut entropy).unwrap()),
        net: offers.iter().map(|offer| offer.net).sum(),
        offers,
        asked: vec![(0, ContractIndex(0))],
        lives: Duration::from_secs(120),
        holds,
        firm_share: Percent::of_whole(20).unwrap(),
        record: record(RunKind::Ping),
    }
}

/// A direct post of a person of its own.
pub(super) fn accept(number: u32) -> Accept {
    let phone = Value::of_text(format!("+1202555{number:04}"));
    let mut entropy = |bytes: &mut [u8]| bytes.fill(0xA0 ^ number as u8);
    Accept {
        lead: lead(number),
        supplier: "dreamy".parse().unwrap(),
        vertical: "mortgage".parse().unwrap(),
        revision: Revision(1),
        test: false,
        ping: None,
        requote: false,
        idempotency: None,
        fingerprint: fingerprint(1),
        attributes: attributes(),
        sealed: master().seal(Subject::Lead(lead(number)), [("phone", &phone)], &mut entropy).unwrap(),
        people: vec![person(number)],
        duplicates_window: DAY * 30,
        lease: LEASE,
        node: node(1),
    }
}

/// One exclusive leg at 10.00, of which 8.00 are the supplier's; its post starts at once.
pub(super) fn request(number: u32, of: u32, fence: Fence, contract: &str) -> ReserveRequest {
    ReserveRequest {
        sale: sale(number),
        lead: lead(of),
        fence,
        contract: contract.parse().unwrap(),
        kind: SaleKind::Exclusive,
        price: units(10),
        net: units(8),
        most_shared: 3,
        max_disclosures: 3,
        start_post: true,
        quoted_by: None,
        buyer_ping: BuyerPingId::from_bytes(bytes(b'b', number)),
        reference: None,
    }
}

pub(super) fn settle(number: u32) -> Settle {
    Settle { sale: sale(number), redirect_url: None, buyer_lead_reference: None, disputed: None, why: None, ends_lead: true }
}

pub(super) fn beat(number: u32, lives: Duration) -> Command {
    Command::Beat(Beat { node: node(number), lives, alone: false })
}

pub(super) fn void(number: u32, cause: VoidCause) -> Command {
    Command::Void(Void { sale: sale(number), cause, why: "because".into() })
}

pub(super) fn end(number: u32, fence: Fence, status: LeadStatus) -> Command {
    Command::End(End { lead: lead(number), fence, status, reason: (status == LeadStatus::Unsold).then(|| "no_bid".into()) })
}

pub(super) fn prepay(number: u32, buyer: &str, amount: i64) -> Command {
    moves(number, Party::Buyer(buyer.parse().unwrap()), amount, "ann", false)
}

/// `by` asks that so much be moved.
pub(super) fn moves(number: u32, party: Party, amount: i64, by: &str, needs_second: bool) -> Command {
    let id = movement(number);
    Command::Operate(Operation::Move(Move { id, party, amount: units(amount), note: "a wire".into(), by: by.into(), needs_second }))
}

pub(super) fn movement(number: u32) -> MovementId {
    MovementId::from_bytes(bytes(b'$', number))
}

impl<B: Bench> World<B> {
    pub fn new(bench: B) -> Self {
        let (engine, reader) = (bench.engine(), bench.reader());
        let mut world = Self { bench, engine, reader, now: at("2026-06-01T16:00:00Z"), prepaid: 0 };
        world.say(beat(1, DAY * 3650));
        world
    }

    pub fn pass(&mut self, time: Duration) {
        self.now = self.now.plus(time);
    }

    pub fn apply(&mut self, command: Command) -> Outcome {
        self.engine.apply(self.now, &[command]).unwrap().pop().unwrap()
    }

    /// The outcome as a test reads it.
    pub fn say(&mut self, command: Command) -> String {
        match self.apply(command) {
            Outcome::Reserved(_) => "Reserved".into(),
            Outcome::Accepted { quote, .. } => if quote.is_some() { "Accepted(quoted)" } else { "Accepted" }.into(),
            Outcome::Quoted { firm, .. } => if firm { "Quoted(firm)" } else { "Quoted" }.into(),
            outcome => format!("{outcome:?}"),
        }
    }

    pub fn claim(&mut self, number: u32, text: &str, payload: u8) -> String {
        let idempotency = key(text, payload).unwrap();
        self.say(Command::Claim(Claim { supplier: "dreamy".parse().unwrap(), idempotency, ping: ping(number), node: node(1) }))
    }

    pub fn quote(&mut self, offers: Vec<QuotedOffer>, holds: Vec<Terms>, number: u32) -> String {
        let quote = quote(number, offers, holds);
        self.say(Command::Quote(quote))
    }

    pub fn accept(&mut self, accept: Accept) -> String {
        self.say(Command::Accept(accept))
    }

    /// A lead that is taken on, and its fence.
    pub fn accepted(&mut self, accept: Accept) -> Fence {
        match self.apply(Command::Accept(accept)) {
            Outcome::Accepted { fence, .. } => fence,
            other => panic!("not accepted: {other:?}"),
        }
    }

    pub fn reserve(&mut self, request: ReserveRequest, terms: Terms) -> String {
        self.say(Command::Reserve(Reserve { request, terms }))
    }

    /// A lead of a person of its own, posted to a buyer without limits.
    pub fn posted(&mut self, number: u32, contract: &str) -> Fence {
        let fence = self.accepted(accept(number));
        assert_eq!(self.reserve(request(number, number, fence, contract), terms(contract)), "Reserved");
        fence
    }

    /// A lead of a person of its own, sold to a buyer without limits.
    pub fn sold(&mut self, number: u32, contract: &str) {
        self.posted(number, contract);
        assert_eq!(self.say(Command::Settle(settle(number))), "Done");
    }

    pub fn prepay(&mut self, buyer: &str, amount: i64) -> String {
        self.prepaid += 1;
        self.say(prepay(self.prepaid, buyer, amount))
    }

    /// Balance and holds of a buyer, as text.
    pub fn money(&mut self, buyer: &str) -> String {
        let account = Account::Buyer(buyer.parse().unwrap());
        let rows = self.reader.balances().unwrap();
        rows.iter().find(|row| row.account == account).map_or("nothing".into(), |row| format!("{} held {}", row.balance, row.held))
    }

    /// Status, net and reason of a lead, as text.
    pub fn status(&mut self, number: u32) -> String {
        let row = self.reader.lead(lead(number)).unwrap().unwrap();
        format!("{} {}{}", row.status.word(), row.net, row.reason.map(|reason| format!(" {reason}")).unwrap_or_default())
    }

    pub fn sale_status(&mut self, number: u32) -> &'static str {
        self.reader.sale(sale(number)).unwrap().unwrap().status.word()
    }

    /// What is used of a contract's caps now.
    pub fn used(&mut self, terms: &Terms) -> Vec<u64> {
        let facts = self.reader.facts(self.now, &[(ContractIndex(0), terms.clone())], &[], false).unwrap();
        terms.caps.iter().map(|cap| facts[0].caps.iter().find(|(known, _)| known == cap).map_or(0, |(_, usage)| usage.count)).collect()
    }

    pub fn agrees(&mut self) {
        assert_eq!(self.reader.audit().unwrap(), Vec::<String>::new());
        assert_eq!(self.reader.ledger_sum().unwrap(), Money::ZERO);
    }
}
