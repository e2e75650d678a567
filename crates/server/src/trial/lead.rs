//! A lead that nobody sent: made up by its vertical's rules, or as a file has it.

use exchange::{
    attribute::PingPart,
    lead::read_post,
    raw::{RawFields, RawValue},
    schema::Vertical,
    seal::Contact,
};
use jiff::civil::Date;

use crate::made_up;

pub struct Lead {
    pub attributes: PingPart,
    pub contact: Contact,
}

impl Lead {
    /// What is wrong with the fields is told all at once.
    pub fn read(vertical: &Vertical, fields: &RawFields, today: Date) -> Result<Self, String> {
        let read = read_post(vertical, fields, None, today).map_err(|errors| {
            let all: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            format!("the lead is none of {}:\n  {}", vertical.name, all.join("\n  "))
        })?;
        let values = read.sealed.into_iter().map(|(index, value)| (vertical.field(index).name.clone(), value)).collect();
        Ok(Self { attributes: read.attributes, contact: Contact::made_up(values) })
    }
}

/// A value of each field, of a person who isn't there.
pub fn made_up(vertical: &Vertical) -> RawFields {
    vertical.fields().iter().map(|field| (field.name.clone(), RawValue::of_text(made_up::value(field)))).collect()
}
