//! What a buyer calls its bid, kept as one text from the ping to the post: a reference as it came, or several by name.

use std::borrow::Cow;

use exchange::{contract::SaleKind, mapping::Answer};

use crate::native::MAX_REFERENCE;

/// In bytes, of several together.
const MOST_BYTES: usize = 2048;
/// What several references begin with.
const SEVERAL: &str = "refs:";

/// One reference of a bid: for one kind of sale or for both, with or without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub kind: Option<SaleKind>,
    pub name: Option<&'a str>,
    pub text: Cow<'a, str>,
}

/// None for what is too long, or has characters that no reference has.
pub(super) fn kept(references: &[Named<'_>]) -> Option<String> {
    let is_fine = |text: &str| text.chars().count() <= MAX_REFERENCE && !text.chars().any(char::is_control);
    if !references.iter().all(|reference| is_fine(&reference.text)) {
        return None;
    }
    if let [Named { kind: None, name: None, text }] = references
        && !text.starts_with(SEVERAL)
    {
        return Some(text.to_string());
    }
    let mut pairs = form_urlencoded::Serializer::new(SEVERAL.to_owned());
    for reference in references {
        let kind = reference.kind.map_or("", SaleKind::word);
        pairs.append_pair(&format!("{kind}.{}", reference.name.unwrap_or_default()), &reference.text);
    }
    // The serializer begins a text that isn't empty with an ampersand.
    Some(pairs.finish().replacen("refs:&", SEVERAL, 1)).filter(|text| text.len() <= MOST_BYTES)
}

/// What a bid's references could be, by their names: for a post that no bid came before.
#[must_use]
pub fn made_up_reference(answer: &Answer) -> Option<String> {
    let wanted = answer.references.iter().chain(answer.bids.iter().flat_map(|bids| &bids.references));
    let named: Vec<Named<'_>> = wanted
        .map(|reference| {
            let name = reference.name.as_deref();
            Named { kind: None, name, text: Cow::Borrowed(name.unwrap_or("reference")) }
        })
        .collect();
    if named.is_empty() { None } else { kept(&named) }
}

/// The reference of this name for a sale of this kind.
pub(super) fn named<'a>(text: &'a str, kind: SaleKind, name: Option<&str>) -> Option<Cow<'a, str>> {
    let Some(pairs) = text.strip_prefix(SEVERAL) else {
        return if name.is_none() { Some(Cow::Borrowed(text)) } else { None };
    };
    let is_it = |key: &str| key.split_once('.').is_some_and(|(of, known)| (of.is_empty() || of == kind.word()) && known == name.unwrap_or_default());
    form_urlencoded::parse(pairs.as_bytes()).find(|(key, _)| is_it(key)).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one<'a>(kind: Option<SaleKind>, name: Option<&'a str>, text: &'a str) -> Named<'a> {
        Named { kind, name, text: Cow::Borrowed(text) }
    }

    #[test]
    fn a_reference_is_kept_as_it_came_and_several_by_name_and_kind() {
        let (shared, exclusive) = (SaleKind::Shared, SaleKind::Exclusive);
        assert_eq!(kept(&[one(None, None, "a=b&c")]).unwrap(), "a=b&c");
        assert_eq!(named("a=b&c", shared, None).unwrap(), "a=b&c");
        assert_eq!(named("a", shared, Some("token")), None);

        let text = kept(&[one(None, Some("ping"), "a=b&c"), one(Some(shared), Some("bid"), "s"), one(Some(exclusive), Some("bid"), "é")]).unwrap();
        assert_eq!(text, "refs:.ping=a%3Db%26c&shared.bid=s&exclusive.bid=%C3%A9");
        let get = |kind, name| named(&text, kind, name).map(Cow::into_owned);
        assert_eq!(
            (get(shared, Some("ping")), get(shared, Some("bid")), get(exclusive, Some("bid"))),
            (Some("a=b&c".into()), Some("s".into()), Some("é".into()))
        );
        assert_eq!(get(shared, None), None);

        let odd = kept(&[one(None, None, "refs:x")]).unwrap();
        assert_eq!(named(&odd, shared, None).unwrap(), "refs:x", "a buyer's own text that looks like several is one");
    }

    #[test]
    fn what_is_no_reference_is_none() {
        assert_eq!(kept(&[one(None, None, "a\nb")]), None);
        assert_eq!(kept(&[one(None, None, &"x".repeat(257))]), None);
    }
}
