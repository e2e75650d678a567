//! `pingpost restore --from FILE --data DIR`.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use clap::Args;
use exchange::{
    command::{Command, Outcome},
    seal::MasterKey,
};
use serde_json::json;
use store::{SaleStatus, SqliteEngine, UnfinishedLead};

use super::{
    Done, Failure, Output, StoreArgs,
    backup::sync_directory,
    master_key,
    opened::{Opened, make_directory, make_private},
};
use crate::{
    readers::Readers,
    screen::{print_json, say},
};

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// A file that `pingpost backup` made
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn restore(args: &RestoreArgs) -> Done {
    let directory = args.store.directory()?;
    must_be_free(&directory)?;
    let master = the_key(args.store.master_key.as_deref(), &directory)?;
    store::check_backup(&args.from, &master).map_err(|error| Failure(format!("{}: {error}", args.from.display())))?;
    make_directory(&directory)?;
    let partial = directory.join("exchange.db.restoring");
    let restored = bring_back(&args.from, &partial, master);
    let (leads, posts) = restored.inspect_err(|_| drop(std::fs::remove_file(&partial)))?;
    let store = directory.join("exchange.db");
    std::fs::rename(&partial, &store).map_err(|error| Failure(format!("{}: {error}", store.display())))?;
    sync_directory(&store)?;
    if args.output.json {
        print_json(&json!({ "store": store.display().to_string(), "leads_under_way": leads, "posts_unknown": posts }));
    } else {
        say!("{} is the store as of its backup: checked, and free of differences.", store.display());
        say!(
            "{leads} leads were under way then; `serve` ends them when it starts. {posts} posts may have been sent since: they become unknown, and nobody else is"
        );
        say!("offered their leads until their buyers, or `resolve`, say what came of them. What was sold after the backup is in the buyers' records only.");
    }
    Ok(())
}

/// Nothing may be there but a master key: a restore overwrites no store, and no node runs on it.
fn must_be_free(directory: &Path) -> Done {
    let Ok(entries) = std::fs::read_dir(directory) else { return Ok(()) };
    let others: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name != "master.key").collect();
    let is_running = File::open(directory.join("serve.lock")).is_ok_and(|lock| matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)));
    if is_running {
        return Err(Failure(format!("a `serve` runs on {}: end it, and move its files away", directory.display())));
    }
    match others.first() {
        None => Ok(()),
        Some(name) => Err(Failure(format!("{} is in {} already, and a restore overwrites nothing: name a new directory", name, directory.display()))),
    }
}

/// The key that the store was made with; none is made here.
fn the_key(named: Option<&Path>, directory: &Path) -> Result<MasterKey, Failure> {
    if named.is_none() && std::env::var_os(master_key::VARIABLE).is_none() && !directory.join("master.key").exists() {
        let place = directory.join("master.key");
        return Err(Failure(format!("the backup's master key is needed: copy it to {}, or name it with --master-key", place.display())));
    }
    master_key::find(named, directory, true)
}

/// Copies the backup, brings it to this version, and checks it. Gives how many leads were under way, and how many posts they may have sent.
fn bring_back(from: &Path, to: &Path, master: MasterKey) -> Result<(usize, usize), Failure> {
    make_private(to)?;
    let failed = |error: std::io::Error| Failure(format!("{}: {error}", to.display()));
    copy(from, to).map_err(failed)?;
    let engine = SqliteEngine::open(to, &master).map_err(Failure::of)?;
    let mut opened = Opened { engine, readers: Readers::new(to.to_owned()), master };
    let unfinished = opened.readers.read_here(|reader| reader.unfinished(None)).map_err(Failure::of)?;
    let mut posts = 0;
    for lead in &unfinished {
        posts += start_posts(&mut opened, lead)?;
    }
    let checked = opened.readers.read_here(|reader| reader.check()).map_err(Failure::of)?;
    // The engine closes last: it moves all it wrote into the one file.
    let Opened { engine, readers, .. } = opened;
    drop(readers);
    drop(engine);
    match checked.differences.first() {
        None => Ok((unfinished.len(), posts)),
        Some(first) => Err(Failure(format!("the backup contradicts itself, in {} places; the first: {first}", checked.differences.len()))),
    }
}

/// Into a file that is there, so that it stays its owner's alone.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut file = File::options().write(true).open(to)?;
    std::io::copy(&mut File::open(from)?, &mut file)?;
    file.sync_all()
}

/// What was held may have been posted the moment after the backup: it counts as posted, and recovery makes it unknown.
fn start_posts(opened: &mut Opened, unfinished: &UnfinishedLead) -> Result<usize, Failure> {
    let mut posts = 0;
    for sale in &unfinished.sales {
        match sale.status {
            SaleStatus::Posted => posts += 1,
            SaleStatus::Reserved => match opened.apply(Command::StartPost { sale: sale.sale, fence: unfinished.lead.fence })? {
                Outcome::Reserved(_) => posts += 1,
                // The person was erased or suppressed: it can't have been sent.
                Outcome::Refused(_) => {}
                other => return Err(Failure(format!("{} can't be taken as posted: {other:?}", sale.sale))),
            },
            SaleStatus::Sold | SaleStatus::Void | SaleStatus::Unknown | SaleStatus::Returned => {}
        }
    }
    Ok(posts)
}
