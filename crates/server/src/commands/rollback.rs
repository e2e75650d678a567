//! `pingpost rollback N [--dry-run]`: an old revision's market becomes the newest one.

use clap::Args;
use exchange::id::Revision;
use serde_json::json;
use wire::market::diff;

use super::{
    Done, Failure, Output, StoreArgs,
    apply::{commit, readable},
    market_files,
};
use crate::{
    market_bundle,
    screen::{print_json, say},
};

#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Whose market is to be in force again: see `pingpost revisions`
    revision: u64,
    /// Print what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Why, for the history
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

/// History only grows: the old market is applied once more, as a revision of its own.
pub fn rollback(args: &RollbackArgs) -> Done {
    let mut opened = args.store.open()?;
    let (newest, bytes) = opened.newest_bundle()?.ok_or_else(|| Failure("there is no market yet: `pingpost apply` one first".into()))?;
    let wanted = Revision(args.revision);
    let files = opened.files_of(wanted)?;
    let changes = diff(&readable(newest, &bytes)?, &files);
    // What an older release took may not be taken by this one.
    let parts = market_files::parse(&files).map_err(|problems| {
        problems.iter().for_each(|problem| say!("{problem}"));
        Failure(format!("revision {wanted} can't be brought back as it is: `pingpost export` it, correct the above, and apply it"))
    })?;
    let revision = if args.dry_run {
        newest
    } else {
        let application = market_bundle::application(&files, parts, Some(newest), super::at_command_line(), market_bundle::rollback_note(wanted, &args.note));
        commit(&mut opened, application, |newest| Failure(format!("revision {newest} was applied just now: look at it, then roll back again")))?
    };
    if args.output.json {
        print_json(&json!({ "revision": revision.0, "rolled_back_to": wanted.0, "dry_run": args.dry_run, "changes": changes }));
        return Ok(());
    }
    changes.iter().for_each(|change| say!("{change}"));
    match (changes.is_empty(), args.dry_run) {
        (true, _) => say!("nothing changes: the market of revision {wanted} is in force"),
        (false, true) => say!("{} would change; nothing was applied", changes.len()),
        (false, false) => say!("applied as revision {revision}"),
    }
    Ok(())
}
