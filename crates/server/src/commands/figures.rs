//! `pingpost figures [--period today] [--vertical NAME]`: what the exchange took in, sold and earned, and how its buyers do.

use clap::Args;
use comfy_table::{Cell, CellAlignment, Table};
use exchange::{
    figures::{BuyerFigure, Figure, Measure},
    id::VerticalName,
};
use wire::answer::Format;

use super::{Done, Failure, Output, StoreArgs};
use crate::{
    clock,
    figures::{period::Period, report::Report},
    screen::{heading, say, table},
};

#[derive(Debug, Args)]
pub struct FiguresArgs {
    /// `today`, `yesterday`, a number of days like 7d, or two days like 2026-10-01..2026-10-31, both included
    #[arg(long, value_name = "PERIOD", default_value = "today")]
    period: String,
    /// Of one vertical alone
    #[arg(long, value_name = "NAME")]
    vertical: Option<VerticalName>,
    /// Say what each figure is, and do nothing else
    #[arg(long)]
    define: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn figures(args: &FiguresArgs) -> Done {
    if args.define {
        define();
        return Ok(());
    }
    let opened = args.store.open()?;
    let market = opened.market()?.ok_or_else(|| Failure("there is no market yet: `pingpost apply` one first".into()))?;
    if let Some(vertical) = args.vertical.as_ref().filter(|name| market.vertical(name).is_none()) {
        return Err(Failure(format!("the market has no vertical {vertical}: check the name in its verticals/ directory")));
    }
    let period = Period::parse(&args.period, clock::now(), &market.parts().time_zone).map_err(Failure::of)?;
    let report = opened.readers.read_here(|reader| Report::read(reader, period, args.vertical.as_ref())).map_err(Failure::of)?;
    if args.output.json {
        say!("{}", String::from_utf8_lossy(&report.body(market.currency()).render(Format::Json)));
    } else {
        print(&report, market.currency().code());
    }
    Ok(())
}

fn print(report: &Report, currency: &str) {
    let local = |at| report.period.zone.to_datetime(exchange::time::Timestamp::to_jiff(at)).strftime("%Y-%m-%d %H:%M").to_string();
    let zone = report.period.zone.iana_name().unwrap_or_default();
    say!("{}", heading(&format!("{} to {}, {zone}, {currency}", local(report.period.from), local(report.period.until))));
    let names: Vec<&str> = report.verticals.keys().map(VerticalName::as_str).collect();
    let mut rows = table(&[&[""], &names[..], &["together"]].concat());
    for figure in Figure::ALL {
        let of_verticals = report.verticals.values().map(|figures| figure.of(figures));
        add(&mut rows, figure.label(), of_verticals.chain([figure.of(&report.together)]));
    }
    say!("{rows}");
    if !report.buyers.is_empty() {
        let labels: Vec<&str> = BuyerFigure::ALL.map(BuyerFigure::label).to_vec();
        let mut rows = table(&[&["buyer"], &labels[..]].concat());
        report.buyers.iter().for_each(|(buyer, counts)| add(&mut rows, buyer.as_str(), BuyerFigure::ALL.map(|figure| figure.of(counts))));
        say!("{rows}");
    }
}

fn add(rows: &mut Table, name: &str, measures: impl IntoIterator<Item = Measure>) {
    let numbers = measures.into_iter().map(|measure| Cell::new(measure).set_alignment(CellAlignment::Right));
    rows.add_row([Cell::new(name)].into_iter().chain(numbers).collect::<Vec<_>>());
}

fn define() {
    let mut rows = table(&["figure", "is"]);
    for figure in Figure::ALL {
        rows.add_row([figure.label(), figure.definition()]);
    }
    say!("{rows}");
    let mut rows = table(&["of a buyer", "is"]);
    for figure in BuyerFigure::ALL {
        rows.add_row([figure.label(), figure.definition()]);
    }
    say!("{rows}");
}
