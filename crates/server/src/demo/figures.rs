//! What the demo shows: a live table of the buyers, and at the end a summary whose money must add up.

use std::{collections::BTreeMap, io::Write};

use comfy_table::{Cell, CellAlignment, Color, Table};
use exchange::{
    figures::{BuyerCounts, BuyerFigure},
    id::BuyerName,
    ledger::Account,
    market::Market,
    money::Money,
};
use store::AccountRow;

use super::{leads::VERTICALS, stream::Told};
use crate::screen::{heading, say, table};

/// The books at one moment.
pub struct Books {
    pub accounts: Vec<AccountRow>,
    pub ledger_sum: Money,
    /// What buyers had paid in before the demo's leads came.
    pub before: BTreeMap<Account, Money>,
}

impl Books {
    /// What was booked to an account since the demo began.
    fn booked(&self, account: &AccountRow) -> Money {
        account.balance - self.before.get(&account.account).copied().unwrap_or_default()
    }

    fn sum(&self, of: impl Fn(&Account) -> bool) -> Money {
        self.accounts.iter().filter(|row| of(&row.account)).map(|row| self.booked(row)).sum()
    }

    fn spend(&self, buyer: &BuyerName) -> Money {
        -self.sum(|account| *account == Account::Buyer(buyer.clone()))
    }
}

fn number(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

pub fn buyers(market: &Market, tallies: &BTreeMap<BuyerName, BuyerCounts>, books: &Books) -> Table {
    let mut rows = table(&["buyer", "vertical", "pings", "bids", "no answer", "posts", "accepted", "spend", "p50 ms"]);
    for buyer in &market.parts().buyers {
        let tally = tallies.get(&buyer.name).cloned().unwrap_or_default();
        let vertical = market.parts().contracts.iter().find(|contract| market.buyer(contract.buyer).name == buyer.name);
        let spend = books.spend(&buyer.name);
        rows.add_row([
            Cell::new(&buyer.label).fg(if spend.is_positive() { Color::Green } else { Color::Reset }),
            Cell::new(vertical.map_or("", |contract| contract.vertical.as_str())),
            number(tally.pings),
            number(tally.bids),
            number(tally.failures),
            number(tally.posts),
            number(tally.accepted),
            number(spend),
            number(BuyerFigure::LatencyMedian.of(&tally).number().unwrap_or_else(|| "–".into())),
        ]);
    }
    rows
}

/// One line: leads so far, and the money.
pub fn line(told: &Told, books: &Books, seconds: u64) -> String {
    let sold: u64 = told.ended.iter().filter(|((_, status), _)| status == "sold").map(|(_, count)| count).sum();
    let paid = -books.sum(|account| matches!(account, Account::Buyer(_)));
    format!("{seconds:>4} s   {} leads sent   {sold} sold   {paid} paid by buyers", told.sent)
}

/// Draws a picture over the one before it.
#[derive(Default)]
pub struct Live {
    lines: usize,
}

impl Live {
    pub fn draw(&mut self, picture: &str) {
        let mut out = std::io::stdout().lock();
        if self.lines > 0 {
            // Up to the first line of the last picture, and everything below it away.
            drop(write!(out, "\u{1b}[{}A\u{1b}[J", self.lines));
        }
        drop(writeln!(out, "{picture}"));
        drop(out.flush());
        self.lines = picture.lines().count();
    }
}

/// Prints the summary. Says whether the money adds up.
pub fn summary(told: &Told, books: &Books, seconds: f64) -> bool {
    say!("\n{}", heading("Leads"));
    let statuses = ["sold", "unsold", "unmatched", "abandoned", "duplicate", "pending"];
    let mut rows = table(&[&["vertical", "sent"], &statuses[..], &["sold %"]].concat());
    for vertical in VERTICALS {
        let count = |status: &str| told.ended.get(&(vertical.to_owned(), status.to_owned())).copied().unwrap_or_default();
        let sent: u64 = statuses.iter().map(|status| count(status)).sum();
        let cells = [Cell::new(vertical), number(sent)].into_iter().chain(statuses.iter().map(|status| number(count(status))));
        rows.add_row(cells.chain([number((count("sold") * 100).checked_div(sent).unwrap_or_default())]).collect::<Vec<_>>());
    }
    say!("{rows}");
    say!("A strict buyer that rejects what it had confirmed is charged, and a return is opened: its spend counts more than what it accepted.");
    money(told, books, seconds)
}

fn money(told: &Told, books: &Books, seconds: f64) -> bool {
    let paid = -books.sum(|account| matches!(account, Account::Buyer(_)));
    let earned = books.sum(|account| matches!(account, Account::Supplier(_)));
    let kept = books.sum(|account| matches!(account, Account::House));
    let held: Money = books.accounts.iter().map(|row| row.held).sum();
    say!("\n{}", heading("Money"));
    let mut rows = table(&["", "amount"]);
    for (what, amount) in [
        ("buyers paid", paid),
        ("suppliers earned", earned),
        ("the exchange kept", kept),
        ("suppliers were told", told.earned),
        ("held by open quotes and sales", held),
    ] {
        rows.add_row([Cell::new(what), number(amount)]);
    }
    say!("{rows}");
    let adds_up = paid == earned + kept && books.ledger_sum == Money::ZERO && earned == told.earned;
    if adds_up {
        say!("The money adds up: {paid} = {earned} + {kept}; what suppliers were told is what was booked; the ledger sums to zero.");
    } else {
        say!("The money does NOT add up: paid {paid}, earned {earned}, kept {kept}, told {}, ledger sum {}.", told.earned, books.ledger_sum);
    }
    say!("{} leads in {seconds:.0} s; {} requests refused or without an answer.", told.sent, told.failed);
    adds_up
}
