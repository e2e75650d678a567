//! `pingpost returns [list] | accept SALE | refuse SALE`.

use clap::{Args, Subcommand};
use exchange::{
    command::{Operation, Outcome},
    id::{SaleId, Subject},
    seal::Opener,
};
use serde_json::json;
use store::{ReturnRow, SaleRow};

use super::{Done, Failure, Output, StoreArgs, opened::Opened, resolve::apply};
use crate::{
    ruling::{self, NOTE},
    screen::{print_json, say, table},
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ReturnsArgs {
    #[command(subcommand)]
    command: Option<ReturnsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum ReturnsCommand {
    /// List the returns that wait for a decision: what `pingpost returns` does by itself
    List(ListArgs),
    /// Take a lead back: the ledger reverses its sale
    Accept(RulingArgs),
    /// Let a sale stand
    Refuse(RulingArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Show the buyers' notes too; who looked and why is journalled first
    #[arg(long)]
    reveal: bool,
    /// Why the notes are looked at, for the journal
    #[arg(long, value_name = "REASON", requires = "reveal", default_value = "to decide a return")]
    why: String,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct RulingArgs {
    /// The sale, sale_…
    sale: String,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn returns(args: ReturnsArgs) -> Done {
    match args.command {
        None => list(&args.list),
        Some(ReturnsCommand::List(args)) => list(&args),
        Some(ReturnsCommand::Accept(args)) => decide(&args, true),
        Some(ReturnsCommand::Refuse(args)) => decide(&args, false),
    }
}

/// At most so many are listed at once: those that wait the longest.
const MOST: u32 = 500;

fn list(args: &ListArgs) -> Done {
    let mut opened = args.store.open()?;
    let open = opened.readers.read_here(|reader| ruling::open_returns(reader, MOST)).map_err(Failure::of)?;
    let mut listed = Vec::new();
    for (sale, row) in open {
        let note = if args.reveal { note(&mut opened, &row, &sale, &args.why)? } else { None };
        listed.push((row, sale, note));
    }
    if args.output.json {
        let entries: Vec<_> = listed.iter().map(|(row, sale, note)| entry(row, sale, note.as_deref())).collect();
        print_json(&entries);
        return Ok(());
    }
    let mut rows = table(&["sale", "buyer", "price", "reason", "note", "requested"]);
    for (row, sale, note) in &listed {
        let note = note.clone().unwrap_or_else(|| if row.note.is_some() { "sealed: --reveal".into() } else { String::new() });
        rows.add_row([row.sale.to_string(), sale.buyer.to_string(), sale.price.to_string(), row.reason.clone(), note, row.requested_at.to_string()]);
    }
    if listed.is_empty() {
        say!("no return waits for a decision");
    } else {
        say!("{rows}");
    }
    Ok(())
}

fn entry(row: &ReturnRow, sale: &SaleRow, note: Option<&str>) -> serde_json::Value {
    json!({
        "sale_id": row.sale.to_string(),
        "lead_id": sale.lead.to_string(),
        "buyer": sale.buyer.as_str(),
        "contract": sale.contract.to_string(),
        "price": sale.price.to_string(),
        "reason": row.reason,
        "has_note": row.note.is_some(),
        "note": note,
        "requested_at": row.requested_at.to_string(),
    })
}

/// A buyer's note in clear, once the journal says who looked.
fn note(opened: &mut Opened, row: &ReturnRow, sale: &SaleRow, why: &str) -> Result<Option<String>, Failure> {
    let Some(part) = &row.note else { return Ok(None) };
    let who = super::at_command_line();
    let reveal = Operation::Reveal { subject: Subject::Lead(sale.lead), who, why: why.to_owned() };
    let Outcome::Revealed(revealed) = opened.operate(reveal)? else { return Err(Failure("the note can't be revealed".into())) };
    let opened_part = part.open(Opener::Reveal(&revealed), &opened.master).map_err(Failure::of)?;
    Ok(opened_part.value(NOTE).map(|value| value.text().to_string()))
}

fn decide(args: &RulingArgs, accept: bool) -> Done {
    let sale: SaleId = args.sale.parse().map_err(|_| Failure(format!("{:?} is no id of a sale: it starts with sale_", args.sale)))?;
    let mut opened = args.store.open()?;
    let row = opened.readers.read_here(|reader| reader.sale(sale)).map_err(Failure::of)?.ok_or_else(|| Failure(format!("there is no sale {sale}")))?;
    let requested = requested(&opened, &row)?.ok_or_else(|| Failure(format!("nobody has asked to return {sale}")))?;
    apply(&mut opened, sale, ruling::decide(&requested, accept))?;
    let decided = requested_status(&opened, &row)?;
    if args.output.json {
        print_json(&json!({ "sale_id": sale.to_string(), "return": decided }));
    } else {
        say!("the return of {sale} is {decided}");
    }
    Ok(())
}

fn requested(opened: &Opened, sale: &SaleRow) -> Result<Option<ReturnRow>, Failure> {
    let returns = opened.readers.read_here(|reader| reader.returns_of(sale.lead)).map_err(Failure::of)?;
    Ok(returns.into_iter().find(|row| row.sale == sale.sale))
}

fn requested_status(opened: &Opened, sale: &SaleRow) -> Result<&'static str, Failure> {
    Ok(requested(opened, sale)?.map_or("", |row| row.status.word()))
}
