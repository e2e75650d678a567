//! What the page of a lead shows, in the order in which one asks.

use askama::Template;
use exchange::{id::SaleId, ledger::Account, permission::Permission, time::Timestamp};
use jiff::tz::TimeZone;
use store::{ReturnStatus, SaleRow, SaleStatus};

use super::{
    super::{
        components::{Amount, Moment, Pager, Tag},
        frame::Frame,
        navigation::Place,
        visitor::Visitor,
    },
    answer::answer,
    auctions::{self, Auction},
    contact::Sealed,
    names::Names,
    price::{self, Step},
    waterfall::{self, Waterfall},
    why_not::{self, Group},
};
use crate::{
    node::Node,
    trace::{ContractView, Story, Trace},
};

#[derive(Template)]
#[template(path = "console/lead.html")]
pub struct View {
    frame: Frame,
    /// `Lead` or `Ping`.
    what: &'static str,
    id: String,
    status: Tag,
    test: bool,
    answer: String,
    notes: Vec<String>,
    supplier: String,
    vertical: String,
    came: Moment,
    ended: Option<Moment>,
    ping: Option<String>,
    duplicate_of: Option<String>,
    market: String,
    attributes: Vec<(String, String)>,
    waterfalls: Vec<Waterfall>,
    sales: Vec<Sale>,
    auctions: Vec<Auction>,
    asked: Vec<Asked>,
    passed_over: Vec<Group>,
    contracts: usize,
    ledger: Vec<Entry>,
    disclosures: Vec<Disclosed>,
    notices: Vec<Notice>,
    unread: Vec<Unread>,
    contact: Option<Contact>,
    timeline: Vec<Happened>,
}

