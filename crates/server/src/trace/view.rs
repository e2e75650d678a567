//! What a trace says. Its JSON is part of the public contract.

use std::{collections::BTreeMap, fmt::Display, sync::Arc};

use exchange::id::ContractKey;
use serde::{Serialize, Serializer};
use store::NoticeRow;
use utoipa::ToSchema;

use super::reason::Reason;

#[derive(Debug, Serialize, ToSchema)]
pub struct Trace {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping_id: Option<String>,
    /// Of a lead its status; of a ping `matched` or `unmatched`.
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub supplier: String,
    pub vertical: String,
    pub revision: u64,
    pub tree: Option<String>,
    pub test: bool,
    pub started_at: String,
    /// As the ping showed them.
    pub attributes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<QuoteView>,
    pub contracts: Vec<ContractView>,
    pub pings: Vec<PingView>,
    /// What followed for an offer: the hold in the store, the question to a strict buyer, the post.
    pub calls: Vec<CallView>,
    pub auctions: Vec<AuctionView>,
    pub sales: Vec<SaleView>,
    pub disclosures: Vec<DisclosureView>,
    pub ledger: Vec<LedgerView>,
    /// What the supplier is told after the lead's run has ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeView>,
    pub timeline: Vec<MomentView>,
    /// Answers that fit nothing that their buyers' mappings know, by their first 2 KiB, contact data masked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadView>,
    /// Shown to who reveals it on the command line alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub contact: Option<BTreeMap<String, String>>,
    /// What is missing here, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteView {
    pub price: String,
    pub firm: bool,
    pub expires_at: String,
}

/// A contract of the tree, and its yes or why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractView {
    #[serde(serialize_with = "in_words")]
    #[schema(value_type = String)]
    pub contract: ContractKey,
    #[serde(serialize_with = "in_words")]
    #[schema(value_type = String)]
    pub tier: Arc<str>,
    pub eligible: bool,
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
}

fn in_words<S: Serializer>(named: impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&named)
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PingView {
    pub contract: String,
    pub tier: String,
    /// Whose time it is: the ping's run or the lead's.
    pub run: &'static str,
    pub sent_ms: f64,
    /// Until when an answer counted.
    pub answer_by_ms: f64,
    pub elapsed_ms: Option<f64>,
    pub bid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_bid: Option<String>,
    /// `won`, `lost`, or what was wrong with it.
    pub outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was done to sell to one contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallView {
    pub run: &'static str,
    pub sale_id: String,
    pub contract: String,
    /// `hold`, `confirm` or `post`.
    pub call: &'static str,
    pub sent_ms: f64,
    pub elapsed_ms: Option<f64>,
    /// `held` or `refused`; `confirmed`, `declined` or what failed; `accepted`, `rejected`, `unsent` or `unknown`.
    pub outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The offers of a tier, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuctionView {
    /// The ping's or the lead's.
    pub run: &'static str,
    pub tier: String,
    pub at_ms: f64,
    pub offers: Vec<OfferView>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct OfferView {
    pub contract: String,
    pub kind: String,
    pub price: String,
    pub net: String,
    /// Drawn before the pings; the lower one wins a tie.
    pub lot: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SaleView {
    pub sale_id: String,
    pub buyer: String,
    pub contract: String,
    pub kind: String,
    pub price: String,
    pub net: String,
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub reserved_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

/// A buyer that had, or may have had, the contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisclosureView {
    pub buyer: String,
    pub at: String,
    pub outcome: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerView {
    pub account: String,
    pub amount: String,
    pub cause: String,
    pub booked_at: String,
}

/// A change of the lead that its supplier is told of.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    pub notice_id: String,
    /// `decided` or `returned`.
    pub change: &'static str,
    /// How the lead stood then.
    pub status: &'static str,
    pub price: String,
    pub changed_at: String,
    /// `waiting`, `delivered`, `given_up` or `unwanted`.
    pub state: &'static str,
    pub tries: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<String>,
    /// What came of the last try in vain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

impl NoticeView {
    pub fn of(row: &NoticeRow) -> Self {
        Self {
            notice_id: row.notice.id.to_string(),
            change: row.notice.change.word(),
            status: row.notice.status.word(),
            price: row.notice.net.to_string(),
            changed_at: row.notice.changed_at.to_string(),
            state: row.state.word(),
            tries: row.tries,
            next_try_at: row.due_at.map(|at| at.to_string()),
            failure: row.failure.clone(),
            ended_at: row.ended_at.map(|at| at.to_string()),
        }
    }
}

/// An answer that couldn't be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadView {
    pub contract: String,
    /// `ping`, `confirm` or `post`.
    pub call: &'static str,
    pub at_ms: f64,
    pub what: String,
    pub answer: String,
}

/// One step, in a sentence.
#[derive(Debug, Serialize, ToSchema)]
pub struct MomentView {
    /// Which run it was in: the ping's or the lead's.
    pub run: &'static str,
    pub at_ms: f64,
    pub what: String,
}
