//! `/console/money/statements/{account}`: what was booked on an account in a period; a buyer's invoice, a supplier's payout sheet. To read,
//! to print, and as CSV.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, Uri, header},
    response::IntoResponse,
};
use exchange::{ledger::Account, market::Market, time::Timestamp};
use jiff::ToSpan;
use store::{StatementPage, StatementPlace};

use crate::{
    clock,
    console::{
        components::{Amount, Moment, Pager, grouped},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
    statement::{NoPeriod, Period, Sheet},
};

/// Lines on a page. The CSV has all.
const MOST_LINES: u32 = 200;

#[derive(Template)]
#[template(path = "console/money/statement.html")]
struct View {
    frame: Frame,
    title: String,
    account: String,
    currency: String,
    zone: String,
    first: String,
    last: String,
    month_before: String,
    month_after: String,
    /// The path of this statement.
    base: String,
    /// Operators have a page for each lead.
    links_leads: bool,
    csv: String,
    opening: Amount,
    closing: Amount,
    totals: Vec<(&'static str, u64, Amount)>,
    lines: Vec<Line>,
    /// Which of the period's lines these are, where they are not all.
    shown: String,
    pager: Pager,
}

struct Line {
    at: Moment,
    cause: String,
    lead: String,
    movement: String,
    note: String,
    amount: Amount,
    balance: Amount,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(account): Path<String>, uri: Uri) -> Reply {
    let account = named(&account)?;
    let base = format!("/console/money/statements/{account}");
    show(&node, Frame::of(&visitor, Place::Balances), account, base, uri.query()).await
}

/// A partner's own statement, in the partner's own place.
pub async fn of_partner(node: &Node, visitor: &Visitor, place: Place, account: Account, query: Option<&str>) -> Reply {
    show(node, Frame::of(visitor, place), account, place.path().to_owned(), query).await
}

async fn show(node: &Node, frame: Frame, account: Account, base: String, query: Option<&str>) -> Reply {
    let (market, period) = asked(node, query)?;
    let (of, from, until) = (account.clone(), period.from(), period.until());
    let after = value(query, "after").and_then(|place| place_of(&place));
    let statement = node.page_readers.read(move |reader| reader.statement_page(&of, (from, until), after, MOST_LINES)).await?;
    reply::page(&View::of(frame, &market, (&account, &period), &statement, base))
}

pub async fn csv(State(node): State<Arc<Node>>, _: Visitor, Path(account): Path<String>, uri: Uri) -> Reply {
    csv_of(&node, named(&account)?, uri.query()).await
}

fn named(account: &str) -> Result<Account, Failed> {
    account.parse().map_err(|_| Failed::not_found("There is no such account."))
}

pub async fn csv_of(node: &Node, account: Account, query: Option<&str>) -> Reply {
    let (market, period) = asked(node, query)?;
    let (of, from, until) = (account.clone(), period.from(), period.until());
    let statement = node.page_readers.read(move |reader| reader.statement(&of, from, until)).await?;
    let sheet = Sheet { account, currency: market.currency(), period, statement };
    let csv = sheet.csv().map_err(|error| {
        tracing::error!(%error, "a statement could not be written");
        Failed::Unavailable
    })?;
    let name = format!("{}-{}-{}.csv", sheet.account.to_string().replace(':', "-"), sheet.period.first, sheet.period.last());
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(|_| Failed::Unavailable)?;
    let headers: [(HeaderName, HeaderValue); 2] =
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")), (header::CONTENT_DISPOSITION, named)];
    Ok((headers, csv).into_response())
}

fn asked(node: &Node, query: Option<&str>) -> Result<(Arc<Market>, Period), Failed> {
    let market = node.market().ok_or_else(|| Failed::Refused("No market has been applied yet.".into()))?;
    let period = period(&market, query).map_err(|wrong| Failed::Refused(format!("{wrong}.")))?;
    Ok((market, period))
}

/// `month`, or `from` and `to`; the present month where nothing is asked for.
fn period(market: &Market, query: Option<&str>) -> Result<Period, NoPeriod> {
    let zone = market.parts().time_zone.clone();
    match (value(query, "from"), value(query, "to"), value(query, "month")) {
        (Some(from), Some(to), _) => Period::days(&from, &to, zone),
        (_, _, Some(month)) => Period::month(&month, zone),
        _ => Ok(Period::present(clock::now(), zone)),
    }
}

fn value(query: Option<&str>, name: &str) -> Option<String> {
    let found = form_urlencoded::parse(query?.as_bytes()).find(|(known, value)| known == name && !value.is_empty());
    found.map(|(_, value)| value.into_owned())
}

/// A place as an address says it.
fn words_of(place: StatementPlace) -> String {
    format!("{}.{}", place.booked_at.micros(), place.passed)
}

/// None where it is none: the page then begins with the first line.
fn place_of(words: &str) -> Option<StatementPlace> {
    let (booked_at, passed) = words.split_once('.')?;
    Some(StatementPlace { booked_at: Timestamp::from_micros(booked_at.parse().ok()?), passed: passed.parse().ok()? })
}

impl View {
    fn of(frame: Frame, market: &Market, (account, period): (&Account, &Period), statement: &StatementPage, base: String) -> Self {
        let title = match account {
            Account::Buyer(name) => format!("Invoice: {}", market.buyer_named(name).map_or(name.as_str(), |buyer| buyer.label.as_str())),
            Account::Supplier(name) => format!("Payout sheet: {}", market.supplier(name).map_or(name.as_str(), |supplier| supplier.label.as_str())),
            Account::House => "The exchange's margin".into(),
            Account::Cash => "Cash".into(),
        };
        let account = account.to_string();
        let month = |first: jiff::civil::Date| first.strftime("%Y-%m").to_string();
        let lines = statement.lines.iter().scan(statement.opening + statement.earlier.amount, |balance, line| {
            *balance += line.amount;
            Some(Line {
                at: Moment::of(line.booked_at, &period.zone),
                cause: line.cause.clone(),
                lead: line.lead.map(|id| id.to_string()).unwrap_or_default(),
                movement: line.movement.map(|id| id.to_string()).unwrap_or_default(),
                note: line.note.clone().unwrap_or_default(),
                amount: Amount::of(line.amount),
                balance: Amount::of(*balance),
            })
        });
        let total = |(cause, label)| statement.totals.get(cause).map(|total| (label, total.entries, Amount::of(total.amount)));
        let (first, all) = (statement.earlier.entries, statement.entries());
        let last = first + statement.lines.len() as u64;
        let here = format!("{base}?from={}&to={}", period.first, period.last());
        let next = statement.end.filter(|_| last < all).map(|end| format!("{here}&after={}", words_of(end)));
        let number = |count: u64| grouped(&count.to_string());
        let causes = [("sale", "Sales"), ("return", "Returns"), ("prepayment", "Prepayments"), ("payout", "Payouts")];
        Self {
            links_leads: frame.here == Place::Balances,
            frame,
            title,
            csv: format!("{base}/csv?from={}&to={}", period.first, period.last()),
            base,
            account,
            currency: market.currency().code().to_owned(),
            zone: period.zone.iana_name().unwrap_or_default().to_owned(),
            first: period.first.to_string(),
            last: period.last().to_string(),
            month_before: month(period.first.first_of_month().saturating_sub(1.month())),
            month_after: month(period.first.first_of_month().saturating_add(1.month())),
            opening: Amount::of(statement.opening),
            closing: Amount::of(statement.closing()),
            totals: causes.into_iter().filter_map(total).collect(),
            lines: lines.collect(),
            shown: if last - first < all { format!("Lines {} to {} of {}", number(first + 1), number(last), number(all)) } else { String::new() },
            pager: Pager::oldest_first((first > 0).then_some(here), next),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use exchange::{
        id::{LeadId, MovementId, SaleId},
        money::Money,
    };
    use store::{CauseTotal, StatementLine};

    use super::*;
    use crate::{console::frame, demo::sample};

    fn line(number: u8) -> StatementLine {
        StatementLine {
            booked_at: Timestamp::from_micros(1_764_288_000_000_000),
            cause: if number == 0 { "prepayment".into() } else { "sale".into() },
            sale: (number > 0).then(|| SaleId::from_bytes([number; 16])),
            movement: (number == 0).then(|| MovementId::from_bytes([9; 16])),
            lead: (number > 0).then(|| LeadId::from_bytes([number; 16])),
            note: (number == 0).then(|| "October <b>".into()),
            amount: Money::from_units(if number == 0 { 100 } else { -20 }),
        }
    }

    /// A page in the middle: after the first of four lines.
    #[test]
    fn render() {
        let (parts, _) = wire::market::read(&sample::market(9001)).unwrap();
        let market = Market::new(exchange::id::Revision(3), parts);
        let total = |entries, units| CauseTotal { entries, amount: Money::from_units(units) };
        let statement = StatementPage {
            opening: Money::from_units(5),
            totals: BTreeMap::from([("prepayment".into(), total(1, 100)), ("sale".into(), total(3, -60))]),
            earlier: total(1, -20),
            end: place_of("1764288000000000.3"),
            lines: vec![line(0), line(1)],
        };
        let period = Period::month("2025-11", jiff::tz::TimeZone::UTC).unwrap();
        let account: Account = "buyer:harbor-lending".parse().unwrap();
        let view = View::of(frame::sample("finance", Place::Balances), &market, (&account, &period), &statement, "/console/money/statements/x".into());
        insta::assert_snapshot!(frame::inside(&view.render().unwrap()));
    }

    #[test]
    fn a_place_is_read_as_it_was_written_and_anything_else_is_none() {
        let place = StatementPlace { booked_at: Timestamp::from_micros(1_764_288_000_000_000), passed: 2 };
        assert_eq!(place_of(&words_of(place)), Some(place));
        for words in ["", "1", "1.", "x.1", "1.-1", "1.5000000000"] {
            assert_eq!(place_of(words), None, "{words}");
        }
    }
}
