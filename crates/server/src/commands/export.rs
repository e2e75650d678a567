//! `pingpost export DIR [--revision N]`: the market's files as a revision has them, comments and all.

use std::path::{Path, PathBuf};

use clap::Args;
use exchange::id::Revision;
use serde_json::json;
use wire::market::{Bundle, Place};

use super::{Done, Failure, Output, StoreArgs, apply::readable, market_files};
use crate::screen::{print_json, say};

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The directory to write to; made where it is missing
    directory: PathBuf,
    /// Default: the newest
    #[arg(long, value_name = "REVISION")]
    revision: Option<u64>,
    /// Replace the market that is in the directory: what isn't in the revision is taken away
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

/// `apply` of what it writes changes nothing, as long as no other revision comes in between.
pub fn export(args: &ExportArgs) -> Done {
    let opened = args.store.open()?;
    let newest = opened.newest_bundle()?.ok_or_else(|| Failure("there is no market yet: `pingpost apply` one first".into()))?;
    let wanted = args.revision.map_or(newest.0, Revision);
    let bundle = if wanted == newest.0 { readable(wanted, &newest.1)? } else { opened.files_of(wanted)? };
    write(&args.directory, &bundle, args.overwrite)?;
    if let Some(store) = opened.identity()? {
        market_files::remember_base(&args.directory, &store, wanted);
    }
    let (directory, files) = (args.directory.display(), bundle.files.len());
    if args.output.json {
        print_json(&json!({ "revision": wanted.0, "files": files }));
    } else {
        say!("revision {wanted} is in {directory}: {files} files");
        if wanted != newest.0 {
            say!("revision {} is in force: `pingpost rollback {wanted}` brings this one back", newest.0);
        }
    }
    Ok(())
}

fn write(directory: &Path, bundle: &Bundle, overwrite: bool) -> Done {
    super::opened::make_directory(directory)?;
    let there = market_files::read(directory)?;
    if !there.files.is_empty() && there != *bundle && !overwrite {
        let (directory, count) = (directory.display(), there.files.len());
        return Err(Failure(format!("{directory} has {count} files of another market: name an empty directory, or replace them with --overwrite")));
    }
    for path in there.files.keys().filter(|path| !bundle.files.contains_key(*path)) {
        let path = directory.join(path);
        std::fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
    }
    // A path of the store's that is no market file would be written to wherever it points.
    for (path, text) in bundle.files.iter().filter(|(path, _)| Place::of(path).is_market_file()) {
        let path = directory.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        }
        std::fs::write(&path, text).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_bundle() -> impl Strategy<Value = Bundle> {
        let folder = prop_oneof![
            Just(("verticals/", "toml")),
            Just(("suppliers/", "toml")),
            Just(("buyers/", "toml")),
            Just(("trees/", "toml")),
            Just(("lists/", "txt"))
        ];
        let path = prop_oneof![1 => Just("market.toml".to_owned()), 9 => (folder, "[a-zA-Z0-9_-]{1,12}").prop_map(|((folder, ending), name)| format!("{folder}{name}.{ending}"))];
        proptest::collection::btree_map(path, any::<String>(), 0..8).prop_map(|files| Bundle { files })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Whatever the files say, byte for byte, over whatever market was there.
        #[test]
        fn what_is_written_reads_back(bundle in any_bundle(), before in any_bundle()) {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), &before, false).unwrap();
            write(folder.path(), &bundle, true).unwrap();
            prop_assert_eq!(market_files::read(folder.path()).unwrap(), bundle);
        }
    }
}
