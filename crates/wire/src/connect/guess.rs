//! Where in samples that no preset reads a yes, a price, a reference and a reason seem to stand.

use exchange::money::Money;

use super::{
    leaves::{Leaf, is_form, leaves},
    sample::Sample,
    words::{Meaning, meaning_of},
};

/// A place that may be it, with what the first sample has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub place: String,
    pub text: String,
    score: i32,
}

/// Each by likelihood, the likeliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    pub status: Vec<Candidate>,
    pub price: Vec<Candidate>,
    pub reference: Vec<Candidate>,
    pub reason: Vec<Candidate>,
}

impl Guess {
    /// Whether the first of these could as well be the second.
    #[must_use]
    pub fn is_open(candidates: &[Candidate]) -> bool {
        matches!(candidates, [first, second, ..] if first.score - second.score < 20)
    }
}

const MOST: usize = 8;

#[must_use]
pub fn guess(samples: &[Sample]) -> Guess {
    let all: Vec<Vec<Leaf>> = samples.iter().map(leaves).collect();
    let status = ranked(&all, status);
    let chosen = status.first().map_or("", |candidate| candidate.place.as_str()).to_owned();
    let yes: Vec<Vec<Leaf>> = all.iter().filter(|leaves| is_yes(leaves, &chosen)).cloned().collect();
    let of_yes = if yes.is_empty() { &all } else { &yes };
    let price = ranked(of_yes, |leaf, _| price(leaf).filter(|_| leaf.place != chosen));
    let priced = price.first().map_or("", |candidate| candidate.place.as_str()).to_owned();
    let reference = ranked(of_yes, |leaf, _| reference(leaf).filter(|_| leaf.place != chosen && leaf.place != priced));
    let reason = ranked(&all, |leaf, _| reason(leaf).filter(|_| leaf.place != chosen));
    Guess { status, price, reference, reason }
}

/// Whether they are pairs as in a form.
#[must_use]
pub fn are_forms(samples: &[Sample]) -> bool {
    samples.first().is_some_and(|sample| is_form(&sample.text()))
}

/// What the samples have at a place, each text once.
#[must_use]
pub fn texts_at(samples: &[Sample], place: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for leaf in samples.iter().flat_map(leaves).filter(|leaf| leaf.place == place) {
        if !texts.contains(&leaf.text) {
            texts.push(leaf.text);
        }
    }
    texts
}

fn is_yes(leaves: &[Leaf], status: &str) -> bool {
    leaves.iter().any(|leaf| leaf.place == status && meaning_of(&leaf.text) == Some(Meaning::Accepted))
}

fn ranked(all: &[Vec<Leaf>], score: impl Fn(&Leaf, &[Vec<Leaf>]) -> Option<i32>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for leaf in all.iter().flatten() {
        if found.iter().any(|known| known.place == leaf.place) {
            continue;
        }
        if let Some(score) = score(leaf, all) {
            found.push(Candidate { place: leaf.place.clone(), text: leaf.text.clone(), score });
        }
    }
    found.sort_by_key(|candidate| -candidate.score);
    found.truncate(MOST);
    found
}

/// A word of yes or no; one that differs where the answers do says more.
fn status(leaf: &Leaf, all: &[Vec<Leaf>]) -> Option<i32> {
    let texts: Vec<&str> = all.iter().flatten().filter(|other| other.place == leaf.place).map(|other| other.text.as_str()).collect();
    let is_short = texts.iter().all(|text| text.len() <= 40);
    let is_digit = |text: &str| matches!(text, "0" | "1");
    let known = texts.iter().filter(|text| meaning_of(text).is_some()).count();
    let named = score_of(
        &leaf.name,
        &[
            ("status", 40),
            ("result", 40),
            ("outcome", 40),
            ("decision", 40),
            ("success", 40),
            ("accepted", 40),
            ("response", 30),
            ("valid", 30),
            ("state", 10),
            ("code", 20),
            ("ok", 20),
        ],
    );
    let is_word = known > 0 || (named >= 20 && texts.iter().all(|text| is_digit(text)));
    if !is_short || !is_word || leaf.place == "body" && texts.iter().any(|text| meaning_of(text).is_none()) {
        return None;
    }
    let differs = if texts.iter().any(|text| *text != texts[0]) { 30 } else { 0 };
    let known = i32::try_from(known).unwrap_or(0) * 20;
    Some(known + named + differs + if texts.len() == all.len() { 10 } else { 0 })
}

