//! What a run asks of its driver, and what it is told: every effect but a reply is answered by exactly one event.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    call::{ConfirmCall, ConfirmReply, PingCall, PingReply, PostCall, PostReply, StatusCall},
    command::{Command, Fence, LeadStatus, NotAccepted, Outcome, Quote, Reserve, ReserveRequest, StartPost, StoreUnknown, Terms},
    facts::Facts,
    id::{ContractIndex, ContractKey, LeadId, PingId, SaleId},
    market::Market,
    money::Money,
    record::UnsoldReason,
    refusal::Refusal,
    seal::PersonMac,
    time::Timestamp,
};

/// The number of an effect within its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId(pub u32);

#[derive(Debug)]
pub struct NumberedEffect {
    pub id: EffectId,
    pub effect: Effect,
}

#[derive(Debug)]
pub enum Effect {
    /// Look up what crosses runs. Answered by [`Answer::Facts`].
    Facts(FactsRequest),
    /// Make something durable. Answered by [`Answer::Stored`].
    Store(Box<StoreRequest>),
    /// Answered by [`Answer::Pinged`].
    Ping(PingCall),
    /// Answered by [`Answer::Confirmed`].
    Confirm(ConfirmCall),
    /// Open the contact with the call's sale and send it. Answered by [`Answer::Posted`].
    Post(Box<PostCall>),
    /// Answered by [`Answer::Status`].
    Status(StatusCall),
    /// Answered by [`Answer::Woke`] at this time since the run started, or as soon after as may be.
    Wake { at: Duration },
    /// What the supplier hears. Not answered; there is one in each run.
    Reply(Reply),
}

#[derive(Debug)]
pub struct Event {
    /// The effect that this answers.
    pub effect: EffectId,
    pub answer: Answer,
}

#[derive(Debug)]
pub enum Answer {
    Facts(Facts),
    /// The facts can't be had: nothing may be decided without them.
    NoFacts,
    Stored(Result<Outcome, StoreUnknown>),
    Pinged(PingReply),
    Confirmed(ConfirmReply),
    Posted(PostReply),
    Status(PostReply),
    Woke,
}

#[derive(Debug)]
pub struct FactsRequest {
    pub contracts: Vec<ContractIndex>,
    /// Known once the contact is: suppression and buyers' duplicates.
    pub people: Vec<PersonMac>,
    pub test: bool,
}

/// A command that may still lack what only the present market says.
#[derive(Clone, Debug)]
pub enum StoreRequest {
    Plain(Command),
    /// Needs the present terms of one contract.
    Reserve(ReserveRequest),
    /// Needs them again, once the contract has confirmed.
    StartPost {
        sale: SaleId,
        fence: Fence,
        contract: ContractKey,
    },
    /// A firm quote needs the present terms of each offer that it promises.
    Quote {
        quote: Box<Quote>,
        hold: Vec<ContractKey>,
    },
}

impl StoreRequest {
    /// The command under the present market, or the outcome that the present already decides.
    pub fn under(self, present: &Market) -> Result<Command, Outcome> {
        match self {
            Self::Plain(command) => Ok(command),
            Self::Reserve(request) => match Terms::of(present, &request.contract) {
                Ok(terms) => Ok(Command::Reserve(Reserve { request, terms })),
                Err(refusal) => Err(Outcome::Refused(refusal)),
            },
            Self::StartPost { sale, fence, contract } => match Terms::of(present, &contract) {
                Ok(terms) => Ok(Command::StartPost(StartPost { sale, fence, terms })),
                Err(refusal) => Err(Outcome::Refused(refusal)),
            },
            Self::Quote { mut quote, hold } => {
                // A contract that was paused meanwhile can't be promised: the quote is then not firm.
                quote.holds = hold.iter().map(|key| Terms::of(present, key)).collect::<Result<_, Refusal>>().unwrap_or_default();
                Ok(Command::Quote(*quote))
            }
        }
    }
}

/// What a supplier hears at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Quoted(QuoteReply),
    Unmatched {
        ping: PingId,
        reason: UnsoldReason,
    },
    /// The same request was answered by this ping before.
    AlreadyPinged(PingId),
    Lead(LeadReply),
    /// The store wouldn't take the lead, and says why.
    NotAccepted(NotAccepted),
    /// Nothing could be made durable: the supplier may try again.
    Unavailable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteReply {
    pub ping: PingId,
    /// Net, all legs together.
    pub net: Money,
    pub firm: bool,
    pub expires_at: Timestamp,
    /// The net of each leg of a shared quote; empty for an exclusive one.
    pub legs: Vec<Money>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadReply {
    pub lead: LeadId,
    pub status: LeadStatus,
    /// Net, all sold legs together.
    pub net: Money,
    pub redirect_url: Option<String>,
    pub reason: Option<UnsoldReason>,
    /// The net of each sold leg of a shared sale.
    pub legs: Vec<Money>,
    /// The supplier's own first lead of this person.
    pub duplicate_of: Option<LeadId>,
}
