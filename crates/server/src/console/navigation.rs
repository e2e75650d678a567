//! The places of the console, in the order of its menu. A menu shows those that the role may open.

use exchange::{permission::Permission, person::PersonRole};

use super::{
    reply::{self, Reply},
    visitor::Visitor,
};

/// A page that the menu leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Live,
    Alerts,
    Leads,
    Balances,
    Movements,
    Returns,
    Unknown,
    Market,
    Buying,
    Bids,
    Purchases,
    Invoices,
    Supplying,
    Payouts,
    Posting,
    People,
    Audit,
    Account,
}

impl Place {
    pub const ALL: [Self; 18] = [
        Self::Live,
        Self::Alerts,
        Self::Leads,
        Self::Balances,
        Self::Movements,
        Self::Returns,
        Self::Unknown,
        Self::Market,
        Self::Buying,
        Self::Bids,
        Self::Purchases,
        Self::Invoices,
        Self::Supplying,
        Self::Payouts,
        Self::Posting,
        Self::People,
        Self::Audit,
        Self::Account,
    ];

    pub fn path(self) -> &'static str {
        match self {
            Self::Live => "/console/live",
            Self::Alerts => "/console/alerts",
            Self::Leads => "/console/leads",
            Self::Balances => "/console/money",
            Self::Movements => "/console/money/movements",
            Self::Returns => "/console/money/returns",
            Self::Unknown => "/console/money/unknown",
            Self::Market => "/console/market",
            Self::Buying => "/console/buying",
            Self::Bids => "/console/buying/bids",
            Self::Purchases => "/console/buying/sales",
            Self::Invoices => "/console/buying/statement",
            Self::Supplying => "/console/supplying",
            Self::Payouts => "/console/supplying/statement",
            Self::Posting => "/console/supplying/posting",
            Self::People => "/console/people",
            Self::Audit => "/console/audit",
            Self::Account => "/console/account",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Alerts => "Alerts",
            Self::Leads => "Leads",
            Self::Balances => "Balances",
            Self::Movements => "Movements",
            Self::Returns => "Returns",
            Self::Unknown => "Unknown sales",
            Self::Market => "Overview",
            Self::Buying => "Overview",
            Self::Bids => "Bids",
            Self::Purchases => "Purchases",
            Self::Invoices => "Statement",
            Self::Supplying => "Leads",
            Self::Payouts => "Statement",
            Self::Posting => "How to send",
            Self::People => "People",
            Self::Audit => "Audit log",
            Self::Account => "Your account",
        }
    }

    /// The heading that it stands under in the menu.
    pub fn group(self) -> &'static str {
        match self {
            Self::Live | Self::Alerts | Self::Leads => "Exchange",
            Self::Balances | Self::Movements | Self::Returns | Self::Unknown => "Money",
            Self::Market => "Market",
            Self::Buying | Self::Bids | Self::Purchases | Self::Invoices => "Buying",
            Self::Supplying | Self::Payouts | Self::Posting => "Supplying",
            Self::People | Self::Audit => "Who",
            Self::Account => "You",
        }
    }

    fn permission(self) -> Permission {
        match self {
            Self::Live | Self::Alerts => Permission::SeeFigures,
            Self::Leads => Permission::SeeLeads,
            Self::Balances | Self::Movements | Self::Returns | Self::Unknown => Permission::SeeMoney,
            Self::Market => Permission::SeeMarket,
            Self::Buying | Self::Bids | Self::Purchases | Self::Invoices => Permission::OwnPurchases,
            Self::Supplying | Self::Payouts | Self::Posting => Permission::OwnLeads,
            Self::People => Permission::ManagePeople,
            Self::Audit => Permission::SeeAudit,
            Self::Account => Permission::OwnAccount,
        }
    }

    pub fn of(role: &PersonRole) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|place| role.may(place.permission()))
    }
}

/// `/console`: the first place of the visitor's menu.
pub async fn home(visitor: Visitor) -> Reply {
    reply::go_to(Place::of(&visitor.role).next().unwrap_or(Place::Account).path())
}
