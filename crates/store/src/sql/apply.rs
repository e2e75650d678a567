//! A batch inside its transaction, the same on every engine.

use exchange::{command::Command, id::PingId};

use super::{
    accounts,
    batch::{Batch, Pending},
    commands,
    failure::Result,
    sweep,
};

/// Releases the expired quotes, applies the commands in their order, and writes what they did to buyers' money and gathered for others,
/// the latter in the engine's slot of each balance.
pub(crate) fn apply(batch: &Batch<'_>, expired: &[PingId], commands: &[Command], slot: i64) -> Result<Vec<Pending>> {
    expired.iter().try_for_each(|ping| sweep::release(batch, *ping))?;
    let pending = commands.iter().map(|command| commands::apply(batch, command)).collect::<Result<Vec<_>>>()?;
    let gathered = batch.finish()?;
    accounts::write_buyers(batch)?;
    gathered.into_iter().try_for_each(|(account, micros)| accounts::add(batch.db, &account, slot, micros))?;
    Ok(pending)
}
