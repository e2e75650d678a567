//! `pingpost replay MARKET [--since 24h]`: what these files would have changed over the recorded auctions.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use exchange::{id::Revision, market::Market};

use super::{Done, Failure, Output, StoreArgs, market_files};
use crate::{
    clock,
    replay::{self, Bounds, ReplayView},
    screen::{heading, print_json, say, table},
};

#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The market directory
    market: PathBuf,
    /// How far back: 90m, 24h, 7d
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = time)]
    since: Duration,
    /// The latest so many runs at most
    #[arg(long, value_name = "RUNS", default_value_t = 100_000)]
    most: u64,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "give a time like 90m, 24h or 7d".to_owned();
    let (digits, unit_s) = match text.char_indices().last() {
        Some((end, 'm')) => (&text[..end], 60),
        Some((end, 'h')) => (&text[..end], 3600),
        Some((end, 'd')) => (&text[..end], 86_400),
        _ => return Err(wrong()),
    };
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    if (1..=100_000).contains(&count) { Ok(Duration::from_secs(count * unit_s)) } else { Err(wrong()) }
}

/// Reads only; `apply` is a step of its own.
pub fn replay(args: &ReplayArgs) -> Done {
    let bundle = market_files::read(&args.market)?;
    let parts = market_files::parse(&bundle).map_err(|problems| {
        problems.iter().for_each(|problem| say!("{problem}"));
        Failure(format!("{} is not replayed: correct the above first", args.market.display()))
    })?;
    let opened = args.store.open()?;
    let now = Arc::new(opened.market()?.ok_or_else(|| Failure("there is no market yet: `pingpost apply` one first".into()))?);
    let proposed = Arc::new(Market::new(Revision(u64::MAX), parts));
    let bounds = Bounds { since: clock::now().minus(args.since), most: args.most, time: Duration::MAX };
    let report = replay::compare(&opened.readers, &now, &proposed, bounds).map_err(Failure::of)?;
    let view = ReplayView::of(&report);
    if args.output.json {
        print_json(&view);
    } else {
        print(&view);
    }
    Ok(())
}

fn print(view: &ReplayView) {
    say!("{}", heading(&view.coverage()));
    if view.not_comparable > 0 {
        say!("{} more can't be compared: the fields of their vertical change", view.not_comparable);
    }
    let mut ends = table(&["under this market", "auctions"]);
    for (what, count) in [
        ("end as they do now", view.same),
        ("another buyer wins", view.other_winner),
        ("the price is another", view.other_price),
        ("are sold no more", view.sold_no_more),
        ("are sold now", view.sold_now),
        ("hang on bids that nobody knows", view.unknown),
    ] {
        ends.add_row([what.to_owned(), count.to_string()]);
    }
    say!("{ends}");
    say!(
        "where the end is known: buyers pay {} instead of {}, suppliers get {} instead of {}",
        view.revenue[1],
        view.revenue[0],
        view.payout[1],
        view.payout[0]
    );
    if !view.contracts.is_empty() {
        let mut rows = table(&["contract", "eligible", "gains", "loses", "why", "wins"]);
        for row in &view.contracts {
            let why = row.lost_by.iter().map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>().join(", ");
            let pair = |[before, after]: [u64; 2]| format!("{before} \u{2192} {after}");
            rows.add_row([row.contract.clone(), pair(row.eligible), row.gained.to_string(), row.lost.to_string(), why, pair(row.wins)]);
        }
        say!("{rows}");
    }
    for example in view.examples.iter().take(10) {
        say!("{}: {}: {} \u{2192} {}", example.id, example.change, example.before, example.after);
    }
}
