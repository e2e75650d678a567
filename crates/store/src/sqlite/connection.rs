//! A SQLite connection as the commands see it. Statements are prepared once for each connection.

use rusqlite::{
    Connection, ToSql, params_from_iter,
    types::{ToSqlOutput, Value as Stored, ValueRef},
};

use crate::sql::{
    db::{Db, Param, Row, Value},
    failure::{Failure, Result},
};

impl Db for Connection {
    fn change(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        Ok(self.prepare_cached(sql)?.execute(params_from_iter(params))? as u64)
    }

    fn rows(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let mut statement = self.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut found = statement.query(params_from_iter(params))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(Row((0..columns).map(|column| value(row.get_ref(column)?)).collect::<Result<_>>()?));
        }
        Ok(rows)
    }
}

fn value(stored: ValueRef<'_>) -> Result<Value> {
    match stored {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Value::Text).map_err(|_| Failure::Column),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        // No table has such a column.
        ValueRef::Real(_) => Err(Failure::Column),
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Stored::Null),
            Self::Int(number) => ToSqlOutput::Owned(Stored::Integer(*number)),
            Self::Bool(truth) => ToSqlOutput::Owned(Stored::Integer((*truth).into())),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}
