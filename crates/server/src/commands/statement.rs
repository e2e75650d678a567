//! `pingpost statement ACCOUNT [--month 2026-10 | --from DAY --to DAY] [--csv]` and `pingpost balances`.

use std::io::Write;

use clap::Args;
use exchange::{ledger::Account, market::Market};
use serde_json::json;

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::{
    clock,
    screen::{heading, plain_line, print_json, say, table},
    statement::{Period, Sheet},
};

#[derive(Debug, Args)]
pub struct StatementArgs {
    /// buyer:NAME, supplier:NAME, house or cash
    account: String,
    /// A month of the exchange's time zone, like 2026-10; default: the present one
    #[arg(long, value_name = "MONTH", conflicts_with_all = ["from", "to"])]
    month: Option<String>,
    /// The period's first day, like 2026-10-01
    #[arg(long, value_name = "DAY", requires = "to")]
    from: Option<String>,
    /// The period's last day
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<String>,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn statement(args: &StatementArgs) -> Done {
    let account: Account =
        args.account.parse().map_err(|_| Failure(format!("{:?} is no account: write buyer:NAME, supplier:NAME, house or cash", args.account)))?;
    let opened = args.store.open()?;
    let market = opened.market()?.ok_or_else(|| Failure("there is no market yet: `pingpost apply` one first".into()))?;
    is_known(&opened, &market, &account)?;
    let zone = market.parts().time_zone.clone();
    let period = match (&args.month, &args.from, &args.to) {
        (Some(month), _, _) => Period::month(month, zone),
        (None, Some(first), Some(last)) => Period::days(first, last, zone),
        _ => Ok(Period::present(clock::now(), zone)),
    };
    let period = period.map_err(Failure::of)?;
    let statement = opened.readers.read_here(|reader| reader.statement(&account, period.from(), period.until())).map_err(Failure::of)?;
    let sheet = Sheet { account, currency: market.currency(), period, statement };
    if args.csv {
        std::io::stdout().write_all(&sheet.csv().map_err(Failure::of)?).map_err(Failure::of)
    } else if args.output.json {
        print_json(&sheet.json());
        Ok(())
    } else {
        print(&sheet);
        Ok(())
    }
}

/// Who left the market still has what was booked.
fn is_known(opened: &Opened, market: &Market, account: &Account) -> Done {
    let is_in_market = match account {
        Account::Buyer(name) => market.buyer_named(name).is_some(),
        Account::Supplier(name) => market.supplier(name).is_some(),
        Account::House | Account::Cash => true,
    };
    if is_in_market || opened.readers.read_here(|reader| reader.balances()).map_err(Failure::of)?.iter().any(|row| row.account == *account) {
        return Ok(());
    }
    Err(Failure(format!("nothing was ever booked on {account}, and nobody in the market is called that: check the name")))
}

fn print(sheet: &Sheet) {
    let days = format!("{} to {}", sheet.period.first, sheet.period.last());
    say!("{}", heading(&format!("{}, {days}, {}, {}", sheet.account, sheet.period.zone.iana_name().unwrap_or_default(), sheet.currency.code())));
    let mut rows = table(&["booked", "what", "of", "note", "amount", "balance"]);
    rows.add_row(["", "opening balance", "", "", "", &sheet.statement.opening.to_string()]);
    for (line, balance) in sheet.lines() {
        let of = line.lead.map(|id| id.to_string()).or(line.movement.map(|id| id.to_string())).unwrap_or_default();
        let note = plain_line(line.note.as_deref().unwrap_or_default());
        rows.add_row([sheet.local_time(line.booked_at), line.cause.clone(), of, note, line.amount.to_string(), balance.to_string()]);
    }
    for cause in ["sale", "return", "prepayment", "payout"] {
        let (count, amount) = sheet.total_of(cause);
        if count > 0 {
            rows.add_row(["", &format!("{cause}, together"), &count.to_string(), "", &amount.to_string(), ""]);
        }
    }
    rows.add_row(["", "closing balance", "", "", "", &sheet.statement.closing().to_string()]);
    say!("{rows}");
}

#[derive(Debug, Args)]
pub struct BalancesArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

/// What every account has: a buyer's is what it has left, a supplier's what it is owed. All sum to zero.
pub fn balances(args: &BalancesArgs) -> Done {
    let opened = args.store.open()?;
    let balances = opened.readers.read_here(|reader| reader.balances()).map_err(Failure::of)?;
    if args.output.json {
        let entry = |row: &store::AccountRow| json!({ "account": row.account.to_string(), "balance": row.balance.to_string(), "held": row.held.to_string() });
        print_json(&balances.iter().map(entry).collect::<Vec<_>>());
        return Ok(());
    }
    let mut rows = table(&["account", "balance", "held"]);
    for row in &balances {
        rows.add_row([row.account.to_string(), row.balance.to_string(), row.held.to_string()]);
    }
    say!("{rows}");
    Ok(())
}
