//! What the commands of a batch check and change, so that it can be locked before it is read.
//!
//! Some of it stands in the commands, the rest in rows: the buyer of a sale, the persons of a lead. Rows are looked up before
//! the locks are taken and once more under them; where others have come in between, the batch starts again with those too.

use exchange::{
    command::{Command, Erase, Operation},
    id::{BuyerName, LeadId, PingId, SaleId, Subject, SupplierName},
};

use super::{locks::Locks, session::Session};
use crate::sql::{
    db::{Row, Value},
    failure::{Failure, Result},
};

/// The locks that the commands name themselves, and what leads to more.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub locks: Locks,
    sales: Vec<SaleId>,
    leads: Vec<LeadId>,
    pings: Vec<PingId>,
    keys: Vec<(SupplierName, String)>,
    erased: Vec<[u8; 16]>,
    /// Whether the persons of its leads are asked about.
    persons: bool,
    erases: bool,
}

impl Wanted {
    pub fn by(commands: &[Command]) -> Self {
        let mut wanted = Self::default();
        commands.iter().for_each(|command| wanted.add(command));
        wanted
    }

    /// Expired quotes give back what they hold, whatever else the batch does.
    pub fn release(&mut self, expired: &[PingId]) {
        expired.iter().for_each(|ping| self.ping(*ping));
    }

    fn add(&mut self, command: &Command) {
        match command {
            Command::Claim(claim) | Command::Unclaim(claim) => self.locks.key(&claim.supplier, &claim.idempotency.key),
            Command::Quote(quote) => {
                // An indicative quote is a row that nobody else knows of; its key may be claimed by another node.
                if let Some(claim) = &quote.claim {
                    self.locks.key(&claim.supplier, &claim.idempotency.key);
                }
                if !quote.holds.is_empty() {
                    self.locks.firm_quotes_of(&quote.supplier);
                    quote.holds.iter().for_each(|terms| self.locks.buyer(&terms.contract.buyer));
                }
            }
            Command::AddOffers { ping, .. } => self.locks.ping(*ping),
            Command::Accept(accept) => {
                self.lead(accept.lead);
                accept.people.iter().for_each(|person| self.locks.person(&person.0));
                if let Some(ping) = accept.ping {
                    self.ping(ping);
                }
                if let Some(idempotency) = &accept.idempotency {
                    self.locks.key(&accept.supplier, &idempotency.key);
                    self.keys.push((accept.supplier.clone(), idempotency.key.clone()));
                }
            }
            Command::Reserve(reserve) => {
                self.persons = true;
                self.lead(reserve.request.lead);
                self.locks.buyer(&reserve.request.contract.buyer);
            }
            Command::StartPost(start) => self.sales.push(start.sale),
            Command::MarkUnknown { sale, .. } => self.sales.push(*sale),
            Command::Settle(settle) => self.sales.push(settle.sale),
            Command::Void(void) => self.sales.push(void.sale),
            Command::End(end) => self.lead(end.lead),
            Command::TakeOver(over) => self.lead(over.lead),
            Command::LookAgain(look) => self.sales.push(look.sale),
            Command::RequestReturn(request) => self.sales.push(request.sale),
            // What is told stands in the notice's own row; no sale and no buyer has to do with it.
            Command::TakeNotice(take) => self.locks.lead(take.notice.lead),
            Command::NoteTry(noted) => self.locks.lead(noted.notice.lead),
            Command::Record { subject, .. } => self.locks.record(subject),
            // A node that comes back to life after its lead was taken over is told by the lead's fence.
            // Rows that a node alone writes, or that are changed only from what they were.
            Command::Beat(_) | Command::Keep(_) | Command::Sweep => {}
            Command::Operate(operation) => self.operate(operation),
            Command::Audited(audited) => self.add(&audited.command),
        }
    }

    fn operate(&mut self, operation: &Operation) {
        match operation {
            Operation::ApplyMarket(_) | Operation::KeepDraft(_) | Operation::DropDraft { .. } => self.locks.revisions(),
            Operation::AddKey(key) => self.locks.api_key(key.id),
            Operation::RevokeKey { key } => self.locks.api_key(*key),
            Operation::Move(asked) => self.locks.account(&asked.party.account()),
            Operation::DecideMove(decided) => self.locks.account(&decided.party.account()),
            // Whoever is suppressed while being reserved was reserved first.
            Operation::Suppress { .. } => {}
            Operation::DecideReturn { sale, .. } => self.sales.push(*sale),
            Operation::RetryNotice(notice) => self.locks.lead(notice.lead),
            Operation::Erase(erase) => {
                (self.persons, self.erases) = (true, true);
                match erase {
                    Erase::Lead(lead) => self.lead(*lead),
                    Erase::Person(person) => {
                        self.locks.person(&person.0);
                        self.erased.push(person.0);
                    }
                }
            }
            Operation::Person(_) => self.locks.people(),
            Operation::Reveal { subject, .. } => self.locks.record(subject),
        }
    }

