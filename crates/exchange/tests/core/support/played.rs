//! What came of a run, in words that a test can compare.

use std::{sync::Arc, time::Duration};

use exchange::{
    command::{LeadStatus, StoredQuote},
    flow::{
        Run,
        effect::{Effect, LeadReply, QuoteReply, Reply, StoreRequest},
    },
    id::ContractIndex,
    market::Market,
    matching::WhyNot,
    record::{BidOutcome, Decision, DropReason, RunRecord},
};

use super::store::{SaleRow, SaleState, Store, word};

/// What a run did that somebody outside could see.
#[derive(Clone, Debug)]
pub enum Happening {
    Asked(String),
    Confirming(String),
    Posted(String),
    Stored(&'static str),
    Replied(Reply),
}

impl Happening {
    pub fn of(effect: &Effect, market: &Market) -> Option<Self> {
        let name = |contract: ContractIndex| market.contract(contract).key.buyer.to_string();
        match effect {
            Effect::Ping(call) => Some(Self::Asked(name(call.contract))),
            Effect::Confirm(call) => Some(Self::Confirming(name(call.contract))),
            Effect::Post(call) => Some(Self::Posted(name(call.contract))),
            Effect::Store(request) => Some(Self::Stored(match &**request {
                StoreRequest::Plain(command) => word(command),
                StoreRequest::Reserve(_) => "reserve",
                StoreRequest::StartPost { .. } => "start_post",
                StoreRequest::Quote { .. } => "quote",
            })),
            Effect::Facts(_) | Effect::Status(_) | Effect::Wake { .. } | Effect::Reply(_) => None,
        }
    }
}

#[derive(Debug)]
pub struct Played {
    pub market: Arc<Market>,
    pub happenings: Vec<(Duration, Happening)>,
    /// Every effect with its time, as it prints.
    pub effects: Vec<String>,
    pub record: RunRecord,
    pub is_finished: bool,
    /// The sales of the run's lead, in the order they were reserved.
    pub sales: Vec<SaleRow>,
    pub quote: Option<StoredQuote>,
}

impl Played {
    pub fn new(market: &Arc<Market>, store: &Store, run: &Run, happenings: Vec<(Duration, Happening)>, effects: Vec<String>) -> Self {
        let sales = match run.subject() {
            exchange::id::Subject::Lead(lead) => store.sales_of(lead).cloned().collect(),
            exchange::id::Subject::Ping(_) => Vec::new(),
        };
        let quote = match run.subject() {
            exchange::id::Subject::Ping(ping) => store.quotes.get(&ping).map(|row| StoredQuote {
                ping,
                revision: row.quote.revision,
                offers: row.quote.offers.iter().chain(&row.added).cloned().collect(),
                asked: row.quote.asked.clone(),
                net: row.quote.net,
                firm: row.firm,
            }),
            exchange::id::Subject::Lead(_) => None,
        };
        Self { market: Arc::clone(market), happenings, effects, record: run.record().clone(), is_finished: run.is_finished(), sales, quote }
    }

    pub fn replies(&self) -> Vec<&Reply> {
        self.happenings.iter().filter_map(|(_, happening)| if let Happening::Replied(reply) = happening { Some(reply) } else { None }).collect()
    }

    pub fn reply(&self) -> &Reply {
        let replies = self.replies();
        assert_eq!(replies.len(), 1, "one reply: {replies:?}");
        replies[0]
    }

    pub fn lead_reply(&self) -> &LeadReply {
        match self.reply() {
            Reply::Lead(reply) => reply,
            other => panic!("{other:?} is no answer to a lead"),
        }
    }

    pub fn quote_reply(&self) -> &QuoteReply {
        match self.reply() {
            Reply::Quoted(reply) => reply,
            other => panic!("{other:?} is no quote"),
        }
    }

    /// When the supplier had its answer.
    pub fn replied_at_ms(&self) -> u128 {
        self.happenings.iter().find(|(_, happening)| matches!(happening, Happening::Replied(_))).unwrap().0.as_millis()
    }

    /// When a buyer was asked, in milliseconds.
    pub fn asked_at_ms(&self, name: &str) -> Option<u128> {
        self.happenings.iter().find(|(_, happening)| matches!(happening, Happening::Asked(asked) if asked == name)).map(|(at, _)| at.as_millis())
    }

