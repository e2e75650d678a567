//! The shapes of answers to buyers, for the OpenAPI document. A test holds them and the answers together.

#![expect(dead_code, reason = "read by the derive alone")]

use utoipa::ToSchema;

/// A page of a buyer's sales
#[derive(ToSchema)]
pub struct Sales {
    /// Newest first
    sales: Vec<Sale>,
    /// Where older sales follow: the `before` of the next page
    #[schema(example = "sale_6n7qk1v2m8e0gr3m5w8x9y2c4d")]
    next: Option<String>,
}

#[derive(ToSchema)]
pub struct Sale {
    #[schema(example = "sale_6n7qk1v2m8e0gr3m5w8x9y2c4d")]
    sale_id: String,
    /// As it was posted to you
    #[schema(example = "post_6n7qk1v2m8e0gr3m5w8x9y2c4d")]
    post_id: String,
    /// As you were pinged
    #[schema(example = "ping_4d7qk1v2m8e0gr3m5w8x9y2c6n")]
    ping_id: String,
    /// Your own reference of the bid
    r#ref: Option<String>,
    /// Your own reference of the lead
    lead_ref: Option<String>,
    #[schema(example = "harbor-lending/west")]
    contract: String,
    /// `exclusive` or `shared`
    #[schema(example = "exclusive")]
    sale: String,
    /// `reserved`, `posted`, `sold`, `void`, `unknown` or `returned`
    #[schema(example = "sold")]
    status: String,
    /// What you bid, and pay if it is sold
    #[schema(example = "27.00")]
    price: String,
    #[schema(example = "USD")]
    currency: String,
    test: bool,
    /// Why it is void, in one word
    reason: Option<String>,
    /// RFC 3339, UTC
    #[schema(example = "2026-11-23T18:00:00.000Z")]
    reserved_at: String,
    posted_at: Option<String>,
    ended_at: Option<String>,
    r#return: Option<Return>,
}

#[derive(ToSchema)]
pub struct Return {
    /// `requested`, `accepted` or `refused`
    #[schema(example = "requested")]
    status: String,
    /// As you said; none once the person was erased
    #[schema(example = "wrong_person")]
    reason: Option<String>,
    requested_at: String,
    decided_at: Option<String>,
}

/// What became of a post
#[derive(ToSchema)]
pub struct Outcome {
    /// `accepted` or `rejected`
    #[schema(example = "accepted")]
    status: String,
    /// Why it was rejected, in at most 200 characters
    reason: Option<String>,
    /// Where the consumer goes on
    redirect_url: Option<String>,
    /// Your own reference of the lead, in at most 256 characters
    lead_ref: Option<String>,
}

#[derive(ToSchema)]
pub struct ReturnRequest {
    /// `duplicate`, `invalid_phone`, `invalid_email`, `wrong_person`, `not_as_offered`, `no_consent`, `fraud` or `other`
    #[schema(example = "wrong_person")]
    reason: String,
    /// What the operator should know
    note: Option<String>,
}

/// A buyer's contracts
#[derive(ToSchema)]
pub struct Contracts {
    contracts: Vec<Contract>,
}

#[derive(ToSchema)]
pub struct Contract {
    #[schema(example = "harbor-lending/west")]
    contract: String,
    #[schema(example = "mortgage")]
    vertical: String,
    /// By you
    paused: bool,
    paused_by_operator: bool,
    /// You are, with all your contracts
    suspended: bool,
    /// Of an exclusive sale, or of a share where nothing else is sold; none where you bid
    #[schema(example = "14.00")]
    price: Option<String>,
    /// Of one share
    shared_price: Option<String>,
    /// The highest bid that is taken; none where the price is fixed
    max_bid: Option<String>,
    #[schema(example = "USD")]
    currency: String,
    self_service: SelfService,
    /// Of these terms: another, once one of them is changed
    #[schema(example = "5f0c7a3d9e1b2468")]
    version: String,
}

/// What the operator has left to you
#[derive(ToSchema)]
pub struct SelfService {
    /// You may pause the contract, and resume it
    pause: bool,
    price: Option<Range>,
    shared_price: Option<Range>,
    max_bid: Option<Range>,
}

/// From one amount to another, both included
#[derive(ToSchema)]
pub struct Range {
    #[schema(example = "5.00")]
    min: String,
    #[schema(example = "40.00")]
    max: String,
}

#[derive(ToSchema)]
pub struct OwnTerms {
    paused: Option<bool>,
    #[schema(example = "16.00")]
    price: Option<String>,
    shared_price: Option<String>,
    max_bid: Option<String>,
    /// The one that the contract had when it was read
    version: Option<String>,
}
