//! The core's values in columns: ids as bytes, money and instants as integers, names as text, the rest packed.

use std::str::FromStr;

use exchange::{
    alerts::{AlertChange, AlertKind, AlertWay},
    command::{Fence, LeadStatus},
    contract::SaleKind,
    id::{
        AuditId, BuyerName, BuyerPingId, ContractKey, DraftId, KeyId, LeadId, ListName, MovementId, ParentName, PersonName, PingId, Revision, SaleId, Subject,
        SupplierName, VerticalName,
    },
    ledger::Account,
    money::Money,
    movement::{MovementState, Party},
    notice::{Change, NoticeState},
    person::{LinkKind, PersonRole},
    seal::{Fingerprint, PersonMac},
    time::Timestamp,
};
use postcard::ser_flavors::Flavor;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    db::{Row, Value},
    failure::{Failure, Result},
};
use crate::rows::{ReturnStatus, SaleStatus};

/// The first byte of every packed value. Another format gets another byte, and this one stays readable.
pub(super) const FORMAT: u8 = 1;

/// Room for most packed values: a record with ten bids is somewhat larger.
const USUAL_BYTES: usize = 1024;

/// A value of the core that SQL never looks into.
pub(super) fn packed(value: &impl Serialize) -> Result<Vec<u8>> {
    packed_as(FORMAT, value)
}

pub(super) fn packed_as(format: u8, value: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.push(format);
    postcard::serialize_with_flavor(value, Growing(bytes)).map_err(|_| Failure::Broken("a value can't be packed"))
}

/// Bytes that grow by single ones as quickly as by many: most of what is packed are single bytes.
struct Growing(Vec<u8>);

impl Flavor for Growing {
    type Output = Vec<u8>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

pub(super) fn format_and_packed(bytes: &[u8]) -> Result<(u8, &[u8])> {
    bytes.split_first().map(|(format, packed)| (*format, packed)).ok_or(Failure::Column)
}

impl Row {
    pub fn value<T: Column>(&self, column: usize) -> Result<T> {
        T::of(self.0.get(column).ok_or(Failure::Column)?)
    }

    pub fn packed<T: DeserializeOwned>(&self, column: usize) -> Result<T> {
        match format_and_packed(&self.value::<Vec<u8>>(column)?)? {
            (FORMAT, packed) => postcard::from_bytes(packed).map_err(|_| Failure::Column),
            _ => Err(Failure::Column),
        }
    }
}

/// What can be read of a column.
pub trait Column: Sized {
    fn of(value: &Value) -> Result<Self>;
}

impl<T: Column> Column for Option<T> {
    fn of(value: &Value) -> Result<Self> {
        if *value == Value::Null { Ok(None) } else { T::of(value).map(Some) }
    }
}

impl<const N: usize> Column for [u8; N] {
    fn of(value: &Value) -> Result<Self> {
        match value {
            Value::Bytes(bytes) => bytes.as_slice().try_into().map_err(|_| Failure::Column),
            _ => Err(Failure::Column),
        }
    }
}

macro_rules! columns {
    ($($type:ty, $value:ident => $read:expr;)*) => {$(
        impl Column for $type {
            fn of($value: &Value) -> Result<Self> {
                $read
            }
        }
    )*};
}

columns! {
    Value, value => Ok(value.clone());
    i64, value => if let Value::Int(number) = value { Ok(*number) } else { Err(Failure::Column) };
    bool, value => match value {
        Value::Bool(truth) => Ok(*truth),
        Value::Int(number @ (0 | 1)) => Ok(*number == 1),
        _ => Err(Failure::Column),
    };
    String, value => text(value).map(str::to_owned);
    Vec<u8>, value => if let Value::Bytes(bytes) = value { Ok(bytes.clone()) } else { Err(Failure::Column) };
    PingId, value => Column::of(value).map(PingId::from_bytes);
    LeadId, value => Column::of(value).map(LeadId::from_bytes);
    SaleId, value => Column::of(value).map(SaleId::from_bytes);
    MovementId, value => Column::of(value).map(MovementId::from_bytes);
    AuditId, value => Column::of(value).map(AuditId::from_bytes);
    DraftId, value => Column::of(value).map(DraftId::from_bytes);
    KeyId, value => Column::of(value).map(KeyId::from_bytes);
    BuyerPingId, value => Column::of(value).map(BuyerPingId::from_bytes);
    PersonMac, value => Column::of(value).map(PersonMac);
    Fingerprint, value => Column::of(value).map(Fingerprint);
    Money, value => i64::of(value).map(Money::from_micros);
    Timestamp, value => i64::of(value).map(Timestamp::from_micros);
    u32, value => u32::try_from(i64::of(value)?).map_err(|_| Failure::Column);
    u64, value => u64::try_from(i64::of(value)?).map_err(|_| Failure::Column);
    Revision, value => u64::of(value).map(Revision);
    Fence, value => u64::of(value).map(Fence);
    SupplierName, value => parsed(value);
    VerticalName, value => parsed(value);
    BuyerName, value => parsed(value);
    ContractKey, value => parsed(value);
    ListName, value => parsed(value);
    PersonName, value => parsed(value);
    PersonRole, value => parsed(value);
    Account, value => parsed(value);
    Party, value => Party::of_account(Account::of(value)?).ok_or(Failure::Column);
    MovementState, value => MovementState::of_word(text(value)?).ok_or(Failure::Column);
    ParentName, value => ParentName::of_company(text(value)?).ok_or(Failure::Column);
    LeadStatus, value => LeadStatus::of_word(text(value)?).ok_or(Failure::Column);
    SaleStatus, value => SaleStatus::of_word(text(value)?).ok_or(Failure::Column);
    ReturnStatus, value => ReturnStatus::of_word(text(value)?).ok_or(Failure::Column);
    AlertKind, value => parsed(value);
    AlertChange, value => AlertChange::of_word(text(value)?).ok_or(Failure::Column);
    AlertWay, value => AlertWay::of_word(text(value)?).ok_or(Failure::Column);
    Change, value => Change::of_word(text(value)?).ok_or(Failure::Column);
    LinkKind, value => LinkKind::of_word(text(value)?).ok_or(Failure::Column);
    NoticeState, value => NoticeState::of_word(text(value)?).ok_or(Failure::Column);
    SaleKind, value => match text(value)? {
        "exclusive" => Ok(SaleKind::Exclusive),
        "shared" => Ok(SaleKind::Shared),
        _ => Err(Failure::Column),
    };
}

fn text(value: &Value) -> Result<&str> {
    if let Value::Text(text) = value { Ok(text) } else { Err(Failure::Column) }
}

fn parsed<T: FromStr>(value: &Value) -> Result<T> {
    text(value)?.parse().map_err(|_| Failure::Column)
}

/// A count or number as databases have them. The core's never come near the end of it.
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
