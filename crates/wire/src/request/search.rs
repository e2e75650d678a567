//! Which leads somebody looks for: the same words in a query, in a body and on the command line.

use std::{fmt, str::FromStr};

use exchange::{
    command::LeadStatus,
    id::{BuyerName, ContractKey, LeadId, SupplierName, VerticalName},
    lead::{Code, FieldError},
    raw::RawFields,
    time::Timestamp,
};
use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::{
    fields::{Bound, Fields},
    page::{self, Page},
};
use crate::body::read_query;

/// All that is said of the leads that are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadSearch {
    pub text: Option<SearchText>,
    pub status: Option<LeadStatus>,
    pub supplier: Option<SupplierName>,
    pub vertical: Option<VerticalName>,
    pub buyer: Option<BuyerName>,
    pub contract: Option<ContractKey>,
    pub test: Option<bool>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub page: Page<LeadId>,
}

/// An id, a reference, a phone number or an e-mail: it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SearchText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SearchText")
    }
}

/// Longer is no reference that the exchange takes.
const MOST_TEXT: usize = 255;
const NAME: Bound = Bound { most: 160, lines: false };

/// Reads a query. It takes no text: addresses are logged and remembered, and the text may be a person's.
pub fn read_search_query(query: Option<&str>, zone: &TimeZone) -> Result<LeadSearch, Vec<FieldError>> {
    let raw = read_query(query.unwrap_or_default()).map_err(|_| page::unreadable())?;
    if raw.iter().any(|(name, value)| name == "text" && !value.is_empty()) {
        let message = "an address is logged and remembered, and this may be a person's: send it in the body of a POST";
        return Err(vec![FieldError { field: "text".into(), code: Code::Invalid, message: message.into() }]);
    }
    read_search(&raw, zone)
}

/// Reads a body. A date without a time is a whole day in `zone`, and so is a time without an offset of that zone.
pub fn read_search(raw: &RawFields, zone: &TimeZone) -> Result<LeadSearch, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let search = LeadSearch {
        text: fields.text("text", Bound { most: MOST_TEXT, lines: false }).map(SearchText),
        status: fields.text("status", NAME).and_then(|word| {
            let status = LeadStatus::of_word(&word);
            if status.is_none() {
                let words: Vec<&str> = LeadStatus::WORDS.iter().map(|(word, _)| *word).collect();
                fields.wrong("status", Code::NotInValues, format!("send one of: {}", words.join(", ")));
            }
            status
        }),
        supplier: name(&mut fields, "supplier", "a supplier's name"),
        vertical: name(&mut fields, "vertical", "a vertical's name"),
        buyer: name(&mut fields, "buyer", "a buyer's name"),
        contract: name(&mut fields, "contract", "a contract's name, BUYER/CONTRACT"),
        test: truth(&mut fields),
        from: instant(&mut fields, "from", zone, Ok),
        until: instant(&mut fields, "until", zone, Date::tomorrow),
        page: page::read(&mut fields),
    };
    fields.into_result(Some(search))
}

fn name<T: FromStr>(fields: &mut Fields<'_>, field: &str, what: &str) -> Option<T> {
    let text = fields.text(field, NAME)?;
    let name = text.parse().ok();
    if name.is_none() {
        fields.wrong(field, Code::Invalid, format!("send {what}"));
    }
    name
}

fn truth(fields: &mut Fields<'_>) -> Option<bool> {
    let text = fields.text("test", NAME)?;
    let truth = text.parse().ok();
    if truth.is_none() {
        fields.wrong("test", Code::NotInValues, "send one of: true, false");
    }
    truth
}

/// A date alone stands for the beginning of `day` of it.
fn instant(fields: &mut Fields<'_>, field: &str, zone: &TimeZone, day: impl Fn(Date) -> Result<Date, jiff::Error>) -> Option<Timestamp> {
    let text = fields.text(field, NAME)?;
    let time = || text.parse::<DateTime>().ok().filter(|_| text.contains(':'));
    let date = || text.parse::<Date>().ok().and_then(|date| Some(day(date).ok()?.at(0, 0, 0, 0)));
    let at = text.parse::<jiff::Timestamp>().ok().or_else(|| zone.to_timestamp(time().or_else(date)?).ok());
    if at.is_none() {
        fields.wrong(field, Code::Invalid, "send a date such as 2026-06-01, or a time such as 2026-06-01T16:00:00Z");
    }
    at.map(Timestamp::from)
}
