//! `pingpost suppress import LIST FILE | list`.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
};

use clap::Subcommand;
use exchange::{
    command::{Operation, Outcome},
    id::ListName,
    lead::person,
    seal::PersonMac,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::screen::{notice, print_json, say, table};

#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// Add phone numbers and e-mails, one a line; they are kept as keyed hashes only
    Import {
        /// The list that contracts name in `lists`; `exchange` holds for every contract
        list: String,
        /// A text file, or - for standard input
        file: PathBuf,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
    /// Show the lists and how many people are on each
    List {
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
}

/// People that are written at once.
const BATCH: usize = 10_000;

pub fn suppress(command: SuppressCommand) -> Done {
    match command {
        SuppressCommand::Import { list, file, store, output } => {
            let list: ListName = list.parse().map_err(Failure::of)?;
            import(&list, &file, &mut store.open_or_make()?, output)
        }
        SuppressCommand::List { store, output } => lists(&store.open()?, output),
    }
}

fn import(list: &ListName, file: &PathBuf, opened: &mut Opened, output: Output) -> Done {
    let (input, size): (Box<dyn std::io::Read>, u64) = if file.as_os_str() == "-" {
        (Box::new(std::io::stdin()), 0)
    } else {
        let opened = std::fs::File::open(file).map_err(|error| Failure(format!("{}: {error}", file.display())))?;
        let size = opened.metadata().map(|metadata| metadata.len()).unwrap_or(0);
        (Box::new(opened), size)
    };
    let bar = ProgressBar::new(size)
        .with_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (mut people, mut added, mut unreadable) = (Vec::new(), 0, Vec::new());
    for (number, line) in BufReader::new(bar.wrap_read(input)).lines().enumerate() {
        let line = line.map_err(|error| Failure(format!("{}:{}: {error}", file.display(), number + 1)))?;
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match person(text) {
            Some((kind, normal)) => people.push(opened.master.person(kind, &normal)),
            None => unreadable.push(number + 1),
        }
        if people.len() == BATCH {
            added += write(opened, list, std::mem::take(&mut people))?;
        }
    }
    added += write(opened, list, people)?;
    bar.finish_and_clear();
    report(list, added, &unreadable, output);
    if unreadable.is_empty() { Ok(()) } else { Err(Failure(format!("{} line(s) are no phone number and no e-mail", unreadable.len()))) }
}

fn write(opened: &mut Opened, list: &ListName, people: Vec<PersonMac>) -> Result<u64, Failure> {
    if people.is_empty() {
        return Ok(0);
    }
    match opened.operate(Operation::Suppress { list: list.clone(), people })? {
        Outcome::Suppressed { added } => Ok(added),
        other => Err(Failure(format!("the store answered otherwise: {other:?}"))),
    }
}

/// Lines are named by their number: what stands in them may be somebody's phone number.
fn report(list: &ListName, added: u64, unreadable: &[usize], output: Output) {
    if output.json {
        return print_json(&json!({ "list": list.as_str(), "added": added, "unreadable_lines": unreadable }));
    }
    say!("{added} added to {list}");
    for line in unreadable.iter().take(20) {
        notice(&format!("line {line}: no phone number and no e-mail"));
    }
}

fn lists(opened: &Opened, output: Output) -> Done {
    let lists = opened.readers.read_here(|reader| reader.suppression_lists()).map_err(Failure::of)?;
    if output.json {
        print_json(&lists.iter().map(|(list, people)| json!({ "list": list, "people": people })).collect::<Vec<_>>());
        return Ok(());
    }
    let mut rows = table(&["list", "people"]);
    for (list, people) in lists {
        rows.add_row([list, people.to_string()]);
    }
    say!("{rows}");
    Ok(())
}
