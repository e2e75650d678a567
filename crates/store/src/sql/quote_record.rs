//! The record of a ping in the row of its quote, without what the row has anyway: it is a third of what an auction writes.
//!
//! What a record says otherwise than its row is written whole, so that what is read is always what was recorded.

use std::borrow::Cow;

use exchange::{
    call::PingReply,
    command::{Quote, QuotedOffer},
    facts::{Facts, Seed},
    id::ContractIndex,
    record::{BidOutcome, Decision, Micros, RankedOffer, RecordedEvent, RunKind, RunRecord},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    column::{FORMAT, format_and_packed, packed_as},
    db::Row,
    failure::{Failure, Result},
};

/// A whole record, as every other has it: the first form of all packed values.
const WHOLE: u8 = FORMAT;
const SLIM: u8 = 2;

/// What is to be selected of `quotes`, in this order, to read a record.
pub(super) const COLUMNS: &str = "record, supplier, vertical, revision, test, attributes, offers";

#[derive(Serialize, Deserialize)]
struct Slim<'r> {
    started_at: Timestamp,
    seed: Seed,
    facts: Cow<'r, Facts>,
    events: Cow<'r, [(Micros, RecordedEvent)]>,
    decisions: Vec<Told<'r>>,
}

/// A decision, by what the row and the events before it say.
#[derive(Serialize, Deserialize)]
enum Told<'r> {
    Whole(Micros, Cow<'r, Decision>),
    /// A ping with the id that the quote's offer of its tier and contract names.
    Pinged {
        at: Micros,
        tier: u32,
        contract: ContractIndex,
        time: Micros,
    },
    /// This event is a bid, and was taken as it came, when it came.
    Bid(u32),
    /// So many of the quote's offers, from this one on.
    Ranked {
        at: Micros,
        tier: u32,
        first: u32,
        count: u32,
    },
}

pub(super) fn packed(quote: &Quote) -> Result<Vec<u8>> {
    if is_of_row(quote) { packed_as(SLIM, &slim(&quote.record, &quote.offers)) } else { packed_as(WHOLE, &*quote.record) }
}

fn is_of_row(quote: &Quote) -> bool {
    let Quote { supplier, vertical, revision, test, attributes, record, .. } = quote;
    record.kind == RunKind::Ping
        && (&record.supplier, &record.vertical, record.revision, record.test, &record.attributes) == (supplier, vertical, *revision, *test, attributes)
}

fn slim<'r>(record: &'r RunRecord, offers: &[QuotedOffer]) -> Slim<'r> {
    let RunRecord { started_at, seed, facts, events, .. } = record;
    let decisions = record.decisions.iter().map(|(at, decision)| {
        let by_row = by_event(*at, decision, events).or_else(|| by_offers(*at, decision, offers));
        by_row.unwrap_or(Told::Whole(*at, Cow::Borrowed(decision)))
    });
    let decisions = decisions.collect();
    Slim { started_at: *started_at, seed: *seed, facts: Cow::Borrowed(facts), events: Cow::Borrowed(events), decisions }
}

fn by_event<'r>(at: Micros, decision: &Decision, events: &[(Micros, RecordedEvent)]) -> Option<Told<'r>> {
    let Decision::Answered { outcome: BidOutcome::Bid { .. }, .. } = decision else { return None };
    let event = events.iter().position(|event| event.0 == at && as_taken(&event.1).as_ref() == Some(decision))?;
    u32::try_from(event).ok().map(Told::Bid)
}

/// The decision on a bid that is taken as it came.
fn as_taken(event: &RecordedEvent) -> Option<Decision> {
    let RecordedEvent::Ping { contract, tier, reply: PingReply::Bid(bid) } = event else { return None };
    let outcome = BidOutcome::Bid { exclusive: bid.bid, shared: bid.shared_bid };
    Some(Decision::Answered { tier: *tier, contract: *contract, outcome })
}

fn by_offers<'r>(at: Micros, decision: &Decision, offers: &[QuotedOffer]) -> Option<Told<'r>> {
    match decision {
        Decision::Pinged { tier, contract, buyer_ping, time } => {
            let is_named = offer_of(offers, *tier, *contract)?.buyer_ping == *buyer_ping;
            is_named.then_some(Told::Pinged { at, tier: *tier, contract: *contract, time: *time })
        }
        Decision::Ranked { tier, offers: ranked } => {
            let first = offers.iter().position(|offer| offer.tier == *tier)?;
            let quoted = offers.get(first..first + ranked.len())?;
            let told = Told::Ranked { at, tier: *tier, first: u32::try_from(first).ok()?, count: u32::try_from(ranked.len()).ok()? };
            quoted.iter().map(ranked_as).eq(ranked.iter().cloned()).then_some(told)
        }
        _ => None,
    }
}

fn offer_of(offers: &[QuotedOffer], tier: u32, contract: ContractIndex) -> Option<&QuotedOffer> {
    offers.iter().find(|offer| (offer.tier, offer.contract) == (tier, contract))
}

fn ranked_as(offer: &QuotedOffer) -> RankedOffer {
    RankedOffer { contract: offer.contract, kind: offer.kind, price: offer.price, net: offer.net, lot: offer.lot }
}

impl Row {
    /// Of the columns [`COLUMNS`].
    pub fn quote_record(&self) -> Result<RunRecord> {
        match format_and_packed(&self.value::<Vec<u8>>(0)?)? {
            (WHOLE, packed) => postcard::from_bytes(packed).map_err(|_| Failure::Column),
            (SLIM, packed) => {
                let slim: Slim<'_> = postcard::from_bytes(packed).map_err(|_| Failure::Column)?;
                let decisions = whole(&slim, &self.packed::<Vec<QuotedOffer>>(6)?).ok_or(Failure::Column)?;
                Ok(RunRecord {
                    revision: self.value(3)?,
                    supplier: self.value(1)?,
                    vertical: self.value(2)?,
                    test: self.value(4)?,
                    kind: RunKind::Ping,
                    attributes: self.packed(5)?,
                    started_at: slim.started_at,
                    seed: slim.seed,
                    facts: slim.facts.into_owned(),
                    events: slim.events.into_owned(),
                    decisions,
                })
            }
            _ => Err(Failure::Column),
        }
    }
}

/// None for what is told by what isn't there.
fn whole(slim: &Slim<'_>, offers: &[QuotedOffer]) -> Option<Vec<(Micros, Decision)>> {
    let decision = |told: &Told<'_>| match told {
        Told::Whole(at, decision) => Some((*at, decision.clone().into_owned())),
        Told::Pinged { at, tier, contract, time } => {
            let buyer_ping = offer_of(offers, *tier, *contract)?.buyer_ping;
            Some((*at, Decision::Pinged { tier: *tier, contract: *contract, buyer_ping, time: *time }))
        }
        Told::Bid(event) => {
            let (at, event) = slim.events.get(usize::try_from(*event).ok()?)?;
            Some((*at, as_taken(event)?))
        }
        Told::Ranked { at, tier, first, count } => {
            let (first, count) = (usize::try_from(*first).ok()?, usize::try_from(*count).ok()?);
            let offers = offers.get(first..first.checked_add(count)?)?.iter().map(ranked_as).collect();
            Some((*at, Decision::Ranked { tier: *tier, offers }))
        }
    };
    slim.decisions.iter().map(decision).collect()
}

#[cfg(test)]
mod tests;
