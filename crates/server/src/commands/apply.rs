//! `pingpost apply MARKET [--dry-run]`.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;
use exchange::{
    command::{Operation, Outcome},
    id::Revision,
};
use serde_json::json;
use wire::market::{Bundle, Change, diff, of_buyers};

use super::{Done, Failure, Output, StoreArgs, market_files, opened::Opened};
use crate::{
    market_bundle,
    screen::{print_json, say},
};

#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// The market directory
    market: PathBuf,
    /// Print what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The revision that these files were made from, where that isn't the one they were last applied as
    #[arg(long, value_name = "REVISION")]
    base: Option<u64>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn apply(args: &ApplyArgs) -> Done {
    let bundle = market_files::read(&args.market)?;
    let parts = market_files::parse(&bundle).map_err(|problems| {
        for problem in &problems {
            say!("{problem}");
        }
        Failure(format!("{} is not applied: correct the above first", args.market.display()))
    })?;
    let mut opened = args.store.open_or_make()?;
    let newest = opened.newest_bundle()?;
    let changes = changes(newest.as_ref(), &bundle)?;
    let base = args.base.map(Revision).or(match opened.identity()? {
        Some(store) => market_files::base(&args.market, &store),
        None => None,
    });
    if let (Some(base), Some((newest, _))) = (base, &newest)
        && base != *newest
    {
        return Err(stale(base, *newest));
    }
    if let (None, Some((newest, bytes))) = (base, &newest)
        && !changes.is_empty()
    {
        keep_buyers_own(&opened, *newest, bytes, &bundle)?;
    }
    if args.dry_run {
        report(args, &changes, newest.map(|(revision, _)| revision));
        return Ok(());
    }
    let base = base.or(newest.as_ref().map(|(revision, _)| *revision));
    let application = market_bundle::application(&bundle, parts, base, super::at_command_line(), market_bundle::note(&args.note));
    let revision = commit(&mut opened, application, |newest| stale(base.unwrap_or_default(), newest))?;
    if let Some(store) = opened.identity()? {
        market_files::remember_base(&args.market, &store, revision);
    }
    report(args, &changes, Some(revision));
    Ok(())
}

fn changes(newest: Option<&(Revision, Vec<u8>)>, bundle: &Bundle) -> Result<Vec<Change>, Failure> {
    let previous = newest.map(|(revision, bytes)| readable(*revision, bytes)).transpose()?.unwrap_or_default();
    Ok(diff(&previous, bundle))
}

/// Files that say of no revision that they were made from it don't undo what buyers have set by themselves.
fn keep_buyers_own(opened: &Opened, newest: Revision, bytes: &[u8], files: &Bundle) -> Done {
    let stored = opened.readers.read_here(|reader| market_bundle::Stored::read(reader, newest)).map_err(Failure::of)?;
    let Some(market) = stored.map(|stored| stored.market()).transpose().map_err(Failure::of)? else { return Ok(()) };
    let own = of_buyers(market.parts(), &readable(newest, bytes)?, files);
    let Some((contract, key)) = own.first() else { return Ok(()) };
    let more = if own.len() > 1 { format!(", and {} more", own.len() - 1) } else { String::new() };
    Err(Failure(format!(
        "these files change `{key}` of {contract}{more}, which its buyer may set by itself: `pingpost export` tells what it is in revision {newest}; bring that into them, or apply with --base {newest}"
    )))
}

/// The files of a stored revision.
pub fn readable(revision: Revision, bytes: &[u8]) -> Result<Bundle, Failure> {
    market_bundle::from_bytes(bytes).ok_or_else(|| Failure(format!("revision {revision} can't be read")))
}

fn stale(base: Revision, newest: Revision) -> Failure {
    Failure(format!(
        "these files were made from revision {base}, and revision {newest} has been applied elsewhere since: bring its changes into them, then apply with --base {newest}"
    ))
}

/// The new revision, or what is said where another came in between.
pub fn commit(opened: &mut Opened, application: Operation, stale: impl FnOnce(Revision) -> Failure) -> Result<Revision, Failure> {
    match opened.operate(application)? {
        Outcome::Applied(revision) | Outcome::Stays(revision) => Ok(revision),
        Outcome::StaleBase { newest } => Err(stale(newest)),
        other => Err(Failure(format!("the store answered otherwise: {other:?}"))),
    }
}

impl ApplyArgs {
    fn is_first(&self, revision: Option<Revision>) -> bool {
        !self.dry_run && revision == Some(Revision(1))
    }
}

fn files(changes: &[Change]) -> BTreeSet<&str> {
    changes.iter().map(|change| change.file.as_str()).collect()
}

fn report(args: &ApplyArgs, changes: &[Change], revision: Option<Revision>) {
    if args.output.json {
        return print_json(&json!({ "revision": revision.map(|revision| revision.0), "dry_run": args.dry_run, "changes": changes }));
    }
    // All of a first market is new: its files say that better than their every key.
    if args.is_first(revision) && !changes.is_empty() {
        say!("a first market of {} files", files(changes).len());
    } else {
        changes.iter().for_each(|change| say!("{change}"));
    }
    let number = revision.map(|revision| revision.to_string()).unwrap_or_default();
    match (changes.is_empty(), args.dry_run) {
        (true, _) => say!("nothing changes{}", revision.map(|revision| format!(": revision {revision} stays")).unwrap_or_default()),
        (false, true) => say!("{} would change; nothing was applied", changes.len()),
        (false, false) => say!("applied as revision {number}"),
    }
}
