//! What a buyer wishes of its contract: `POST /v1/contracts/{contract}`, and the forms of the console.

use exchange::{
    lead::{Code, FieldError},
    money::{Currency, Money},
    raw::{RawFields, RawValue},
    self_service::{PriceKey, Wish},
};

use super::fields::{Bound, Fields};

const AMOUNT: Bound = Bound { most: 32, lines: false };
const VERSION: Bound = Bound { most: 64, lines: false };

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnTerms {
    pub wish: Wish,
    /// Of the terms that it was made of, where whoever sends it says so.
    pub version: Option<String>,
}

/// A field that isn't there, or is empty, wishes nothing; all of them empty is a mistake.
pub fn read_own_terms(raw: &RawFields, currency: Currency) -> Result<OwnTerms, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let mut wish = Wish { paused: truth(&mut fields, raw, "paused"), ..Wish::default() };
    for (word, key) in PriceKey::WORDS {
        let Some(text) = fields.text(word, AMOUNT) else { continue };
        match Money::parse(&text, currency.decimals()).ok().filter(|price| price.is_positive()) {
            Some(price) => drop(wish.prices.insert(key, price)),
            None => fields.wrong(word, Code::Invalid, format!("send an amount above zero with at most {} decimals", currency.decimals())),
        }
    }
    let version = fields.text("version", VERSION);
    let terms = fields.into_result(Some(OwnTerms { wish, version }))?;
    if terms.wish == Wish::default() {
        return Err(vec![FieldError { field: "paused".into(), code: Code::Required, message: "say paused, price, shared_price or max_bid".into() }]);
    }
    Ok(terms)
}

/// `true` or `false`, as a text too: forms have no other.
fn truth(fields: &mut Fields<'_>, raw: &RawFields, name: &str) -> Option<bool> {
    let booleans: Vec<bool> =
        raw.iter().filter(|(known, _)| known == name).filter_map(|(_, value)| if let RawValue::Boolean(truth) = value { Some(*truth) } else { None }).collect();
    if let [truth] = booleans[..] {
        return Some(truth);
    }
    match fields.text(name, AMOUNT)?.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => {
            fields.wrong(name, Code::NotInValues, "send true or false");
            None
        }
    }
}
