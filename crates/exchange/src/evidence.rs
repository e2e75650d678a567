//! Proof that a person agreed, and to whom: known once a lead is posted, for no ping carries it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use zeroize::Zeroizing;

use crate::{
    buyer::Buyer,
    contract::Contract,
    matching::WhyNot,
    schema::{FieldIndex, Vertical},
    value::Value,
};

/// What a lead brings along. It may name the person, so it doesn't print itself, and no record has it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    present: BTreeSet<FieldIndex>,
    /// The companies consented to, as the supplier wrote them.
    companies: Option<Zeroizing<String>>,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evidence({} fields)", self.present.len())
    }
}

impl Evidence {
    /// Of the sealed values of a lead, and of the other fields that it has, be it from its ping.
    #[must_use]
    pub fn of(vertical: &Vertical, sealed: &BTreeMap<FieldIndex, Value>, others: impl IntoIterator<Item = FieldIndex>) -> Self {
        let companies = vertical.one_to_one.and_then(|index| sealed.get(&index)).map(Value::text);
        Self { present: sealed.keys().copied().chain(others).collect(), companies }
    }

    /// Whether a contract may buy a lead that brings this along.
    pub fn admits(&self, vertical: &Vertical, contract: &Contract, buyer: &Buyer) -> Result<(), WhyNot> {
        let missing = contract.requires.iter().filter(|index| !self.present.contains(index));
        let missing: Vec<String> = missing.map(|index| vertical.field(*index).name.clone()).collect();
        if !missing.is_empty() {
            return Err(WhyNot::Requires(missing));
        }
        if vertical.one_to_one.is_none() || self.names(buyer) { Ok(()) } else { Err(WhyNot::Consent) }
    }

    /// By the names that the buyer goes by, or by its label and its parent.
    fn names(&self, buyer: &Buyer) -> bool {
        let Some(companies) = &self.companies else { return false };
        let companies = plain(companies);
        if buyer.consent_names.is_empty() {
            return [buyer.label.as_str(), buyer.parent.as_str()].iter().any(|name| is_among(&companies, &plain(name)));
        }
        buyer.consent_names.iter().any(|name| is_among(&companies, &plain(name)))
    }
}

/// Case and runs of spaces make no difference.
fn plain(text: &str) -> String {
    let words: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()).collect();
    words.join("\n")
}

/// Whether a name stands there whole. Names have commas themselves ("Foo, Inc."), so the list isn't taken apart: a name ends where a
/// separator does or the text.
fn is_among(companies: &str, name: &str) -> bool {
    let is_edge = |edge: Option<char>| edge.is_none_or(|edge| ",;|\n".contains(edge));
    !name.is_empty()
        && companies.match_indices(name).any(|(place, _)| {
            let (before, after) = (&companies[..place], &companies[place + name.len()..]);
            is_edge(before.trim_end_matches(' ').chars().next_back()) && is_edge(after.trim_start_matches(' ').chars().next())
        })
}

/// `https://cert.trustedform.com/…`, or the address that a ping may ask: `https://ping.trustedform.com/…`.
#[must_use]
pub fn is_trusted_form(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        let is_host = matches!(url.host_str(), Some("cert.trustedform.com" | "ping.trustedform.com"));
        let token = url.path().trim_matches('/');
        let is_token = token.len() >= 8 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        url.scheme() == "https" && is_host && is_token && url.port().is_none() && url.username().is_empty()
    })
}

/// 8, 4, 4, 4 and 12 hexadecimal digits.
#[must_use]
pub fn is_jornaya(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_named_whole_or_not_at_all() {
        let list = plain("Harbor Lending, Inc., Granite  Home Loans | First Step;Last\nAcme");
        for named in ["Harbor Lending, Inc.", "granite home loans", "First Step", "last", "Acme"] {
            assert!(is_among(&list, &plain(named)), "{named}");
        }
        for other in ["Harbor", "Harbor Lending", "Step", "Home Loans", "Granite Home", "cme", "", "Inc"] {
            // What stands between two commas reads as a name: a buyer whose name is another's beginning needs `consent_names`.
            let expected = other == "Harbor Lending";
            assert_eq!(is_among(&list, &plain(other)), expected, "{other}");
        }
    }

    #[test]
    fn certificates_have_the_form_of_their_makers() {
        for good in ["https://cert.trustedform.com/0123456789abcdef0123456789abcdef01234567", "https://ping.trustedform.com/0.JqG7xN-abc_9"] {
            assert!(is_trusted_form(good), "{good}");
        }
        for bad in [
            "http://cert.trustedform.com/0123456789",
            "https://cert.trustedform.com/",
            "https://cert.trustedform.com.example/0123456789",
            "https://x@cert.trustedform.com/0123456789",
            "https://cert.trustedform.com:8/0123456789",
            "https://cert.trustedform.com/01234567/<script>",
            "0123456789",
        ] {
            assert!(!is_trusted_form(bad), "{bad}");
        }
        assert!(is_jornaya("0B5F2A6C-12ab-34CD-56ef-0123456789AB"));
        for bad in ["", "0B5F2A6C12ab34CD56ef0123456789AB", "0B5F2A6G-12ab-34CD-56ef-0123456789AB", "0B5F2A6C-12ab-34CD-56ef-0123456789AB-1"] {
            assert!(!is_jornaya(bad), "{bad}");
        }
    }
}
