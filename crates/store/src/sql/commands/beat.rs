//! Beat: a node says that it lives. The leads of one that no longer says so may be taken over.

use exchange::command::Beat;

use super::super::{
    batch::{Batch, Pending},
    db::params,
    failure::Result,
};
use crate::policy::NODES_KEPT;

pub(super) fn beat(batch: &Batch<'_>, beat: &Beat) -> Result<Pending> {
    if beat.alone {
        batch.db.write("DELETE FROM nodes WHERE id <> ?1", params![beat.node.bytes()])?;
    }
    let sql = "INSERT INTO nodes (id, lives_until) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET lives_until = excluded.lives_until";
    batch.db.write(sql, params![beat.node.bytes(), batch.now.plus(beat.lives).micros()])?;
    // A node that isn't there is dead, like one whose time is over.
    batch.db.write("DELETE FROM nodes WHERE lives_until <= ?1", params![batch.now.minus(NODES_KEPT).micros()])?;
    Ok(Pending::done())
}
