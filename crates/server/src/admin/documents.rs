//! The shapes of answers to operators, for the OpenAPI document. A test holds them and the answers together.

#![expect(dead_code, reason = "read by the derive alone")]

use utoipa::ToSchema;

/// Sales whose outcome nobody knows
#[derive(ToSchema)]
pub struct UnknownSales {
    /// Oldest first
    sales: Vec<UnknownSale>,
}

#[derive(ToSchema)]
pub struct UnknownSale {
    #[schema(example = "sale_6n7qk1v2m8e0gr3m5w8x9y2c4d")]
    sale_id: String,
    #[schema(example = "lead_01kz5h2v7qe0gr3m5w8x9y2c4d")]
    lead_id: String,
    #[schema(example = "harbor-lending")]
    buyer: String,
    #[schema(example = "harbor-lending/west")]
    contract: String,
    #[schema(example = "27.00")]
    price: String,
    #[schema(example = "USD")]
    currency: String,
    /// Why nobody knows
    #[schema(example = "timeout")]
    why: Option<String>,
    /// RFC 3339, UTC
    posted_at: Option<String>,
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
