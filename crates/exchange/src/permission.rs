//! What each role may do in the console: one table.

use crate::person::PersonRole;

/// Something that a page shows or does. A page takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// One's own name, password and sessions.
    OwnAccount,
    /// Figures of the whole exchange, and the health of its buyers.
    SeeFigures,
    /// Leads and pings, what happened to them and why; contacts masked.
    SeeLeads,
    /// A contact in clear, with a reason that is journalled.
    RevealContact,
    /// Balances, statements, movements, returns.
    SeeMoney,
    /// Prepayments and payouts: ask for them, approve what others asked for.
    MoveMoney,
    /// Accept or refuse a return, end a sale whose outcome nobody knows, have a notice tried again.
    Decide,
    /// Contracts, trees, filters, revisions.
    SeeMarket,
    ChangeMarket,
    /// Who signs in, as what.
    ManagePeople,
    /// Who changed what, and when.
    SeeAudit,
    /// A buyer's own pings, bids, sales and money; its returns, pauses and prices.
    OwnPurchases,
    /// A supplier's own leads, payouts and posting instructions.
    OwnLeads,
}

impl Permission {
    pub const ALL: [Self; 13] = [
        Self::OwnAccount,
        Self::SeeFigures,
        Self::SeeLeads,
        Self::RevealContact,
        Self::SeeMoney,
        Self::MoveMoney,
        Self::Decide,
        Self::SeeMarket,
        Self::ChangeMarket,
        Self::ManagePeople,
        Self::SeeAudit,
        Self::OwnPurchases,
        Self::OwnLeads,
    ];
}

impl PersonRole {
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => !matches!(permission, P::OwnPurchases | P::OwnLeads),
            Self::Operations => match permission {
                P::OwnAccount | P::SeeFigures | P::SeeLeads | P::RevealContact | P::SeeMoney | P::Decide | P::SeeMarket | P::ChangeMarket | P::SeeAudit => true,
                P::MoveMoney | P::ManagePeople | P::OwnPurchases | P::OwnLeads => false,
            },
            Self::Finance => match permission {
                P::OwnAccount | P::SeeFigures | P::SeeLeads | P::SeeMoney | P::MoveMoney | P::Decide | P::SeeMarket | P::SeeAudit => true,
                P::RevealContact | P::ChangeMarket | P::ManagePeople | P::OwnPurchases | P::OwnLeads => false,
            },
            Self::ReadOnly => match permission {
                P::OwnAccount | P::SeeFigures | P::SeeLeads | P::SeeMoney | P::SeeMarket => true,
                P::RevealContact | P::MoveMoney | P::Decide | P::ChangeMarket | P::ManagePeople | P::SeeAudit | P::OwnPurchases | P::OwnLeads => false,
            },
            Self::Buyer(_) => matches!(permission, P::OwnAccount | P::OwnPurchases),
            Self::Supplier(_) => matches!(permission, P::OwnAccount | P::OwnLeads),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_do_what() {
        let roles = ["owner", "operations", "finance", "read-only", "buyer:acme", "supplier:dreamy"];
        let roles = roles.map(|role| role.parse::<PersonRole>().unwrap());
        let table: String = Permission::ALL
            .iter()
            .map(|permission| {
                let cells = roles.iter().map(|role| if role.may(*permission) { " x" } else { " ." });
                format!("{:<14}{}\n", format!("{permission:?}"), cells.collect::<String>())
            })
            .collect();
        let expected = "\
OwnAccount     x x x x x x
SeeFigures     x x x x . .
SeeLeads       x x x x . .
RevealContact  x x . . . .
SeeMoney       x x x x . .
MoveMoney      x . x . . .
Decide         x x x . . .
SeeMarket      x x x x . .
ChangeMarket   x x . . . .
ManagePeople   x . . . . .
SeeAudit       x x x . . .
OwnPurchases   . . . . x .
OwnLeads       . . . . . x
";
        assert_eq!(table, expected, "owner, operations, finance, read-only, buyer, supplier");
    }
}
