//! A vertical: the fields of one kind of lead, when each is required, and what a ping shows of it.

use serde::{Deserialize, Serialize};

use crate::{id::VerticalName, index::hashing::HashMap};

/// The place of a field in its vertical, in the order of field names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldIndex(pub u16);

/// A vertical has at most this many fields.
pub const MAX_FIELDS: usize = 512;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldType {
    /// Any text up to this many characters.
    Text {
        max_length: usize,
    },
    Integer {
        min: i64,
        max: i64,
    },
    /// Up to six decimals, kept exact in millionths.
    Decimal,
    Money,
    Boolean,
    Date,
    Enum {
        values: Vec<String>,
    },
    Zip,
    State,
    Phone,
    Email,
    Name,
    Street,
    Ssn,
    Ip,
    Url,
    Certificate,
    /// A certificate of TrustedForm, or the address that it may be asked of by a ping.
    TrustedForm,
    /// A LeadiD of Jornaya.
    Jornaya,
    /// The companies that a consumer has agreed to hear from.
    Companies,
}

impl FieldType {
    /// The word of the market files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Integer { .. } => "integer",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Enum { .. } => "enum",
            Self::Zip => "zip",
            Self::State => "state",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Name => "name",
            Self::Street => "street",
            Self::Ssn => "ssn",
            Self::Ip => "ip",
            Self::Url => "url",
            Self::Certificate => "certificate",
            Self::TrustedForm => "trusted_form",
            Self::Jornaya => "jornaya",
            Self::Companies => "companies",
        }
    }

    /// A type whose every value points at one person: a ping can never show it.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        matches!(self, Self::Phone | Self::Email | Self::Name | Self::Street | Self::Ssn | Self::Ip | Self::Url | Self::Certificate) || self.is_proof()
    }

    /// Proof of consent by its type: it goes out as evidence, whatever else is said of it.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        matches!(self, Self::TrustedForm | Self::Jornaya | Self::Companies)
    }

    /// A personal type that a ping which carries it is refused for. A proof of consent is merely ignored there.
    #[must_use]
    pub fn is_refused_in_ping(&self) -> bool {
        self.is_personal() && !self.is_proof() && *self != Self::Certificate
    }
}

/// Half-open ranges `[a, b)` between ascending edges; the last has no upper end. Edges are whole units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bands {
    edges: Vec<i64>,
}

impl Bands {
    /// At least one edge, strictly ascending, none below zero.
    #[must_use]
    pub fn new(edges: Vec<i64>) -> Option<Self> {
        let ascending = edges.windows(2).all(|pair| pair[0] < pair[1]);
        let bounded = edges.len() <= 1000 && edges.first().is_some_and(|first| *first >= 0);
        (ascending && bounded).then_some(Self { edges })
    }

    #[must_use]
    pub fn edges(&self) -> &[i64] {
        &self.edges
    }

    /// The band that holds a value given in millionths; none below the first edge.
    #[must_use]
    pub fn of_micros(&self, micros: i64) -> Option<u16> {
        let above = self.edges.partition_point(|edge| edge.saturating_mul(1_000_000) <= micros);
        u16::try_from(above.checked_sub(1)?).ok()
    }

    /// The band that begins at this edge.
    #[must_use]
    pub fn starting_at(&self, edge: i64) -> Option<u16> {
        self.edges.binary_search(&edge).ok().and_then(|index| u16::try_from(index).ok())
    }

    /// What buyers see: `200000-299999`, the last `1000000+`.
    #[must_use]
    pub fn label(&self, band: u16) -> String {
        let from = self.edges.get(usize::from(band)).copied().unwrap_or_default();
        match self.edges.get(usize::from(band) + 1) {
            Some(next) => format!("{from}-{}", next - 1),
            None => format!("{from}+"),
        }
    }

    #[must_use]
    pub fn of_label(&self, label: &str) -> Option<u16> {
        // A label begins with its band's edge.
        let digits = label.bytes().take_while(u8::is_ascii_digit).count();
        let band = self.starting_at(label[..digits].parse().ok()?)?;
        (self.label(band) == label).then_some(band)
    }
}

/// What a ping shows of a field. The default is never.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PingShows {
    #[default]
    Never,
    Value,
    /// The band of an integer, decimal or amount of money.
    Bands(Bands),
    /// The band of the age in years that a date of birth gives.
    AgeBands(Bands),
    /// The first characters of a ZIP or text.
    Prefix(usize),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Required {
    Ping,
    Post,
    #[default]
    No,
}

/// Which part of a post a field goes out in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Attribute,
    Contact,
    Evidence,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub label: Option<String>,
    pub kind: FieldType,
    pub required: Required,
    pub shows: PingShows,
    /// Marked as evidence of consent.
    pub evidence: bool,
    pub aliases: Vec<String>,
}

impl Field {
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.shows != PingShows::Never
    }

    #[must_use]
    pub fn part(&self) -> Part {
        if self.evidence || self.kind.is_proof() {
            Part::Evidence
        } else if self.is_shown() {
            Part::Attribute
        } else {
            Part::Contact
        }
    }
}

