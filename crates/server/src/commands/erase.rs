//! `pingpost erase LEAD_ID | --phone | --email`.

use std::time::Duration;

use clap::Args;
use exchange::{
    command::{Command, Erase, Operation, Outcome},
    lead::person,
    seal::PersonKind,
};
use serde_json::json;

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::screen::{notice, print_json, say};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whose").required(true).multiple(false))]
pub struct EraseArgs {
    /// One lead, lead_…
    #[arg(group = "whose")]
    lead_id: Option<String>,
    /// Every lead with this phone number
    #[arg(long, group = "whose")]
    phone: Option<String>,
    /// Every lead with this e-mail
    #[arg(long, group = "whose")]
    email: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn erase(args: &EraseArgs) -> Done {
    let mut opened = args.store.open()?;
    let whose = whose(args, &opened)?;
    let erased = opened.operate(Operation::Erase(whose))?;
    overwrite(&mut opened)?;
    match erased {
        Outcome::Erased { leads, pings } if args.output.json => print_json(&json!({ "leads": leads, "pings": pings })),
        Outcome::Erased { leads: 0, pings: 0 } => say!("nothing is kept of it"),
        Outcome::Erased { leads, pings } => say!("erased for good: {leads} lead(s), {pings} ping(s)"),
        other => return Err(Failure(format!("the store answered otherwise: {other:?}"))),
    }
    Ok(())
}

fn whose(args: &EraseArgs, opened: &Opened) -> Result<Erase, Failure> {
    let by = |text: &str, kind: PersonKind, what: &str| match person(text) {
        Some((found, normal)) if found == kind => Ok(Erase::Person(opened.master.person(kind, &normal))),
        _ => Err(Failure(format!("that is no {what}"))),
    };
    match (&args.lead_id, &args.phone, &args.email) {
        (Some(lead), _, _) => lead.parse().map(Erase::Lead).map_err(|_| Failure("that is no id of a lead: it starts with lead_".into())),
        (_, Some(phone), _) => by(phone, PersonKind::Phone, "phone number"),
        (_, _, Some(email)) => by(email, PersonKind::Email, "e-mail address"),
        _ => Err(Failure("say what to erase: a lead's id, --phone or --email".into())),
    }
}

const PURGE_TRIES: u32 = 25;
const PURGE_WAIT: Duration = Duration::from_millis(200);

/// Old pages are overwritten once nobody reads them any more: usually at once.
fn overwrite(opened: &mut Opened) -> Done {
    for _ in 0..PURGE_TRIES {
        if opened.engine.is_purged() {
            return Ok(());
        }
        std::thread::sleep(PURGE_WAIT);
        opened.apply(Command::Sweep)?;
    }
    notice("somebody is reading the store: old pages are overwritten as soon as that has ended, by whoever writes next");
    Ok(())
}
