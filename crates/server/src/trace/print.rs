//! A trace for people: pictures before tables, colours where the terminal has them.

use comfy_table::{Cell, Color};

use super::view::Trace;
use crate::screen::{heading, plain, plain_line, say, table};

pub fn print(trace: &Trace) {
    summary(trace);
    contracts(trace);
    pings(trace);
    auctions(trace);
    sales(trace);
    notices(trace);
    timeline(trace);
    for unread in &trace.unread {
        say!("\n{}", heading(&format!("The answer of {} to its {}: {}", unread.contract, unread.call, unread.what)));
        say!("{}", plain(unread.answer.trim()));
    }
    for note in &trace.notes {
        say!("\n{note}");
    }
}

fn summary(trace: &Trace) {
    let id = trace.lead_id.as_ref().or(trace.ping_id.as_ref()).cloned().unwrap_or_default();
    say!("{}", heading(&format!("{id}  {}", trace.status.to_uppercase())));
    let mut rows = table(&[]);
    let mut row = |name: &str, value: String| {
        rows.add_row([name.to_owned(), plain_line(&value)]);
    };
    if let (Some(_), Some(ping)) = (&trace.lead_id, &trace.ping_id) {
        row("ping", ping.clone());
    }
    if let Some(reason) = &trace.reason {
        row("reason", reason.clone());
    }
    row("supplier", trace.supplier.clone());
    row("vertical", format!("{}{}", trace.vertical, if trace.test { " (test)" } else { "" }));
    row("started", trace.started_at.clone());
    row("market", format!("revision {}, tree {}", trace.revision, trace.tree.as_deref().unwrap_or("none")));
    row("attributes", trace.attributes.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(" · "));
    if let Some(quote) = &trace.quote {
        row("quote", format!("{} net, {}, until {}", quote.price, if quote.firm { "firm" } else { "indicative" }, quote.expires_at));
    }
    for (name, value) in trace.contact.iter().flatten() {
        row(name, value.clone());
    }
    say!("{rows}");
}

fn contracts(trace: &Trace) {
    say!("\n{}", heading("Contracts"));
    let mut rows = table(&["tier", "contract", "eligible", "why not"]);
    for view in &trace.contracts {
        let (word, color) = if view.eligible { ("yes", Color::Green) } else { ("no", Color::DarkGrey) };
        let why_not = plain_line(&view.reason.as_ref().map(ToString::to_string).unwrap_or_default());
        rows.add_row([Cell::new(&view.tier), Cell::new(&view.contract), Cell::new(word).fg(color), Cell::new(why_not)]);
    }
    say!("{rows}");
}

/// The longest bar, in characters.
const BAR: f64 = 24.0;

fn pings(trace: &Trace) {
    if trace.pings.is_empty() {
        return;
    }
    say!("\n{}", heading("Pings"));
    let end = |view: &super::view::PingView| view.sent_ms + view.elapsed_ms.unwrap_or(0.0);
    let last = trace.pings.iter().map(end).fold(1.0, f64::max);
    let mut rows = table(&["tier", "contract", "sent → answered", "ms", "bid", "outcome"]);
    for view in &trace.pings {
        let before = (view.sent_ms / last * BAR) as usize;
        let during = ((view.elapsed_ms.unwrap_or(0.0) / last * BAR) as usize).max(1);
        let bid = [view.bid.clone(), view.shared_bid.as_ref().map(|bid| format!("{bid} shared"))].into_iter().flatten().collect::<Vec<_>>().join(" / ");
        let color = match view.outcome.as_str() {
            "won" | "quoted" => Color::Green,
            "lost" | "no_bid" => Color::Reset,
            _ => Color::Yellow,
        };
        let outcome = view.reason.as_ref().map_or_else(|| view.outcome.clone(), |reason| format!("{}: {reason}", view.outcome));
        rows.add_row([
            Cell::new(&view.tier),
            Cell::new(&view.contract),
            Cell::new(format!("{}{}", " ".repeat(before), "█".repeat(during))).fg(color),
            Cell::new(view.elapsed_ms.map_or_else(|| "–".into(), |elapsed| format!("{elapsed:.1}"))),
            Cell::new(bid),
            Cell::new(plain_line(&outcome)).fg(color),
        ]);
    }
    say!("{rows}");
}

fn auctions(trace: &Trace) {
    // The post of a quote starts with the offers of its ping: they are not shown twice.
    let is_repeat = |place: usize| {
        trace.auctions[..place].iter().any(|earlier| earlier.tier == trace.auctions[place].tier && earlier.offers == trace.auctions[place].offers)
    };
    for (_, auction) in trace.auctions.iter().enumerate().filter(|(place, _)| !is_repeat(*place)) {
        say!("\n{}", heading(&format!("Auction of tier {} by the {}, best offer first", auction.tier, auction.run)));
        let mut rows = table(&["contract", "kind", "price", "net", "lot"]);
        for offer in &auction.offers {
            rows.add_row([&offer.contract, &offer.kind, &offer.price, &offer.net, &offer.lot]);
        }
        say!("{rows}");
    }
}

fn sales(trace: &Trace) {
    if !trace.sales.is_empty() {
        say!("\n{}", heading("Sales"));
        let mut rows = table(&["buyer", "contract", "kind", "price", "net", "status", "why"]);
        for sale in &trace.sales {
            let color = if sale.status == "sold" { Color::Green } else { Color::Yellow };
            rows.add_row([
                Cell::new(&sale.buyer),
                Cell::new(&sale.contract),
                Cell::new(&sale.kind),
                Cell::new(&sale.price),
                Cell::new(&sale.net),
                Cell::new(&sale.status).fg(color),
                Cell::new(plain_line(sale.reason.as_deref().unwrap_or(""))),
            ]);
        }
        say!("{rows}");
    }
    if !trace.disclosures.is_empty() {
        say!("\n{}", heading("Who had the contact"));
        let mut rows = table(&["buyer", "from", "outcome"]);
        for disclosure in &trace.disclosures {
            rows.add_row([disclosure.buyer.as_str(), disclosure.at.as_str(), disclosure.outcome.as_deref().unwrap_or("under way")]);
        }
        say!("{rows}");
    }
    if !trace.ledger.is_empty() {
        say!("\n{}", heading("Ledger"));
        let mut rows = table(&["account", "amount", "cause"]);
        for entry in &trace.ledger {
            rows.add_row([&entry.account, &entry.amount, &entry.cause]);
        }
        say!("{rows}");
    }
}

fn notices(trace: &Trace) {
    if trace.notices.is_empty() {
        return;
    }
    say!("\n{}", heading("What the supplier is told"));
    let mut rows = table(&["change", "status", "price", "at", "state", "tries", "last failure"]);
    for notice in &trace.notices {
        let color = if notice.state == "delivered" { Color::Green } else { Color::Yellow };
        rows.add_row([
            Cell::new(notice.change),
            Cell::new(notice.status),
            Cell::new(&notice.price),
            Cell::new(&notice.changed_at),
            Cell::new(notice.state).fg(color),
            Cell::new(notice.tries),
            Cell::new(plain_line(notice.failure.as_deref().unwrap_or(""))),
        ]);
    }
    say!("{rows}");
}

fn timeline(trace: &Trace) {
    say!("\n{}", heading("Timeline"));
    for moment in &trace.timeline {
        say!("  {:>9.1} ms  {:<4}  {}", moment.at_ms, moment.run, plain_line(&moment.what));
    }
}
