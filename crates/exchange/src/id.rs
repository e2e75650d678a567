//! Typed identifiers. Text form is a TypeID: a prefix, `_`, and 26 characters of Crockford's base 32.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A text that is no id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {0}_ and 26 characters")]
pub struct NotAnId(pub &'static str);

/// The digits of an id.
const DIGITS: usize = 26;
/// Of the longest prefix, in bytes.
const MOST_PREFIX: usize = 16;

fn encode(prefix: &str, id: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // All at once: a text that grows piece by piece is moved with each.
    let mut text = [0u8; MOST_PREFIX + 1 + DIGITS];
    let begins = prefix.len();
    text.get_mut(..begins).ok_or(fmt::Error)?.copy_from_slice(prefix.as_bytes());
    text[begins] = b'_';
    let ends = begins + 1 + DIGITS;
    for (place, byte) in text.get_mut(begins + 1..ends).ok_or(fmt::Error)?.iter_mut().enumerate() {
        *byte = ALPHABET[(id >> (5 * (DIGITS - 1 - place)) & 31) as usize];
    }
    f.write_str(std::str::from_utf8(&text[..ends]).map_err(|_| fmt::Error)?)
}

fn decode(prefix: &'static str, text: &str) -> Result<u128, NotAnId> {
    let wrong = NotAnId(prefix);
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(wrong)?;
    // 26 digits hold 130 bits, so the first may be 7 at most.
    if digits.len() != 26 || digits.as_bytes()[0] > b'7' {
        return Err(wrong);
    }
    digits.bytes().try_fold(0u128, |id, digit| {
        let value = ALPHABET.iter().position(|known| *known == digit).ok_or(wrong)?;
        Ok(id << 5 | value as u128)
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name([u8; 16]);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            #[must_use]
            pub fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                encode($prefix, u128::from_be_bytes(self.0), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                decode($prefix, text).map(|id| Self(id.to_be_bytes()))
            }
        }
    )*};
}

ids! {
    /// A supplier's ping.
    PingId "ping";
    /// A lead: made when the contact arrives.
    LeadId "lead";
    /// One buyer's right to one contact. Its bytes are also the `post_id` that the buyer sees.
    SaleId "sale";
    /// A ping as one buyer sees it: random per buyer, so that two buyers can't join their pings.
    BuyerPingId "ping";
    /// The idempotency key of a post, as the buyer sees it.
    PostId "post";
    /// Money that came in from a buyer, or went out to a supplier.
    MovementId "movement";
    /// Changes of the market that are not in force yet.
    DraftId "draft";
    /// An API key, without its secret.
    KeyId "key";
    /// An entry of the audit log.
    AuditId "audit";
    /// One start of one process that serves the exchange.
    NodeId "node";
}

impl SaleId {
    /// The post of this sale. One sale is posted under one id, however often it is sent.
    #[must_use]
    pub fn post_id(&self) -> PostId {
        PostId(self.0)
    }
}

impl PostId {
    #[must_use]
    pub fn sale_id(&self) -> SaleId {
        SaleId(self.0)
    }
}

/// Whose sealed values these are: a lead's, or a ping's that came with exact values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    Ping(PingId),
    Lead(LeadId),
}

impl Subject {
    /// Its id's, of which the first six are the millisecond that it came in.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        match self {
            Self::Ping(ping) => ping.bytes(),
            Self::Lead(lead) => lead.bytes(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ping(ping) => ping.fmt(f),
            Self::Lead(lead) => lead.fmt(f),
        }
    }
}

/// A text that can't be a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 characters of a-z, A-Z, 0-9, '-' and '_'")]
pub struct NotAName;

/// Checks a name: the market's files, contracts, tags and fields all obey it.
pub fn check_name(text: &str) -> Result<(), NotAName> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) { Ok(()) } else { Err(NotAName) }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Arc<str>);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAName;

            fn from_str(text: &str) -> Result<Self, NotAName> {
                check_name(text).map(|()| Self(text.into()))
            }
        }
    )*};
}

names! {
    VerticalName;
    SupplierName;
    BuyerName;
    /// The company behind one or more buyers: a shared lead goes to one buyer of each.
    ParentName;
    TreeName;
    /// A list of values in the market, or of suppressed people in the store.
    ListName;
    /// Who signs in to the console, by the name that is typed there.
    PersonName;
}

/// A parent company's name may be any short text, as companies' names are.
impl ParentName {
    #[must_use]
    pub fn of_company(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.len() <= 128).then(|| Self(text.into()))
    }
}

/// A contract's name in the whole market: `buyer/contract`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContractKey {
    pub buyer: BuyerName,
    pub name: Arc<str>,
}

impl fmt::Display for ContractKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.buyer, self.name)
    }
}

impl FromStr for ContractKey {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let (buyer, name) = text.split_once('/').ok_or(NotAName)?;
        check_name(name)?;
        Ok(Self { buyer: buyer.parse()?, name: name.into() })
    }
}

/// A market's number. The first is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u64);

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

macro_rules! indices {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);
    )*};
}

indices! {
    /// A contract's place in its revision, in the order of contract keys.
    ContractIndex;
    /// A buyer's place in its revision, in the order of names.
    BuyerIndex;
    TreeIndex;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        for bytes in [[0; 16], [255; 16], *b"0123456789abcdef"] {
            let id = LeadId::from_bytes(bytes);
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(id.to_string().len(), "lead_".len() + 26);
        }
    }

    /// The vector of the TypeID specification.
    #[test]
    fn the_published_vector_holds() {
        let id: PingId = "ping_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        assert_eq!(u128::from_be_bytes(*id.bytes()), 0x01890a5d_ac96_774b_bcce_b302099a8057);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "lead_", "ping_01h455vb4pex5vsknk084sn02q", "lead_81h455vb4pex5vsknk084sn02q", "lead_01h455vb4pex5vsknk084sn02u"] {
            assert_eq!(text.parse::<LeadId>(), Err(NotAnId("lead")), "{text}");
        }
    }
}
