//! Requests come in at a node, and are read, sealed and started as the server does it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use exchange::{
    attribute::PingPart,
    command::{Accept, Idempotency, LeadStatus, NotAccepted},
    facts::Seed,
    flow::{Limits, Run, RunStart, Task, effect::Reply},
    id::{LeadId, PingId, Subject, SupplierName, VerticalName},
    lead::{Code, FromPing, ReadPost, read_ping, read_post},
    market::Market,
    raw::{RawFields, RawValue},
    schema::{FieldIndex, FieldType, Vertical},
    seal::{ContactPart, Fingerprint, PersonKind, PersonMac},
    time::{Now, Timestamp},
    value::Value,
};
use store::{PingAnswer, QuoteRow, Reader};
use wire::body;

use super::{Fatal, World, machine::Machine, node::Running};
use crate::{
    agenda::{Ask, Request, RunAt, Told},
    invariant::Invariant,
    market::VERTICAL,
    row::Row,
};

/// So long a run holds its lead at most: longer than any run takes here.
const LEASE: Duration = Duration::from_secs(240);

/// Why a request doesn't become a run.
enum Refused {
    Told(Told),
    Fatal(Fatal),
}

impl From<Fatal> for Refused {
    fn from(fatal: Fatal) -> Self {
        Self::Fatal(fatal)
    }
}

struct Read {
    fields: RawFields,
    test: bool,
}

impl World {
    pub(super) fn arrive(&mut self, node: usize, request: Request) -> Result<(), Fatal> {
        let asked_by = (request.deal, request.attempt);
        self.journal.note(self.now, format_args!("node {node} gets {:?} of deal {} try {}", request.ask, request.deal, request.attempt));
        if !self.nodes[node].is_up {
            return Ok(());
        }
        self.tally.requests += 1;
        self.tempt(node);
        self.wake_up()?;
        if self.disk_full {
            self.tally.row(Row::DiskFull);
            self.tell(asked_by, Told::TryAgain);
            return Ok(());
        }
        let start = match self.start_of_run(node, &request) {
            Ok(start) => start,
            Err(Refused::Fatal(fatal)) => return Err(fatal),
            Err(Refused::Told(told)) => {
                self.tell(asked_by, told);
                return Ok(());
            }
        };
        let started_wall = self.nodes[node].wall(self.now);
        let Ok((run, effects)) = Run::start(start, Now { elapsed: Duration::ZERO, at: started_wall }) else {
            return Err(Fatal("a run could not start".into()));
        };
        let up = &mut self.nodes[node];
        let at = RunAt { node, epoch: up.epoch, run: up.next_run };
        up.next_run += 1;
        up.runs.insert(at.run, Running { machine: Machine::Run(Box::new(run)), started: self.now, started_wall, asked_by: Some(asked_by), is_sure: true });
        self.perform_all(at, effects)
    }

    fn start_of_run(&mut self, node: usize, request: &Request) -> Result<RunStart, Refused> {
        let read = read_body(&request.body)?;
        let supplier = self.supplier_name(request.deal)?;
        match request.ask {
            Ask::Ping => self.start_of_ping(node, request, read, &supplier),
            Ask::Direct => {
                let market = self.market_at(node)?;
                let vertical = vertical_of(&market)?;
                let today = self.nodes[node].wall(self.now).date_in(&market.parts().time_zone);
                let post =
                    read_post(vertical, &read.fields, None, today).map_err(|errors| Refused::Fatal(Fatal(format!("a lead can't be read: {errors:?}"))))?;
                let fingerprint = self.fingerprint(&["lead", VERTICAL], &read);
                self.start_of_lead(node, &market, &supplier, request, post, read.test, fingerprint, None)
            }
            Ask::Post(ping) => self.start_of_post(node, request, read, &supplier, ping),
        }
    }

    fn start_of_ping(&mut self, node: usize, request: &Request, read: Read, supplier: &SupplierName) -> Result<RunStart, Refused> {
        let market = self.market_at(node)?;
        let vertical = vertical_of(&market)?;
        let today = self.nodes[node].wall(self.now).date_in(&market.parts().time_zone);
        let ping_read = read_ping(vertical, &read.fields, today).map_err(|errors| Refused::Fatal(Fatal(format!("a ping can't be read: {errors:?}"))))?;
        let ping = PingId::from_bytes(self.random.bytes());
        let sealed = if ping_read.exact.is_empty() { None } else { Some(self.seal(Subject::Ping(ping), vertical, &ping_read.exact)?) };
        let fingerprint = self.fingerprint(&["ping", VERTICAL], &read);
        let idempotency = self.idempotency(request.key.as_deref(), fingerprint);
        Ok(self.run_of(&market, supplier, ping_read.attributes, read.test, Task::Ping { ping, sealed, idempotency, node: self.nodes[node].id }))
    }

