//! The parts of the live page, each a piece of HTML that an event brings anew.

use askama::Template;
use exchange::{
    figures::{Booked, BuyerFigure, Figure, Figures, Measure},
    lead::LeadStatus,
};
use jiff::tz::TimeZone;

use crate::{
    console::components::{Amount, Meter, Moment, Sparkline, Tag, Tone},
    live::{Health, Snapshot},
};

/// By the names that the page knows them by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts(Vec<(&'static str, String)>);

impl Parts {
    pub fn of(shot: &Snapshot) -> Self {
        let zone = &shot.today.period.zone;
        let parts = [
            ("alerts", AlertsPart { rows: shot.alerts.iter().map(|alert| alert.says.clone()).collect() }.render()),
            ("figures", FiguresPart { cards: cards(shot) }.render()),
            ("verticals", VerticalsPart { rows: verticals(shot) }.render()),
            ("attention", AttentionPart { says: attention(shot) }.render()),
            ("buyers", BuyersPart { rows: shot.buyers.iter().map(BuyerRow::of).collect() }.render()),
            ("latest", LatestPart { rows: latest(shot, zone) }.render()),
        ];
        // Templates without fallible parts always render.
        Self(parts.into_iter().map(|(name, html)| (name, html.unwrap_or_default())).collect())
    }

    pub fn part(&self, name: &str) -> Part {
        Part(self.0.iter().find(|(known, _)| *known == name).map(|(_, html)| html.clone()).unwrap_or_default())
    }

    pub fn changed_since<'a>(&'a self, shown: &'a Self) -> impl Iterator<Item = &'a (&'static str, String)> {
        self.0.iter().filter(|part| !shown.0.contains(part))
    }
}

/// Markup that a template of this module has written.
pub struct Part(String);

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Part {}

