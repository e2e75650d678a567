//! Accept: a lead becomes durable before anything is done with it; or what stands already is the answer.

use exchange::{
    command::{Accept, Fence, LeadStatus, NotAccepted, Outcome, StoredQuote, VoidCause},
    id::{LeadId, PingId, SaleId},
    record::UnsoldReason,
    time::Timestamp,
};

use super::{
    super::{
        batch::{Batch, Pending},
        column::{integer, packed},
        db::params,
        failure::{Failure, Result},
        lead_state::{self, LeadState, Sales},
        quote_holds,
    },
    duplicates::{self, First},
    earlier::{self, Earlier},
    sale_state, seal,
};

pub(super) fn accept(batch: &Batch<'_>, accept: &Accept) -> Result<Pending> {
    if let Some(lead) = LeadState::of(batch.db, accept.lead)? {
        return same_again(batch, &lead);
    }
    let mut cut_off = match earlier::by_key(batch, accept)? {
        Earlier::Answers(answer) => return not_accepted(answer),
        Earlier::CutOff(lead) => Some(lead),
        Earlier::None => None,
    };
    let quote = match accept.ping {
        None => None,
        Some(ping) => match quote_of(batch, ping, accept, cut_off)? {
            Quoted::Not(answer) => return not_accepted(answer),
            Quoted::Over => {
                quote_holds::release(batch, ping)?;
                if !accept.requote {
                    return not_accepted(NotAccepted::QuoteExpired);
                }
                None
            }
            Quoted::Stands { quote, cut_off: posted } => {
                cut_off = cut_off.or(posted);
                quote
            }
        },
    };
    let first = duplicates::first(batch, accept, cut_off)?;
    write(batch, accept, quote, cut_off, first)
}

fn not_accepted(answer: NotAccepted) -> Result<Pending> {
    Ok(Pending::Ready(Outcome::NotAccepted(answer)))
}

/// The very command was applied before: the answer to it got lost.
fn same_again(batch: &Batch<'_>, lead: &LeadState) -> Result<Pending> {
    if lead.status == LeadStatus::Duplicate {
        let own = batch.db.one("SELECT own_duplicate_of FROM leads WHERE id = ?1", params![lead.lead.bytes()], |row| row.value::<Option<LeadId>>(0))?;
        return not_accepted(NotAccepted::Duplicate { own: own.flatten() });
    }
    if !lead.runs() {
        return not_accepted(NotAccepted::Repeat(lead.lead));
    }
    let quote = match lead.ping.filter(|_| lead.quoted) {
        Some(ping) => QuoteState::of(batch, ping)?.map(|state| Box::new(state.quote)),
        None => None,
    };
    Ok(Pending::Ready(Outcome::Accepted { fence: lead.fence, quote }))
}

struct QuoteState {
    /// Whose it is: supplier and vertical.
    of: (String, String),
    test: bool,
    expires_at: Timestamp,
    posted: Option<LeadId>,
    erased: bool,
    quote: StoredQuote,
}

impl QuoteState {
    fn of(batch: &Batch<'_>, ping: PingId) -> Result<Option<Self>> {
        let sql = "SELECT supplier, vertical, test, expires_at, lead, erased_at IS NOT NULL, revision, offers, asked, net, firm FROM quotes WHERE ping = ?1";
        batch.db.one(sql, params![ping.bytes()], |row| {
            Ok(Self {
                of: (row.value(0)?, row.value(1)?),
                test: row.value(2)?,
                expires_at: row.value(3)?,
                posted: row.value(4)?,
                erased: row.value(5)?,
                quote: StoredQuote { ping, revision: row.value(6)?, offers: row.packed(7)?, asked: row.packed(8)?, net: row.value(9)?, firm: row.value(10)? },
            })
        })
    }
}

enum Quoted {
    Not(NotAccepted),
    /// Its time is over.
    Over,
    /// None where a lead that was cut off had been taken on for a new auction.
    Stands {
        quote: Option<Box<StoredQuote>>,
        cut_off: Option<LeadId>,
    },
}