struct Sale {
    contract: String,
    id: String,
    kind: String,
    status: Tag,
    reason: String,
    steps: Vec<Step>,
    facts: Vec<(&'static str, String)>,
    reserved: Moment,
    posted: Option<Moment>,
    returned: Option<Returned>,
    /// It is unknown, and this visitor may end it.
    may_resolve: bool,
}

struct Returned {
    status: Tag,
    reason: String,
    asked: Moment,
    may_decide: bool,
}

struct Asked {
    contract: String,
    key: String,
    tier: String,
    outcome: Tag,
    price: String,
    reason: String,
}

struct Entry {
    account: String,
    amount: Amount,
    cause: String,
    at: Moment,
}

struct Disclosed {
    buyer: String,
    at: Moment,
    outcome: Tag,
}

struct Notice {
    change: String,
    price: String,
    at: Moment,
    state: Tag,
    tries: u32,
    failure: String,
}

struct Unread {
    says: String,
    answer: String,
}

struct Contact {
    fields: Vec<String>,
    reveals: Vec<(String, String, Moment)>,
    may_reveal: bool,
}

struct Happened {
    at: String,
    run: &'static str,
    what: String,
}

/// Rows of a group that the page itself has; the others are a click away.
const ROWS_OF_GROUP: usize = 25;

pub fn of(node: &Node, visitor: &Visitor, story: Story, sealed: Option<Sealed>) -> View {
    written(Frame::of(visitor, Place::Leads), visitor, story, sealed, &node.time_zone())
}

fn written(frame: Frame, visitor: &Visitor, story: Story, sealed: Option<Sealed>, zone: &TimeZone) -> View {
    let names = Names(story.market.clone());
    let answer = answer(&story, &names);
    let Story { life, trace, market } = story;
    let moment = |at: Timestamp| Moment::of(at, zone);
    let (lead, ping) = (life.lead.as_ref(), life.ping);
    let sealed = sealed.unwrap_or_default();
    let may_decide = visitor.may(Permission::Decide);
    let sale = |row: &SaleRow| Sale {
        contract: names.contract(&row.contract),
        id: row.sale.to_string(),
        kind: row.kind.word().into(),
        status: Tag::status(row.status.word()),
        reason: [row.void_cause.clone(), row.why.clone()].into_iter().flatten().collect::<Vec<_>>().join(": "),
        steps: price::steps(row, &trace.supplier, market.as_deref()),
        facts: facts_of(row),
        reserved: moment(row.reserved_at),
        posted: row.post_started_at.map(moment),
        returned: returned(&sealed, row.sale, may_decide, zone),
        may_resolve: may_decide && row.status == SaleStatus::Unknown,
    };
    View {
        frame,
        what: if lead.is_some() { "Lead" } else { "Ping" },
        id: trace.lead_id.as_ref().or(trace.ping_id.as_ref()).cloned().unwrap_or_default(),
        status: Tag::status(&trace.status),
        test: trace.test,
        answer,
        supplier: names.supplier(&trace.supplier),
        vertical: trace.vertical.clone(),
        came: trace.started_at.parse::<jiff::Timestamp>().map_or_else(|_| moment(Timestamp::default()), |at| moment(at.into())),
        ended: lead.and_then(|lead| lead.ended_at).map(moment),
        ping: ping.filter(|_| lead.is_some()).map(|ping| ping.to_string()),
        duplicate_of: lead.and_then(|lead| lead.duplicate_of).map(|first| first.to_string()),
        market: format!("revision {}, tree {}", trace.revision, trace.tree.as_deref().unwrap_or("none")),
        attributes: trace.attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        waterfalls: waterfall::of(&trace, &names),
        sales: life.sales.iter().map(sale).collect(),
        auctions: auctions::of(&trace, &names),
        asked: trace.contracts.iter().filter(|view| view.eligible && view.reason.is_none()).map(|view| asked(&trace, &names, view)).collect(),
        passed_over: why_not::groups(&trace, &names, None, 0, ROWS_OF_GROUP),
        contracts: trace.contracts.len(),
        ledger: life
            .ledger
            .iter()
            .map(|row| Entry { account: account(&names, &row.account), amount: Amount::of(row.amount), cause: row.cause.clone(), at: moment(row.booked_at) })
            .collect(),
        disclosures: life
            .disclosures
            .iter()
            .map(|row| Disclosed {
                buyer: names.buyer(&row.buyer),
                at: moment(row.started_at),
                outcome: Tag::status(row.outcome.as_deref().unwrap_or("under way")),
            })
            .collect(),
        notices: life
            .notices
            .iter()
            .map(|row| Notice {
                change: format!("{}: {}", row.notice.change.word(), row.notice.status.word()),
                price: row.notice.net.to_string(),
                at: moment(row.notice.changed_at),
                state: Tag::status(row.state.word()),
                tries: row.tries,
                failure: row.failure.clone().unwrap_or_default(),
            })
            .collect(),
        unread: trace
            .unread
            .iter()
            .map(|unread| Unread {
                says: format!("{}, to its {}: {}", names.contract_called(&unread.contract), unread.call, unread.what),
                answer: unread.answer.clone(),
            })
            .collect(),
        contact: lead.filter(|lead| lead.erased_at.is_none()).map(|_| Contact {
            reveals: sealed.reveals.iter().map(|row| (row.who.clone(), row.why.clone(), moment(row.revealed_at))).collect(),
            may_reveal: visitor.may(Permission::RevealContact) && !sealed.fields.is_empty(),
            fields: sealed.fields,
        }),
        timeline: trace.timeline.iter().map(|moment| Happened { at: format!("{:.1} ms", moment.at_ms), run: moment.run, what: moment.what.clone() }).collect(),
        notes: trace.notes,
    }
}

/// What else is known of a sale.
fn facts_of(row: &SaleRow) -> Vec<(&'static str, String)> {
    let looks = (row.looks > 0).then(|| row.looks.to_string());
    [
        ("The buyer's reference of its bid", row.reference.clone()),
        ("Its reference of the lead", row.buyer_lead_reference.clone()),
        ("Looked at while unknown", looks),
        ("Confirmed before the contact left", row.confirmed.then(|| "yes".to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn returned(sealed: &Sealed, sale: SaleId, may_decide: bool, zone: &TimeZone) -> Option<Returned> {
    let row = sealed.returns.iter().find(|row| row.sale == sale)?;
    Some(Returned {
        status: Tag::status(row.status.word()),
        reason: row.reason.replace('_', " "),
        asked: Moment::of(row.requested_at, zone),
        may_decide: may_decide && row.status == ReturnStatus::Requested,
    })
}

/// An eligible contract and what came of asking it.
fn asked(trace: &Trace, names: &Names, view: &ContractView) -> Asked {
    let key = view.contract.to_string();
    let ping = trace.pings.iter().find(|ping| ping.contract == key && *ping.tier == *view.tier);
    let sale = trace.sales.iter().rev().find(|sale| sale.contract == key);
    let offer = trace.auctions.iter().flat_map(|auction| &auction.offers).find(|offer| offer.contract == key);
    let fixed = if sale.is_some_and(|sale| sale.status == "sold") { "won" } else { "lost" };
    Asked {
        contract: names.contract(&view.contract),
        tier: view.tier.to_string(),
        outcome: Tag::status(ping.map_or(fixed, |ping| ping.outcome.as_str())),
        price: ping
            .and_then(|ping| ping.bid.clone().or_else(|| ping.shared_bid.clone()))
            .or_else(|| offer.map(|offer| offer.price.clone()))
            .unwrap_or_default(),
        reason: ping.and_then(|ping| ping.reason.clone()).unwrap_or_default(),
        key,
    }
}

fn account(names: &Names, account: &Account) -> String {
    match account {
        Account::Buyer(name) => names.buyer(name),
        Account::Supplier(name) => names.supplier(name.as_str()),
        other => other.to_string(),
    }
}

#[derive(Template)]
#[template(path = "console/lead_contracts.html")]
pub struct ContractsView {
    frame: Frame,
    /// The page of the lead or ping.
    back: String,
    id: String,
    group: Group,
    from: usize,
    pager: Pager,
}

const ROWS_ON_PAGE: usize = 200;

/// None where no contract was passed over for that reason.
pub fn contracts(visitor: &Visitor, story: &Story, id: &str, why: &str, from: usize) -> Option<ContractsView> {
    let names = Names(story.market.clone());
    let group = why_not::groups(&story.trace, &names, Some(why), from, ROWS_ON_PAGE).pop()?;
    let back = format!("/console/{}s/{id}", if id.starts_with("ping") { "ping" } else { "lead" });
    let page = |from: usize| format!("{back}/contracts?why={}&from={from}", group.word);
    let pager = Pager::oldest_first(
        (from > 0).then(|| page(0)),
        (from.saturating_add(group.rows.len()) < group.count).then(|| page(from.saturating_add(ROWS_ON_PAGE))),
    );
    Some(ContractsView { frame: Frame::of(visitor, Place::Leads), back, id: id.to_owned(), from, pager, group })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        frame::{inside, sample as sample_frame, sample_visitor},
        lead::sample,
    };

    fn rendered(role: &str, story: Story, sealed: Sealed) -> String {
        written(sample_frame(role, Place::Leads), &sample_visitor(role), story, Some(sealed), &TimeZone::UTC).render().unwrap()
    }

    #[test]
    fn a_lead_that_was_sold() {
        insta::assert_snapshot!(inside(&rendered("owner", sample::sold_story(), sample::sealed())));
    }

    #[test]
    fn a_lead_that_was_not() {
        insta::assert_snapshot!(inside(&rendered("read-only", sample::unsold_story(), sample::sealed())));
    }

    #[test]
    fn who_only_looks_on_is_offered_no_form_but_to_sign_out() {
        let page = rendered("read-only", sample::sold_story(), sample::sealed());
        assert_eq!(page.matches("<form").count(), 1, "{page}");
        let page = rendered("owner", sample::sold_story(), sample::sealed());
        assert!(page.contains("/reveal") && page.contains("/accept"), "{page}");
    }

    #[test]
    fn contracts_of_one_reason() {
        let view = contracts(&sample_visitor("owner"), &sample::unsold_story(), "lead_01kz5h2v7qe0gr3m5w8x9y2c4d", "filter", 0).unwrap();
        insta::assert_snapshot!(inside(&view.render().unwrap()));
        assert!(contracts(&sample_visitor("owner"), &sample::unsold_story(), "lead_1", "hours", 0).is_none());
    }
}
