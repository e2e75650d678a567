//! What happened, in one sentence: what somebody who knows would say first.

use exchange::money::Money;
use store::{SaleRow, SaleStatus};

use super::{names::Names, why_not};
use crate::trace::Story;

pub fn answer(story: &Story, names: &Names) -> String {
    let trace = &story.trace;
    let told = match trace.status.as_str() {
        "sold" => sold(story, names),
        "returned" => format!("{} It was given back, and the ledger has reversed it.", sale_sentence(story, names, &of_status(story, SaleStatus::Returned))),
        "duplicate" => duplicate(story),
        "pending" => pending(story, names),
        "open" => "It is on its way: its run goes on.".into(),
        "matched" => quoted(story, names),
        "unmatched" => format!("No quote. {}", unsold(story)),
        _ => format!("Not sold. {}", unsold(story)),
    };
    if trace.test { format!("A test, of which nothing is booked. {told}") } else { told }
}

fn of_status(story: &Story, status: SaleStatus) -> Vec<&SaleRow> {
    story.life.sales.iter().filter(|sale| sale.status == status).collect()
}

fn sold(story: &Story, names: &Names) -> String {
    let mut told = sale_sentence(story, names, &of_status(story, SaleStatus::Sold));
    for sale in of_status(story, SaleStatus::Unknown) {
        told += &format!(" What came of the post to {} isn't known yet.", names.contract(&sale.contract));
    }
    for sale in of_status(story, SaleStatus::Returned) {
        told += &format!(" {} gave it back.", names.contract(&sale.contract));
    }
    told
}

/// Who pays and who gets what.
fn sale_sentence(story: &Story, names: &Names, sales: &[&SaleRow]) -> String {
    let price: Money = sales.iter().map(|sale| sale.price).sum();
    let net: Money = sales.iter().map(|sale| sale.net).sum();
    let buyers = in_a_row(&sales.iter().map(|sale| names.contract(&sale.contract)).collect::<Vec<_>>());
    let together = if sales.len() > 1 { " together" } else { "" };
    format!("Sold to {buyers} for {price}{together}; {} gets {net}, the house {}.", names.supplier(&story.trace.supplier), price - net)
}

fn in_a_row(names: &[String]) -> String {
    match names {
        [] => "nobody".into(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

fn duplicate(story: &Story) -> String {
    match story.life.lead.as_ref().and_then(|lead| lead.duplicate_of) {
        Some(first) => format!("The same person came before, as {first}: it was offered to nobody."),
        None => "The same person came before: it was offered to nobody.".into(),
    }
}

fn pending(story: &Story, names: &Names) -> String {
    let unknown = of_status(story, SaleStatus::Unknown);
    let Some(sale) = unknown.first() else { return "Nobody knows yet what came of it.".into() };
    let why = sale.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let looks = match sale.looks {
        0 => String::new(),
        1 => " It was looked at once since.".into(),
        looks => format!(" It was looked at {looks} times since."),
    };
    format!(
        "Posted to {} at {}, and nobody knows whether it was taken{why}: the hold stays, and nobody else is offered it.{looks}",
        names.contract(&sale.contract),
        sale.price
    )
}

fn quoted(story: &Story, names: &Names) -> String {
    let Some(quote) = &story.life.quote else { return "Quoted.".into() };
    let promised: Vec<_> = quote.offers.iter().filter(|offer| offer.promised).collect();
    let price: Money = promised.iter().map(|offer| offer.price).sum();
    let market = names.0.as_ref().filter(|market| market.revision() == quote.revision);
    let buyers: Vec<String> = promised.iter().filter_map(|offer| market.map(|market| names.contract(&market.contract(offer.contract).key))).collect();
    let by = if buyers.is_empty() { String::new() } else { format!(", on {price} from {}", in_a_row(&buyers)) };
    format!("Quoted to {} at {} net{by}. It was not posted.", names.supplier(&story.trace.supplier), quote.net)
}

fn unsold(story: &Story) -> String {
    let trace = &story.trace;
    let (contracts, asked) = (trace.contracts.len(), trace.pings.len());
    match trace.reason.as_deref().unwrap_or_default() {
        "no_tree" => "The market has no tree for such leads.".into(),
        "no_eligible_buyer" if contracts > 0 => format!("None of the tree's {contracts} contracts could take it: {}.", why_not::commonest(trace)),
        "no_eligible_buyer" => "No contract of the tree could take it.".into(),
        "no_bid" => format!("Of {} asked, none bid enough{}.", counted(asked, "contract"), outcomes(story)),
        "offers_fell_away" => format!("Every offer fell away{}.", void_sales(story)),
        "max_disclosures" => format!("As many buyers as allowed have had the contact{}.", void_sales(story)),
        "below_quote" => "What was left would have paid less than the quote promised.".into(),
        "below_min_price" => "The offers left the supplier less than its minimum.".into(),
        "interrupted" => "Its run was cut off before anything was sent.".into(),
        "" => "The record doesn't say why.".into(),
        other => format!("{}{}.", other.replace('_', " "), void_sales(story)),
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// How often each outcome was, commonest first.
fn outcomes(story: &Story) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for ping in &story.trace.pings {
        match counts.iter_mut().find(|(outcome, _)| *outcome == ping.outcome) {
            Some((_, count)) => *count += 1,
            None => counts.push((ping.outcome.clone(), 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let told: Vec<String> = counts.iter().map(|(outcome, count)| format!("{} ({count})", outcome.replace('_', " "))).collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

fn void_sales(story: &Story) -> String {
    let told: Vec<String> = of_status(story, SaleStatus::Void)
        .into_iter()
        .map(|sale| format!("{} ({})", sale.contract, sale.why.as_ref().or(sale.void_cause.as_ref()).map_or("void", |why| why)))
        .collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}
