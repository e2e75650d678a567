//! `pingpost notices [list] | retry NOTICE`.

use clap::{Args, Subcommand};
use exchange::{
    command::{Operation, Outcome},
    notice::NoticeId,
};
use serde_json::json;
use store::NoticeRow;

use super::{Done, Failure, Output, StoreArgs};
use crate::screen::{print_json, say, table};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct NoticesArgs {
    #[command(subcommand)]
    command: Option<NoticesCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum NoticesCommand {
    /// List the notices that wait or were given up: what `pingpost notices` does by itself
    List(ListArgs),
    /// Have one tried at once, and for three days from now
    Retry(RetryArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct RetryArgs {
    /// The notice, lead_….1
    notice: String,
    #[command(flatten)]
    store: StoreArgs,
}

pub fn notices(args: NoticesArgs) -> Done {
    match args.command {
        None => list(&args.list),
        Some(NoticesCommand::List(args)) => list(&args),
        Some(NoticesCommand::Retry(args)) => retry(&args),
    }
}

/// At most so many are listed at once: those whose change was first.
const MOST: u32 = 500;

fn list(args: &ListArgs) -> Done {
    let opened = args.store.open()?;
    let waiting = opened.readers.read_here(|reader| reader.undelivered_notices(MOST)).map_err(Failure::of)?;
    if args.output.json {
        print_json(&waiting.iter().map(entry).collect::<Vec<_>>());
        return Ok(());
    }
    if waiting.is_empty() {
        say!("every supplier was told");
        return Ok(());
    }
    let mut rows = table(&["notice", "supplier", "change", "status", "price", "at", "state", "tries", "next try", "last failure"]);
    for row in &waiting {
        let (next, failure) = (row.due_at.map(|at| at.to_string()).unwrap_or_default(), row.failure.clone().unwrap_or_default());
        let (notice, state) = (&row.notice, row.state.word().to_owned());
        rows.add_row([
            notice.id.to_string(),
            row.supplier.to_string(),
            notice.change.word().to_owned(),
            notice.status.word().to_owned(),
            notice.net.to_string(),
            notice.changed_at.to_string(),
            state,
            row.tries.to_string(),
            next,
            failure,
        ]);
    }
    say!("{rows}");
    Ok(())
}

fn entry(row: &NoticeRow) -> serde_json::Value {
    json!({
        "notice_id": row.notice.id.to_string(),
        "lead_id": row.notice.id.lead.to_string(),
        "supplier": row.supplier.as_str(),
        "change": row.notice.change.word(),
        "status": row.notice.status.word(),
        "price": row.notice.net.to_string(),
        "changed_at": row.notice.changed_at.to_string(),
        "state": row.state.word(),
        "tries": row.tries,
        "next_try_at": row.due_at.map(|at| at.to_string()),
        "failure": row.failure,
    })
}

fn retry(args: &RetryArgs) -> Done {
    let not_an_id = || Failure(format!("{:?} is no id of a notice: it is a lead's, a dot and a number; `pingpost notices` lists them", args.notice));
    let notice: NoticeId = args.notice.parse().map_err(|_| not_an_id())?;
    match args.store.open()?.operate(Operation::RetryNotice(notice))? {
        Outcome::Done => {
            say!("{notice} is tried by the next node that looks, within seconds");
            Ok(())
        }
        Outcome::Conflict(why) => Err(Failure(why)),
        other => Err(Failure(format!("the store answered otherwise: {other:?}"))),
    }
}