    fn start_of_post(&mut self, node: usize, request: &Request, read: Read, supplier: &SupplierName, ping: PingId) -> Result<RunStart, Refused> {
        let quote = self.storage.reader.quote(ping).map_err(Fatal::from)?.filter(|quote| &quote.supplier == supplier);
        let Some(quote) = quote else { return Err(Refused::Told(Told::Final)) };
        let wall = self.nodes[node].wall(self.now);
        self.note_clocks(node, &quote);
        let of_quote = self.market_of(quote.revision)?;
        let present = self.nodes[node].market.clone().filter(|_| quote.expires_at <= wall && quote.lead.is_none());
        let wants = |market: &Market| market.supplier(supplier).is_some_and(|terms| terms.accept_requote);
        let market = present.filter(|present| wants(present)).unwrap_or(of_quote);
        let vertical = vertical_of(&market)?;
        let day = quote.quoted_at.date_in(&market.parts().time_zone);
        let from_ping = (market.revision() == quote.revision).then(|| from_ping(&quote, vertical));
        let must_agree = from_ping.is_some();
        let from_ping = self.seams.known_of_ping(from_ping);
        let post = match read_post(vertical, &read.fields, from_ping.as_ref(), day) {
            Ok(post) => post,
            Err(errors) if errors.iter().any(|error| error.code == Code::AttributeChanged) => {
                self.tally.row(Row::AttributeChanged);
                return Err(Refused::Told(Told::Changed));
            }
            Err(_) if quote.erased_at.is_some() => return Err(Refused::Told(Told::Final)),
            Err(errors) => return Err(Refused::Fatal(Fatal(format!("a post can't be read: {errors:?}")))),
        };
        if must_agree {
            self.check_unchanged(&request.body, &quote, request.deal);
        }
        let fingerprint = self.fingerprint(&["post", &ping.to_string()], &Read { test: quote.test, ..read });
        let requote = market.supplier(supplier).is_some_and(|terms| terms.accept_requote);
        self.start_of_lead(node, &market, supplier, request, post, quote.test, fingerprint, Some((ping, requote)))
    }

    #[expect(clippy::too_many_arguments, reason = "a lead has so many parts")]
    fn start_of_lead(
        &mut self,
        node: usize,
        market: &Arc<Market>,
        supplier: &SupplierName,
        request: &Request,
        read: ReadPost,
        test: bool,
        fingerprint: Fingerprint,
        quote: Option<(PingId, bool)>,
    ) -> Result<RunStart, Refused> {
        let vertical = vertical_of(market)?;
        let lead = LeadId::from_bytes(self.random.bytes());
        let accept = Accept {
            lead,
            supplier: supplier.clone(),
            vertical: vertical.name.clone(),
            revision: market.revision(),
            test,
            ping: quote.map(|(ping, _)| ping),
            requote: quote.is_some_and(|(_, requote)| requote),
            idempotency: self.idempotency(request.key.as_deref(), fingerprint),
            fingerprint,
            attributes: read.attributes.clone(),
            sealed: self.seal(Subject::Lead(lead), vertical, &read.sealed)?,
            people: self.people_of(vertical, &read.sealed),
            duplicates_window: Duration::from_secs(u64::from(market.parts().duplicates_window_days) * 86_400),
            lease: LEASE,
            node: self.nodes[node].id,
        };
        Ok(self.run_of(market, supplier, read.attributes, test, Task::Lead(Box::new(accept))))
    }

    fn run_of(&mut self, market: &Arc<Market>, supplier: &SupplierName, attributes: PingPart, test: bool, task: Task) -> RunStart {
        let vertical: VerticalName = market.parts().verticals[0].name.clone();
        RunStart {
            market: Arc::clone(market),
            supplier: supplier.clone(),
            vertical,
            test,
            attributes,
            limits: Limits::default(),
            evidence: None,
            seed: Seed(self.random.bytes()),
            task,
        }
    }

    fn supplier_name(&self, deal: usize) -> Result<SupplierName, Fatal> {
        self.plan.suppliers[self.deals[deal].supplier].name.parse().map_err(|_| Fatal("a supplier without a name".into()))
    }

    fn market_at(&self, node: usize) -> Result<Arc<Market>, Refused> {
        self.nodes[node].market.clone().ok_or(Refused::Told(Told::TryAgain))
    }

    fn seal(&mut self, subject: Subject, vertical: &Vertical, values: &BTreeMap<FieldIndex, Value>) -> Result<ContactPart, Fatal> {
        let named = values.iter().map(|(index, value)| (vertical.field(*index).name.as_str(), value));
        let random = &mut self.random;
        self.master.seal(subject, named, &mut |bytes: &mut [u8]| random.fill(bytes)).map_err(|error| Fatal(error.to_string()))
    }

    fn people_of(&self, vertical: &Vertical, values: &BTreeMap<FieldIndex, Value>) -> Vec<PersonMac> {
        let kind = |index: FieldIndex| match vertical.field(index).kind {
            FieldType::Phone => Some(PersonKind::Phone),
            FieldType::Email => Some(PersonKind::Email),
            _ => None,
        };
        let mut people: Vec<PersonMac> = values.iter().filter_map(|(index, value)| kind(*index).map(|kind| self.master.person(kind, &value.text()))).collect();
        people.sort_unstable();
        people
    }

