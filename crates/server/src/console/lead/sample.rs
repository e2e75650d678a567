//! Lives for tests of the page: one lead that was sold, one that was not.

use std::collections::BTreeMap;

use exchange::{
    cap::{Cap, Limit, Period},
    contract::SaleKind,
    id::{BuyerPingId, LeadId, ParentName, SaleId},
    ledger::Account,
    matching::WhyNot,
    money::Money,
    time::Timestamp,
};
use store::{DisclosureRow, LedgerRow, ReturnRow, ReturnStatus, RevealRow, SaleRow, SaleStatus};

use super::contact::Sealed;
use crate::trace::{AuctionView, CallView, ContractView, Life, MomentView, OfferView, PingView, Reason, SaleView, Story, Trace};

const LEAD: &str = "lead_01kz5h2v7qe0gr3m5w8x9y2c4d";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_780_000_000 + seconds) * 1_000_000)
}

fn usd(text: &str) -> Money {
    Money::parse(text, 2).unwrap()
}

fn trace(status: &str, reason: Option<&str>) -> Trace {
    Trace {
        lead_id: Some(LEAD.into()),
        ping_id: None,
        status: status.into(),
        reason: reason.map(str::to_owned),
        supplier: "dreamy-leads".into(),
        vertical: "mortgage".into(),
        revision: 7,
        tree: Some("mortgage".into()),
        test: false,
        started_at: at(0).to_string(),
        attributes: BTreeMap::from([("loan_amount".into(), "200000-299999".into()), ("state".into(), "CA".into())]),
        quote: None,
        contracts: Vec::new(),
        pings: Vec::new(),
        calls: Vec::new(),
        auctions: Vec::new(),
        sales: Vec::new(),
        disclosures: Vec::new(),
        ledger: Vec::new(),
        notices: Vec::new(),
        timeline: vec![MomentView { run: "lead", at_ms: 0.1, what: "tier open is asked".into() }],
        unread: Vec::new(),
        contact: None,
        notes: Vec::new(),
    }
}

fn ping(contract: &str, elapsed_ms: Option<f64>, bid: Option<&str>, outcome: &str) -> PingView {
    PingView {
        contract: contract.into(),
        tier: "open".into(),
        run: "lead",
        sent_ms: 0.2,
        answer_by_ms: 300.0,
        elapsed_ms,
        bid: bid.map(str::to_owned),
        shared_bid: None,
        outcome: outcome.into(),
        reason: None,
    }
}

fn call(call: &'static str, sent_ms: f64, elapsed_ms: f64, outcome: &str) -> CallView {
    let sale_id = SaleId::from_bytes([1; 16]).to_string();
    CallView { run: "lead", sale_id, contract: "harbor/west".into(), call, sent_ms, elapsed_ms: Some(elapsed_ms), outcome: outcome.into(), reason: None }
}

fn contract(contract: &str, reason: Option<WhyNot>) -> ContractView {
    ContractView { contract: contract.parse().unwrap(), tier: "open".into(), eligible: reason.is_none(), reason: reason.map(Reason::Said) }
}

pub fn sold() -> Trace {
    let offer = |contract: &str, price: &str, net: &str, lot: &str| OfferView {
        contract: contract.into(),
        kind: "exclusive".into(),
        price: price.into(),
        net: net.into(),
        lot: lot.into(),
    };
    let sale = SaleView {
        sale_id: SaleId::from_bytes([1; 16]).to_string(),
        buyer: "harbor".into(),
        contract: "harbor/west".into(),
        kind: "exclusive".into(),
        price: "12.50".into(),
        net: "9.60".into(),
        status: "sold".into(),
        reason: None,
        reserved_at: at(1).to_string(),
        ended_at: Some(at(2).to_string()),
    };
    Trace {
        contracts: vec![
            contract("harbor/west", None),
            contract("summit/all", None),
            contract("tidewater/all", None),
            contract("lone-star/tx", Some(WhyNot::Filter("state in [\"TX\"]".into()))),
        ],
        pings: vec![
            ping("harbor/west", Some(40.0), Some("12.50"), "won"),
            ping("summit/all", Some(100.0), Some("11.00"), "lost"),
            ping("tidewater/all", None, None, "timeout"),
        ],
        calls: vec![call("hold", 300.2, 2.0, "held"), call("post", 302.2, 40.0, "accepted")],
        auctions: vec![AuctionView {
            run: "lead",
            tier: "open".into(),
            at_ms: 300.0,
            offers: vec![offer("harbor/west", "12.50", "9.60", "00f1"), offer("summit/all", "11.00", "8.80", "0a00")],
        }],
        sales: vec![sale],
        ..trace("sold", None)
    }
}

