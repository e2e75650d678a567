//! What a replay came to, as tables and JSON show it.

use exchange::{
    id::Subject,
    replay::{Deal, Difference},
};
use serde::Serialize;

use super::Report;

/// Amounts are decimal texts; pairs are of the market in force and of the one proposed.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayView {
    pub auctions: u64,
    /// The oldest run that was looked at.
    pub since: Option<String>,
    /// Whether all runs of the asked time were looked at.
    pub whole: bool,
    pub not_comparable: u64,
    pub same: u64,
    pub other_winner: u64,
    pub other_price: u64,
    pub sold_no_more: u64,
    pub sold_now: u64,
    pub unknown: u64,
    pub revenue: [String; 2],
    pub payout: [String; 2],
    pub contracts: Vec<ContractRow>,
    pub examples: Vec<ExampleRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ContractRow {
    pub contract: String,
    pub eligible: [u64; 2],
    pub gained: u64,
    pub lost: u64,
    /// Why it is eligible no more, the most frequent first.
    pub lost_by: Vec<(String, u64)>,
    pub wins: [u64; 2],
}

#[derive(Clone, Debug, Serialize)]
pub struct ExampleRow {
    pub id: String,
    pub change: &'static str,
    pub before: String,
    pub after: String,
}

impl ReplayView {
    pub fn of(report: &Report) -> Self {
        let comparison = &report.comparison;
        Self {
            auctions: comparison.auctions,
            since: report.oldest.map(|at| at.to_string()),
            whole: report.is_whole,
            not_comparable: comparison.not_comparable,
            same: comparison.same,
            other_winner: comparison.other_winner,
            other_price: comparison.other_price,
            sold_no_more: comparison.sold_no_more,
            sold_now: comparison.sold_now,
            unknown: comparison.unknown,
            revenue: [comparison.price.0.to_string(), comparison.price.1.to_string()],
            payout: [comparison.net.0.to_string(), comparison.net.1.to_string()],
            contracts: comparison
                .changed_contracts()
                .map(|(key, change)| {
                    let mut lost_by: Vec<(String, u64)> = change.lost_by.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect();
                    lost_by.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
                    ContractRow {
                        contract: key.to_string(),
                        eligible: [change.eligible.0, change.eligible.1],
                        gained: change.gained,
                        lost: change.lost,
                        lost_by,
                        wins: [change.wins.0, change.wins.1],
                    }
                })
                .collect(),
            examples: comparison.examples.iter().map(|(subject, difference)| example(subject, difference)).collect(),
        }
    }

    /// What the figures rest on, in words.
    pub fn coverage(&self) -> String {
        let to_the_second = |since: &String| format!("{} UTC", since.chars().take("2026-11-28T12:00:00".len()).collect::<String>().replace('T', " "));
        match (self.since.as_ref().map(to_the_second), self.whole) {
            (None, _) => "No auction was recorded in this time".into(),
            (Some(since), true) => format!("Of all {} auctions since {since}", self.auctions),
            (Some(since), false) => format!("Of the latest {} auctions, since {since}", self.auctions),
        }
    }
}

fn example(subject: &Subject, difference: &Difference) -> ExampleRow {
    let id = match subject {
        Subject::Ping(ping) => ping.to_string(),
        Subject::Lead(lead) => lead.to_string(),
    };
    let (change, before, after) = match difference {
        Difference::OtherWinner(before, after) => ("other_winner", told(before), told(after)),
        Difference::OtherPrice(before, after) => ("other_price", told(before), told(after)),
        Difference::SoldNoMore(before) => ("sold_no_more", told(before), "unsold".into()),
        Difference::SoldNow(after) => ("sold_now", "unsold".into(), told(after)),
        Difference::Unknown(contracts) => {
            let names = contracts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            ("unknown", String::new(), format!("hangs on {}", if names.is_empty() { "what was not recorded" } else { &names }))
        }
    };
    ExampleRow { id, change, before, after }
}

fn told(deal: &Deal) -> String {
    let winners = deal.winners().into_iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
    format!("{winners} at {}, net {}", deal.price(), deal.net())
}
