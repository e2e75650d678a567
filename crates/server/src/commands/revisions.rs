//! `pingpost revisions [N]`: the history of the market, or what one revision changed.

use clap::Args;
use exchange::id::Revision;
use serde_json::json;
use wire::market::{Bundle, Change, diff};

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::screen::{print_json, say, table};

#[derive(Debug, Args)]
pub struct RevisionsArgs {
    /// Tell what this one changed
    revision: Option<u64>,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn revisions(args: &RevisionsArgs) -> Done {
    let opened = args.store.open()?;
    match args.revision {
        Some(revision) => tell(&opened, Revision(revision), args.output),
        None => list(&opened, args.output),
    }
}

fn list(opened: &Opened, output: Output) -> Done {
    let rows = opened.readers.read_here(|reader| reader.revisions()).map_err(Failure::of)?;
    if output.json {
        let row = |row: &store::RevisionRow| {
            json!({
                "revision": row.revision.0,
                "applied_at": row.applied_at.to_string(),
                "author": row.author,
                "note": row.note,
            })
        };
        print_json(&rows.iter().map(row).collect::<Vec<_>>());
        return Ok(());
    }
    let mut shown = table(&["revision", "applied", "by", "note"]);
    for row in &rows {
        shown.add_row([row.revision.to_string(), row.applied_at.to_string(), row.author.clone(), row.note.clone()]);
    }
    say!("{shown}");
    Ok(())
}

fn tell(opened: &Opened, revision: Revision, output: Output) -> Done {
    let changes = changes_of(opened, revision)?;
    if output.json {
        print_json(&json!({ "revision": revision.0, "changes": changes }));
    } else {
        changes.iter().for_each(|change| say!("{change}"));
    }
    Ok(())
}

fn changes_of(opened: &Opened, revision: Revision) -> Result<Vec<Change>, Failure> {
    let files = opened.files_of(revision)?;
    let before = if revision.0 > 1 { opened.files_of(Revision(revision.0 - 1))? } else { Bundle::default() };
    Ok(diff(&before, &files))
}
