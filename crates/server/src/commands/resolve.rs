//! `pingpost resolve SALE --sold | --void`.

use clap::Args;
use exchange::{command::Outcome, contract::UnknownEnd, id::SaleId};
use serde_json::json;

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::{
    ruling::{self, Ruling},
    screen::{print_json, say},
};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("as").required(true).multiple(false))]
pub struct ResolveArgs {
    /// The sale that nobody could settle, sale_…
    sale: String,
    /// Its buyer has the lead: it pays
    #[arg(long, group = "as")]
    sold: bool,
    /// Its buyer doesn't want it: what it holds is given back, and the lead is never offered again
    #[arg(long, group = "as")]
    void: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn resolve(args: &ResolveArgs) -> Done {
    let sale: SaleId = args.sale.parse().map_err(|_| Failure(format!("{:?} is no id of a sale: it starts with sale_", args.sale)))?;
    let end = if args.sold { UnknownEnd::Sold } else { UnknownEnd::Void };
    let mut opened = args.store.open()?;
    let row = opened.readers.read_here(|reader| reader.sale(sale)).map_err(Failure::of)?;
    let row = row.ok_or_else(|| Failure(format!("there is no sale {sale}: GET /v1/admin/unknown lists those that wait")))?;
    let who = std::env::var("USER").unwrap_or_else(|_| "command line".into());
    apply(&mut opened, sale, ruling::resolve(&row, end, &who))?;
    let now = opened.readers.read_here(|reader| reader.sale(sale)).map_err(Failure::of)?;
    let status = now.map_or("", |row| row.status.word());
    if args.output.json {
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
        Ruling::Do(command) => match opened.apply(*command)? {
            Outcome::Done => Ok(()),
            Outcome::Conflict(why) => Err(Failure(format!("{sale} was decided in between: {why}"))),
            other => Err(Failure(format!("the store answered otherwise: {other:?}"))),
        },
    }
}