#[derive(Template)]
#[template(path = "console/live/alerts.html")]
struct AlertsPart {
    rows: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/live/figures.html")]
struct FiguresPart {
    cards: Vec<Card>,
}

struct Card {
    label: &'static str,
    definition: &'static str,
    /// As programs name it: tests find it by that.
    name: &'static str,
    value: String,
    compared: String,
    picture: Option<Sparkline>,
}

#[derive(Template)]
#[template(path = "console/live/verticals.html")]
struct VerticalsPart {
    rows: Vec<VerticalRow>,
}

struct VerticalRow {
    vertical: String,
    cells: Vec<Cell>,
}

struct Cell {
    name: &'static str,
    now: Measure,
    before: Measure,
}

#[derive(Template)]
#[template(ext = "html", source = r#"{% if let Some(says) = says %}<p class="notice warn">{{ says }}</p>{% endif %}"#)]
struct AttentionPart {
    says: Option<String>,
}

#[derive(Template)]
#[template(path = "console/live/buyers.html")]
struct BuyersPart {
    rows: Vec<BuyerRow>,
}

struct BuyerRow {
    buyer: String,
    label: String,
    state: Tag,
    why: String,
    bid_rate: Meter,
    cells: Vec<(&'static str, Measure)>,
}

#[derive(Template)]
#[template(path = "console/live/latest.html")]
struct LatestPart {
    rows: Vec<LeadLine>,
}

struct LeadLine {
    at: Moment,
    lead: String,
    vertical: String,
    supplier: String,
    status: Tag,
    net: Option<Amount>,
    is_test: bool,
}

fn cards(shot: &Snapshot) -> Vec<Card> {
    let (today, before) = (&shot.today.together, &shot.yesterday.together);
    let tenths = shot.last_minute * 10 / 60;
    let rate = Card {
        label: "Leads per second",
        definition: "Leads received in the last minute, by 60. The line has a point for each of the last 30 minutes.",
        name: "leads_per_second",
        value: format!("{}.{}", tenths / 10, tenths % 10),
        compared: "over the last minute".into(),
        picture: Some(Sparkline::new("Leads received in each of the last 30 minutes", &shot.minutes)),
    };
    let shown = [
        Figure::Received,
        Figure::SoldShare,
        Figure::Revenue,
        Figure::Payout,
        Figure::Margin,
        Figure::EarningsPerLead,
        Figure::AuctionMedian,
        Figure::AuctionSlowest,
    ];
    let card = |figure: Figure| Card {
        label: figure.label(),
        definition: figure.definition(),
        name: figure.name(),
        value: figure.of(today).to_string(),
        compared: compared(figure.of(today), figure.of(before)),
        picture: picture(figure, &shot.quarters),
    };
    [rate].into_iter().chain(shown.map(card)).collect()
}

/// Today's quarters of an hour as a line, where there is one.
fn picture(figure: Figure, quarters: &[Booked]) -> Option<Sparkline> {
    let micros = |money: exchange::money::Money| u64::try_from(money.micros()).unwrap_or(0);
    let value = move |booked: &Booked| match figure {
        Figure::Received => Some(booked.received),
        Figure::SoldShare => Some(Measure::per_mille(booked.sold, booked.received).unwrap_or(0)),
        Figure::Revenue => Some(micros(booked.revenue)),
        Figure::Payout => Some(micros(booked.payout)),
        Figure::Margin => Some(micros(booked.margin)),
        Figure::EarningsPerLead => Some(u64::try_from(booked.payout.micros()).unwrap_or(0) / booked.received.max(1)),
        _ => None,
    };
    let values = quarters.iter().map(value).collect::<Option<Vec<u64>>>()?;
    Some(Sparkline::new(format!("{} in each quarter of an hour of today", figure.label()), &values))
}

/// Today's beside yesterday's up to the same time.
fn compared(now: Measure, before: Measure) -> String {
    let (Some(now), Some(then)) = (amount(now), amount(before)) else { return format!("yesterday {before}") };
    let per_mille = ((now - then) * 1000).checked_div(then.abs()).unwrap_or(0);
    let change = match per_mille {
        1.. => format!("\u{25b2} {}.{} % · ", per_mille / 10, per_mille % 10),
        ..=-1 => format!("\u{25bc} {}.{} % · ", -per_mille / 10, -per_mille % 10),
        0 => String::new(),
    };
    format!("{change}yesterday {before}")
}

fn amount(measure: Measure) -> Option<i128> {
    match measure {
        Measure::Count(count) => Some(i128::from(count)),
        Measure::Money(money) => Some(i128::from(money.micros())),
        Measure::Share(part, whole) => Measure::per_mille(part, whole).map(i128::from),
        Measure::Time(time) => i128::try_from(time.as_micros()).ok(),
        Measure::Nothing => None,
    }
}

const OF_VERTICALS: [Figure; 8] = [
    Figure::Received,
    Figure::SoldShare,
    Figure::Revenue,
    Figure::Payout,
    Figure::Margin,
    Figure::EarningsPerLead,
    Figure::AuctionMedian,
    Figure::AuctionSlowest,
];

fn verticals(shot: &Snapshot) -> Vec<VerticalRow> {
    let cells = |now: &Figures, before: &Figures| OF_VERTICALS.map(|figure| Cell { name: figure.name(), now: figure.of(now), before: figure.of(before) });
    let mut rows: Vec<VerticalRow> =
        shot.verticals().iter().map(|(name, (now, before))| VerticalRow { vertical: name.to_string(), cells: cells(now, before).into() }).collect();
    if rows.len() > 1 {
        rows.push(VerticalRow { vertical: "Together".into(), cells: cells(&shot.today.together, &shot.yesterday.together).into() });
    }
    rows
}

impl VerticalsPart {
    fn heads(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        OF_VERTICALS.into_iter().map(|figure| (figure.label(), figure.definition()))
    }
}

const OF_BUYERS: [BuyerFigure; 8] = [
    BuyerFigure::Pings,
    BuyerFigure::BidRate,
    BuyerFigure::Wins,
    BuyerFigure::WinRate,
    BuyerFigure::TimeOuts,
    BuyerFigure::Rejects,
    BuyerFigure::LatencyMedian,
    BuyerFigure::LatencySlowest,
];

impl BuyersPart {
    fn heads(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        OF_BUYERS.into_iter().map(|figure| (figure.label(), figure.definition()))
    }
}

fn attention(shot: &Snapshot) -> Option<String> {
    let worst = shot.buyers.first()?;
    Some(format!("{} needs attention: {}.", worst.label, worst.trouble?))
}

impl BuyerRow {
    fn of(health: &Health) -> Self {
        let state = match (&health.trouble, health.recent.pings + health.recent.posts) {
            (Some(_), _) => Tag::new("needs attention", Tone::Bad),
            (None, 0) => Tag::new("not asked", Tone::Plain),
            (None, _) => Tag::new("fine", Tone::Good),
        };
        let recent = &health.recent;
        Self {
            buyer: health.buyer.to_string(),
            label: health.label.clone(),
            state,
            why: health.trouble.map(|trouble| trouble.to_string()).unwrap_or_default(),
            bid_rate: Meter::share(format!("{} bids on {} pings", recent.bids, recent.pings), recent.bids, recent.pings),
            cells: OF_BUYERS.map(|figure| (figure.name(), figure.of(recent))).into(),
        }
    }
}

fn latest(shot: &Snapshot, zone: &TimeZone) -> Vec<LeadLine> {
    let line = |row: &store::LeadRow| LeadLine {
        at: Moment::of(row.accepted_at, zone),
        lead: row.lead.to_string(),
        vertical: row.vertical.to_string(),
        supplier: row.supplier.to_string(),
        status: Tag::status(row.status.word()),
        net: matches!(row.status, LeadStatus::Sold).then(|| Amount::of(row.net)),
        is_test: row.test,
    };
    shot.latest.iter().map(line).collect()
}

/// For tests of pages.
#[cfg(test)]
pub fn sample() -> Snapshot {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use exchange::{
        alerts::BuyerTrouble,
        attribute::PingPart,
        figures::{Auctions, BuyerCounts},
        id::{LeadId, Revision},
        money::Money,
        time::Timestamp,
    };

    use crate::figures::{period::Period, report::Report};

    let zone = TimeZone::get("America/New_York").unwrap();
    let at: Timestamp = "2026-11-27T20:30:00Z".parse::<jiff::Timestamp>().unwrap().into();
    let figures = |received: u64, sold: u64, cents: i64| {
        let revenue = Money::from_micros(cents * 10_000);
        let payout = Money::from_micros(cents * 8_000);
        let mut auctions = Auctions { pings: received * 3, matched: received, ..Auctions::default() };
        auctions.times.add(Duration::from_millis(40));
        auctions.times.add(Duration::from_millis(310));
        Figures { booked: Booked { received, sold, sales: sold, revenue, payout, margin: revenue - payout, ..Booked::default() }, auctions }
    };
    let report = |of: [Figures; 2]| {
        let mut together = Figures::default();
        of.iter().for_each(|figures| together += figures);
        let verticals = ["auto-insurance", "mortgage"].map(|name| name.parse().unwrap()).into_iter().zip(of).collect();
        Report { period: Period { from: at, until: at, zone: zone.clone() }, together, verticals, buyers: BTreeMap::new() }
    };
    let health = |buyer: &str, pings, bids, trouble| {
        let mut recent = BuyerCounts { pings, bids, time_outs: 3, failures: 4, posts: 9, accepted: 8, rejected: 1, ..BuyerCounts::default() };
        recent.times.add(Duration::from_millis(35));
        Health { buyer: buyer.parse().unwrap(), label: format!("The {buyer} company"), recent, trouble }
    };
    let lead = |number: u8, status: LeadStatus| store::LeadRow {
        lead: LeadId::from_bytes([number; 16]),
        supplier: "dreamy-leads".parse().unwrap(),
        vertical: "mortgage".parse().unwrap(),
        revision: Revision(1),
        test: number == 3,
        ping: None,
        quoted: false,
        status,
        net: Money::from_micros(21_600_000),
        legs: Vec::new(),
        reason: None,
        redirect_url: None,
        duplicate_of: None,
        own_duplicate_of: None,
        attributes: PingPart::new(Vec::new()),
        fence: exchange::command::Fence::FIRST,
        accepted_at: at,
        lease_until: None,
        ended_at: None,
        erased_at: None,
    };
    let of_quarter = |received| figures(received, received / 2, i64::try_from(received).unwrap() * 1200).booked;
    Snapshot {
        last_minute: 118,
        today: report([figures(1500, 900, 1_234_550), figures(220, 180, 900_000)]),
        yesterday: report([figures(1400, 910, 1_200_000), figures(220, 150, 950_000)]),
        quarters: [10, 40, 25].map(of_quarter).into(),
        minutes: vec![1, 3, 2],
        alerts: Vec::new(),
        latest: vec![lead(1, LeadStatus::Sold), lead(2, LeadStatus::Open), lead(3, LeadStatus::Unsold)],
        buyers: vec![
            health("harbor", 60, 12, Some(BuyerTrouble::BidsLess { now: 200, before: 710 })),
            health("summit", 80, 60, None),
            health("tide", 0, 0, None),
        ],
    }
}
