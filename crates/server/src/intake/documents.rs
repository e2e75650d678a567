//! The shapes of answers, for the OpenAPI document. They are written by `answers`; a test holds the two together.

#![expect(dead_code, reason = "read by the derive alone")]

use utoipa::ToSchema;

/// The answer to a ping
#[derive(ToSchema)]
pub struct Quote {
    #[schema(example = "ping_01kz5h2v7qe0gr3m5w8x9y2c4d")]
    ping_id: String,
    /// `matched` or `unmatched`
    #[schema(example = "matched")]
    status: String,
    /// Net of the exchange's margin
    #[schema(example = "21.60")]
    price: Option<String>,
    #[schema(example = "USD")]
    currency: Option<String>,
    /// Whether cap and credit are held until the quote expires
    firm: Option<bool>,
    /// RFC 3339, UTC
    #[schema(example = "2026-11-23T18:00:00.000Z")]
    expires_at: Option<String>,
    /// Of a shared quote: the net price of each leg
    legs: Option<Vec<Leg>>,
    /// Of an unmatched ping
    #[schema(example = "no_bid")]
    reason: Option<String>,
    /// Names of fields that no ping shows
    ignored: Option<Vec<String>>,
}

#[derive(ToSchema)]
pub struct Leg {
    #[schema(example = "8.40")]
    price: String,
}

/// The answer to a post
#[derive(ToSchema)]
pub struct Lead {
    #[schema(example = "lead_01kz5h2v7qe0gr3m5w8x9y2c4d")]
    lead_id: String,
    /// `sold`, `unsold`, `duplicate`, `pending` or `returned`
    #[schema(example = "sold")]
    status: String,
    /// Net, of all sold legs
    #[schema(example = "21.60")]
    price: String,
    #[schema(example = "USD")]
    currency: String,
    /// Why it wasn't sold
    reason: Option<String>,
    /// Where the consumer goes on at the buyer's
    redirect_url: Option<String>,
    /// Your own first lead of the same person
    duplicate_of: Option<String>,
    /// Where several buyers share it: the net price of each
    legs: Option<Vec<Leg>>,
    /// Names of fields that the vertical doesn't have
    ignored: Option<Vec<String>>,
    accepted_at: Option<String>,
    decided_at: Option<String>,
}
