//! Up to when figures are kept, and needn't be counted.

use exchange::figures::Quarter;

use super::super::{
    db::{Db, params},
    failure::Result,
};

/// The first quarter of which nothing is kept; none before anything is.
pub(in crate::sql) fn kept_until(db: &dyn Db) -> Result<Option<Quarter>> {
    Ok(db.one("SELECT until FROM figures_until WHERE one = 1", params![], |row| row.value(0))?.map(Quarter::of))
}
