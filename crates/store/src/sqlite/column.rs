//! The core's values in columns: ids as blobs, money and instants as integers, names as text, the rest packed.

use std::str::FromStr;

use exchange::{
    command::{Fence, LeadStatus},
    contract::SaleKind,
    id::{BuyerName, BuyerPingId, ContractKey, KeyId, LeadId, ListName, ParentName, PingId, Revision, SaleId, Subject, SupplierName, VerticalName},
    ledger::Account,
    money::Money,
    seal::{Fingerprint, PersonMac},
    time::Timestamp,
};
use rusqlite::{
    Row, RowIndex, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::rows::{ReturnStatus, SaleStatus};

/// The first byte of every packed value. Another format gets another byte, and this one stays readable.
const FORMAT: u8 = 1;

/// A value of the core that SQL never looks into.
pub(super) struct Packed<T>(pub T);

impl<T: Serialize> ToSql for Packed<&T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let bytes = postcard::to_extend(self.0, vec![FORMAT]).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(ToSqlOutput::from(bytes))
    }
}

impl<T: DeserializeOwned> FromSql for Packed<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_blob()?.split_first() {
            Some((&FORMAT, packed)) => postcard::from_bytes(packed).map(Self).map_err(FromSqlError::other),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A value of the core in a column of its own.
pub(super) struct Plain<T>(T);

macro_rules! plain {
    ($($type:ty, $value:ident => $read:expr;)*) => {$(
        impl FromSql for Plain<$type> {
            fn column_result($value: ValueRef<'_>) -> FromSqlResult<Self> {
                $read.map(Self)
            }
        }
    )*};
}

plain! {
    PingId, value => <[u8; 16]>::column_result(value).map(PingId::from_bytes);
    LeadId, value => <[u8; 16]>::column_result(value).map(LeadId::from_bytes);
    SaleId, value => <[u8; 16]>::column_result(value).map(SaleId::from_bytes);
    KeyId, value => <[u8; 16]>::column_result(value).map(KeyId::from_bytes);
    BuyerPingId, value => <[u8; 16]>::column_result(value).map(BuyerPingId::from_bytes);
    PersonMac, value => <[u8; 16]>::column_result(value).map(PersonMac);
    Fingerprint, value => <[u8; 16]>::column_result(value).map(Fingerprint);
    Money, value => value.as_i64().map(Money::from_micros);
    Timestamp, value => value.as_i64().map(Timestamp::from_micros);
    u64, value => natural(value);
    Revision, value => natural(value).map(Revision);
    Fence, value => natural(value).map(Fence);
    SupplierName, value => parsed(value);
    VerticalName, value => parsed(value);
    BuyerName, value => parsed(value);
    ContractKey, value => parsed(value);
    ListName, value => parsed(value);
    Account, value => parsed(value);
    ParentName, value => ParentName::of_company(value.as_str()?).ok_or(FromSqlError::InvalidType);
    LeadStatus, value => LeadStatus::of_word(value.as_str()?).ok_or(FromSqlError::InvalidType);
    SaleStatus, value => SaleStatus::of_word(value.as_str()?).ok_or(FromSqlError::InvalidType);
    ReturnStatus, value => ReturnStatus::of_word(value.as_str()?).ok_or(FromSqlError::InvalidType);
    SaleKind, value => match value.as_str()? {
        "exclusive" => Ok(SaleKind::Exclusive),
        "shared" => Ok(SaleKind::Shared),
        _ => Err(FromSqlError::InvalidType),
    };
}

fn natural(value: ValueRef<'_>) -> FromSqlResult<u64> {
    let number = value.as_i64()?;
    u64::try_from(number).map_err(|_| FromSqlError::OutOfRange(number))
}

fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(value: ValueRef<'_>) -> FromSqlResult<T> {
    value.as_str()?.parse().map_err(FromSqlError::other)
}

pub(super) trait Columns {
    fn value<T>(&self, column: impl RowIndex) -> rusqlite::Result<T>
    where
        Plain<T>: FromSql;
    fn optional<T>(&self, column: impl RowIndex) -> rusqlite::Result<Option<T>>
    where
        Plain<T>: FromSql;
    fn packed<T: DeserializeOwned>(&self, column: impl RowIndex) -> rusqlite::Result<T>;
}

impl Columns for Row<'_> {
    fn value<T>(&self, column: impl RowIndex) -> rusqlite::Result<T>
    where
        Plain<T>: FromSql,
    {
        self.get::<_, Plain<T>>(column).map(|plain| plain.0)
    }

    fn optional<T>(&self, column: impl RowIndex) -> rusqlite::Result<Option<T>>
    where
        Plain<T>: FromSql,
    {
        self.get::<_, Option<Plain<T>>>(column).map(|plain| plain.map(|plain| plain.0))
    }

    fn packed<T: DeserializeOwned>(&self, column: impl RowIndex) -> rusqlite::Result<T> {
        self.get::<_, Packed<T>>(column).map(|packed| packed.0)
    }
}

/// A count or number as SQLite has them. The core's never come near the end of it.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A subject as its two columns: `kind` and `id`.
pub(super) fn subject_columns(subject: &Subject) -> (i64, &[u8; 16]) {
    match subject {
        Subject::Ping(ping) => (0, ping.bytes()),
        Subject::Lead(lead) => (1, lead.bytes()),
    }
}