fn quote_of(batch: &Batch<'_>, ping: PingId, accept: &Accept, cut_off: Option<LeadId>) -> Result<Quoted> {
    let own = |state: &QuoteState| state.of == (accept.supplier.to_string(), accept.vertical.to_string()) && state.test == accept.test;
    let Some(state) = QuoteState::of(batch, ping)?.filter(own) else { return Ok(Quoted::Not(NotAccepted::QuoteUnknown)) };
    if state.erased {
        return Ok(Quoted::Not(NotAccepted::Erased));
    }
    let Some(posted) = state.posted else {
        let over = batch.now >= state.expires_at;
        return Ok(if over { Quoted::Over } else { Quoted::Stands { quote: Some(Box::new(state.quote)), cut_off: None } });
    };
    if cut_off != Some(posted) {
        match earlier::by_ping(batch, posted, accept)? {
            Earlier::Answers(answer) => return Ok(Quoted::Not(answer)),
            Earlier::CutOff(_) => {}
            Earlier::None => return Err(Failure::Broken("a quote was posted as a lead that isn't there")),
        }
    }
    // What was cut off had been posted in time, or auctioned again: so it is for the lead that takes its place.
    let lead = LeadState::of(batch.db, posted)?;
    // One that recovery has ended long since is not worth the price of its day.
    if lead.as_ref().is_some_and(|lead| !lead.runs()) && batch.now >= state.expires_at {
        return Ok(Quoted::Over);
    }
    let quoted = lead.is_some_and(|lead| lead.quoted);
    Ok(Quoted::Stands { quote: quoted.then(|| Box::new(state.quote)), cut_off: Some(posted) })
}

fn write(batch: &Batch<'_>, accept: &Accept, quote: Option<Box<StoredQuote>>, cut_off: Option<LeadId>, first: Option<First>) -> Result<Pending> {
    if let Some(ping) = accept.ping {
        batch.recount_firm_quotes();
        batch.db.write("UPDATE quotes SET lead = ?2 WHERE ping = ?1", params![ping.bytes(), accept.lead.bytes()])?;
    }
    if let Some(lead) = cut_off {
        interrupt(batch, lead)?;
    }
    let fence = if first.is_some() { Fence(0) } else { Fence::FIRST };
    write_lead(batch, accept, quote.is_some(), fence, first.as_ref())?;
    for person in &accept.people {
        batch.db.write("INSERT INTO people (mac, lead) VALUES (?1, ?2) ON CONFLICT (mac, lead) DO NOTHING", params![&person.0, accept.lead.bytes()])?;
    }
    seal::keep(batch, &accept.sealed)?;
    if let Some(idempotency) = &accept.idempotency {
        let sql = "INSERT INTO idempotency_keys (supplier, key, fingerprint, lead, used_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (supplier, key)
            DO UPDATE SET fingerprint = excluded.fingerprint, ping = NULL, lead = excluded.lead, used_at = excluded.used_at, node = NULL";
        let params = params![accept.supplier.as_str(), &idempotency.key, &idempotency.fingerprint.0, accept.lead.bytes(), batch.now.micros()];
        batch.db.write(sql, params)?;
    }
    match first {
        None => Ok(Pending::Ready(Outcome::Accepted { fence, quote })),
        Some(first) => {
            accept.ping.map_or(Ok(()), |ping| quote_holds::release(batch, ping))?;
            not_accepted(NotAccepted::Duplicate { own: first.own })
        }
    }
}

fn write_lead(batch: &Batch<'_>, accept: &Accept, quoted: bool, fence: Fence, first: Option<&First>) -> Result<()> {
    let (status, lease_until, ended_at) = match first {
        None => (LeadStatus::Open, Some(batch.now.plus(accept.lease).micros()), None),
        Some(_) => (LeadStatus::Duplicate, None, Some(batch.now.micros())),
    };
    let sql = "INSERT INTO leads (id, supplier, vertical, revision, test, ping, quoted, status, duplicate_of, own_duplicate_of, attributes, fingerprint, fence,
        accepted_at, lease_until, ended_at, node) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    batch.db.write(
        sql,
        params![
            accept.lead.bytes(),
            accept.supplier.as_str(),
            accept.vertical.as_str(),
            integer(accept.revision.0),
            accept.test,
            accept.ping.as_ref().map(PingId::bytes),
            quoted,
            status.word(),
            first.map(|first| first.lead.bytes()),
            first.and_then(|first| first.own.as_ref()).map(LeadId::bytes),
            packed(&accept.attributes)?,
            &accept.fingerprint.0,
            integer(fence.0),
            batch.now.micros(),
            lease_until,
            ended_at,
            accept.node.bytes(),
        ],
    )?;
    Ok(())
}

/// Ends a lead whose run was cut off before anything was sent. Its quote's holds stay: they are the new lead's.
fn interrupt(batch: &Batch<'_>, lead: LeadId) -> Result<()> {
    let reserved = batch.db.all("SELECT id FROM sales WHERE lead = ?1 AND status = 'reserved'", params![lead.bytes()], |row| row.value::<SaleId>(0))?;
    for sale in reserved {
        sale_state::give_back(batch, sale, VoidCause::Unsent, UnsoldReason::Interrupted.word())?;
    }
    let Some(mut state) = LeadState::of(batch.db, lead)? else { return Err(Failure::Broken("a lead that was cut off isn't there")) };
    if !state.runs() {
        return Ok(());
    }
    state.ping = None;
    lead_state::end(batch, &state, &Sales::of(batch.db, lead)?, LeadStatus::Unsold, Some(UnsoldReason::Interrupted.word()))
}