    fn fingerprint(&self, purpose: &[&str], read: &Read) -> Fingerprint {
        let mut sorted: Vec<(&str, String)> = read.fields.iter().map(|(name, value)| (name.as_str(), text_of(value))).collect();
        sorted.sort();
        let mut parts: Vec<&[u8]> = purpose.iter().map(|part| part.as_bytes()).collect();
        parts.push(if read.test { b"test" } else { b"" });
        for (name, value) in &sorted {
            parts.push(name.as_bytes());
            parts.push(value.as_bytes());
        }
        self.master.fingerprint(&parts)
    }

    fn idempotency(&self, key: Option<&str>, fingerprint: Fingerprint) -> Option<Idempotency> {
        key.map(|key| Idempotency { key: key.to_owned(), fingerprint })
    }

    /// The market of a revision, as every node reads it from the store.
    pub(super) fn market_of(&mut self, revision: exchange::id::Revision) -> Result<Arc<Market>, Fatal> {
        if let Some(known) = self.markets.get(&revision) {
            return Ok(Arc::clone(known));
        }
        let bytes = self.storage.reader.bundle(revision)?.ok_or_else(|| Fatal(format!("revision {revision} isn't in the store")))?;
        let market = Arc::new(self.seams.market(crate::market::parse(revision, &bytes).map_err(Fatal)?));
        self.markets.insert(revision, Arc::clone(&market));
        Ok(market)
    }

    /// What a supplier makes of a run's reply.
    pub(super) fn told(&mut self, reply: &Reply) -> Result<Told, Fatal> {
        Ok(match reply {
            Reply::Quoted(quote) => Told::Quoted { ping: quote.ping, expires_at: quote.expires_at },
            Reply::AlreadyPinged(ping) => match self.storage.reader.ping_answer(*ping)? {
                Some(PingAnswer::Quoted(row)) => Told::Quoted { ping: *ping, expires_at: row.expires_at },
                Some(PingAnswer::Unmatched(_)) => Told::Final,
                None => Told::TryAgain,
            },
            Reply::NotAccepted(NotAccepted::InFlight(_)) | Reply::Unavailable => Told::TryAgain,
            Reply::NotAccepted(NotAccepted::Repeat(lead)) => {
                let status = self.storage.reader.lead(*lead)?.map(|row| row.status);
                if status.is_none_or(|status| status == LeadStatus::Open) {
                    self.model.report(Invariant::OneEffectPerRequest, format!("a repeat is answered with {lead}, which is {status:?}"));
                }
                Told::Final
            }
            Reply::Lead(_) | Reply::Unmatched { .. } | Reply::NotAccepted(_) => Told::Final,
        })
    }

    /// The oracle's own comparison: what is posted must be what was pinged.
    fn check_unchanged(&mut self, body: &[u8], quote: &QuoteRow, deal: usize) {
        let post: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let same = post["amount"].as_i64() == Some(self.people[self.deals[deal].person].amount);
        if !same && quote.erased_at.is_none() {
            self.model.report(Invariant::ChargedAsBid, format!("{} is posted with another amount than it was pinged with", quote.ping));
        }
    }

    pub(super) fn tell(&mut self, (deal, attempt): (usize, u32), told: Told) {
        let passage = self.passage();
        if passage == super::calls::Passage::Arrives {
            let wait = self.slow(500, 50_000);
            self.after(wait, crate::agenda::Event::Hear { deal, attempt, told });
        }
    }

    fn note_clocks(&mut self, node: usize, quote: &QuoteRow) {
        let off = self.nodes[node].skew_us.abs() > 1_000_000;
        if off && quote.lead.is_none() {
            self.tally.row(Row::ClockSkew);
        }
    }

    pub(super) fn wall(&self, node: usize) -> Timestamp {
        self.nodes[node].wall(self.now)
    }
}

fn read_body(bytes: &[u8]) -> Result<Read, Fatal> {
    let mut fields = body::read(Some("application/json"), bytes).map_err(|error| Fatal(error.to_string()))?.fields;
    let test = body::take_test(&mut fields).map_err(|error| Fatal(error.to_string()))?;
    Ok(Read { fields, test })
}

fn vertical_of(market: &Market) -> Result<&Vertical, Fatal> {
    market.parts().verticals.first().ok_or_else(|| Fatal("a market without a vertical".into()))
}

fn from_ping(quote: &QuoteRow, vertical: &Vertical) -> FromPing {
    let sealed: BTreeSet<_> = quote.sealed_fields.iter().filter_map(|name| vertical.find(name)).collect();
    FromPing { attributes: quote.attributes.clone(), sealed }
}

fn text_of(value: &RawValue) -> String {
    match value {
        RawValue::Text(text) => text.trim().to_owned(),
        RawValue::Number(digits) => digits.clone(),
        RawValue::Boolean(yes) => yes.to_string(),
        RawValue::Null => String::new(),
        RawValue::Nested => "(nested)".into(),
    }
}
