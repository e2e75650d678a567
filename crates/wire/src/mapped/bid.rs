//! The answer to a mapped ping: a bid, no bid, or nothing that can be read.

use std::borrow::Cow;

use exchange::{
    call::{CallFailure, PingReply, RawBid},
    contract::{SaleKind, SaleKinds},
    mapping::{Answer, Bids, CodeMeans, Price, Reference},
    money::{Currency, Money},
};

use super::{
    answer::{Heard, NOTHING, Reading, Text, Verdict, amount, unread},
    reference::{Named, kept},
};
use crate::native::one_line;

/// What a bid is read against.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    pub currency: Currency,
    pub kinds: SaleKinds,
    /// What an accepted ping without a price pays, where the contract says so.
    pub agreed: Option<Money>,
}

/// Reads the answer to a ping. Whether a bid is within its limits is the flow's to say.
#[must_use]
pub fn read_bid(answer: &Answer, heard: &Heard<'_>, offered: Offered) -> PingReply {
    let code = match (answer.codes.meaning(heard.status), heard.status) {
        (Some(means), _) => means,
        (None, 204) => CodeMeans::Rejected,
        (None, 200..300) => CodeMeans::Read,
        (None, status) => return PingReply::Failed(CallFailure::Status(status)),
    };
    let body = match Text::of(answer, heard) {
        Ok(body) => body,
        Err(failure) => return PingReply::Failed(failure),
    };
    let reading = Reading::of(answer, heard, &body);
    let reason = || reading.first_of(&answer.reason).and_then(one_line);
    let read = match reading.verdict(code) {
        Verdict::Accepted => bid(answer, &reading, offered),
        Verdict::Rejected => Ok(PingReply::NoBid(reason())),
        Verdict::Duplicate => Ok(PingReply::NoBid(reason().or_else(|| Some("duplicate".to_owned())))),
        Verdict::Later => Ok(PingReply::Failed(CallFailure::Later)),
        // Where no answer is said to mean a refusal, whatever is no acceptance is one.
        Verdict::Nothing if answer.rejected.is_empty() && !reading.body.trim().is_empty() => Ok(PingReply::NoBid(reason())),
        Verdict::Nothing => Err(NOTHING),
        Verdict::Unread(what) => Err(what),
    };
    read.unwrap_or_else(|what| PingReply::Failed(unread(what, body.kept())))
}

