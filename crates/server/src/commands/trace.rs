//! `pingpost trace LEAD_ID | PING_ID`.

use std::collections::BTreeMap;

use clap::Args;
use exchange::{
    command::{Operation, Outcome},
    id::Subject,
    seal::{Opener, Reveal},
};

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::{
    screen::print_json,
    trace::{self, Trace},
};

#[derive(Debug, Args)]
pub struct TraceArgs {
    /// lead_… or ping_…
    id: String,
    /// Show the contact too; who looked and why is journalled first
    #[arg(long)]
    reveal: bool,
    /// Why the contact is looked at, for the journal
    #[arg(long, value_name = "REASON", requires = "reveal", default_value = "not said")]
    why: String,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn trace(args: &TraceArgs) -> Done {
    let mut opened = args.store.open()?;
    let mut trace = trace::gather(&opened.readers, &args.id).map_err(Failure::of)?;
    if args.reveal {
        trace.contact = Some(reveal(&mut opened, &trace, &args.why)?);
    }
    if args.output.json {
        print_json(&trace)
    } else {
        trace::print(&trace)
    }
    Ok(())
}

/// The contact in clear, once the journal says who looked.
fn reveal(opened: &mut Opened, trace: &Trace, why: &str) -> Result<BTreeMap<String, String>, Failure> {
    let lead = trace.lead_id.as_ref().and_then(|id| id.parse().ok()).ok_or_else(|| Failure("a ping has no contact to reveal".into()))?;
    let who = super::at_command_line();
    let revealed = match opened.operate(Operation::Reveal { subject: Subject::Lead(lead), who, why: why.to_owned() })? {
        Outcome::Revealed(revealed) => revealed,
        other => return Err(Failure(format!("the contact can't be revealed: {other:?}"))),
    };
    open(opened, lead, &revealed)
}

fn open(opened: &Opened, lead: exchange::id::LeadId, reveal: &Reveal) -> Result<BTreeMap<String, String>, Failure> {
    let parts = opened.readers.read_here(|reader| reader.contact_parts(lead, None)).map_err(Failure::of)?;
    let mut shown = BTreeMap::new();
    for part in &parts {
        let contact = part.open(Opener::Reveal(reveal), &opened.master).map_err(Failure::of)?;
        for name in part.values.names() {
            if let Some(value) = contact.value(name) {
                shown.insert(name.to_owned(), value.text().to_string());
            }
        }
    }
    Ok(shown)
}
