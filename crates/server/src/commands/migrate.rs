//! `pingpost migrate`: brings a store to the form that this program has. `serve` does so by itself; this says what it did.

use clap::Args;
use serde_json::json;
use store::{Address, migrate_postgres, sqlite_version};

use super::{Done, Failure, Output, StoreArgs};
use crate::screen::{print_json, say};

#[derive(Debug, Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn migrate(args: &MigrateArgs) -> Done {
    let (found, is) = match (&args.store.data, &args.store.database) {
        (None, Some(url)) => migrate_postgres(&Address::parse(url).map_err(Failure::of)?).map_err(Failure::of)?,
        (Some(data), _) => {
            let path = data.join("exchange.db");
            let found = sqlite_version(&path).map_err(Failure::of)?;
            drop(args.store.open_or_make()?);
            (found, sqlite_version(&path).map_err(Failure::of)?)
        }
        (None, None) => return Err(Failure("say which store: --data DIR, or --database URL".into())),
    };
    match (args.output.json, found) {
        (true, _) => print_json(&json!({ "from": found, "to": is })),
        (false, 0) => say!("made the tables, of version {is}"),
        (false, _) if found == is => say!("the tables are of version {is}: nothing to do"),
        (false, _) => say!("migrated the tables from version {found} to {is}"),
    }
    Ok(())
}