/// Prices by kind of sale, with what the buyer calls each.
#[derive(Default)]
struct Prices<'a> {
    exclusive: Option<(Money, Vec<Named<'a>>)>,
    shared: Option<(Money, Vec<Named<'a>>)>,
    common: Vec<Named<'a>>,
}

fn bid(answer: &Answer, reading: &Reading<'_>, offered: Offered) -> Result<PingReply, &'static str> {
    if let Some(place) = answer.currency
        && let Some(code) = reading.only(place, None)?
        && !code.eq_ignore_ascii_case(offered.currency.code())
    {
        return Err("another currency");
    }
    let mut prices = Prices { common: references(&answer.references, reading, None)?, ..Prices::default() };
    match &answer.bids {
        Some(bids) if reading.rows > 0 => rows(bids, reading, offered, &mut prices)?,
        _ => whole(answer, reading, offered, &mut prices)?,
    }
    let names_a_price = prices.exclusive.is_some() || prices.shared.is_some();
    prices.exclusive = prices.exclusive.filter(|_| offered.kinds.exclusive);
    prices.shared = prices.shared.filter(|_| offered.kinds.shared);
    if !names_a_price {
        return Err("price is missing");
    }
    let positive = |price: &Option<(Money, Vec<Named<'_>>)>| price.as_ref().map(|(price, _)| *price).filter(|price| price.is_positive());
    let (exclusive, shared) = (positive(&prices.exclusive), positive(&prices.shared));
    match (exclusive, shared) {
        (None, None) if prices.exclusive.is_none() && prices.shared.is_none() => Err("no price of a kind that was offered"),
        // An acceptance at nothing is none.
        (None, None) => Ok(PingReply::NoBid(Some("no price above 0".to_owned()))),
        (bid, shared_bid) => {
            let of_kinds = [prices.exclusive.filter(|_| bid.is_some()), prices.shared.filter(|_| shared_bid.is_some())];
            let all: Vec<Named<'_>> = prices.common.into_iter().chain(of_kinds.into_iter().flatten().flat_map(|(_, references)| references)).collect();
            let reference = if all.is_empty() { None } else { Some(kept(&all).ok_or("reference: too long, or no text")?) };
            let ttl_s = answer.ttl_s.map_or(Ok(None), |place| ttl(reading, place))?;
            Ok(PingReply::Bid(RawBid { bid, shared_bid, reference, ttl_s }))
        }
    }
}

/// One price for the kind that was offered, and perhaps one for a share.
fn whole(answer: &Answer, reading: &Reading<'_>, offered: Offered, prices: &mut Prices<'_>) -> Result<(), &'static str> {
    let price = |price: &Option<Price>| price.as_ref().map_or(Ok(None), |price| priced(reading, price, None, offered.currency));
    let shared = price(&answer.shared_price)?;
    let price = price(&answer.price)?.or(offered.agreed.filter(|_| shared.is_none()));
    // As in the native protocol: a price answers the only kind offered, or exclusive where both are.
    let (exclusive, shared) = if offered.kinds.exclusive { (price, shared) } else { (None, shared.or(price)) };
    prices.exclusive = exclusive.map(|price| (price, Vec::new()));
    prices.shared = shared.map(|price| (price, Vec::new()));
    Ok(())
}

/// The best row of each kind. A row that can't be read is none; an answer without one that can has the first one's fault.
fn rows<'r>(bids: &'r Bids, reading: &'r Reading<'_>, offered: Offered, prices: &mut Prices<'r>) -> Result<(), &'static str> {
    let mut fault = None;
    for row in 1..=reading.rows {
        let any = |tests: &[exchange::mapping::Test]| tests.iter().any(|test| reading.holds(test, Some(row)));
        let kind = match (any(&bids.shared), bids.exclusive.is_empty(), any(&bids.exclusive)) {
            (true, _, true) => {
                fault = fault.or(Some("a bid both exclusive and shared"));
                continue;
            }
            (true, _, false) => SaleKind::Shared,
            (false, false, false) => continue,
            (false, true, _) if bids.shared.is_empty() && !offered.kinds.exclusive => SaleKind::Shared,
            (false, ..) => SaleKind::Exclusive,
        };
        let read = || -> Result<Option<(Money, Vec<Named<'r>>)>, &'static str> {
            let Some(price) = priced(reading, &bids.price, Some(row), offered.currency)? else { return Ok(None) };
            let mut references = references(&bids.references, reading, Some(row))?;
            references.iter_mut().for_each(|reference| reference.kind = Some(kind));
            Ok(Some((price, references)))
        };
        let best = if kind == SaleKind::Shared { &mut prices.shared } else { &mut prices.exclusive };
        match read() {
            Ok(Some(bid)) if best.as_ref().is_none_or(|(price, _)| bid.0 > *price) => *best = Some(bid),
            Ok(_) => {}
            Err(at_fault) => fault = fault.or(Some(at_fault)),
        }
    }
    match fault {
        Some(fault) if prices.exclusive.is_none() && prices.shared.is_none() => Err(fault),
        _ => Ok(()),
    }
}

fn priced(reading: &Reading<'_>, price: &Price, row: Option<u32>, currency: Currency) -> Result<Option<Money>, &'static str> {
    let text = match (reading.only(price.place, row), price.or) {
        (Ok(None), Some(or)) => reading.only(or, row),
        (text, _) => text,
    };
    match text {
        Ok(text) => text.map(|text| amount(text, price, currency)).transpose(),
        Err(_) => Err("price: several values"),
    }
}

/// How long the bid stands: whole seconds, as in the native protocol.
fn ttl(reading: &Reading<'_>, place: usize) -> Result<Option<u32>, &'static str> {
    const FAULT: &str = "ttl_s: not whole seconds of a day at most";
    let Some(text) = reading.only(place, None).map_err(|_| FAULT)? else { return Ok(None) };
    text.parse().ok().filter(|ttl| (1..=86_400).contains(ttl)).map(Some).ok_or(FAULT)
}

/// All that the mapping names: a bid without them couldn't be taken up.
fn references<'r>(wanted: &'r [Reference], reading: &'r Reading<'_>, row: Option<u32>) -> Result<Vec<Named<'r>>, &'static str> {
    let read = |reference: &'r Reference| {
        let text = reading.only(reference.place, row).map_err(|_| "reference: several values")?.ok_or("reference is missing")?;
        Ok(Named { kind: None, name: reference.name.as_deref(), text: Cow::Borrowed(text) })
    };
    wanted.iter().map(read).collect()
}
