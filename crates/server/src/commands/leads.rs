//! `pingpost leads [TEXT]`: finds leads by whatever is known of them.

use clap::Args;
use exchange::raw::{RawFields, RawValue};
use jiff::tz::TimeZone;
use store::ListedLead;
use wire::{answer::Format, request::read_search};

use super::{Done, Failure, Output, StoreArgs};
use crate::{
    screen::{say, table},
    search,
};

#[derive(Debug, Args)]
pub struct LeadsArgs {
    /// Anything that is known of it: an id of the lead, its ping, sale or post; a buyer's reference; a supplier's idempotency key; a phone
    /// number or e-mail
    text: Option<String>,
    /// open, sold, unsold, duplicate, pending or returned
    #[arg(long)]
    status: Option<String>,
    /// Who sent it
    #[arg(long, value_name = "NAME")]
    supplier: Option<String>,
    #[arg(long, value_name = "NAME")]
    vertical: Option<String>,
    /// Who had a sale of it, whatever became of that
    #[arg(long, value_name = "NAME")]
    buyer: Option<String>,
    /// The contract that had a sale of it
    #[arg(long, value_name = "BUYER/CONTRACT")]
    contract: Option<String>,
    /// Tests only (true), or none (false)
    #[arg(long)]
    test: Option<bool>,
    /// Taken on then or later: an RFC 3339 time, or a date in the exchange's time zone
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Taken on before then; of a date, before it ends
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Older than this one: the `next` of the page before
    #[arg(long, value_name = "LEAD")]
    before: Option<String>,
    /// How many, up to 200
    #[arg(long, value_name = "N")]
    limit: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

impl LeadsArgs {
    /// As a request over HTTP says it.
    fn fields(&self) -> RawFields {
        let said = [
            ("text", self.text.clone()),
            ("status", self.status.clone()),
            ("supplier", self.supplier.clone()),
            ("vertical", self.vertical.clone()),
            ("buyer", self.buyer.clone()),
            ("contract", self.contract.clone()),
            ("test", self.test.map(|test| test.to_string())),
            ("from", self.from.clone()),
            ("until", self.until.clone()),
            ("before", self.before.clone()),
            ("limit", self.limit.clone()),
        ];
        said.into_iter().filter_map(|(name, text)| Some((name.to_owned(), RawValue::Text(text?.into())))).collect()
    }
}

pub fn leads(args: &LeadsArgs) -> Done {
    let opened = args.store.open()?;
    let zone = opened.market()?.map_or(TimeZone::UTC, |market| market.parts().time_zone.clone());
    let told = |errors: Vec<exchange::lead::FieldError>| {
        Failure(errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect::<Vec<_>>().join("; "))
    };
    let search = read_search(&args.fields(), &zone).map_err(told)?;
    let found = opened.readers.read_here(|reader| search::find(reader, &opened.master, &search)).map_err(Failure::of)?;
    if args.output.json {
        say!("{}", String::from_utf8_lossy(&search::body(&found).render(Format::Json)));
        return Ok(());
    }
    if let Some(ping) = found.ping {
        say!("{ping} was not posted: `pingpost trace {ping}` tells what became of it");
        return Ok(());
    }
    if found.leads.is_empty() {
        say!("no lead is like that");
        return Ok(());
    }
    let mut rows = table(&["taken on", "lead", "status", "supplier", "vertical", "net", "buyers"]);
    for lead in &found.leads {
        rows.add_row(row(lead));
    }
    say!("{rows}");
    if let Some(next) = found.next {
        say!("older ones: --before {next}");
    }
    Ok(())
}

fn row(lead: &ListedLead) -> [String; 7] {
    let status = lead.reason.as_ref().map_or_else(|| lead.status.word().to_owned(), |reason| format!("{}: {reason}", lead.status.word()));
    let sales = lead.sales.iter().map(|sale| format!("{} {} {}", sale.contract, sale.status.word(), sale.price)).collect::<Vec<_>>().join(", ");
    let supplier = if lead.test { format!("{} (test)", lead.supplier) } else { lead.supplier.to_string() };
    [lead.accepted_at.to_string(), lead.lead.to_string(), status, supplier, lead.vertical.to_string(), lead.net.to_string(), sales]
}
