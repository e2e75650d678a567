//! An answer as JSON, in one line.

use serde::{Serialize, Serializer, ser::SerializeMap};

use serde_json::value::RawValue;

use super::Node;

/// Texts, whole numbers and maps with text keys: it can't fail.
pub(super) fn render(node: &Node) -> Vec<u8> {
    serde_json::to_vec(node).unwrap_or_default()
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Decimal(digits) => RawValue::from_string(digits.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer),
            Self::Boolean(yes) => serializer.serialize_bool(*yes),
            Self::Null => serializer.serialize_unit(),
            Self::List { entries, .. } => serializer.collect_seq(entries),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, node) in members {
                    map.serialize_entry(key, node)?;
                }
                map.end()
            }
        }
    }
}
