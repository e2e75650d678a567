//! Who signs in to the console, and what for: people, the links that let them in, their sessions.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    id::{BuyerName, PersonName, SupplierName},
    seal::SealedSecret,
};

/// A session ends so long after its last page.
pub const SESSION_IDLE: Duration = Duration::from_hours(1);
/// And so long after it began, whatever is asked in it.
pub const SESSION_LIVES: Duration = Duration::from_hours(12);
/// That a session was used is written down once in so long.
pub const SESSION_SEEN_EVERY: Duration = Duration::from_mins(1);
/// People, and sessions of each, at most: the oldest session ends for a new one.
pub const MOST_PEOPLE: u32 = 1000;
pub const MOST_SESSIONS: u32 = 20;
/// How long a new person has to open its first link, and how long a link that signs in lives.
pub const WELCOME_LIVES: Duration = Duration::from_hours(72);
pub const ENTRANCE_LIVES: Duration = Duration::from_mins(30);

/// What a person is here. What each may do is said in [`permission`](crate::permission).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PersonRole {
    /// May do everything, and says who else may do what.
    Owner,
    /// Runs the market and looks after leads.
    Operations,
    /// Looks after the money.
    Finance,
    /// Looks on.
    ReadOnly,
    /// Sees one buyer's world.
    Buyer(BuyerName),
    /// Sees one supplier's world.
    Supplier(SupplierName),
}

/// A text that names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is owner, operations, finance, read-only, buyer:NAME or supplier:NAME")]
pub struct NotARole;

impl PersonRole {
    /// Whether it works for the exchange, and not for one of its partners.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        match self {
            Self::Owner | Self::Operations | Self::Finance | Self::ReadOnly => true,
            Self::Buyer(_) | Self::Supplier(_) => false,
        }
    }
}

impl fmt::Display for PersonRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Operations => f.write_str("operations"),
            Self::Finance => f.write_str("finance"),
            Self::ReadOnly => f.write_str("read-only"),
            Self::Buyer(name) => write!(f, "buyer:{name}"),
            Self::Supplier(name) => write!(f, "supplier:{name}"),
        }
    }
}

impl FromStr for PersonRole {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        match text {
            "owner" => Ok(Self::Owner),
            "operations" => Ok(Self::Operations),
            "finance" => Ok(Self::Finance),
            "read-only" => Ok(Self::ReadOnly),
            _ => match text.split_once(':') {
                Some(("buyer", name)) => name.parse().map(Self::Buyer).map_err(|_| NotARole),
                Some(("supplier", name)) => name.parse().map(Self::Supplier).map_err(|_| NotARole),
                _ => Err(NotARole),
            },
        }
    }
}

/// The SHA-256 of a token with 256 bits of its own: a session's, a link's. The token itself is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash(pub [u8; 32]);

/// What a link opens, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The page where a person sets its password and its codes.
    Welcome,
    /// The console.
    Entrance,
}

words!(LinkKind { Welcome = "welcome", Entrance = "entrance" });

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    pub token: TokenHash,
    pub kind: LinkKind,
    pub lives: Duration,
}

/// What proves who somebody is. A person has none before its first link was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The password's hash, argon2id, as a PHC string.
    pub password: String,
    /// The secret of its codes (RFC 6238), sealed. None where it goes without.
    pub codes: Option<SealedSecret>,
    /// Hashes of the recovery codes, each good once in place of a code.
    pub recovery: Vec<TokenHash>,
}

/// What is used up by signing in, so that nobody who saw it can sign in with it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedUp {
    /// The person has no codes.
    Nothing,
    /// The time step of a code: no code of this step or an earlier one is taken again.
    Step(u64),
    Recovery(TokenHash),
}

/// What is asked about people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonCommand {
    /// A new person, with a link to set its password.
    Add {
        person: PersonName,
        role: PersonRole,
        email: Option<String>,
        link: NewLink,
    },
    /// A link for a person that is there. Older links of its kind open nothing any more.
    Link {
        person: PersonName,
        link: NewLink,
    },
    /// Whoever opened a welcome link has set its proof: its other sessions end, and one begins.
    Enrol {
        link: TokenHash,
        proof: Proof,
        session: TokenHash,
    },
    /// A link of the kind entrance begins a session.
    Enter {
        link: TokenHash,
        session: TokenHash,
    },
    /// A session begins: the proof of this number was given, and had this to be used up.
    SignIn {
        person: PersonName,
        proof: u32,
        used_up: UsedUp,
        session: TokenHash,
    },
    /// A session was used.
    Seen {
        session: TokenHash,
    },
    SignOut {
        session: TokenHash,
    },
    SignOutEverywhere {
        person: PersonName,
    },
    SetRole {
        person: PersonName,
        role: PersonRole,
    },
    /// Ends its sessions and links at once.
    Disable {
        person: PersonName,
    },
    Enable {
        person: PersonName,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reads_back_as_it_was_written() {
        for text in ["owner", "operations", "finance", "read-only", "buyer:harbor-lending", "supplier:dreamy-leads"] {
            assert_eq!(text.parse::<PersonRole>().map(|role| role.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "Owner", "buyer", "buyer:", "buyer:a b", "supplier:", "operator:x"] {
            assert_eq!(text.parse::<PersonRole>(), Err(NotARole), "{text}");
        }
    }
}