pub fn unsold() -> Trace {
    let contracts = vec![
        contract("lone-star/tx", Some(WhyNot::Filter("state in [\"TX\"]".into()))),
        contract("tidewater/all", Some(WhyNot::Filter("loan_amount >= 300000".into()))),
        contract("harbor/west", Some(WhyNot::Cap(Cap { limit: Limit::Count(100), per: Period::Day }))),
    ];
    Trace { contracts, ..trace("unsold", Some("no_eligible_buyer")) }
}

pub fn sold_story() -> Story {
    let (lead, sale) = (LEAD.parse::<LeadId>().unwrap(), SaleId::from_bytes([1; 16]));
    let row = SaleRow {
        sale,
        lead,
        buyer: "harbor".parse().unwrap(),
        contract: "harbor/west".parse().unwrap(),
        parent: ParentName::of_company("harbor").unwrap(),
        kind: SaleKind::Exclusive,
        status: SaleStatus::Sold,
        test: false,
        price: usd("12.50"),
        net: usd("9.60"),
        buyer_ping: BuyerPingId::from_bytes([2; 16]),
        reference: Some("harbor-17".into()),
        void_cause: None,
        why: None,
        redirect_url: None,
        buyer_lead_reference: Some("HL-20931".into()),
        reserved_at: at(1),
        post_started_at: Some(at(1)),
        ended_at: Some(at(2)),
        confirmed: false,
        looks: 0,
        look_at: None,
    };
    let entry = |account: Account, amount: &str| LedgerRow { cause: "sale".into(), sale, lead, account, amount: usd(amount), note: None, booked_at: at(2) };
    let ledger = vec![
        entry(Account::Buyer("harbor".parse().unwrap()), "-12.50"),
        entry(Account::Supplier("dreamy-leads".parse().unwrap()), "9.60"),
        entry(Account::House, "2.90"),
    ];
    let disclosed = DisclosureRow { sale, lead, buyer: row.buyer.clone(), parent: row.parent.clone(), started_at: at(1), outcome: Some("sold".into()) };
    let life = Life { sales: vec![row], ledger, disclosures: vec![disclosed], lead: Some(lead_row(lead)), ..Life::default() };
    Story { life, trace: sold(), market: None }
}

pub fn unsold_story() -> Story {
    Story { life: Life { lead: Some(lead_row(LEAD.parse().unwrap())), ..Life::default() }, trace: unsold(), market: None }
}

fn lead_row(lead: LeadId) -> store::LeadRow {
    store::LeadRow {
        lead,
        supplier: "dreamy-leads".parse().unwrap(),
        vertical: "mortgage".parse().unwrap(),
        revision: exchange::id::Revision(7),
        test: false,
        ping: None,
        quoted: false,
        status: exchange::command::LeadStatus::Sold,
        net: usd("9.60"),
        legs: vec![usd("9.60")],
        reason: None,
        redirect_url: None,
        duplicate_of: None,
        own_duplicate_of: None,
        attributes: Default::default(),
        fence: exchange::command::Fence(1),
        accepted_at: at(0),
        lease_until: None,
        ended_at: Some(at(2)),
        erased_at: None,
    }
}

pub fn sealed() -> Sealed {
    let returned = ReturnRow {
        sale: SaleId::from_bytes([1; 16]),
        status: ReturnStatus::Requested,
        reason: "wrong_person".into(),
        note: None,
        requested_at: at(90),
        decided_at: None,
    };
    Sealed {
        fields: vec!["email".into(), "phone".into()],
        reveals: vec![RevealRow { who: "maria".into(), why: "asked for by the person".into(), revealed_at: at(60) }],
        returns: vec![returned],
    }
}
