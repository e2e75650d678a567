//! The shapes of answers to operators, for the OpenAPI document. A test holds them and the answers together.

#![expect(dead_code, reason = "read by the derive alone")]

use utoipa::ToSchema;

/// Sales that wait for something
#[derive(ToSchema)]
pub struct AdminSales {
    /// Oldest first
    sales: Vec<AdminSale>,
}

#[derive(ToSchema)]
pub struct AdminSale {
    #[schema(example = "sale_6n7qk1v2m8e0gr3m5w8x9y2c4d")]
    sale_id: String,
    #[schema(example = "lead_01kz5h2v7qe0gr3m5w8x9y2c4d")]
    lead_id: String,
    #[schema(example = "harbor-lending")]
    buyer: String,
    #[schema(example = "harbor-lending/west")]
    contract: String,
    /// `reserved`, `posted`, `sold`, `void`, `unknown` or `returned`
    #[schema(example = "unknown")]
    status: String,
    /// What the buyer pays
    #[schema(example = "27.00")]
    price: String,
    /// What the supplier gets of it
    #[schema(example = "21.60")]
    net: String,
    #[schema(example = "USD")]
    currency: String,
    /// Why it is unknown or void
    #[schema(example = "timeout")]
    why: Option<String>,
    /// How often it was looked at since it became unknown
    looks: i64,
    /// RFC 3339, UTC
    posted_at: Option<String>,
    ended_at: Option<String>,
    r#return: Option<AdminReturn>,
}

#[derive(ToSchema)]
pub struct AdminReturn {
    /// `requested`, `accepted` or `refused`
    #[schema(example = "requested")]
    status: String,
    /// Empty once the person was erased
    #[schema(example = "wrong_person")]
    reason: String,
    /// Whether there is a note: `pingpost returns --reveal` shows it
    has_note: bool,
    requested_at: String,
    decided_at: Option<String>,
}

/// Leads, newest first
#[derive(ToSchema)]
pub struct FoundLeads {
    leads: Vec<FoundLead>,
    /// Where older ones follow: the `before` of the next page
    next: Option<String>,
    /// The ping whose id was looked for, where it was never posted
    ping_id: Option<String>,
}

#[derive(ToSchema)]
pub struct FoundLead {
    #[schema(example = "lead_01kz5h2v7qe0gr3m5w8x9y2c4d")]
    lead_id: String,
    /// `open`, `sold`, `unsold`, `duplicate`, `pending` or `returned`
    #[schema(example = "sold")]
    status: String,
    /// Why it wasn't sold
    #[schema(example = "no_bid")]
    reason: Option<String>,
    #[schema(example = "dreamy-leads")]
    supplier: String,
    #[schema(example = "mortgage")]
    vertical: String,
    test: bool,
    /// What the supplier gets
    #[schema(example = "21.60")]
    price: Option<String>,
    accepted_at: String,
    ended_at: Option<String>,
    /// In the order they were reserved
    sales: Vec<FoundSale>,
}

#[derive(ToSchema)]
pub struct FoundSale {
    #[schema(example = "sale_6n7qk1v2m8e0gr3m5w8x9y2c4d")]
    sale_id: String,
    #[schema(example = "harbor-lending/west")]
    contract: String,
    /// `reserved`, `posted`, `sold`, `void`, `unknown` or `returned`
    #[schema(example = "sold")]
    status: String,
    #[schema(example = "27.00")]
    price: String,
}

#[derive(ToSchema)]
pub struct LeadSearch {
    /// An id, a reference, a phone number or an e-mail
    #[schema(example = "HL-20931")]
    text: Option<String>,
    status: Option<String>,
    supplier: Option<String>,
    vertical: Option<String>,
    buyer: Option<String>,
    contract: Option<String>,
    /// `true` or `false`
    test: Option<String>,
    from: Option<String>,
    until: Option<String>,
    before: Option<String>,
    limit: Option<u32>,
}

#[derive(ToSchema)]
pub struct Resolution {
    /// `sold` or `void`
    #[schema(example = "void")]
    r#as: String,
}

#[derive(ToSchema)]
pub struct Decision {
    /// `accept` or `refuse`
    #[schema(example = "accept")]
    decision: String,
}

/// Every account
#[derive(ToSchema)]
pub struct Balances {
    #[schema(example = "USD")]
    currency: String,
    accounts: Vec<AccountBalance>,
}

#[derive(ToSchema)]
pub struct AccountBalance {
    /// `buyer:NAME`, `supplier:NAME`, `house` or `cash`
    #[schema(example = "buyer:harbor-lending")]
    account: String,
    #[schema(example = "473.00")]
    balance: String,
    /// What open sales and firm quotes hold of it
    #[schema(example = "27.00")]
    held: String,
}
