//! `pingpost fsck`.

use clap::Args;
use serde_json::{Value, json};
use store::{AccountRow, Checked, Difference};

use super::{Done, Failure, Output, StoreArgs};
use crate::screen::{print_json, say, table};

#[derive(Debug, Args)]
pub struct FsckArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn fsck(args: &FsckArgs) -> Done {
    let opened = args.store.open()?;
    let read = opened.readers.read_here(|reader| Ok((reader.check()?, reader.balances()?)));
    let (checked, accounts) = read.map_err(Failure::of)?;
    if args.output.json {
        print_json(&json!({
            "rows": checked.rows.iter().map(|(of, count)| ((*of).to_owned(), json!(count))).collect::<serde_json::Map<String, Value>>(),
            "accounts": accounts.iter().map(account).collect::<Vec<_>>(),
            "differences": checked.differences.iter().map(difference).collect::<Vec<_>>(),
        }));
    } else {
        print(&checked);
    }
    match checked.differences.len() {
        0 => Ok(()),
        1 => Err(Failure("1 difference: the store contradicts itself".into())),
        many => Err(Failure(format!("{many} differences: the store contradicts itself"))),
    }
}

fn account(row: &AccountRow) -> Value {
    json!({ "account": row.account.to_string(), "balance": row.balance.to_string(), "held": row.held.to_string() })
}

fn difference(difference: &Difference) -> Value {
    let Difference { what, row, kept, counted, mend } = difference;
    json!({ "what": what, "row": row, "kept": kept, "counted": counted, "mend": mend })
}

fn print(checked: &Checked) {
    let rows: Vec<String> = checked.rows.iter().map(|(of, count)| format!("{count} {of}")).collect();
    if checked.differences.is_empty() {
        return say!("{}: everything counted again, and all of it agrees", rows.join(", "));
    }
    let mut found = table(&["what is wrong", "where", "kept", "counted"]);
    for Difference { what, row, kept, counted, .. } in &checked.differences {
        found.add_row([*what, row, kept, counted]);
    }
    say!("{found}");
    let mut mends: Vec<&str> = checked.differences.iter().map(|difference| difference.mend.as_str()).collect();
    mends.dedup();
    say!("The mend:");
    for mend in mends {
        say!("- {mend}");
    }
    say!("({})", rows.join(", "));
}
