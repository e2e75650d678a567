//! `/console/money/statements/{account}`: what was booked on an account in a period; a buyer's invoice, a supplier's payout sheet. To read,
//! to print, and as CSV.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, Uri, header},
    response::IntoResponse,
};
use exchange::{ledger::Account, market::Market};
use jiff::ToSpan;
use store::StatementPage;

use crate::{
    clock,
    console::{
        components::{Amount, Moment},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
    statement::{NoPeriod, Period, Sheet},
};

/// Lines on the page: the first of the period. The CSV has all.
const MOST_LINES: u32 = 500;

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
    more: u64,
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
    let statement = node.page_readers.read(move |reader| reader.statement_page(&of, (from, until), MOST_LINES)).await?;
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
    let asked = |name: &str| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).find(|(known, value)| known == name && !value.is_empty());
    match (asked("from"), asked("to"), asked("month")) {
        (Some((_, from)), Some((_, to)), _) => Period::days(&from, &to, zone),
        (_, _, Some((_, month))) => Period::month(&month, zone),
        _ => Ok(Period::present(clock::now(), zone)),
    }
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
        let lines = statement.lines.iter().scan(statement.opening, |balance, line| {
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
            more: statement.entries() - statement.lines.len() as u64,
        }
    }
}
