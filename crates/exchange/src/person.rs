//! Who signs in to the console, and what for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::{BuyerName, SupplierName};

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
