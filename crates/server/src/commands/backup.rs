//! `pingpost backup --to FILE`.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;

use super::{
    Done, Failure, Output, StoreArgs,
    opened::{make_private, store_in},
};
use crate::{
    clock, entropy,
    screen::{print_json, say},
};

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// A new file; or a directory, where the file is named after the time
    #[arg(long, value_name = "FILE|DIR")]
    to: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn backup(args: &BackupArgs) -> Done {
    // As it is, of whatever version: before a newer program serves it, there is a way back.
    let Some(data) = &args.store.data else {
        if args.store.database.is_none() {
            return Err(Failure("say where the data are: --data DIR".into()));
        }
        return Err(Failure(
            "PostgreSQL has its own: `pg_dump --format=custom --file=FILE URL` for one moment, `pg_basebackup` with WAL archiving for every moment; keep the master key beside neither".into(),
        ));
    };
    let store = store_in(data)?;
    let is_for_directory = args.to.as_os_str().as_encoded_bytes().ends_with(b"/");
    let parent = if is_for_directory { Some(args.to.as_path()) } else { args.to.parent().filter(|parent| !parent.as_os_str().is_empty()) };
    if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
        return Err(Failure(format!("{} is no directory: make it first", parent.display())));
    }
    let to = if args.to.is_dir() { args.to.join(format!("pingpost-{}.db", clock::now().to_string().replace(':', ""))) } else { args.to.clone() };
    if to.exists() {
        return Err(Failure(format!("{} is there already, and a backup overwrites nothing: name a new file", to.display())));
    }
    let bytes = write(&store, &to)?;
    if args.output.json {
        print_json(&json!({ "file": to.display().to_string(), "bytes": bytes }));
    } else {
        say!("{}: {bytes} bytes, the whole store as of one moment, checked. The master key isn't in it: keep a copy of that elsewhere.", to.display());
    }
    Ok(())
}

/// Under a name that nothing else has until it is whole and synced: what has its own name is a backup.
fn write(store: &Path, to: &Path) -> Result<u64, Failure> {
    let name = to.file_name().ok_or_else(|| Failure(format!("{} names no file", to.display())))?;
    let partial = to.with_file_name(format!("{}.{:016x}.partial", name.to_string_lossy(), u64::from_le_bytes(entropy::bytes())));
    let written = make_private(&partial).and_then(|()| {
        store::backup(store, &partial).map_err(Failure::of)?;
        std::fs::rename(&partial, to).map_err(|error| Failure(format!("{}: {error}", to.display())))
    });
    if let Err(failure) = written {
        // What is there of it is of no use.
        drop(std::fs::remove_file(&partial));
        return Err(failure);
    }
    sync_directory(to)?;
    Ok(std::fs::metadata(to).map_err(Failure::of)?.len())
}

/// Makes a file's name durable.
pub(super) fn sync_directory(file: &Path) -> Done {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(|error| Failure(format!("{}: {error}", directory.display())))
}
