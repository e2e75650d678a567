//! Values as the protocol writes them: whole numbers and booleans as JSON's own, everything else as text.

use exchange::{
    attribute::Attribute,
    schema::{Field, Part, Vertical},
    seal::Contact,
    value::Value,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use zeroize::Zeroizing;

use super::PingContext;

#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Text(#[serde(serialize_with = "as_str")] Zeroizing<String>),
    Integer(i64),
    Boolean(bool),
}

fn as_str<S: Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// As a ping shows it: a coarsened value by its band's label or prefix.
fn shown(attribute: &Attribute, field: &Field) -> Shown {
    match attribute {
        Attribute::Integer(number) => Shown::Integer(*number),
        Attribute::Boolean(yes) => Shown::Boolean(*yes),
        Attribute::Text(_) | Attribute::Decimal(_) | Attribute::Money(_) | Attribute::Band(_) => Shown::Text(Zeroizing::new(attribute.text(field))),
    }
}

fn exact(value: &Value) -> Shown {
    match value {
        Value::Integer(number) => Shown::Integer(*number),
        Value::Boolean(yes) => Shown::Boolean(*yes),
        Value::Text(_) | Value::Decimal(_) | Value::Money(_) | Value::Date(_) => Shown::Text(value.text()),
    }
}

/// The attributes as a ping shows them, in the order of the vertical's fields.
pub(super) struct ShownAttributes<'a>(pub &'a PingContext<'a>);

impl Serialize for ShownAttributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (index, attribute) in self.0.attributes.iter() {
            let field = self.0.vertical.field(index);
            map.serialize_entry(&field.name, &shown(attribute, field))?;
        }
        map.end()
    }
}

/// The attributes exactly: a coarsened one from the contact, and as the ping shows it where the supplier gave no more.
pub(super) struct ExactAttributes<'a>(pub &'a PingContext<'a>, pub &'a Contact);

impl Serialize for ExactAttributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (index, field) in fields_of(self.0.vertical, Part::Attribute) {
            let attribute = self.0.attributes.attribute(index).map(|attribute| shown(attribute, field));
            if let Some(value) = self.1.value(&field.name).map(exact).or(attribute) {
                map.serialize_entry(&field.name, &value)?;
            }
        }
        map.end()
    }
}

/// The contact's values of one part of the post, in the order of the vertical's fields.
pub(super) struct SealedValues<'a>(pub &'a Vertical, pub Part, pub &'a Contact);

impl Serialize for SealedValues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (_, field) in fields_of(self.0, self.1) {
            if let Some(value) = self.2.value(&field.name) {
                map.serialize_entry(&field.name, &exact(value))?;
            }
        }
        map.end()
    }
}

fn fields_of(vertical: &Vertical, part: Part) -> impl Iterator<Item = (exchange::schema::FieldIndex, &Field)> {
    vertical.indexed().filter(move |(_, field)| field.part() == part)
}
