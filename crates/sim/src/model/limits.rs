//! Caps and credit, counted anew each time, sale by sale.

use exchange::{
    cap::{Cap, Limit, Period},
    ledger::Account,
    money::Money,
    time::Timestamp,
};
use jiff::{Unit, civil::Weekday, tz::TimeZone};

use super::Model;

/// Whether two instants lie in the same window: by what the clock on the wall says, not by instants.
pub fn is_same_window(period: Period, a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    let local = |at: Timestamp| at.to_jiff().to_zoned_datetime(zone.clone());
    let (a, b) = (local(a), local(b));
    match period {
        Period::Total => true,
        Period::Month => (a.year(), a.month()) == (b.year(), b.month()),
        Period::Day => a.date() == b.date(),
        Period::Week => monday(a.date()) == monday(b.date()),
        Period::Hour => (a.date(), a.hour(), a.offset()) == (b.date(), b.hour(), b.offset()),
    }
}

fn monday(date: jiff::civil::Date) -> jiff::civil::Date {
    let mut date = date;
    while date.weekday() != Weekday::Monday {
        date = date.yesterday().unwrap_or(date);
    }
    date
}

/// In hours: how long the local day around an instant is.
pub fn hours_of_day(at: Timestamp, zone: &TimeZone) -> i64 {
    let day = at.to_jiff().to_zoned_datetime(zone.clone());
    let hours = day.start_of_day().ok().zip(day.tomorrow().and_then(|next| next.start_of_day()).ok());
    hours.and_then(|(start, end)| start.until((Unit::Hour, &end)).ok()).map_or(24, |span| i64::from(span.get_hours()))
}

impl Model {
    /// What is held of a buyer's credit: by open sales and by firm quotes.
    pub fn held(&self, buyer: &str) -> Money {
        let sales = self.sales.values().filter(|sale| !sale.test && sale.holds() && sale.buyer == buyer).map(|sale| sale.price);
        let firm = self.quotes.values().flat_map(|quote| &quote.holds).filter(|hold| buyer_of(&hold.contract) == buyer).map(|hold| hold.price);
        sales.chain(firm).sum()
    }

    pub fn available(&self, buyer: &str, credit: Money) -> Money {
        let account = buyer.parse().map(Account::Buyer).ok();
        let balance = account.and_then(|account| self.balances.get(&account).copied()).unwrap_or(Money::ZERO);
        balance + credit - self.held(buyer)
    }

    /// Whether a contract's cap takes one more at this price now.
    pub fn fits(&self, contract: &str, cap: &Cap, zone: &TimeZone, now: Timestamp, price: Money) -> bool {
        let is_in = |at: Timestamp| is_same_window(cap.per, at, now, zone);
        let sales =
            self.sales.values().filter(|sale| !sale.test && sale.is_live() && sale.contract == contract && is_in(sale.counted_at)).map(|sale| sale.price);
        let firm =
            self.quotes.values().flat_map(|quote| &quote.holds).filter(|hold| hold.contract == contract && is_in(hold.counted_at)).map(|hold| hold.price);
        let taken: Vec<Money> = sales.chain(firm).collect();
        match cap.limit {
            Limit::Count(most) => (taken.len() as u64) < most,
            Limit::Spend(most) => taken.into_iter().sum::<Money>() + price <= most,
        }
    }

    pub(super) fn release_expired(&mut self, now: Timestamp) {
        for quote in self.quotes.values_mut().filter(|quote| quote.lead.is_none() && quote.expires_at <= now) {
            quote.holds.clear();
        }
    }
}

fn buyer_of(contract: &str) -> &str {
    contract.split('/').next().unwrap_or_default()
}
