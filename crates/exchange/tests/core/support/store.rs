//! A model of the store in memory: answers each command the way `command.rs` promises, and can fail on demand.

use std::{collections::BTreeMap, sync::Arc};

use exchange::{
    cap::Usage,
    command::{
        Accept, Command, End, Fence, LeadStatus, NotAccepted, Outcome, Quote, QuotedOffer, Reserve, StoreUnknown, StoredQuote, TakeOver, TakenBy, Terms,
        VoidCause,
    },
    contract::SaleKind,
    facts::{ContractFacts, Facts},
    flow::{
        effect::{FactsRequest, StoreRequest},
        recover::{Standing, recover},
    },
    id::{ContractKey, LeadId, ParentName, PingId, SaleId, Subject},
    market::Market,
    money::Money,
    record::RunRecord,
    refusal::Refusal,
    sale::Reservation,
    seal::{Fingerprint, PersonMac},
    time::Timestamp,
};

/// A failure of the store: of the `nth` command of this kind (from 0), for so many times.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub command: &'static str,
    pub nth: u32,
    pub times: u32,
    /// Whether the command was applied all the same.
    pub written: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaleState {
    Held,
    Posted,
    Sold { disputed: bool },
    Void(VoidCause),
    Unknown,
}

#[derive(Clone, Debug)]
pub struct SaleRow {
    pub lead: LeadId,
    pub contract: ContractKey,
    pub parent: ParentName,
    pub kind: SaleKind,
    pub price: Money,
    pub net: Money,
    pub most_shared: u32,
    pub state: SaleState,
    pub quoted_by: Option<PingId>,
}

impl SaleRow {
    pub fn is_live(&self) -> bool {
        !matches!(self.state, SaleState::Void(_))
    }

    /// The buyer has, or may have, the contact; or may come to have it.
    pub fn uses_disclosure(&self) -> bool {
        !matches!(self.state, SaleState::Void(VoidCause::Unsent | VoidCause::NotConfirmed))
    }
}

#[derive(Clone, Debug)]
pub struct LeadRow {
    pub fence: Fence,
    pub fingerprint: Fingerprint,
    pub key: Option<String>,
    pub ping: Option<PingId>,
    pub people: Vec<PersonMac>,
    pub status: LeadStatus,
    pub reason: Option<String>,
    pub is_over: bool,
}

#[derive(Debug)]
pub struct QuoteRow {
    pub quote: Quote,
    pub expires_at: Timestamp,
    pub added: Vec<QuotedOffer>,
    pub firm: bool,
    pub posted: Option<LeadId>,
}

#[derive(Debug)]
pub struct Store {
    pub present: Arc<Market>,
    pub claims: BTreeMap<String, (PingId, Fingerprint)>,
    pub quotes: BTreeMap<PingId, QuoteRow>,
    pub leads: BTreeMap<LeadId, LeadRow>,
    /// In the order they were reserved.
    pub sales: Vec<(SaleId, SaleRow)>,
    pub records: BTreeMap<Subject, RunRecord>,
    /// What the present says against a contract, at Reserve alone or already in the facts.
    pub refusals: BTreeMap<ContractKey, Refusal>,
    pub refused_in_facts: BTreeMap<ContractKey, Refusal>,
    pub usage: BTreeMap<ContractKey, Usage>,
    pub available: BTreeMap<ContractKey, Money>,
    pub round: u64,
    /// Another run holds this lead from its acceptance on.
    pub taken_over: Option<LeadId>,
    /// A callback or an operator decides each sale so, as soon as its post has started.
    pub decided_at_post: Option<SaleState>,
    /// The words of all commands applied, in their order.
    pub commands: Vec<&'static str>,
    faults: Vec<Fault>,
    counts: BTreeMap<&'static str, u32>,
}

pub fn word(command: &Command) -> &'static str {
    match command {
        Command::Claim(_) => "claim",
        Command::Unclaim(_) => "unclaim",
        Command::Quote(_) => "quote",
        Command::AddOffers { .. } => "add_offers",
        Command::Accept(_) => "accept",
        Command::Reserve(_) => "reserve",
        Command::StartPost(_) => "start_post",
        Command::Settle(_) => "settle",
        Command::Void(_) => "void",
        Command::MarkUnknown { .. } => "mark_unknown",
        Command::End(_) => "end",
        Command::TakeOver(_) => "take_over",
        Command::LookAgain(_) => "look_again",
        Command::RequestReturn(_) => "request_return",
        Command::Record { .. } => "record",
        Command::Beat(_) => "beat",
        Command::TakeNotice(_) => "take_notice",
        Command::NoteTry(_) => "note_try",
        Command::Keep(_) => "keep",
        Command::Sweep => "sweep",
        Command::Operate(_) => "operate",
        Command::Audited(_) => "audited",
    }
}