    fn lead(&mut self, lead: LeadId) {
        self.locks.lead(lead);
        self.leads.push(lead);
    }

    fn ping(&mut self, ping: PingId) {
        self.locks.ping(ping);
        self.pings.push(ping);
    }

    /// Whether rows lead to more locks.
    pub fn leads_on(&self) -> bool {
        !(self.sales.is_empty() && self.leads.is_empty() && self.pings.is_empty() && self.keys.is_empty() && self.erased.is_empty())
    }

    /// What the rows lead to, as they stand now.
    pub fn found(&self, session: &Session) -> Result<Locks> {
        let mut locks = Locks::default();
        if !self.leads_on() {
            return Ok(locks);
        }
        let (suppliers, keys) = self.keys.iter().map(|(supplier, key)| (supplier.as_str().as_bytes().to_vec(), key.as_bytes().to_vec())).unzip();
        let arrays = vec![
            self.sales.iter().map(|sale| sale.bytes().to_vec()).collect(),
            self.leads.iter().map(|lead| lead.bytes().to_vec()).collect(),
            self.pings.iter().map(|ping| ping.bytes().to_vec()).collect(),
            suppliers,
            keys,
            self.erased.iter().map(|mac| mac.to_vec()).collect(),
            // None of them is asked for where nobody's persons matter.
            if self.persons { vec![Vec::new()] } else { Vec::new() },
        ];
        for row in session.rows_of(FOUND, arrays)? {
            self.lock(&row, &mut locks)?;
        }
        Ok(locks)
    }

    fn lock(&self, row: &Row, locks: &mut Locks) -> Result<()> {
        let Value::Bytes(bytes) = row.value(1)? else { return Err(Failure::Column) };
        match row.value::<String>(0)?.as_str() {
            "person" => locks.person(&bytes),
            "lead" => {
                let lead = row.value::<LeadId>(1)?;
                locks.lead(lead);
                if self.erases {
                    locks.record(&Subject::Lead(lead));
                }
            }
            "ping" => {
                let ping = row.value::<PingId>(1)?;
                locks.ping(ping);
                if self.erases {
                    locks.record(&Subject::Ping(ping));
                }
            }
            _ => {
                let name = String::from_utf8(bytes).map_err(|_| Failure::Column)?;
                locks.buyer(&name.parse::<BuyerName>().map_err(|_| Failure::Column)?);
            }
        }
        Ok(())
    }
}

/// Leads of sales, of idempotency keys, of pings and of persons; their persons, their pings, and the buyers that any of it holds
/// something of. Everything is bytes, so that the parameters are of one type.
const FOUND: &str = "WITH
    pairs AS (SELECT convert_from(supplier, 'UTF8') AS supplier, convert_from(key, 'UTF8') AS key FROM unnest(?4::bytea[], ?5::bytea[]) AS given (supplier, key)),
    touched AS (
        SELECT lead AS id FROM sales WHERE id = ANY(?1::bytea[])
        UNION SELECT unnest(?2::bytea[])
        UNION SELECT lead FROM quotes WHERE ping = ANY(?3::bytea[]) AND lead IS NOT NULL
        UNION SELECT idempotency_keys.lead FROM pairs JOIN idempotency_keys ON idempotency_keys.supplier = pairs.supplier AND idempotency_keys.key = pairs.key
            WHERE idempotency_keys.lead IS NOT NULL
        UNION SELECT lead FROM people WHERE mac = ANY(?6::bytea[])
    ),
    pings AS (SELECT leads.ping AS id FROM leads JOIN touched ON touched.id = leads.id WHERE leads.ping IS NOT NULL UNION SELECT unnest(?3::bytea[]))
    SELECT 'lead', id FROM touched
    UNION ALL SELECT 'ping', id FROM pings
    UNION ALL SELECT 'person', people.mac FROM people JOIN touched ON touched.id = people.lead WHERE cardinality(?7::bytea[]) > 0
    UNION ALL SELECT 'buyer', convert_to(buyer, 'UTF8') FROM sales WHERE id = ANY(?1::bytea[])
    UNION ALL SELECT 'buyer', convert_to(sales.buyer, 'UTF8') FROM sales JOIN touched ON touched.id = sales.lead WHERE sales.status IN ('reserved', 'posted', 'unknown')
    UNION ALL SELECT 'buyer', convert_to(quote_holds.buyer, 'UTF8') FROM quote_holds JOIN pings ON pings.id = quote_holds.ping";
