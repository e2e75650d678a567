//! Who is called: a buyer, a supplier that wants to be told, or the operator. A buyer and a supplier may have the same name.

use std::fmt;

use exchange::id::{BuyerName, SupplierName};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    Buyer(BuyerName),
    Supplier(SupplierName),
    /// By mail, of what the exchange wants it to know.
    Operator,
}

impl Callee {
    /// The label of its figures.
    #[must_use]
    pub fn role(&self) -> &'static str {
        match self {
            Self::Buyer(_) => "buyer",
            Self::Supplier(_) => "supplier",
            Self::Operator => "operator",
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Buyer(name) => name.as_str(),
            Self::Supplier(name) => name.as_str(),
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role(), self.name())
    }
}
