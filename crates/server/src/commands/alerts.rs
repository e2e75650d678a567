//! `pingpost alerts`: what an operator should look at, and what was the matter before.

use clap::Args;
use store::AlertRow;
use wire::answer::Format;

use super::{Done, Failure, Output, StoreArgs};
use crate::{
    alerts::AlertsTold,
    screen::{heading, say, table},
};

#[derive(Debug, Args)]
pub struct AlertsArgs {
    /// Those that are over, too: the latest 100
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn alerts(args: &AlertsArgs) -> Done {
    let opened = args.store.open()?;
    let told = opened.readers.read_here(AlertsTold::read).map_err(Failure::of)?;
    if args.output.json {
        say!("{}", String::from_utf8_lossy(&told.body().render(Format::Json)));
        return Ok(());
    }
    if told.standing.is_empty() {
        say!("all is well: no alert stands");
    } else {
        let mut rows = table(&["alert", "what is the matter", "since"]);
        for alert in &told.standing {
            rows.add_row([alert.key.kind.label().to_owned(), alert.says.clone(), alert.raised_at.to_string()]);
        }
        say!("{rows}");
    }
    if args.all {
        say!("{}", heading("Over"));
        let mut rows = table(&["alert", "what was the matter", "raised", "over"]);
        for alert in &told.cleared {
            rows.add_row(over(alert));
        }
        say!("{rows}");
    }
    Ok(())
}

fn over(alert: &AlertRow) -> [String; 4] {
    [alert.key.kind.label().to_owned(), alert.says.clone(), alert.raised_at.to_string(), alert.cleared_at.map(|at| at.to_string()).unwrap_or_default()]
}
