//! `pingpost person add | list | link | disable | enable`: who signs in to the console.

use clap::{Args, Subcommand};
use exchange::{
    command::{Operation, Outcome},
    id::PersonName,
    person::{LinkKind, NewLink, PersonCommand, PersonRole, WELCOME_LIVES},
};
use serde_json::json;
use url::Url;

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::{
    console::{hash_of, new_token},
    screen::{notice, print_json, say, table},
};

#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Add a person; prints a link that sets its password and codes, once
    Add {
        /// The name that is typed to sign in
        name: PersonName,
        /// owner, operations, finance, read-only, buyer:NAME or supplier:NAME
        #[arg(long)]
        role: PersonRole,
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
    /// List the people
    List {
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
    /// Make a new link for a person that has lost its password or codes
    Link {
        name: PersonName,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
    /// Keep a person out: its sessions end at once, on every node
    Disable {
        name: PersonName,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
    /// Let a person that was disabled in again
    Enable {
        name: PersonName,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Args)]
pub struct At {
    /// Where people reach the exchange
    #[arg(long = "at", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    address: Url,
}

pub fn people(command: PeopleCommand) -> Done {
    match command {
        PeopleCommand::Add { name, role, email, at, store, output } => {
            let opened = &mut store.open_or_make()?;
            linked(opened, &name, &at, output, |link| PersonCommand::Add { person: name.clone(), role, email, link })
        }
        PeopleCommand::List { store, output } => list(&store.open()?, output),
        PeopleCommand::Link { name, at, store, output } => {
            linked(&mut store.open()?, &name, &at, output, |link| PersonCommand::Link { person: name.clone(), link })
        }
        PeopleCommand::Disable { name, store, output } => {
            changed(&mut store.open()?, &name, PersonCommand::Disable { person: name.clone() }, "disabled", output)
        }
        PeopleCommand::Enable { name, store, output } => changed(&mut store.open()?, &name, PersonCommand::Enable { person: name.clone() }, "enabled", output),
    }
}

fn linked(opened: &mut Opened, name: &PersonName, at: &At, output: Output, command: impl FnOnce(NewLink) -> PersonCommand) -> Done {
    let token = new_token();
    ask(opened, command(NewLink { token: hash_of(&token), kind: LinkKind::Welcome, lives: WELCOME_LIVES }))?;
    let link = format!("{}/console/welcome/{}", at.address.as_str().trim_end_matches('/'), token.as_str());
    if output.json {
        print_json(&json!({ "name": name.as_str(), "link": link }));
    } else {
        say!("{link}");
        notice(&format!("{name} opens this link once, within 72 hours, and sets a password"));
    }
    Ok(())
}

fn changed(opened: &mut Opened, name: &PersonName, command: PersonCommand, word: &str, output: Output) -> Done {
    ask(opened, command)?;
    if output.json {
        print_json(&json!({ "name": name.as_str(), "state": word }));
    } else {
        say!("{name} is {word}");
    }
    Ok(())
}

fn ask(opened: &mut Opened, command: PersonCommand) -> Done {
    match opened.operate(Operation::Person(command))? {
        Outcome::Done => Ok(()),
        Outcome::Conflict(why) => Err(Failure(why)),
        other => Err(Failure(format!("the store answered otherwise: {other:?}"))),
    }
}

fn list(opened: &Opened, output: Output) -> Done {
    let people = opened.readers.read_here(|reader| reader.people()).map_err(Failure::of)?;
    let state = |row: &store::PersonRow| match (row.disabled_at, &row.password) {
        (Some(_), _) => "disabled",
        (None, None) => "invited",
        (None, Some(_)) => "active",
    };
    if output.json {
        let of = |row: &store::PersonRow| {
            json!({ "name": row.name.as_str(), "role": row.role.to_string(), "state": state(row), "codes": row.codes.is_some(),
                "added_at": row.added_at.to_string(), "seen_at": row.seen_at.map(|at| at.to_string()) })
        };
        print_json(&people.iter().map(of).collect::<Vec<_>>());
        return Ok(());
    }
    let mut rows = table(&["name", "role", "state", "codes", "seen"]);
    for row in &people {
        let codes = if row.codes.is_some() { "yes" } else { "no" };
        rows.add_row([row.name.to_string(), row.role.to_string(), state(row).into(), codes.into(), row.seen_at.map(|at| at.to_string()).unwrap_or_default()]);
    }
    say!("{rows}");
    Ok(())
}