/// Why a set of fields is no vertical. Names the field and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error("`{0}` is of the personal type {1}, which a ping can't show: take `ping` out")]
    PersonalShown(String, &'static str),
    #[error("`{0}` is a date, which a ping shows only as a band of age: write ping = {{ age_bands = [18, 25, 35] }}, or take `ping` out")]
    DateShown(String),
    #[error("`{0}` is {1}, which has no {2}: choose another form, or take `ping` out")]
    NoSuchForm(String, &'static str, &'static str),
    #[error("`{0}` is evidence, which only a post carries: take `ping` out")]
    EvidenceShown(String),
    #[error("`{0}` is required in a ping, but no ping shows it: give it `ping`, or require it at \"post\"")]
    RequiredUnseen(String),
    #[error("`{0}` names two fields: names and aliases must differ, whatever their case")]
    TwoFields(String),
    #[error("`{0}` is taken: a request's `test` says that it is a test; choose another name")]
    Reserved(String),
    #[error("a vertical has at most {MAX_FIELDS} fields")]
    TooManyFields,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "VerticalForm", into = "VerticalForm")]
pub struct Vertical {
    pub name: VerticalName,
    pub label: String,
    fields: Vec<Field>,
    by_name: HashMap<String, FieldIndex>,
    /// Where consent is given to named companies: the field that names them. Nobody else buys such a lead.
    pub one_to_one: Option<FieldIndex>,
}

/// What a vertical is kept as.
#[derive(Serialize, Deserialize)]
struct VerticalForm {
    name: VerticalName,
    label: String,
    fields: Vec<Field>,
    one_to_one: Option<FieldIndex>,
}

impl From<Vertical> for VerticalForm {
    fn from(Vertical { name, label, fields, one_to_one, .. }: Vertical) -> Self {
        Self { name, label, fields, one_to_one }
    }
}

impl TryFrom<VerticalForm> for Vertical {
    type Error = SchemaError;

    fn try_from(VerticalForm { name, label, fields, one_to_one }: VerticalForm) -> Result<Self, SchemaError> {
        let vertical = Self::new(name, label, fields).map_err(|mut errors| errors.remove(0))?;
        Ok(Self { one_to_one, ..vertical })
    }
}

impl Vertical {
    /// Checks every field and all of them together; gives all errors at once.
    pub fn new(name: VerticalName, label: String, mut fields: Vec<Field>) -> Result<Self, Vec<SchemaError>> {
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let mut errors: Vec<SchemaError> = fields.iter().filter_map(|field| check_field(field).err()).collect();
        if fields.len() > MAX_FIELDS {
            errors.push(SchemaError::TooManyFields);
        }
        let mut by_name = HashMap::default();
        for (index, field) in fields.iter().enumerate().take(MAX_FIELDS) {
            for name in std::iter::once(&field.name).chain(&field.aliases) {
                if name.eq_ignore_ascii_case("test") {
                    errors.push(SchemaError::Reserved(name.clone()));
                }
                if by_name.insert(name.to_ascii_lowercase(), FieldIndex(index as u16)).is_some() {
                    errors.push(SchemaError::TwoFields(name.clone()));
                }
            }
        }
        if errors.is_empty() { Ok(Self { name, label, fields, by_name, one_to_one: None }) } else { Err(errors) }
    }

    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub fn indexed(&self) -> impl Iterator<Item = (FieldIndex, &Field)> {
        self.fields.iter().enumerate().map(|(index, field)| (FieldIndex(index as u16), field))
    }

    /// The field of an index that this vertical gave out.
    #[must_use]
    pub fn field(&self, index: FieldIndex) -> &Field {
        &self.fields[usize::from(index.0)]
    }

    /// Finds a field by its name or an alias, whatever their case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<FieldIndex> {
        self.by_name.get(name).or_else(|| self.by_name.get(&name.to_ascii_lowercase())).copied()
    }

    #[must_use]
    pub fn first_of(&self, is: impl Fn(&FieldType) -> bool) -> Option<FieldIndex> {
        self.indexed().find(|(_, field)| is(&field.kind)).map(|(index, _)| index)
    }
}

fn check_field(field: &Field) -> Result<(), SchemaError> {
    let name = || field.name.clone();
    if field.is_shown() && field.kind.is_personal() {
        return Err(SchemaError::PersonalShown(name(), field.kind.word()));
    }
    if field.is_shown() && field.evidence {
        return Err(SchemaError::EvidenceShown(name()));
    }
    let numeric = matches!(field.kind, FieldType::Integer { .. } | FieldType::Decimal | FieldType::Money);
    match &field.shows {
        PingShows::Value if field.kind == FieldType::Date => return Err(SchemaError::DateShown(name())),
        PingShows::Bands(_) if !numeric => return Err(SchemaError::NoSuchForm(name(), field.kind.word(), "bands")),
        PingShows::AgeBands(_) if field.kind != FieldType::Date => return Err(SchemaError::NoSuchForm(name(), field.kind.word(), "age_bands")),
        PingShows::Prefix(_) if !matches!(field.kind, FieldType::Zip | FieldType::Text { .. }) => {
            return Err(SchemaError::NoSuchForm(name(), field.kind.word(), "prefix"));
        }
        PingShows::Never if field.required == Required::Ping => return Err(SchemaError::RequiredUnseen(name())),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_its_bands_own_and_nothing_like_it() {
        let bands = Bands::new(vec![0, 16, 25, 100]).unwrap();
        for band in 0..4 {
            assert_eq!(bands.of_label(&bands.label(band)), Some(band));
        }
        for other in ["", "-", "+", "16", "16-", "16-25", "016-24", " 16-24", "16-24 ", "17-24", "100", "100-", "99999999999999999999+", "0-15é"] {
            assert_eq!(bands.of_label(other), None, "{other}");
        }
    }
}
