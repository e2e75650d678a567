//! Reserve (T1): the one place where a lead, a cap slot and credit are taken, all at once or not at all.

use std::time::Duration;

use exchange::{
    cap::Cap,
    command::{Reserve, ReserveRequest, Terms},
    contract::SaleKind,
    id::{LeadId, ListName, ParentName, PingId},
    money::Money,
    refusal::Refusal,
    seal::PersonMac,
    time::Timestamp,
};

use super::{
    super::{
        accounts,
        batch::{Batch, Pending},
        db::{Db, Row, params},
        failure::{Failure, Result},
        lead_state::{LEAD_COLUMNS, LeadState, lead_columns},
        quote_holds,
        usage::{self, Step},
    },
    disclosure,
    sale_state::SaleState,
};
use crate::{policy::EXCHANGE_LIST, rows::SaleStatus};

pub(super) fn reserve(batch: &Batch<'_>, reserve: &Reserve) -> Result<Pending> {
    let Reserve { request, terms } = reserve;
    let found = Found::of(batch.db, request)?;
    // Without a lead, the sale may still be another's.
    if found.as_ref().is_none_or(|found| found.is_known)
        && let Some(sale) = SaleState::of(batch, request.sale)?
    {
        return same_again(batch, &sale, request);
    }
    match admit(batch, request, terms, found) {
        Ok(admitted) => write(batch, request, terms, &admitted),
        Err(Stop::Refused(refusal)) => Ok(Pending::refused(refusal)),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// The very command was applied before: the answer to it got lost. A sale that has moved on since gives no permission again.
fn same_again(batch: &Batch<'_>, sale: &SaleState, request: &ReserveRequest) -> Result<Pending> {
    if sale.lead != request.lead || sale.contract != request.contract || !matches!(sale.status, SaleStatus::Reserved | SaleStatus::Posted) {
        return Ok(Pending::conflict(sale.is_already()));
    }
    match LeadState::of(batch.db, request.lead)? {
        Some(lead) if lead.erased => Ok(Pending::refused(Refusal::Erased)),
        Some(lead) if lead.is_held_by(request.fence) => {
            Ok(Pending::Reserved { sale: sale.sale, lead: sale.lead, ping: lead.ping, post_started: sale.status == SaleStatus::Posted })
        }
        _ => Ok(Pending::refused(Refusal::Fenced)),
    }
}

enum Stop {
    Refused(Refusal),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn refuse_if(refused: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Stop> {
    if refused { Err(Stop::Refused(refusal())) } else { Ok(()) }
}

struct Admitted {
    test: bool,
    ping: Option<PingId>,
    /// The quote whose firm hold becomes the sale's.
    held_by: Option<PingId>,
}

/// Every check, in the order in which its refusal says most; nothing is written but windows of caps.
fn admit(batch: &Batch<'_>, request: &ReserveRequest, terms: &Terms, found: Option<Found>) -> Result<Admitted, Stop> {
    let Found { lead, legs, .. } = found.filter(|found| !found.lead.erased).ok_or(Stop::Refused(Refusal::Erased))?;
    refuse_if(!lead.is_held_by(request.fence), || Refusal::Fenced)?;
    has_room(&legs, request, &terms.parent)?;
    if let Some(list) = kept_out_by(batch.db, request.lead, &terms.lists)? {
        return Err(Stop::Refused(Refusal::SuppressedBy(list)));
    }
    let mut held_by = None;
    if !lead.test {
        let people = if terms.duplicate_days.is_some() { people_of(batch.db, request.lead)? } else { Vec::new() };
        refuse_if(is_buyer_duplicate(batch.db, batch.now, &people, Some(request.lead), terms)?, || Refusal::BuyerDuplicate)?;
        held_by = request.quoted_by.filter(|ping| lead.ping == Some(*ping));
        if let Some(ping) = held_by
            && !is_held(batch.db, ping, request)?
        {
            held_by = None;
        }
        // What a firm quote holds was checked when it was quoted, and is the sale's.
        if held_by.is_none() {
            if let Some(cap) = full_cap(batch, request, terms)? {
                return Err(Stop::Refused(Refusal::Cap(cap)));
            }
            let credit = accounts::credit(batch, &request.contract.buyer)?;
            refuse_if(credit.available(terms.credit) < request.price, || Refusal::Credit)?;
        }
    }
    Ok(Admitted { test: lead.test, ping: lead.ping, held_by })
}

/// Whether the lead can have this sale besides those that it has. One that is void takes no room; its disclosure does.
fn has_room(earlier: &[EarlierLeg], request: &ReserveRequest, parent: &ParentName) -> Result<(), Stop> {
    let standing = || earlier.iter().filter(|sale| sale.status != SaleStatus::Void);
    let exclusive = standing().any(|sale| sale.kind == SaleKind::Exclusive);
    let taken = exclusive
        || match request.kind {
            SaleKind::Exclusive => standing().next().is_some(),
            SaleKind::Shared => standing().count() >= request.most_shared as usize,
        };
    refuse_if(taken, || Refusal::LeadTaken)?;
    // A reserved sale's post may start any moment.
    let reach = earlier.iter().filter(|sale| sale.reached || sale.status == SaleStatus::Reserved).count();
    refuse_if(reach >= request.max_disclosures as usize, || Refusal::MaxDisclosures)?;
    let is_of_parent = earlier.iter().any(|sale| (sale.reached || sale.status != SaleStatus::Void) && sale.parent == *parent);
    refuse_if(is_of_parent, || Refusal::SameParent)
}

/// A sale that the lead has, or had before it was void.
struct EarlierLeg {
    kind: SaleKind,
    parent: ParentName,
    status: SaleStatus,
    /// Its buyer has the contact, or may have it.
    reached: bool,
}

/// What one look finds of a request.
struct Found {
    lead: LeadState,
    legs: Vec<EarlierLeg>,
    /// There is a sale of the asked-for id, whosever it is.
    is_known: bool,
}

impl Found {
    fn of(db: &dyn Db, request: &ReserveRequest) -> Result<Option<Self>> {
        let sql = concat!(
            "SELECT ",
            lead_columns!(),
            ", EXISTS (SELECT 1 FROM sales WHERE id = ?2), sales.kind, sales.parent, sales.status, disclosures.sale IS NOT NULL
            FROM leads LEFT JOIN sales ON sales.lead = leads.id
            LEFT JOIN disclosures ON disclosures.sale = sales.id AND disclosures.outcome IS DISTINCT FROM 'unsent' WHERE leads.id = ?1"
        );
        let rows = db.rows(sql, params![request.lead.bytes(), request.sale.bytes()])?;
        let Some(first) = rows.first() else { return Ok(None) };
        let legs = rows.iter().map(EarlierLeg::read).filter_map(Result::transpose).collect::<Result<_>>()?;
        Ok(Some(Self { lead: LeadState::read(first, 0)?, legs, is_known: first.value(LEAD_COLUMNS)? }))
    }
}

impl EarlierLeg {
    /// None where the lead has no sale.
    fn read(row: &Row) -> Result<Option<Self>> {
        let column = |place| LEAD_COLUMNS + 1 + place;
        let Some(kind) = row.value(column(0))? else { return Ok(None) };
        Ok(Some(Self { kind, parent: row.value(column(1))?, status: row.value(column(2))?, reached: row.value(column(3))? }))
    }
}

fn people_of(db: &dyn Db, lead: LeadId) -> Result<Vec<PersonMac>> {
    db.all("SELECT mac FROM people WHERE lead = ?1", params![lead.bytes()], |row| row.value(0))
}

/// The contract's lists, then the whole exchange's.
fn and_the_exchanges(lists: &[ListName]) -> impl Iterator<Item = &str> {
    lists.iter().map(ListName::as_str).chain([EXCHANGE_LIST])
}

/// The first list that names one of a lead's people.
pub(super) fn kept_out_by(db: &dyn Db, lead: LeadId, lists: &[ListName]) -> Result<Option<ListName>> {
    let sql = "SELECT list FROM people JOIN suppressed ON suppressed.mac = people.mac WHERE people.lead = ?1 AND list = ?2";
    for list in and_the_exchanges(lists) {
        let found = db.one(sql, params![lead.bytes(), list], |row| row.value(0))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The same of people whose lead isn't kept yet.
pub(in crate::sql) fn suppressed_by(db: &dyn Db, people: &[PersonMac], lists: &[ListName]) -> Result<Option<ListName>> {
    for list in and_the_exchanges(lists) {
        for person in people {
            let found = db.one("SELECT list FROM suppressed WHERE list = ?1 AND mac = ?2", params![list, &person.0], |row| row.value(0))?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// Whether the buyer's company has bought, or may be buying, one of the people within the contract's days.
pub(in crate::sql) fn is_buyer_duplicate(db: &dyn Db, now: Timestamp, people: &[PersonMac], lead: Option<LeadId>, terms: &Terms) -> Result<bool> {
    let Some(days) = terms.duplicate_days else { return Ok(false) };
    let since = now.minus(Duration::from_secs(u64::from(days) * 24 * 3600)).micros();
    let sql = "SELECT 1 FROM people JOIN sales ON sales.lead = people.lead
        WHERE people.mac = ?1 AND people.lead IS DISTINCT FROM ?2 AND sales.parent = ?3 AND sales.status <> 'void' AND NOT sales.test AND sales.reserved_at > ?4";
    let (lead, parent) = (lead.as_ref().map(LeadId::bytes), terms.parent.as_str());
    for person in people {
        if db.exists(sql, params![&person.0, lead, parent, since])? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_held(db: &dyn Db, ping: PingId, request: &ReserveRequest) -> Result<bool> {
    let sql = "SELECT 1 FROM quote_holds WHERE ping = ?1 AND contract = ?2 AND kind = ?3 AND price = ?4";
    db.exists(sql, params![ping.bytes(), request.contract.to_string(), request.kind.word(), request.price.micros()])
}

fn full_cap(batch: &Batch<'_>, request: &ReserveRequest, terms: &Terms) -> Result<Option<Cap>> {
    for cap in &terms.caps {
        let filled = usage::filled(batch, &request.contract, cap, &terms.time_zone)?;
        if !cap.admits(filled.all, request.price) {
            return Ok(Some(*cap));
        }
    }
    Ok(None)
}

fn write(batch: &Batch<'_>, request: &ReserveRequest, terms: &Terms, admitted: &Admitted) -> Result<Pending> {
    let counted_at = if admitted.test { None } else { Some(hold(batch, request, admitted.held_by)?) };
    let sql =
        "INSERT INTO sales (id, lead, buyer, contract, parent, kind, status, test, price, net, counted_at, buyer_ping, reference, reserved_at, post_started_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?14, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?15)";
    let status = if request.start_post { SaleStatus::Posted } else { SaleStatus::Reserved };
    batch.db.write(
        sql,
        params![
            request.sale.bytes(),
            request.lead.bytes(),
            request.contract.buyer.as_str(),
            request.contract.to_string(),
            terms.parent.as_str(),
            request.kind.word(),
            admitted.test,
            request.price.micros(),
            request.net.micros(),
            counted_at.map(Timestamp::micros),
            request.buyer_ping.bytes(),
            request.reference.as_ref(),
            batch.now.micros(),
            status.word(),
            request.start_post.then_some(batch.now.micros()),
        ],
    )?;
    if request.start_post {
        disclosure::journal(batch, request.sale, request.lead, &request.contract.buyer, &terms.parent)?;
    }
    Ok(Pending::Reserved { sale: request.sale, lead: request.lead, ping: admitted.ping, post_started: request.start_post })
}

/// Takes credit and cap slots, or a quote's hold over, and says at which instant the sale counts.
fn hold(batch: &Batch<'_>, request: &ReserveRequest, held_by: Option<PingId>) -> Result<Timestamp> {
    if let Some(ping) = held_by {
        return quote_holds::take_over(batch, ping, request)?.ok_or(Failure::Broken("a hold is there and is not"));
    }
    accounts::hold(batch, &request.contract.buyer, request.price, Money::ZERO);
    usage::change(batch, &request.contract, batch.now, request.price, Step::SaleTaken)?;
    Ok(batch.now)
}