impl Store {
    pub fn new(present: Arc<Market>, faults: Vec<Fault>, round: u64) -> Self {
        Self {
            present,
            claims: BTreeMap::new(),
            quotes: BTreeMap::new(),
            leads: BTreeMap::new(),
            sales: Vec::new(),
            records: BTreeMap::new(),
            refusals: BTreeMap::new(),
            refused_in_facts: BTreeMap::new(),
            usage: BTreeMap::new(),
            available: BTreeMap::new(),
            round,
            taken_over: None,
            decided_at_post: None,
            commands: Vec::new(),
            faults,
            counts: BTreeMap::new(),
        }
    }

    pub fn facts(&self, request: &FactsRequest) -> Facts {
        let of = |index: &exchange::id::ContractIndex| {
            let contract = self.present.contract(*index);
            let usage = self.usage.get(&contract.key).copied().unwrap_or_default();
            ContractFacts {
                contract: *index,
                refused: self.refused_in_facts.get(&contract.key).cloned(),
                caps: contract.caps.iter().map(|cap| (*cap, usage)).collect(),
                available: self.available.get(&contract.key).copied().unwrap_or(self.present.buyer_of(*index).credit),
            }
        };
        Facts { contracts: request.contracts.iter().map(of).collect(), round: self.round }
    }

    /// Applies a request, or fails as the faults say.
    pub fn answer(&mut self, request: StoreRequest, now: Timestamp) -> Result<Outcome, StoreUnknown> {
        let command = match request.under(&self.present) {
            Ok(command) => command,
            Err(outcome) => return Ok(outcome),
        };
        let word = word(&command);
        let count = self.counts.entry(word).or_default();
        let fault = self.faults.iter().find(|fault| fault.command == word && (fault.nth..fault.nth.saturating_add(fault.times)).contains(count)).copied();
        *count += 1;
        match fault {
            None => Ok(self.apply(command, now)),
            Some(Fault { written: true, .. }) => {
                self.apply(command, now);
                Err(StoreUnknown::CommitUnknown("the connection went away".into()))
            }
            Some(_) => Err(StoreUnknown::NotWritten("busy".into())),
        }
    }

    fn sale_mut(&mut self, id: SaleId) -> Option<&mut SaleRow> {
        self.sales.iter_mut().find(|(known, _)| *known == id).map(|(_, row)| row)
    }

    pub fn sales_of(&self, lead: LeadId) -> impl Iterator<Item = &SaleRow> {
        self.sales.iter().map(|(_, row)| row).filter(move |row| row.lead == lead)
    }

    fn apply(&mut self, command: Command, now: Timestamp) -> Outcome {
        self.commands.push(word(&command));
        match command {
            Command::Claim(claim) => match self.claims.get(&claim.idempotency.key) {
                Some((_, fingerprint)) if *fingerprint != claim.idempotency.fingerprint => Outcome::KeyReused,
                Some((ping, _)) if *ping != claim.ping => Outcome::AlreadyPinged(*ping),
                _ => {
                    self.claims.insert(claim.idempotency.key, (claim.ping, claim.idempotency.fingerprint));
                    Outcome::Claimed
                }
            },
            Command::Unclaim(claim) => {
                self.claims.retain(|_, (ping, _)| *ping != claim.ping || self.quotes.contains_key(ping));
                Outcome::Done
            }
            Command::Quote(quote) => {
                let firm = !quote.holds.is_empty();
                self.records.insert(Subject::Ping(quote.ping), (*quote.record).clone());
                let expires_at = now.plus(quote.lives);
                self.quotes.insert(quote.ping, QuoteRow { quote, expires_at, added: Vec::new(), firm, posted: None });
                Outcome::Quoted { firm, expires_at }
            }
            Command::AddOffers { ping, offers } => match self.quotes.get_mut(&ping) {
                Some(row) if row.posted.is_none() => {
                    row.added.extend(offers);
                    Outcome::Done
                }
                _ => Outcome::Conflict("no such open quote".into()),
            },
            Command::Accept(accept) => self.accept(accept, now),
            Command::Reserve(reserve) => self.reserve(reserve),
            Command::StartPost(start) => self.start_post(start.sale),
            Command::Settle(settle) => {
                let Some(row) = self.sale_mut(settle.sale) else { return Outcome::Conflict("no sale".into()) };
                if !matches!(row.state, SaleState::Posted | SaleState::Unknown | SaleState::Sold { .. }) {
                    return Outcome::Conflict("not posted".into());
                }
                row.state = SaleState::Sold { disputed: settle.disputed.is_some() };
                let lead = row.lead;
                if settle.ends_lead {
                    let lead = self.leads.get_mut(&lead).unwrap();
                    (lead.is_over, lead.status) = (true, LeadStatus::Sold);
                }
                Outcome::Done
            }
            Command::Void(void) => self.change(void.sale, SaleState::Void(void.cause)),
            Command::MarkUnknown { sale, .. } => self.change(sale, SaleState::Unknown),
            Command::End(end) => self.end(end),
            Command::Record { subject, record } => {
                self.records.insert(subject, (*record).clone());
                Outcome::Done
            }
            Command::TakeOver(take_over) => self.take_over(take_over),
            Command::LookAgain(_)
            | Command::RequestReturn(_)
            | Command::TakeNotice(_)
            | Command::NoteTry(_)
            | Command::Beat(_)
            | Command::Keep(_)
            | Command::Sweep
            | Command::Operate(_)
            | Command::Audited(_) => Outcome::Done,
        }
    }

