//! What a dialect says.

use exchange::{
    command::LeadStatus,
    id::{LeadId, PingId},
    money::Money,
};

use crate::{
    answer::{Format, Node},
    body::BodyError,
};

/// How a request wants to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    pub format: Format,
    /// Of a ping, or of a post.
    pub is_ping: bool,
    /// Where the consumer's browser is sent on to.
    pub redirect: Option<String>,
}

impl Voice {
    pub(super) fn new(format: Format, is_ping: bool) -> Self {
        Self { format, is_ping, redirect: None }
    }
}

/// Why nothing came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// As a native request would hear it.
    pub status: u16,
    /// What is wrong and what to do about it; never a value that came.
    pub messages: Vec<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, messages: vec![message.into()] }
    }

    pub(super) fn of_body(error: BodyError) -> Self {
        let status = match error {
            BodyError::Unreadable { .. } => 400,
            BodyError::UnsupportedType => 415,
        };
        Self::new(status, error.to_string())
    }
}

/// What came of a request.
#[derive(Debug)]
pub enum Told<'a> {
    Quoted {
        ping: PingId,
        net: Money,
        /// The net of each leg of a shared quote.
        legs: &'a [Money],
    },
    Unmatched {
        ping: PingId,
        reason: &'a str,
    },
    Lead {
        lead: LeadId,
        status: LeadStatus,
        net: Money,
        reason: Option<&'a str>,
        redirect_url: Option<&'a str>,
    },
    Refused(&'a Refusal),
}

/// An answer in the dialect's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub status: u16,
    pub content_type: &'static str,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

impl Said {
    /// JSON is what `node` holds; in XML it lies in an element of the name `root`.
    pub(super) fn of(status: u16, format: Format, root: &str, node: &Node) -> Self {
        let body = node.render_in(format, root);
        Self { status, content_type: format.content_type(), location: None, body }
    }
}

/// How a lead's state is said by an exchange that knows three.
pub(super) enum Verdict {
    /// Sold; or not yet known. Then a buyer may have the contact already: a supplier that heard a refusal would sell the lead again.
    Accepted,
    Duplicate,
    Rejected,
}

pub(super) fn verdict(status: LeadStatus) -> Verdict {
    match status {
        LeadStatus::Sold | LeadStatus::Pending | LeadStatus::Open | LeadStatus::Returned => Verdict::Accepted,
        LeadStatus::Duplicate => Verdict::Duplicate,
        LeadStatus::Unsold => Verdict::Rejected,
    }
}
