//! `pingpost restore --from FILE --data DIR`.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use exchange::{
    command::{Beat, Command, TakeOver, TakenBy},
    id::NodeId,
    seal::MasterKey,
};
use serde_json::json;

use super::{
    Done, Failure, Output, StoreArgs,
    backup::sync_directory,
    master_key,
    opened::{Opened, is_served, make_directory, make_private},
};
use crate::{
    clock, entropy,
    place::Place,
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
    let Some(directory) = &args.store.data else {
        return Err(Failure("a backup becomes an embedded store, in a new directory: --data DIR; `pingpost copy` moves that to PostgreSQL".into()));
    };
    must_be_free(directory)?;
    let master = the_key(args.store.master_key.as_deref(), directory)?;
    store::check_backup(&args.from, &master).map_err(|error| Failure(format!("{}: {error}", args.from.display())))?;
    make_directory(directory)?;
    let partial = directory.join("exchange.db.restoring");
    let restored = bring_back(&args.from, &partial, master);
    let (leads, unknown) = restored.inspect_err(|_| drop(std::fs::remove_file(&partial)))?;
    let store = directory.join("exchange.db");
    std::fs::rename(&partial, &store).map_err(|error| Failure(format!("{}: {error}", store.display())))?;
    sync_directory(&store)?;
    if args.output.json {
        print_json(&json!({ "store": store.display().to_string(), "leads_ended": leads, "sales_unknown": unknown }));
    } else {
        say!("{} is the store as of its backup: checked, and free of differences.", store.display());
        say!("{leads} leads were under way then and have ended as after a crash; {unknown} of their sales are unknown: `serve` asks their buyers.");
        say!("What came after the backup isn't in it: docs/operating.md says what to ask suppliers and buyers.");
    }
    Ok(())
}

/// Nothing may be there but a master key: a restore overwrites no store, and no node runs on it.
fn must_be_free(directory: &Path) -> Done {
    let Ok(entries) = std::fs::read_dir(directory) else { return Ok(()) };
    let others: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name != "master.key").collect();
    if is_served(directory) {
        return Err(Failure(format!("a `serve` runs on {}: end it, and move its files away", directory.display())));
    }
    match others.first() {
        None => Ok(()),
        Some(name) => Err(Failure(format!("{} is in {} already, and a restore overwrites nothing: name a new directory", name, directory.display()))),
    }
}

/// The key that the store was made with; none is made here.
fn the_key(named: Option<&Path>, directory: &Path) -> Result<MasterKey, Failure> {
    let place = directory.join("master.key");
    if master_key::given(named)?.is_none() && !place.exists() {
        return Err(Failure(format!("the backup's master key is needed: copy it to {}, or name it with --master-key", place.display())));
    }
    master_key::find(named, directory, true)
}

/// Copies the backup, brings it to this version, ends what was under way, and checks it.
fn bring_back(from: &Path, to: &Path, master: MasterKey) -> Result<(usize, usize), Failure> {
    make_private(to)?;
    let failed = |error: std::io::Error| Failure(format!("{}: {error}", to.display()));
    copy(from, to).map_err(failed)?;
    let place = Place::Embedded(Arc::new(to.to_owned()));
    let engine = place.engine(&master).map_err(Failure::of)?;
    let mut opened = Opened { engine, readers: Readers::new(place), master };
    let ended = end_runs(&mut opened)?;
    let checked = opened.readers.read_here(|reader| reader.check()).map_err(Failure::of)?;
    // The engine closes last: it moves all it wrote into the one file.
    let Opened { engine, readers, .. } = opened;
    drop(readers);
    drop(engine);
    match checked.differences.first() {
        None => Ok(ended),
        Some(first) => Err(Failure(format!("the backup contradicts itself, in {} places; the first: {first}", checked.differences.len()))),
    }
}

/// Into a file that is there, so that it stays its owner's alone.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut file = File::options().write(true).open(to)?;
    std::io::copy(&mut File::open(from)?, &mut file)?;
    file.sync_all()
}

/// No run of the old store goes on in this one: each is ended as after a crash. A hold without a post is void, a post without an
/// outcome unknown. Gives how many leads and how many unknown sales that were.
fn end_runs(opened: &mut Opened) -> Result<(usize, usize), Failure> {
    opened.apply(Command::Beat(Beat { node: NodeId::from_bytes(entropy::timed_id()), lives: Duration::ZERO, alone: true }))?;
    let read = opened.readers.read_here(|reader| Ok((reader.lapsed(clock::now(), u32::MAX)?, reader.unknown_sales()?.len())));
    let (leads, unknown_before) = read.map_err(Failure::of)?;
    for lead in &leads {
        opened.apply(Command::TakeOver(TakeOver { lead: *lead, by: TakenBy::Anybody }))?;
    }
    let unknown = opened.readers.read_here(|reader| reader.unknown_sales()).map_err(Failure::of)?.len();
    Ok((leads.len(), unknown - unknown_before))
}