    fn take_over(&mut self, TakeOver { lead, by }: TakeOver) -> Outcome {
        let Some(row) = self.leads.get_mut(&lead) else { return Outcome::Conflict("no lead".into()) };
        if row.is_over || by != TakenBy::Holder(row.fence) {
            return Outcome::Conflict("not yours".into());
        }
        let standing = |state| match state {
            SaleState::Held => Standing::Held,
            SaleState::Posted => Standing::Posted,
            SaleState::Unknown => Standing::Unknown,
            SaleState::Sold { .. } => Standing::Sold,
            SaleState::Void(_) => Standing::Void,
        };
        let sales: Vec<_> = self.sales.iter().filter(|(_, row)| row.lead == lead).map(|(id, row)| (*id, standing(row.state))).collect();
        let recovered = recover(&sales);
        (row.is_over, row.status, row.reason) = (true, recovered.status, recovered.reason.map(|reason| reason.word().to_owned()));
        for sale in recovered.void {
            self.change(sale, SaleState::Void(VoidCause::Interrupted));
        }
        for sale in recovered.unknown {
            self.change(sale, SaleState::Unknown);
        }
        Outcome::Done
    }

    fn accept(&mut self, accept: Accept, now: Timestamp) -> Outcome {
        let refuse = |why| Outcome::NotAccepted(why);
        if let Some(idempotency) = &accept.idempotency
            && let Some((lead, row)) = self.leads.iter().find(|(_, row)| row.key.as_ref() == Some(&idempotency.key))
        {
            return match row {
                row if row.fingerprint != accept.fingerprint => refuse(NotAccepted::KeyReused),
                row if !row.is_over => refuse(NotAccepted::InFlight(*lead)),
                _ => refuse(NotAccepted::Repeat(*lead)),
            };
        }
        let mut quote = None;
        if let Some(ping) = accept.ping {
            let Some(row) = self.quotes.get_mut(&ping) else { return refuse(NotAccepted::QuoteUnknown) };
            if let Some(lead) = row.posted {
                let same = self.leads[&lead].fingerprint == accept.fingerprint;
                return refuse(if same { NotAccepted::Repeat(lead) } else { NotAccepted::PostedOtherwise(lead) });
            }
            let is_expired = row.expires_at <= now;
            if is_expired && !accept.requote {
                return refuse(NotAccepted::QuoteExpired);
            }
            row.posted = Some(accept.lead);
            if !is_expired {
                let offers = row.quote.offers.iter().chain(&row.added).cloned().collect();
                let (asked, net, firm) = (row.quote.asked.clone(), row.quote.net, row.firm);
                quote = Some(Box::new(StoredQuote { ping, revision: row.quote.revision, offers, asked, net, firm }));
            }
        }
        let first = self.leads.iter().find(|(_, row)| row.status != LeadStatus::Unsold && row.people.iter().any(|person| accept.people.contains(person)));
        let duplicate = first.map(|(lead, _)| *lead);
        let status = if duplicate.is_some() { LeadStatus::Duplicate } else { LeadStatus::Open };
        let row = LeadRow {
            fence: Fence(1),
            fingerprint: accept.fingerprint,
            key: accept.idempotency.map(|idempotency| idempotency.key),
            ping: accept.ping,
            people: accept.people,
            status,
            reason: None,
            is_over: duplicate.is_some(),
        };
        self.leads.insert(accept.lead, row);
        if self.taken_over == Some(accept.lead)
            && let Some(row) = self.leads.get_mut(&accept.lead)
        {
            row.fence = Fence(2);
        }
        match duplicate {
            Some(own) => refuse(NotAccepted::Duplicate { own: Some(own) }),
            None => Outcome::Accepted { fence: Fence(1), quote },
        }
    }

