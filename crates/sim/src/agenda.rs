//! What is to happen, in the order of virtual time. Equal times go by a drawn number: the seed's order, and nobody else's.

use std::{collections::BTreeMap, time::Duration};

use exchange::{
    call::PingCall,
    flow::effect::{Answer, EffectId},
    id::{LeadId, PingId, SaleId},
    time::Timestamp,
};
use wire::native::{Echoes, PostAttempt};

/// A run on a node, until the node crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunAt {
    pub node: usize,
    pub epoch: u32,
    pub run: u32,
}

/// What a supplier asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Ping,
    Post(PingId),
    Direct,
}

#[derive(Debug)]
pub struct Request {
    pub deal: usize,
    /// Counts the deal's requests, so that an answer finds its question.
    pub attempt: u32,
    pub ask: Ask,
    pub body: Vec<u8>,
    pub key: Option<String>,
}

/// What a supplier hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Quoted {
        ping: PingId,
        expires_at: Timestamp,
    },
    /// Nothing more to hope for.
    Final,
    /// The same request may be sent again.
    TryAgain,
    /// Fields were refused, as changed since the ping.
    Changed,
}

/// A call to a buyer, as it travels.
#[derive(Debug)]
pub struct Outgoing {
    /// Who waits for the answer. Nobody for a copy that the network made.
    pub to: Option<(RunAt, EffectId)>,
    pub buyer: String,
    pub contract: String,
    pub path: String,
    pub body: Vec<u8>,
    pub about: About,
}

#[derive(Debug)]
pub enum About {
    Ping { call: PingCall, answer_by: Timestamp },
    Confirm { sale: SaleId },
    Status { sale: SaleId, echoes: Option<Echoes> },
    Post { sale: SaleId, attempt: PostAttempt, echoes: Option<Echoes> },
}

#[derive(Debug)]
pub enum Event {
    /// A supplier sends a request of a deal.
    Send {
        deal: usize,
        ask: Ask,
    },
    Arrive {
        node: usize,
        request: Request,
    },
    Hear {
        deal: usize,
        attempt: u32,
        told: Told,
    },
    /// A supplier has waited long enough.
    Impatient {
        deal: usize,
        attempt: u32,
    },
    Answer {
        at: RunAt,
        effect: EffectId,
        answer: Answer,
    },
    Flush {
        node: usize,
        epoch: u32,
    },
    AtBuyer(Box<Outgoing>),
    /// A node may crash.
    Chance {
        node: usize,
    },
    Restart {
        node: usize,
    },
    /// A node looks for what was cut off.
    Tend {
        node: usize,
        epoch: u32,
        tick: u64,
    },
    /// A node looks for a new revision.
    Follow {
        node: usize,
        epoch: u32,
    },
    Operator,
    /// The same, while something is under way.
    OperatorNow,
    /// A lead's person wants no more of it while the lead is being sold.
    Withdraw {
        lead: LeadId,
    },
    /// The buyer comes back to tell what became of a post.
    Report {
        sale: SaleId,
    },
    /// The buyer gives a lead back.
    Return {
        sale: SaleId,
    },
    Check,
    DiskFull {
        full: bool,
    },
}

impl Event {
    /// The node that it happens in.
    #[must_use]
    pub fn node(&self) -> Option<usize> {
        match self {
            Self::Arrive { node, .. } | Self::Flush { node, .. } | Self::Tend { node, .. } | Self::Follow { node, .. } => Some(*node),
            Self::Answer { at, .. } => Some(at.node),
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
pub struct Agenda {
    due: BTreeMap<(Timestamp, u32, u64), Event>,
    added: u64,
}

impl Agenda {
    pub fn add(&mut self, at: Timestamp, turn: u32, event: Event) {
        self.added += 1;
        self.due.insert((at, turn, self.added), event);
    }

    pub fn next(&mut self) -> Option<(Timestamp, Event)> {
        self.due.pop_first().map(|((at, _, _), event)| (at, event))
    }

    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _, _), _)| *at)
    }
}

#[must_use]
pub fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}
