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

/// The figures of a period
#[derive(ToSchema)]
pub struct FiguresOfPeriod {
    /// RFC 3339, UTC
    from: String,
    /// The first instant that is no longer of the period; now at the latest
    until: String,
    /// On whose clock days begin
    #[schema(example = "America/New_York")]
    time_zone: Option<String>,
    #[schema(example = "USD")]
    currency: String,
    figures: FiguresOfAll,
    verticals: Vec<FiguresOfVertical>,
    /// None where one vertical alone is asked for
    buyers: Vec<FiguresOfBuyer>,
}

#[derive(ToSchema)]
pub struct FiguresOfVertical {
    #[schema(example = "mortgage")]
    vertical: String,
    figures: FiguresOfAll,
}

#[derive(ToSchema)]
pub struct FiguresOfBuyer {
    #[schema(example = "harbor-lending")]
    buyer: String,
    figures: BuyersFigures,
}

/// Money is a decimal string; percents have one decimal
#[derive(ToSchema)]
pub struct FiguresOfAll {
    /// Leads that suppliers sent with their contact and that were taken on, duplicates among them, by when they came in
    received: i64,
    /// Leads of which the first sale was booked, by when it was booked. A lead counts once, however many buyers share it, and stays counted when it is returned
    sold: i64,
    /// Leads sold per lead received in the same period
    sold_percent: Option<f64>,
    /// Sales booked: one for each buyer that a lead was sold to
    sales: i64,
    /// What buyers were charged for sales, less what they were given back for returns, by when each was booked
    #[schema(example = "1234.50")]
    revenue: String,
    /// What suppliers earned by sales, less what returns took back. It is not what they were paid
    #[schema(example = "1234.50")]
    payout: String,
    /// What the exchange kept: revenue less supplier payout, to the millionth
    #[schema(example = "1234.50")]
    margin: String,
    /// Supplier payout per lead received in the same period
    #[schema(example = "1234.50")]
    earnings_per_lead: Option<String>,
    /// Sales that were reversed because a return was accepted, by when it was
    returns: i64,
    /// What buyers were given back for returns. It is taken off the revenue already
    #[schema(example = "1234.50")]
    returned: String,
    /// Pings of suppliers that were answered, matched or not
    pings: i64,
    /// Pings of suppliers that were answered with a price
    matched: i64,
    /// From the first tier's start to the winner or to nobody: half of the auctions took no longer. Counted in buckets, at most a quarter too long
    auction_p50_ms: Option<f64>,
    /// From the first tier's start to the winner or to nobody: 99 of 100 auctions took no longer. Counted in buckets, at most a quarter too long
    auction_p99_ms: Option<f64>,
}

/// Of the calls to a buyer
#[derive(ToSchema)]
pub struct BuyersFigures {
    /// Pings that were sent to the buyer: not those that it was spared
    pings: i64,
    /// Pings that it answered with a price, whether the rules admitted it or not
    bids: i64,
    /// Bids per ping
    bid_percent: Option<f64>,
    /// Leads whose contact was sent to it. A contract with a fixed price wins without a bid
    wins: i64,
    /// Wins per bid
    win_percent: Option<f64>,
    /// Pings to which nothing came in time
    time_outs: i64,
    /// Pings to which nothing usable came: time-outs, connections that failed, answers that can't be read
    failures: i64,
    /// Posts that it accepted at once
    accepted: i64,
    /// Posts that it rejected
    rejects: i64,
    /// Pings that it was spared because as many as it takes were under way
    spared_busy: i64,
    /// Pings that it was spared because most calls to it had failed
    spared_left_alone: i64,
    /// From a ping's first byte to its answer: half of the pings took no longer. Counted in buckets, at most a quarter too long
    latency_p50_ms: Option<f64>,
    /// From a ping's first byte to its answer: 99 of 100 pings took no longer. Counted in buckets, at most a quarter too long
    latency_p99_ms: Option<f64>,
}

/// What an operator should look at
#[derive(ToSchema)]
pub struct Alerts {
    /// Until they are over
    standing: Vec<Alert>,
    /// The latest that are over
    cleared: Vec<Alert>,
}

#[derive(ToSchema)]
pub struct Alert {
    /// `buyer_failing`, `sold_share_dropped`, `cap_nearly_full`, `credit_low`, `posts_unknown`, `notices_undelivered` or `disk_nearly_full`
    #[schema(example = "cap_nearly_full")]
    alert: String,
    /// The buyer, the contract and its cap, or the vertical; empty where it is of the whole exchange
    #[schema(example = "harbor-lending/west count per day")]
    about: String,
    says: String,
    /// RFC 3339, UTC
    #[schema(example = "2026-11-23T18:00:00.000Z")]
    raised_at: String,
    cleared_at: Option<String>,
}