    pub fn posted_to(&self) -> Vec<&str> {
        self.happenings.iter().filter_map(|(_, happening)| if let Happening::Posted(name) = happening { Some(name.as_str()) } else { None }).collect()
    }

    pub fn commands(&self) -> Vec<&'static str> {
        self.happenings.iter().filter_map(|(_, happening)| if let Happening::Stored(word) = happening { Some(*word) } else { None }).collect()
    }

    /// Who was asked, confirmed and posted to in which order, and the end: `ask a+b, post b, sold 12.00 to b`.
    /// What happened at one time is told in the order of names.
    pub fn story(&self) -> String {
        let mut chapters: Vec<(Duration, &str, Vec<&str>)> = Vec::new();
        for (at, happening) in &self.happenings {
            let (verb, name) = match happening {
                Happening::Asked(name) => ("ask", name),
                Happening::Confirming(name) => ("confirm", name),
                Happening::Posted(name) => ("post", name),
                Happening::Stored(_) | Happening::Replied(_) => continue,
            };
            match chapters.last_mut() {
                Some((since, last, names)) if since == at && *last == verb => names.push(name),
                _ => chapters.push((*at, verb, vec![name])),
            }
        }
        let told = chapters.into_iter().map(|(_, verb, mut names)| {
            names.sort_unstable();
            format!("{verb} {}", names.join("+"))
        });
        told.chain([self.ending()]).collect::<Vec<_>>().join(", ")
    }

    /// The end of the story alone.
    pub fn ending(&self) -> String {
        self.end(self.reply())
    }

    fn end(&self, reply: &Reply) -> String {
        match reply {
            Reply::Lead(reply) => {
                let mut sold: Vec<&str> =
                    self.sales.iter().filter(|row| matches!(row.state, SaleState::Sold { .. })).map(|row| row.contract.buyer.as_str()).collect();
                sold.sort_unstable();
                match (reply.status, reply.reason) {
                    (LeadStatus::Sold, None) => format!("sold {} to {}", reply.net, sold.join("+")),
                    (status, None) => status.word().to_owned(),
                    (status, Some(reason)) => format!("{} {}", status.word(), reason.word()),
                }
            }
            Reply::Quoted(quote) => {
                let quoted = self.quote.iter().flat_map(|quote| &quote.offers).filter(|offer| offer.promised);
                let mut names: Vec<&str> = quoted.map(|offer| self.name_of(offer.contract)).collect();
                names.sort_unstable();
                format!("quoted {}{} for {}", quote.net, if quote.firm { " firm" } else { "" }, names.join("+"))
            }
            Reply::Unmatched { reason, .. } => format!("unmatched {}", reason.word()),
            Reply::AlreadyPinged(_) => "already pinged".into(),
            Reply::NotAccepted(why) => format!("not accepted {why:?}"),
            Reply::Unavailable => "unavailable".into(),
        }
    }

    pub fn name_of(&self, contract: ContractIndex) -> &str {
        self.market.contract(contract).key.buyer.as_str()
    }

    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.record.decisions.iter().map(|(_, decision)| decision)
    }

    /// Why a contract whose filter holds was not asked.
    pub fn skipped(&self, name: &str) -> Option<&WhyNot> {
        self.decisions().find_map(|decision| match decision {
            Decision::Skipped { contract, why, .. } if self.name_of(*contract) == name => Some(why),
            _ => None,
        })
    }

    /// What each of its answers was worth.
    pub fn outcomes(&self, name: &str) -> Vec<&BidOutcome> {
        let of = |decision| match decision {
            &Decision::Answered { contract, ref outcome, .. } if self.name_of(contract) == name => Some(outcome),
            _ => None,
        };
        self.decisions().filter_map(of).collect()
    }

    pub fn dropped(&self, name: &str) -> Vec<&DropReason> {
        let of = |decision| match decision {
            &Decision::OfferDropped { contract, ref why, .. } if self.name_of(contract) == name => Some(why),
            _ => None,
        };
        self.decisions().filter_map(of).collect()
    }

    pub fn closed_early(&self) -> bool {
        self.decisions().any(|decision| matches!(decision, Decision::ClosedEarly { .. }))
    }
}
