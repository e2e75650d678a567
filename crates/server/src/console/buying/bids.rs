//! `/console/buying/bids`: what the buyer was asked, what it bid, and what became of it. What others bid is not in it, but for
//! the price that a lead was sold at where its tree shows that.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::extract::{Query, State};
use exchange::{
    contract::SaleKind,
    id::{BuyerName, BuyerPingId, ContractIndex, Revision, Subject},
    market::Market,
    money::Money,
    record::{BidOutcome, Decision, DropReason, RunRecord},
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::{QuoteRow, ReadError, Reader, SaleRow, SaleStatus};

use super::buyer_of;
use crate::{
    console::{
        components::{Amount, Moment, Pager, Tag, Tone},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
};

/// Pings and leads that are read at once, and how often for a page: until it has enough lines.
const AT_ONCE: u32 = 100;
const TIMES: usize = 5;
const ENOUGH: usize = 50;

#[derive(Template)]
#[template(path = "console/buying/bids.html")]
struct View {
    frame: Frame,
    bids: Vec<Line>,
    /// Whether some line has it.
    has_winning_prices: bool,
    pager: Pager,
}

struct Line {
    at: Moment,
    /// As the buyer knows it; none where it has a fixed price and was not asked.
    ping: Option<BuyerPingId>,
    vertical: String,
    contract: String,
    bid: Option<Amount>,
    shared: Option<Amount>,
    outcome: Tag,
    why: String,
    /// What the lead was sold at to somebody else, where its tree shows that.
    won_at: Option<Amount>,
    is_test: bool,
}

/// Those that came before this millisecond. An id of the exchange's own would tell one buyer of another's ping.
#[derive(Deserialize)]
pub struct Before {
    before: Option<u64>,
}

/// A ping or lead as it went, and what came of it for this buyer.
struct Looked {
    subject: Subject,
    record: RunRecord,
    /// Of a ping: what its quote rests on, and the lead that it was posted as.
    quote: Option<QuoteRow>,
    sales: Vec<SaleRow>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Query(asked): Query<Before>) -> Reply {
    let buyer = buyer_of(&visitor)?;
    let zone = node.time_zone();
    let (mut before, mut bids) = (asked.before, Vec::new());
    for _ in 0..TIMES {
        let from = before;
        let mut looked = node.page_readers.read(move |reader| look(reader, from)).await?;
        let (shown, next) = cut(&looked.iter().map(|looked| millisecond(looked.subject)).collect::<Vec<_>>());
        looked.truncate(shown);
        before = next;
        let markets = Markets { present: node.market(), of_runs: markets(&node, &looked).await? };
        bids.extend(looked.iter().flat_map(|looked| lines(looked, &markets, &buyer, &zone)));
        if before.is_none() || bids.len() >= ENOUGH {
            break;
        }
    }
    let here = Place::Bids.path();
    let pager = Pager::newest_first(asked.before.map(|_| here.to_owned()), before.map(|before| format!("{here}?before={before}")));
    let has_winning_prices = bids.iter().any(|bid: &Line| bid.won_at.is_some());
    reply::page(&View { frame: Frame::of(&visitor, Place::Bids), bids, has_winning_prices, pager })
}

fn look(reader: &mut dyn Reader, before: Option<u64>) -> Result<Vec<Looked>, ReadError> {
    let looked = |reader: &mut dyn Reader, subject, record| {
        let quote = match subject {
            Subject::Ping(ping) => reader.quote(ping)?,
            Subject::Lead(_) => None,
        };
        let lead = match subject {
            Subject::Lead(lead) => Some(lead),
            Subject::Ping(_) => quote.as_ref().and_then(|quote| quote.lead),
        };
        let sales = lead.map_or_else(|| Ok(Vec::new()), |lead| reader.sales_of(lead))?;
        Ok(Looked { subject, record, quote, sales })
    };
    let runs = reader.recent_runs(before.map(first_of), AT_ONCE)?;
    runs.into_iter().map(|(subject, record)| looked(reader, subject, record)).collect()
}

/// How many of a page's runs are shown, by their milliseconds, and before which millisecond the next page comes: what came in the
/// last one may go on there, so it is left to it.
fn cut(milliseconds: &[u64]) -> (usize, Option<u64>) {
    let Some(last) = milliseconds.last().filter(|_| milliseconds.len() >= AT_ONCE as usize) else { return (milliseconds.len(), None) };
    match milliseconds.partition_point(|millisecond| millisecond > last) {
        0 => (milliseconds.len(), Some(*last)),
        whole => (whole, Some(last + 1)),
    }
}

fn millisecond(subject: Subject) -> u64 {
    subject.bytes().iter().take(6).fold(0, |time, byte| time << 8 | u64::from(*byte))
}

/// Lower than the id of whatever came in that millisecond.
fn first_of(millisecond: u64) -> [u8; 16] {
    (u128::from(millisecond) << 80).to_be_bytes()
}

struct Markets {
    present: Option<Arc<Market>>,
    of_runs: BTreeMap<Revision, Arc<Market>>,
}

impl Markets {
    /// The operator must have said so when the auction ran, and must not have taken it back.
    fn show_winning_price(&self, record: &RunRecord) -> bool {
        let shows = |market: Option<&Arc<Market>>| market.is_some_and(|market| market.shows_winning_price(&record.vertical, &record.supplier));
        shows(self.of_runs.get(&record.revision)) && shows(self.present.as_ref())
    }
}

async fn markets(node: &Node, looked: &[Looked]) -> Result<BTreeMap<Revision, Arc<Market>>, Failed> {
    let mut markets = BTreeMap::new();
    for looked in looked {
        if let std::collections::btree_map::Entry::Vacant(vacant) = markets.entry(looked.record.revision) {
            let market = node.market_of(looked.record.revision).await.map_err(|error| {
                tracing::error!(%error, "a market could not be read");
                Failed::Unavailable
            })?;
            vacant.insert(market);
        }
    }
    Ok(markets)
}

fn lines(looked: &Looked, markets: &Markets, buyer: &BuyerName, zone: &TimeZone) -> Vec<Line> {
    let Some(market) = markets.of_runs.get(&looked.record.revision) else { return Vec::new() };
    let shows = markets.show_winning_price(&looked.record);
    let own = |index: &ContractIndex| market.contract(*index).key.buyer == *buyer;
    let answered = looked.record.decisions.iter().filter_map(|(_, decision)| match decision {
        Decision::Answered { tier, contract, outcome } if own(contract) => Some((*tier, *contract, outcome)),
        _ => None,
    });
    answered.map(|(tier, contract, outcome)| line(looked, (market, shows), (tier, contract), outcome, zone)).collect()
}

fn line(looked: &Looked, (market, shows): (&Market, bool), (tier, index): (u32, ContractIndex), outcome: &BidOutcome, zone: &TimeZone) -> Line {
    let record = &looked.record;
    let contract = market.contract(index);
    let ping = record.decisions.iter().find_map(|(_, decision)| match decision {
        Decision::Pinged { tier: of, contract, buyer_ping, .. } if (*of, *contract) == (tier, index) => Some(*buyer_ping),
        _ => None,
    });
    let (bid, shared) = prices(outcome);
    // Two tiers may have asked the same contract: its sale is of one of these pings.
    let is_of_it = |sale: &&SaleRow| sale.contract == contract.key && ping.is_none_or(|ping| sale.buyer_ping == ping);
    let sale = looked.sales.iter().rev().find(is_of_it);
    let (outcome, why) = told(looked, index, outcome, sale, shows);
    let won_at = if shows && outcome.is_word(LOST) { winning_price(&looked.sales) } else { None };
    Line {
        at: Moment::of(record.started_at, zone),
        ping,
        vertical: market.vertical(&record.vertical).map_or_else(|| record.vertical.to_string(), |vertical| vertical.label.clone()),
        contract: contract.key.name.to_string(),
        bid: bid.map(Amount::of),
        shared: shared.map(Amount::of),
        outcome,
        why,
        won_at: won_at.map(Amount::of),
        is_test: record.test,
    }
}

const LOST: &str = "lost";

/// What the lead was sold at; shared by several, what the last of them paid: more than that would have had a share.
fn winning_price(sales: &[SaleRow]) -> Option<Money> {
    sales.iter().filter(|sale| matches!(sale.status, SaleStatus::Sold | SaleStatus::Returned)).map(|sale| sale.price).min()
}

fn prices(outcome: &BidOutcome) -> (Option<Money>, Option<Money>) {
    match outcome {
        BidOutcome::Bid { exclusive, shared } | BidOutcome::Fixed { exclusive, shared } | BidOutcome::Late { exclusive, shared } => (*exclusive, *shared),
        BidOutcome::NoBid { .. } | BidOutcome::Failed(_) | BidOutcome::NotAdmitted(_) | BidOutcome::Silent => (None, None),
    }
}

/// In one word, and why; without a word of anybody else.
fn told(looked: &Looked, index: ContractIndex, outcome: &BidOutcome, sale: Option<&SaleRow>, shows: bool) -> (Tag, String) {
    match outcome {
        BidOutcome::Bid { .. } | BidOutcome::Fixed { .. } => stood(looked, index, sale, shows),
        BidOutcome::NoBid { reason } => (Tag::new("no bid", Tone::Plain), reason.clone().unwrap_or_default()),
        BidOutcome::Late { .. } => (Tag::new("late", Tone::Warn), "It came after the deadline.".into()),
        BidOutcome::Failed(failure) => (Tag::new("failed", Tone::Bad), failure.to_string()),
        BidOutcome::NotAdmitted(fault) => (Tag::new("not admitted", Tone::Warn), fault.word().replace('_', " ")),
        BidOutcome::Silent => (Tag::new("no answer", Tone::Warn), "Nothing had come by the deadline.".into()),
    }
}

fn stood(looked: &Looked, index: ContractIndex, sale: Option<&SaleRow>, shows: bool) -> (Tag, String) {
    let record = &looked.record;
    if let Some(sale) = sale {
        return match sale.status {
            SaleStatus::Sold => (Tag::new("won", Tone::Good), String::new()),
            SaleStatus::Returned => (Tag::new("won", Tone::Good), "Given back since.".into()),
            SaleStatus::Void => (Tag::new("void", Tone::Bad), sale.void_cause.clone().unwrap_or_default().replace('_', " ")),
            SaleStatus::Reserved | SaleStatus::Posted => (Tag::new("posted", Tone::Warn), "Its post is under way.".into()),
            SaleStatus::Unknown => (Tag::new("unknown", Tone::Warn), "It isn't known whether you took it.".into()),
        };
    }
    let dropped = record.decisions.iter().find_map(|(_, decision)| match decision {
        Decision::OfferDropped { contract, why, .. } if *contract == index => Some(why),
        _ => None,
    });
    match dropped {
        Some(DropReason::Refused(refusal)) => (Tag::new("fell away", Tone::Warn), refusal.to_string().replace('_', " ")),
        Some(DropReason::Expired) => (Tag::new("expired", Tone::Warn), "Your bid's time was over.".into()),
        Some(DropReason::SameParent) => (Tag::new("fell away", Tone::Plain), "Another buyer of your company has it.".into()),
        Some(DropReason::BelowQuote) => (Tag::new("fell away", Tone::Plain), "It would have paid less than was promised for the lead.".into()),
        Some(DropReason::NotAdmitted(why)) => (Tag::new("fell away", Tone::Warn), why.to_string().replace('_', " ")),
        None if is_promised(looked, index) => (Tag::new("not posted", Tone::Plain), "Your bid came first. The lead has not been posted.".into()),
        // A tie would tell the other's price.
        None if shows && is_tie(record, index) => (Tag::new(LOST, Tone::Plain), "A tie, and the lot fell on another.".into()),
        None => (Tag::new(LOST, Tone::Plain), "Another offer came before.".into()),
    }
}

/// Whether its bid is among those that a supplier was quoted for a ping which nobody has posted.
fn is_promised(looked: &Looked, index: ContractIndex) -> bool {
    let open = looked.quote.as_ref().filter(|quote| quote.lead.is_none());
    open.is_some_and(|quote| quote.offers.iter().any(|offer| offer.contract == index && offer.promised))
}

/// Whether the first of its tier offered as much for the same kind of sale, to the one who sells.
fn is_tie(record: &RunRecord, index: ContractIndex) -> bool {
    record.decisions.iter().any(|(_, decision)| match decision {
        Decision::Ranked { offers, .. } => {
            let own = |kind: SaleKind| offers.iter().find(|offer| offer.contract == index && offer.kind == kind);
            offers.first().is_some_and(|first| first.contract != index && own(first.kind).is_some_and(|own| own.net == first.net))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use exchange::{id::LeadId, time::Timestamp};

    use super::*;
    use crate::console::frame;

    #[test]
    fn no_page_leaves_out_what_came_in_the_same_millisecond() {
        let cut = |milliseconds: &mut dyn Iterator<Item = u64>| super::cut(&milliseconds.collect::<Vec<_>>());
        assert_eq!(cut(&mut (0..99).rev()), (99, None));
        assert_eq!(cut(&mut (100..200).rev()), (99, Some(101)));
        assert_eq!(cut(&mut [300, 200].into_iter().chain([100; 98])), (2, Some(101)));
        assert_eq!(cut(&mut [100; 100].into_iter()), (100, Some(100)));
        let id = |before: u64, last: u8| LeadId::from_bytes((u128::from_be_bytes(first_of(before)) | u128::from(last)).to_be_bytes());
        assert_eq!(millisecond(Subject::Lead(id(100, 7))), 100);
        assert!(first_of(100) < *id(100, 7).bytes() && first_of(101) > *id(100, 255).bytes());
    }

    #[test]
    fn render() {
        let line = |bid: Option<i64>, outcome: (&str, Tone), why: &str, is_test| Line {
            at: Moment::of(Timestamp::from_micros(1_764_288_000_000_000), &TimeZone::UTC),
            ping: Some(BuyerPingId::from_bytes([7; 16])),
            vertical: "Mortgage".into(),
            contract: "west".into(),
            bid: bid.map(|units| Amount::of(Money::from_units(units))),
            shared: None,
            outcome: Tag::new(outcome.0, outcome.1),
            why: why.into(),
            won_at: (outcome.0 == LOST).then(|| Amount::of(Money::from_units(40))),
            is_test,
        };
        let bids = vec![
            line(Some(40), ("won", Tone::Good), "", false),
            line(Some(31), ("lost", Tone::Plain), "Another offer came before.", false),
            line(None, ("no bid", Tone::Plain), "<outside our states>", true),
        ];
        let pager = Pager::newest_first(None, Some("/console/buying/bids?before=1".into()));
        insta::assert_snapshot!(frame::inside(
            &View { frame: frame::sample("buyer:acme", Place::Bids), bids, has_winning_prices: true, pager }.render().unwrap()
        ));
    }
}
