//! `pingpost resolve SALE --sold | --void`, and `pingpost resolve` alone: the sales that wait for it.

use clap::Args;
use exchange::{command::Outcome, contract::UnknownEnd, id::SaleId, time::Timestamp};
use serde_json::json;
use store::SaleRow;

use super::{Done, Failure, Output, StoreArgs, at_command_line, opened::Opened};
use crate::{
    audited::audited,
    ruling::{self, Ruling},
    screen::{print_json, say, table},
};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("as").multiple(false))]
pub struct ResolveArgs {
    /// The sale that nobody could settle, sale_…; without one, those that wait are listed
    #[arg(requires = "as")]
    sale: Option<String>,
    /// Its buyer has the lead: it pays
    #[arg(long, group = "as", requires = "sale")]
    sold: bool,
    /// Its buyer doesn't want it: what it holds is given back, and the lead is never offered again
    #[arg(long, group = "as", requires = "sale")]
    void: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn resolve(args: &ResolveArgs) -> Done {
    let mut opened = args.store.open()?;
    match &args.sale {
        Some(sale) => end(&mut opened, sale, if args.sold { UnknownEnd::Sold } else { UnknownEnd::Void }, args.output),
        None => list(&opened, args.output),
    }
}

fn list(opened: &Opened, output: Output) -> Done {
    let waiting = opened.readers.read_here(|reader| reader.unknown_sales()).map_err(Failure::of)?;
    if output.json {
        print_json(&waiting.iter().map(entry).collect::<Vec<_>>());
        return Ok(());
    }
    if waiting.is_empty() {
        say!("no sale is unknown");
        return Ok(());
    }
    let mut rows = table(&["sale", "lead", "contract", "price", "posted", "looked at", "next look"]);
    for row in &waiting {
        let (posted, next) = (instant(row.post_started_at), instant(row.look_at));
        rows.add_row([row.sale.to_string(), row.lead.to_string(), row.contract.to_string(), row.price.to_string(), posted, row.looks.to_string(), next]);
    }
    say!("{rows}");
    Ok(())
}

fn entry(row: &SaleRow) -> serde_json::Value {
    json!({
        "sale_id": row.sale.to_string(),
        "lead_id": row.lead.to_string(),
        "buyer": row.buyer.as_str(),
        "contract": row.contract.to_string(),
        "price": row.price.to_string(),
        "posted_at": row.post_started_at.map(|at| at.to_string()),
        "looks": row.looks,
        "next_look_at": row.look_at.map(|at| at.to_string()),
    })
}

fn instant(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn end(opened: &mut Opened, sale: &str, end: UnknownEnd, output: Output) -> Done {
    let sale: SaleId = sale.parse().map_err(|_| Failure(format!("{sale:?} is no id of a sale: it starts with sale_")))?;
    let row = opened.readers.read_here(|reader| reader.sale(sale)).map_err(Failure::of)?;
    let row = row.ok_or_else(|| Failure(format!("there is no sale {sale}: `pingpost resolve` alone lists those that wait")))?;
    let who = super::at_command_line();
    apply(opened, sale, ruling::resolve(&row, end, &who))?;
    let now = opened.readers.read_here(|reader| reader.sale(sale)).map_err(Failure::of)?;
    let status = now.map_or("", |row| row.status.word());
    if output.json {
        print_json(&json!({ "sale_id": sale.to_string(), "status": status }));
    } else {
        say!("{sale} is {status}");
    }
    Ok(())
}

/// Applies a ruling, or says what stands against it.
pub fn apply(opened: &mut Opened, sale: SaleId, ruling: Ruling) -> Done {
    match ruling {
        Ruling::Stands => Ok(()),
        Ruling::Against(standing) => Err(Failure(format!("{sale} can't be ruled on: {standing}"))),
        Ruling::Do(command) => match opened.apply(audited(&at_command_line(), *command))? {
            Outcome::Done => Ok(()),
            Outcome::Conflict(why) => Err(Failure(format!("{sale} was decided in between: {why}"))),
            other => Err(Failure(format!("the store answered otherwise: {other:?}"))),
        },
    }
}
