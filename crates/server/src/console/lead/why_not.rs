//! Every contract of the tree, by what became of it: those that were asked, and the others by the reason why not.

use std::{borrow::Cow, collections::BTreeMap};

use super::names::Names;
use crate::{background::give_way, trace::Trace};

/// Contracts that were passed over for the same kind of reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// The reason's one word, as metrics have it.
    pub word: String,
    pub says: String,
    pub rows: Vec<PassedOver>,
    /// How many there are in all.
    pub count: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct PassedOver {
    pub contract: String,
    pub key: String,
    pub tier: String,
    /// The exact reason.
    pub reason: String,
}

/// Largest first. Of each group the rows from `from` on, at most `most`; of `only` one word where that is given.
pub fn groups(trace: &Trace, names: &Names, only: Option<&str>, from: usize, most: usize) -> Vec<Group> {
    let mut by_word: BTreeMap<Cow<'static, str>, Vec<usize>> = BTreeMap::new();
    for (place, view) in trace.contracts.iter().enumerate() {
        give_way();
        if let Some(reason) = &view.reason {
            let word = reason.kind();
            if only.is_none_or(|only| only == word) {
                by_word.entry(word).or_default().push(place);
            }
        }
    }
    let mut groups: Vec<Group> = by_word
        .into_iter()
        .map(|(word, places)| Group {
            says: in_words(&word).to_owned(),
            word: word.into_owned(),
            count: places.len(),
            rows: places.into_iter().skip(from).take(most).map(|place| row(trace, names, place)).collect(),
        })
        .collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.word.cmp(&b.word)));
    groups
}

fn row(trace: &Trace, names: &Names, place: usize) -> PassedOver {
    let view = &trace.contracts[place];
    let reason = view.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    PassedOver { contract: names.contract(&view.contract), key: view.contract.to_string(), tier: view.tier.to_string(), reason }
}

/// As a person would say it of one contract.
pub fn in_words(word: &str) -> &str {
    match word {
        "paused" => "The contract is paused",
        "suspended" => "Its buyer is suspended",
        "test" => "Its buyer has no endpoints for tests",
        "source" => "It doesn't take this supplier's leads",
        "filter" => "Its filter doesn't hold",
        "missing" => "Its filter needs a field that wasn't sent",
        "hours" => "It was outside its hours",
        "sale" => "It doesn't sell the way this tier does",
        "floor" => "It can't reach the tier's floor",
        "min_price" => "It would leave the supplier too little",
        "cap" => "A cap is full",
        "credit" => "Its buyer's credit is used up",
        "withdrawn" => "It was withdrawn from the market",
        "suppressed" => "The person is on one of its suppression lists",
        "buyer_duplicate" => "Its buyer had this person before",
        "deadline" => "Too little time was left to ask it",
        "same_parent" => "A buyer of the same company was asked already",
        "not_reached" => "The lead was decided before its turn",
        "requires" => "It requires fields that weren't sent",
        "consent" => "The person didn't agree to hear from it",
        other => other,
    }
}

/// The commonest reasons with their counts: "the filter doesn't hold (12), a cap is full (3)".
pub fn commonest(trace: &Trace) -> String {
    let mut groups = groups(trace, &Names::default(), None, 0, 0);
    groups.retain(|group| group.word != "not_reached");
    let told: Vec<String> =
        groups.iter().take(3).map(|group| format!("{} ({})", in_words(&group.word).to_lowercase().replacen("its ", "the ", 1), group.count)).collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::lead::sample;

    #[test]
    fn the_largest_group_is_first_and_is_cut_where_it_is_long() {
        let trace = sample::unsold();
        let all = groups(&trace, &Names::default(), None, 0, 1);
        assert_eq!(all.iter().map(|group| (group.word.as_str(), group.count, group.rows.len())).collect::<Vec<_>>(), [("filter", 2, 1), ("cap", 1, 1)]);
        assert_eq!(all[0].rows[0].reason, "filter: state in [\"TX\"]");
        let second = groups(&trace, &Names::default(), Some("filter"), 1, 5);
        assert_eq!((second.len(), second[0].rows[0].key.as_str()), (1, "tidewater/all"));
        assert_eq!(commonest(&trace), "the filter doesn't hold (2), a cap is full (1)");
    }
}
