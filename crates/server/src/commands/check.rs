//! `pingpost check MARKET`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Done, Failure, Output, market_files};
use crate::screen::{print_json, say};

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The market directory
    market: PathBuf,
    #[command(flatten)]
    output: Output,
}

pub fn check(args: &CheckArgs) -> Done {
    let bundle = market_files::read(&args.market)?;
    let read = wire::market::read(&bundle);
    let problems = match &read {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    if args.output.json {
        print_json(&json!({ "ok": read.is_ok(), "problems": problems }));
    } else {
        for problem in problems {
            say!("{problem}");
        }
        if let Ok((parts, _)) = &read {
            let count = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
            say!(
                "{} is in order: {}, {}, {}, {}, {}",
                args.market.display(),
                count(parts.verticals.len(), "vertical", "verticals"),
                count(parts.suppliers.len(), "supplier", "suppliers"),
                count(parts.buyers.len(), "buyer", "buyers"),
                count(parts.contracts.len(), "contract", "contracts"),
                count(parts.trees.len(), "tree", "trees"),
            );
        }
    }
    if errors == 0 { Ok(()) } else { Err(Failure(format!("{errors} mistake{} in {}", if errors == 1 { "" } else { "s" }, args.market.display()))) }
}
