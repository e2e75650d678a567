//! Where a dialect listens: `NAME`, or `NAME=/PREFIX`.

use std::str::FromStr;

use serde::Deserialize;
use wire::dialect::{DIALECTS, Dialect};

/// A dialect and the path that its own paths begin after.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Mount {
    pub dialect: &'static Dialect,
    /// Empty, or with a slash at its beginning and none at its end.
    pub prefix: String,
}

/// Two mounts are the same where they listen at the same addresses.
impl PartialEq for Mount {
    fn eq(&self, other: &Self) -> bool {
        self.dialect.name == other.dialect.name && self.prefix == other.prefix
    }
}

impl Mount {
    pub fn everywhere() -> Vec<Self> {
        DIALECTS.iter().map(|dialect| Self { dialect, prefix: String::new() }).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAMount {
    #[error("`{0}` is no dialect: write {known}", known = names())]
    Unknown(String),
    #[error("`{0}` is no prefix: write a path like /boberdoo, of letters, digits, `-` and `_`")]
    Prefix(String),
}

fn names() -> String {
    let names: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name).collect();
    names.join(", ")
}

impl FromStr for Mount {
    type Err = NotAMount;

    fn from_str(text: &str) -> Result<Self, NotAMount> {
        let (name, prefix) = text.split_once('=').unwrap_or((text, ""));
        let dialect = Dialect::of_name(name.trim()).ok_or_else(|| NotAMount::Unknown(name.trim().to_owned()))?;
        let prefix = prefix.trim().trim_end_matches('/');
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let fits = prefix.is_empty() || prefix.strip_prefix('/').is_some_and(|path| path.split('/').all(is_part));
        if fits { Ok(Self { dialect, prefix: prefix.to_owned() }) } else { Err(NotAMount::Prefix(prefix.to_owned())) }
    }
}

impl TryFrom<String> for Mount {
    type Error = NotAMount;

    fn try_from(text: String) -> Result<Self, NotAMount> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_may_have_a_prefix() {
        let of = |text: &str| text.parse::<Mount>().map(|mount| (mount.dialect.name, mount.prefix)).map_err(|error| error.to_string());
        assert_eq!(of("boberdoo"), Ok(("boberdoo", String::new())));
        assert_eq!(of(" lead_prosper = /from/lp/"), Ok(("lead_prosper", "/from/lp".into())));
        assert_eq!(of("bob").unwrap_err(), "`bob` is no dialect: write boberdoo, leadspedia, lead_prosper, leadconduit");
        for wrong in ["boberdoo=x", "boberdoo=/{a}", "boberdoo=//a", "boberdoo=/a b"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
