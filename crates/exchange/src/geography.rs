//! Which state a ZIP lies in. The first three digits decide, but for a few: public facts of the postal service.

use std::{collections::HashMap, sync::LazyLock};

const RANGES: &str = include_str!("zip3_states.csv");
const EXCEPTIONS: &str = include_str!("zip5_states.csv");

/// States, the District of Columbia, territories and military mail.
const STATES: [&str; 62] = [
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "FM", "GA", "GU", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA",
    "MD", "ME", "MH", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "PW", "RI", "SC", "SD",
    "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
];

struct Zips {
    by_prefix: HashMap<u16, &'static str>,
    exceptions: HashMap<&'static str, &'static str>,
}

static ZIPS: LazyLock<Zips> = LazyLock::new(|| {
    let rows = |text: &'static str| text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let mut by_prefix = HashMap::new();
    for row in rows(RANGES) {
        if let [first, last, state] = row[..]
            && let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>())
        {
            by_prefix.extend((first..=last).map(|prefix| (prefix, state)));
        }
    }
    let exceptions = rows(EXCEPTIONS).filter_map(|row| if let [zip, state] = row[..] { Some((zip, state)) } else { None }).collect();
    Zips { by_prefix, exceptions }
});

/// Whether this is the two-letter code of a state, in capitals.
#[must_use]
pub fn is_state(code: &str) -> bool {
    STATES.binary_search(&code).is_ok()
}

/// The state of a five-digit ZIP, or of its first three or four digits; none for digits that no place has.
#[must_use]
pub fn state_of_zip(zip: &str) -> Option<&'static str> {
    if let Some(state) = ZIPS.exceptions.get(zip) {
        return Some(state);
    }
    let prefix = zip.get(..3)?.parse().ok()?;
    ZIPS.by_prefix.get(&prefix).copied()
}

/// The state that all ZIPs beginning with these digits lie in; none where there is more than one.
#[must_use]
pub fn only_state_of(digits: &str) -> Option<&'static str> {
    let is_shared = digits.len() < 5 && ZIPS.exceptions.keys().any(|zip| zip.starts_with(digits));
    state_of_zip(digits).filter(|_| !is_shared)
}

/// Whether a state may have ZIPs with this prefix. Exceptions of single ZIPs count where the prefix could still be one.
#[must_use]
pub fn state_may_have(state: &str, digits: &str) -> bool {
    if digits.len() < 3 || state_of_zip(digits) == Some(state) {
        return true;
    }
    digits.len() < 5 && ZIPS.exceptions.iter().any(|(zip, of)| *of == state && zip.starts_with(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_places_lie_where_they_lie() {
        for (zip, state) in [
            ("10001", "NY"),
            ("90210", "CA"),
            ("60601", "IL"),
            ("02108", "MA"),
            ("88510", "TX"),
            ("20001", "DC"),
            ("06390", "NY"),
            ("06301", "CT"),
            ("902", "CA"),
            ("00601", "PR"),
            ("96910", "GU"),
        ] {
            assert_eq!(state_of_zip(zip), Some(state), "{zip}");
        }
        assert_eq!(state_of_zip("00001"), None);
        assert_eq!(state_of_zip("9"), None);
    }

    #[test]
    fn every_state_of_the_tables_is_a_state_and_has_a_zip() {
        let named: std::collections::BTreeSet<&str> = ZIPS.by_prefix.values().chain(ZIPS.exceptions.values()).copied().collect();
        assert_eq!(named.into_iter().collect::<Vec<_>>(), STATES);
    }

    #[test]
    fn a_prefix_may_lie_in_two_states() {
        assert!(state_may_have("CT", "063") && state_may_have("NY", "063"));
        assert_eq!((only_state_of("063"), only_state_of("902")), (None, Some("CA")));
        assert!(!state_may_have("CT", "06390") && !state_may_have("CA", "063"));
    }
}