    fn reserve(&mut self, Reserve { request, terms }: Reserve) -> Outcome {
        let lead = &self.leads[&request.lead];
        let reserved = |row: &SaleRow| Outcome::Reserved(Reservation::after_commit(request.sale, request.lead, lead.ping, row.state == SaleState::Posted));
        if let Some((_, row)) = self.sales.iter().find(|(id, _)| *id == request.sale) {
            return reserved(row);
        }
        let refuse = Outcome::Refused;
        if lead.is_over || lead.fence != request.fence {
            return refuse(Refusal::Fenced);
        }
        let of_lead: Vec<&SaleRow> = self.sales_of(request.lead).collect();
        let live = |kind| of_lead.iter().filter(|row| row.is_live() && row.kind == kind).count();
        let has_room = match request.kind {
            SaleKind::Exclusive => live(SaleKind::Exclusive) + live(SaleKind::Shared) == 0,
            SaleKind::Shared => live(SaleKind::Exclusive) == 0 && live(SaleKind::Shared) < request.most_shared as usize,
        };
        if !has_room {
            return refuse(Refusal::LeadTaken);
        }
        if of_lead.iter().any(|row| row.parent == terms.parent && row.uses_disclosure()) {
            return refuse(Refusal::SameParent);
        }
        if of_lead.iter().filter(|row| row.uses_disclosure()).count() >= request.max_disclosures as usize {
            return refuse(Refusal::MaxDisclosures);
        }
        if let Some(refusal) = self.refusals.get(&request.contract) {
            return refuse(refusal.clone());
        }
        let usage = self.usage.entry(request.contract.clone()).or_default();
        if let Some(cap) = terms.caps.iter().find(|cap| !cap.admits(*usage, request.price)) {
            return refuse(Refusal::Cap(*cap));
        }
        usage.count += 1;
        usage.spend += request.price;
        let row = SaleRow {
            lead: request.lead,
            contract: request.contract,
            parent: terms.parent,
            kind: request.kind,
            price: request.price,
            net: request.net,
            most_shared: request.most_shared,
            state: if request.start_post { SaleState::Posted } else { SaleState::Held },
            quoted_by: request.quoted_by,
        };
        let outcome = reserved(&row);
        let state = self.decided_at_post.filter(|_| row.state == SaleState::Posted).unwrap_or(row.state);
        self.sales.push((request.sale, SaleRow { state, ..row }));
        outcome
    }

    fn start_post(&mut self, sale: SaleId) -> Outcome {
        let Some(row) = self.sales.iter().find(|(known, _)| *known == sale).map(|(_, row)| row.clone()) else {
            return Outcome::Conflict("no sale".into());
        };
        if let Err(refusal) = Terms::of(&self.present, &row.contract) {
            return Outcome::Refused(refusal);
        }
        let ping = self.leads[&row.lead].ping;
        match self.sale_mut(sale) {
            Some(row) if matches!(row.state, SaleState::Held | SaleState::Posted) => {
                row.state = SaleState::Posted;
                let lead = row.lead;
                Outcome::Reserved(Reservation::after_commit(sale, lead, ping, true))
            }
            _ => Outcome::Conflict("not held".into()),
        }
    }

    fn change(&mut self, sale: SaleId, to: SaleState) -> Outcome {
        match self.sale_mut(sale) {
            Some(row) if matches!(row.state, SaleState::Held | SaleState::Posted) || row.state == to => {
                row.state = to;
                Outcome::Done
            }
            _ => Outcome::Conflict("not open".into()),
        }
    }

    fn end(&mut self, End { lead, fence, status, reason }: End) -> Outcome {
        let under_way = self.sales_of(lead).any(|row| matches!(row.state, SaleState::Held | SaleState::Posted));
        let row = self.leads.get_mut(&lead).unwrap();
        if row.is_over {
            return Outcome::Done;
        }
        if row.fence != fence || under_way {
            return Outcome::Conflict("held by another run, or a sale is under way".into());
        }
        (row.is_over, row.status, row.reason) = (true, status, reason);
        Outcome::Done
    }
}
