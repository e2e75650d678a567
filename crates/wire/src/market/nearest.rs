//! The known word nearest to one that isn't known.

/// The candidate with the fewest edits, if they are few for the word's length.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = 1 + word.chars().count() / 3;
    let distances = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    distances.filter(|(edits, _)| *edits <= most).min().map(|(_, candidate)| candidate)
}

/// Levenshtein's distance of the words in lower case: insertions, deletions and replacements. Names are short, so only 64 characters count.
fn distance(a: &str, b: &str) -> usize {
    let letters = |word: &str| -> Vec<char> { word.chars().take(64).flat_map(char::to_lowercase).collect() };
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// `did you mean …?`, or else the known ones.
pub(super) fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let mut known: Vec<&str> = candidates.into_iter().collect();
            known.sort_unstable();
            if known.is_empty() { "there is none to name".to_owned() } else { format!("write one of {}", listed(&known)) }
        }
    }
}

/// A suggestion, or else to add a file.
pub(super) fn suggestion_or_add<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone, path: &str) -> String {
    let suggestion = suggestion(word, candidates);
    let or = if suggestion.ends_with('?') { " Or" } else { ", or" };
    format!("{suggestion}{or} add {path}")
}

/// The first of many, and how many more.
pub(super) fn listed(words: &[&str]) -> String {
    const MOST: usize = 24;
    let shown: Vec<String> = words.iter().take(MOST).map(|word| format!("`{word}`")).collect();
    match words.len().checked_sub(MOST + 1) {
        Some(rest) => format!("{} and {} more", shown.join(", "), rest + 1),
        None => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_if_it_is_near() {
        for (word, expected) in [("max_bit", Some("max_bid")), ("flter", Some("filter")), ("Price", Some("price")), ("zzz", None), ("", None)] {
            assert_eq!(nearest(word, ["filter", "max_bid", "price"]), expected, "{word}");
        }
    }

    #[test]
    fn edits_are_counted() {
        for (a, b, edits) in [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2)] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }
}
