//! What time it is.

use exchange::time::Timestamp;

use crate::sql::{
    db::{Db, params},
    failure::{Failure, Result},
};

/// What time it is: when quotes expire, caps are counted, leases end and looks are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The database's, the same for every node. What callers say is ignored.
    Database,
    /// What callers say: virtual time.
    Argument,
}

pub(super) fn time_of(db: &dyn Db) -> Result<Timestamp> {
    let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
    db.one(sql, params![], |row| row.value(0))?.ok_or(Failure::Broken("the database has no time"))
}
