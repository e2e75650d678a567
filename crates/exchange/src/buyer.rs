//! A buyer: a company with credit and an endpoint that answers pings and takes posts.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    id::{BuyerName, ParentName},
    mapping::Mapping,
    money::Money,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Buyer {
    pub name: BuyerName,
    pub label: String,
    pub parent: ParentName,
    /// How far below zero the balance may go. Zero is prepaid.
    pub credit: Money,
    /// The names that a consumer's consent may call it by; without any, its label and its parent.
    pub consent_names: Vec<String>,
    pub endpoint: Endpoint,
    /// Suspended by the operator: none of its contracts is offered anything.
    pub suspended: bool,
}

/// Where a buyer is reached and how long its answers may take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    pub protocol: Protocol,
    pub ping_url: Option<Url>,
    pub post_url: Url,
    pub confirm_url: Option<Url>,
    pub status_url: Option<Url>,
    pub test_ping_url: Option<Url>,
    pub test_post_url: Option<Url>,
    pub secret: Option<Secret>,
    /// The buyer treats a repeated `post_id` as the same post.
    pub idempotent: bool,
    pub post_timeout: Duration,
    pub max_in_flight: usize,
    /// How many pings may wait for their answers on one connection.
    pub pipelining: usize,
}

impl Endpoint {
    pub const DEFAULT_POST_TIMEOUT: Duration = Duration::from_secs(15);
    pub const DEFAULT_MAX_IN_FLIGHT: usize = 256;

    /// Test leads go only to buyers with a test address for each call that they get.
    #[must_use]
    pub fn takes_tests(&self) -> bool {
        self.test_post_url.is_some() && (self.test_ping_url.is_some() || !self.protocol.asks())
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Protocol {
    Native,
    /// The buyer's own interface, as its market file says.
    Mapped(Arc<Mapping>),
    /// Never asked: it gets what it buys at its contracts' prices, and has it once it answers 2xx, whatever else the answer says.
    Webhook,
    /// Never asked: it gets what it buys by e-mail, and has it once the exchange's mail server took it. Its addresses are `mailto:`.
    Email(EmailForm),
    /// Never asked: it gets what it buys as files of CSV by SFTP, and has it once the file has its name. Its addresses are `sftp:`.
    Sftp(SftpLogin),
}

impl Protocol {
    /// Whether a buyer is asked before it gets a lead: for bids, to confirm, what became of a post.
    #[must_use]
    pub fn asks(&self) -> bool {
        matches!(self, Self::Native | Self::Mapped(_))
    }
}

/// How a buyer's server of SFTP is known, and we to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SftpLogin {
    /// The fingerprint of its host key, as OpenSSH writes it: `SHA256:` and base64.
    pub host_key: String,
    pub proof: SftpProof,
}

/// Each the name of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SftpProof {
    /// It holds a private key in OpenSSH's form.
    Key(String),
    Password(String),
}

/// What an e-mail to a buyer looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailForm {
    /// The same for every lead: it ends in logs.
    pub subject: Option<String>,
    pub adf: AdfPart,
}

/// Where a mail has the lead in ADF 1.0, the form of motor dealers' systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdfPart {
    None,
    Attachment,
    Alternative,
    /// Instead of the text.
    Only,
}

/// Where the signing secret is. Its text never prints; the market's own form in the store has it, as the market's files do.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Secret {
    /// The name of an environment variable.
    Environment(String),
    /// A literal `whsec_…`.
    Literal(String),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::Literal(_) => f.write_str("whsec_…"),
        }
    }
}
