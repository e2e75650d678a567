//! Whether a test holds of an answer.

use std::borrow::Cow;

use exchange::{
    mapping::{How, Test},
    money::Money,
};

use super::{Reading, price::signed_amount};

impl Reading<'_> {
    /// Any text at the test's place will do; and all that must hold with it.
    pub(in crate::mapped) fn holds(&self, test: &Test, row: Option<u32>) -> bool {
        let mut texts = self.texts(test.place, row);
        let holds = if matches!(test.how, How::Absent) { texts.next().is_none() } else { texts.any(|text| is(text, &test.how)) };
        holds && test.also.iter().all(|also| self.holds(also, row))
    }
}

fn is(text: &str, how: &How) -> bool {
    let amount = || signed_amount(text).ok();
    match how {
        How::Present => true,
        How::Absent => false,
        How::Is(words) => words.iter().any(|word| equal(text, word)),
        How::Contains(words) => words.iter().any(|word| contains(text, word)),
        How::Words(words) => words.iter().any(|word| has_word(text, word)),
        How::Matches(pattern) => pattern.is_in(text),
        How::Above(bound) => amount().is_some_and(|amount: Money| amount > *bound),
        How::Below(bound) => amount().is_some_and(|amount: Money| amount < *bound),
    }
}

fn equal(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word) || (!text.is_ascii() && text.to_lowercase() == word.to_lowercase())
}

fn contains(text: &str, word: &str) -> bool {
    same_case(text).contains(&*same_case(word))
}

/// Words and most answers are small ASCII as they come: nothing has to be copied to be compared.
fn same_case(text: &str) -> Cow<'_, str> {
    let is_small = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_small { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// A word is not part of a longer one.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (same_case(text), same_case(word));
    let is_apart = |character: Option<char>| !character.is_some_and(|character| character.is_alphanumeric() || character == '_');
    text.match_indices(&*word).any(|(at, _)| is_apart(text[..at].chars().next_back()) && is_apart(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_case_aside() {
        assert!(equal("Success", "success") && !equal("unmatched", "matched") && equal("ÄPFEL", "äpfel"));
        assert!(contains("Lead UNMATCHED.", "matched") && !has_word("Lead UNMATCHED.", "matched"));
        assert!(has_word("Lead ID 12: ACCEPTED", "accepted") && !has_word("not_accepted", "accepted") && has_word("accepted|12", "accepted"));
    }

    #[test]
    fn comparisons_are_of_amounts() {
        let above = How::Above(Money::ZERO);
        for (text, expected) in [("$1,234.50", true), ("0.01", true), ("0", false), ("-1", false), ("much", false)] {
            assert_eq!(is(text, &above), expected, "{text}");
        }
    }
}