fn price(leaf: &Leaf) -> Option<i32> {
    let digits: String = leaf.text.chars().filter(|character| character.is_ascii_digit() || ".,".contains(*character)).collect();
    let is_amount = digits.chars().any(|character| character != '0' && character.is_ascii_digit()) && digits.len() <= 12;
    let is_around = leaf.text.chars().filter(|character| !character.is_ascii_digit()).count() <= 8;
    if !is_amount || !is_around || leaf.place == "body" {
        return None;
    }
    let named = score_of(
        &leaf.name,
        &[
            ("price", 60),
            ("payout", 60),
            ("bid", 40),
            ("amount", 50),
            ("cost", 40),
            ("revenue", 40),
            ("value", 20),
            ("cents", 50),
            ("pay", 30),
            ("rate", 20),
            ("cpl", 50),
            ("offer", 10),
        ],
    );
    let unlike = score_of(&leaf.name, &[("id", 30), ("code", 30), ("phone", 60), ("zip", 60), ("time", 40), ("ttl", 60), ("version", 60), ("count", 40)]);
    let decimals = if leaf.text.contains(['.', ',', '$', '€', '£']) { 25 } else { 0 };
    Some(named + decimals - unlike).filter(|score| *score > 0)
}

fn reference(leaf: &Leaf) -> Option<i32> {
    let is_token = leaf.text.len() <= 200 && !leaf.text.contains(char::is_whitespace) && meaning_of(&leaf.text).is_none();
    let named = score_of(
        &leaf.name,
        &[
            ("ping", 40),
            ("token", 50),
            ("ref", 50),
            ("auth", 30),
            ("promise", 50),
            ("confirm", 40),
            ("ticket", 50),
            ("transaction", 40),
            ("handle", 40),
            ("uuid", 40),
            ("session", 20),
            ("id", 30),
            ("key", 30),
            ("location", 30),
            ("number", 10),
        ],
    );
    let unlike = score_of(
        &leaf.name,
        &[("price", 80), ("payout", 80), ("amount", 80), ("cents", 80), ("code", 20), ("status", 60), ("currency", 80), ("message", 60), ("url", 30)],
    );
    // A field without a name, in a line of them.
    let named = if named == 0 && leaf.name.starts_with("field ") && leaf.text.contains(|character: char| character.is_ascii_digit()) { 5 } else { named };
    (is_token && leaf.place != "body").then_some(named - unlike).filter(|score| *score > 0)
}

fn reason(leaf: &Leaf) -> Option<i32> {
    let named =
        score_of(&leaf.name, &[("reason", 60), ("message", 50), ("msg", 50), ("error", 40), ("text", 30), ("description", 40), ("detail", 40), ("why", 60)]);
    Some(named).filter(|score| *score > 0)
}

/// The best of the names that are in this one.
fn score_of(name: &str, names: &[(&str, i32)]) -> i32 {
    names.iter().filter(|(part, _)| name.contains(part)).map(|(part, score)| if name == *part { score + 15 } else { *score }).max().unwrap_or(0)
}

/// Whether amounts are written with a comma before their decimals.
pub(super) fn has_decimal_comma(text: &str) -> bool {
    let after = text.rsplit_once(',').map(|(_, after)| after.chars().take_while(char::is_ascii_digit).count());
    matches!(after, Some(1 | 2)) && !text.rsplit_once(',').is_some_and(|(_, after)| after.contains('.'))
}

/// Whether a place has whole cents, by its name.
pub(super) fn has_cents(place: &str, text: &str) -> bool {
    let place = place.to_lowercase();
    (place.contains("cent") || place.contains("minor")) && text.parse::<i64>().is_ok() && Money::parse(text, 0).is_ok()
}
