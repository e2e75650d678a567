//! The generated market and its leads as the core's own values, for what is measured without a server.

use std::net::SocketAddr;

use exchange::{attribute::PingPart, id::Revision, lead::read_ping, market::Market, time::Timestamp};

use super::{LEADS, Lead, Plan, SEED, Spoken, bundle, leads};
use crate::Failure;

const BUYERS: usize = 10;
/// 2026-11-02 12:00 UTC.
pub const AT: Timestamp = Timestamp::from_micros(1_793_620_800_000_000);

pub fn read(contracts: usize) -> Result<Market, Failure> {
    let nobody = [SocketAddr::from(([127, 0, 0, 1], 9)); BUYERS];
    let plan = Plan { buyers: &nobody, contracts_of_each: contracts / BUYERS, deadline_ms: 3000, spoken: Spoken::Native, pipelining: 1 };
    let read = wire::market::read(&bundle(&plan)?);
    let (parts, _) = read.map_err(|problems| Failure(problems.first().map(ToString::to_string).unwrap_or_default()))?;
    Ok(Market::new(Revision(1), parts))
}

/// Leads that one contract of every buyer takes, as a ping shows them.
pub fn pings(market: &Market) -> Result<Vec<PingPart>, Failure> {
    let vertical = market.parts().verticals.first().ok_or_else(|| Failure("no vertical".into()))?;
    let today = AT.date_in(&market.parts().time_zone);
    let read = |lead: &Lead| {
        let body = wire::body::read(Some("application/json"), lead.attributes().to_string().as_bytes())?;
        read_ping(vertical, &body.fields, today).map(|read| read.attributes).map_err(|errors| Failure(format!("{errors:?}")))
    };
    leads(SEED, LEADS).iter().map(read).collect()
}
