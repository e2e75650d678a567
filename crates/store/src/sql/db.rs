//! A database as the commands and reads see it: statements in the SQL that every engine here speaks, parameters, rows.
//!
//! The common subset: parameters are `?1`, `?2`, …; conflicts name their columns; comparisons with nulls are
//! `IS DISTINCT FROM`; sums are cast to `BIGINT`; what is true or false stands alone (`WHERE holding`, `NOT test`).

use std::borrow::Cow;

use super::failure::Result;

/// An open connection, inside a transaction.
pub trait Db {
    /// Changes rows and says how many.
    fn change(&self, sql: &str, params: &[Param<'_>]) -> Result<u64>;

    /// Changes rows, however many. A database far away may be told later, but before anything else is read or committed; a
    /// failure then comes up there.
    fn write(&self, sql: &str, params: &[Param<'_>]) -> Result<()> {
        self.change(sql, params).map(drop)
    }

    fn rows(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>>;
}

impl dyn Db + '_ {
    /// The first row, if there is one.
    pub fn one<T>(&self, sql: &str, params: &[Param<'_>], read: impl FnOnce(&Row) -> Result<T>) -> Result<Option<T>> {
        self.rows(sql, params)?.first().map(read).transpose()
    }

    pub fn all<T>(&self, sql: &str, params: &[Param<'_>], read: impl FnMut(&Row) -> Result<T>) -> Result<Vec<T>> {
        self.rows(sql, params)?.iter().map(read).collect()
    }

    pub fn exists(&self, sql: &str, params: &[Param<'_>]) -> Result<bool> {
        Ok(!self.rows(sql, params)?.is_empty())
    }
}

/// A value in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// SQLite has none, and gives 0 or 1.
    Bool(bool),
}

/// The values of one row, in the order of the columns that were asked for.
#[derive(Debug)]
pub struct Row(pub Vec<Value>);

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Bool(bool),
}

macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::sql::db::Param::from($value)),*] as &[$crate::sql::db::Param<'_>]
    };
}

pub(crate) use params;

impl Param<'_> {
    pub fn into_owned(self) -> Param<'static> {
        match self {
            Self::Null => Param::Null,
            Self::Int(number) => Param::Int(number),
            Self::Bool(truth) => Param::Bool(truth),
            Self::Text(text) => Param::Text(text.into_owned().into()),
            Self::Bytes(bytes) => Param::Bytes(bytes.into_owned().into()),
        }
    }
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Param<'_> {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value.as_str().into())
    }
}

impl From<String> for Param<'_> {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value.into())
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Param<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Bytes(value.as_slice().into())
    }
}

impl From<Vec<u8>> for Param<'_> {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value.into())
    }
}

impl<'a, T> From<Option<T>> for Param<'a>
where
    Param<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Param::from)
    }
}
