//! `answer` of a request: how the buyer's answer is read.

use std::collections::BTreeMap;

use exchange::{
    mapping::{AnswerFormat, CodeMeans, Inside, Path, Pattern, Place, Unit},
    money::Money,
};
use serde_json::{Value, json};

use super::{
    super::{
        keys::{At, Found, Key, Keys},
        nested::word_of,
        problem::{Wrong, quoted},
        source::shown,
        values::short_text,
    },
    path,
    value::constant,
};

#[derive(Clone, Debug, Default)]
pub(super) struct AnswerDraft {
    pub format: Option<AnswerFormat>,
    pub inside: Option<Vec<Inside>>,
    pub codes: BTreeMap<(u16, u16), CodeMeans>,
    pub accepted: Option<Vec<At<TestDraft>>>,
    pub rejected: Option<Vec<At<TestDraft>>>,
    pub duplicate: Option<Vec<At<TestDraft>>>,
    pub later: Option<Vec<At<TestDraft>>>,
    pub price: Option<At<PriceDraft>>,
    pub shared_price: Option<At<PriceDraft>>,
    pub references: Option<At<References>>,
    pub bids: Option<At<BidsDraft>>,
    pub currency: Option<At<Place>>,
    pub ttl_s: Option<At<Place>>,
    pub reason: Option<Vec<At<Place>>>,
    pub redirect: Option<Vec<At<Place>>>,
    pub lead_reference: Option<Vec<At<Place>>>,
}

/// Where each reference is, by its name; none where there is one alone.
pub(super) type References = Vec<(Option<String>, Place)>;

#[derive(Clone, Debug)]
pub(super) struct TestDraft {
    pub place: Place,
    pub how: HowDraft,
    pub also: Vec<At<TestDraft>>,
}

#[derive(Clone, Debug)]
pub(super) enum HowDraft {
    Present,
    Absent,
    Is(Vec<String>),
    Contains(Vec<String>),
    Words(Vec<String>),
    Matches(Pattern),
    Above(Money),
    Below(Money),
}

#[derive(Clone, Debug)]
pub(super) struct PriceDraft {
    pub place: Place,
    pub or: Option<Place>,
    pub unit: Unit,
    pub decimal_comma: bool,
    pub round: bool,
}

#[derive(Clone, Debug)]
pub(super) struct BidsDraft {
    pub rows: Path,
    pub price: At<PriceDraft>,
    pub references: Option<At<References>>,
    pub exclusive: Vec<At<TestDraft>>,
    pub shared: Vec<At<TestDraft>>,
}

const MOST_PLACES: usize = 16;
const MOST_INSIDE: usize = 4;
const MOST_WORDS: usize = 100;

impl AnswerDraft {
    /// What this one says goes before what the other says.
    pub fn over(self, base: Self) -> Self {
        let mut codes = base.codes;
        codes.extend(self.codes);
        Self {
            format: self.format.or(base.format),
            inside: self.inside.or(base.inside),
            codes,
            accepted: self.accepted.or(base.accepted),
            rejected: self.rejected.or(base.rejected),
            duplicate: self.duplicate.or(base.duplicate),
            later: self.later.or(base.later),
            price: self.price.or(base.price),
            shared_price: self.shared_price.or(base.shared_price),
            references: self.references.or(base.references),
            bids: self.bids.or(base.bids),
            currency: self.currency.or(base.currency),
            ttl_s: self.ttl_s.or(base.ttl_s),
            reason: self.reason.or(base.reason),
            redirect: self.redirect.or(base.redirect),
            lead_reference: self.lead_reference.or(base.lead_reference),
        }
    }
}

pub(super) fn answer(keys: &mut Keys<'_>) -> AnswerDraft {
    let formats = [("json", AnswerFormat::Json), ("xml", AnswerFormat::Xml), ("form", AnswerFormat::Form), ("text", AnswerFormat::Text)];
    let format = keys.word(Key::optional("format", "What the answer is. Default: told by its first character; `form` never is."), &formats, None);
    let inside = Key::optional(
        "inside",
        "Where in an envelope the answer is: one step after the other, each a place or `base64`; `json:`, `xml:` or `form:` before a place says what it is in.",
    );
    let inside = keys.texts(inside, MOST_INSIDE, text_schema, |found| path::inside(found.text()?));
    let codes =
        keys.entries(Key::optional("statuses", "What HTTP statuses mean: `200`, `4xx` or `500-599`."), || json!({ "enum": CODES.map(|(word, _)| word) }), code);
    let mut tests = |name, doc| keys.one_or_many(Key::optional(name, doc), "test", |keys| test(keys, true));
    let accepted = tests("accepted", "What an acceptance looks like.");
    let rejected = tests("rejected", "What a refusal looks like.");
    let duplicate = tests("duplicate", "What a refusal looks like of a lead that the buyer has already.");
    let later = tests("later", "What it looks like that the buyer wants to be asked again later.");
    let price = price(keys, Key::optional("price", "Where the price is."));
    let shared_price = self::price(keys, Key::optional("shared_price", "Where the price of a share is."));
    let references = references(keys);
    let bids = bids(keys);
    let mut one = |name, doc| keys.value(Key::optional(name, doc), None, text_schema, |found| path::place(found.text()?));
    let currency = one("currency", "Where the currency's code is: another than the market's is no bid.");
    let ttl_s = one("ttl_s", "Where it is how many seconds the bid stands. Default: as long as the market says.");
    let mut places = |name, doc| keys.texts(Key::optional(name, doc), MOST_PLACES, text_schema, |found| path::place(found.text()?));
    let reason = places("reason", "Where the buyer says why: the first that is there.");
    let redirect = places("redirect", "Where the address is that the consumer is sent to.");
    let lead_reference = places("lead_reference", "Where the buyer's own id of the lead is.");
    AnswerDraft {
        format: format.map(|at| at.value),
        inside: inside.map(|steps| steps.into_iter().map(|at| at.value).collect()),
        codes: codes.into_iter().map(|(_, at)| at.value).collect(),
        accepted,
        rejected,
        duplicate,
        later,
        price,
        shared_price,
        references,
        bids,
        currency,
        ttl_s,
        reason,
        redirect,
        lead_reference,
    }
}

const CODES: [(&str, CodeMeans); 5] = CodeMeans::WORDS;

type Range = (u16, u16);

fn code<'a>(keys: &mut Keys<'a>, name: &'a str, found: Found<'a>) -> Option<(Range, CodeMeans)> {
    let read = || Ok((range(name)?, word_of(found.text()?, &CODES)?));
    read().inspect_err(|wrong| keys.wrong(name, found.line, wrong)).ok()
}

fn range(text: &str) -> Result<Range, Wrong> {
    let of = |text: &str| text.parse::<u16>().ok().filter(|code| text.len() == 3 && (100..600).contains(code));
    let class = || {
        text.strip_suffix("xx").and_then(|class| class.parse::<u16>().ok()).filter(|class| (1..6).contains(class)).map(|class| (class * 100, class * 100 + 99))
    };
    let pair = || text.split_once('-').and_then(|(from, to)| Some((of(from)?, of(to)?))).filter(|(from, to)| from <= to);
    let range = of(text).map(|code| (code, code)).or_else(class).or_else(pair);
    range.ok_or_else(|| Wrong::new("is no HTTP status", "write it like 204, 4xx or 500-599"))
}

/// `price = "path"`, or a table.
fn price(keys: &mut Keys<'_>, key: Key) -> Option<At<PriceDraft>> {
    let short = |text: &str| Ok(PriceDraft { place: path::place(text)?, or: None, unit: Unit::Whole, decimal_comma: false, round: false });
    keys.text_or_table(key, "price", short, |keys| {
        let place = at(keys);
        let or = Key::optional("or", "Where it is if it isn't at `at`.");
        let or = keys.value(or, None, || json!({ "type": "string", "minLength": 1 }), |found| path::place(found.text()?)).map(|at| at.value);
        let unit = keys.word(Key::optional("unit", "What the number counts."), &[("units", Unit::Whole), ("cents", Unit::Cents)], Some("units"));
        let decimal = keys.word(Key::optional("decimal", "What decimals follow: `12.50` or `12,50`."), &[(".", false), (",", true)], Some("."));
        let round = keys.boolean(Key::optional("round", "Decimals beyond the currency's are cut off, instead of no bid."), false);
        Some(PriceDraft { place: place?, or, unit: unit.map_or(Unit::Whole, |at| at.value), decimal_comma: decimal.is_some_and(|at| at.value), round })
    })
}

fn at(keys: &mut Keys<'_>) -> Option<Place> {
    let key = Key::required("at", "Where: steps like `bids[0].payout` or `Response/@id`, `header:NAME`, `regex:PATTERN`, or `body`.", "at = \"PATH\"");
    keys.value(key, None, || json!({ "type": "string", "minLength": 1 }), |found| path::place(found.text()?)).map(|at| at.value)
}

/// `reference = "path"`, or several by name.
fn references(keys: &mut Keys<'_>) -> Option<At<References>> {
    let key = Key::optional(
        "reference",
        "Where the buyer's reference of its bid is; several by name in a table. It is given back by `post.reference`, or `post.reference.NAME`.",
    );
    if keys.is_describing() {
        let path = json!({ "type": "string", "minLength": 1 });
        keys.describe_key(key, None, json!({ "oneOf": [path.clone(), { "type": "object", "additionalProperties": path }] }));
        return None;
    }
    if !keys.peek(key.name)?.is_table() {
        return keys.value(key, None, || json!({}), |found| Ok(vec![(None, path::place(found.text()?)?)]));
    }
    let line = keys.find(key)?.line;
    let read = |keys: &mut Keys<'_>, name: &str, found: Found<'_>| {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let place = found.text().and_then(path::place);
        let place = if is_name { place } else { Err(Wrong::new("is no name", "name a reference with letters, digits, `-` and `_`")) };
        place.inspect_err(|wrong| keys.wrong(name, found.line, wrong)).ok()
    };
    let named = keys.entries(key, || json!({}), read);
    Some(At { value: named.into_iter().map(|(name, at)| (Some(name), at.value)).collect(), line })
}

fn bids(keys: &mut Keys<'_>) -> Option<At<BidsDraft>> {
    let table = keys.table(Key::optional("bids", "Several bids in one answer: the best of each kind counts."), |keys| {
        let rows = Key::required("at", "Where the bids are: each of that name is one.", "at = \"PATH\"");
        let rows = keys.value(rows, None, || json!({ "type": "string", "minLength": 1 }), |found| path::path(found.text()?));
        let price = price(keys, Key::required("price", "Where the price is, from the bid on.", "price = \"PATH\""));
        let references = references(keys);
        let mut tests = |name, doc| keys.one_or_many(Key::optional(name, doc), "test", |keys| test(keys, true)).unwrap_or_default();
        let exclusive = tests("exclusive", "What a bid for an exclusive sale looks like. Default: every bid that isn't shared.");
        let shared = tests("shared", "What a bid for a share looks like.");
        Some(BidsDraft { rows: rows?.value, price: price?, references, exclusive, shared })
    });
    table.and_then(|at| at.value.map(|value| At { value, line: at.line }))
}

fn text_schema() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

/// A word may be written as the number, true or false that it looks like.
fn word(found: Found<'_>) -> Result<String, Wrong> {
    let word = constant(found.value)?.text;
    let is_fine = !word.is_empty() && word.chars().count() <= 500;
    if is_fine { Ok(word.into()) } else { Err(Wrong::new("has an empty or overlong word", "write 1 to 500 characters")) }
}

fn bound(found: Found<'_>) -> Result<Money, Wrong> {
    let text = constant(found.value)?.text;
    Money::parse(&text, 6).map_err(|error| Wrong::new(format!("is {}, which is no number", quoted(&text)), error.to_string()))
}

fn test(keys: &mut Keys<'_>, outer: bool) -> Option<TestDraft> {
    let place = at(keys);
    let describe_word = || json!({ "type": ["string", "integer", "boolean"] });
    let mut words =
        |name, doc| keys.texts(Key::optional(name, doc), MOST_WORDS, describe_word, word).map(|words| words.into_iter().map(|at| at.value).collect::<Vec<_>>());
    let is = words("is", "The whole text is one of these, case aside.").map(HowDraft::Is);
    let contains = words("contains", "The text has one of these anywhere in it, case aside.").map(HowDraft::Contains);
    let whole_words = words("words", "The text has one of these as whole words, case aside.").map(HowDraft::Words);
    let pattern = Key::optional("matches", "A regular expression that matches somewhere in the text.");
    let matches =
        keys.value(pattern, None, || json!({ "type": "string", "minLength": 1 }), |found| path::pattern(short_text(found, Pattern::MOST_CHARACTERS)?));
    let describe_bound = || json!({ "type": ["string", "integer"] });
    let mut bound = |name, doc| keys.value(Key::optional(name, doc), None, describe_bound, bound).map(|at| at.value);
    let above = bound("above", "The text is a number above this.").map(HowDraft::Above);
    let below = bound("below", "The text is a number below this.").map(HowDraft::Below);
    let present = Key::optional("present", "Whether there is any text: true or false.");
    let present = keys.value(
        present,
        None,
        || json!({ "type": "boolean" }),
        |found| {
            let is_there = found.value.as_bool().ok_or_else(|| Wrong::new(format!("is {}", shown(found.value)), "write true or false"))?;
            Ok(if is_there { HowDraft::Present } else { HowDraft::Absent })
        },
    );
    let also = if outer {
        keys.one_or_many(Key::optional("also", "What must hold as well."), "also", |keys| test(keys, false)).unwrap_or_default()
    } else {
        Vec::new()
    };
    let names = ["is", "contains", "words", "matches", "above", "below", "present"];
    let given = names.iter().filter(|name| keys.has(name)).count();
    if given != 1 && !keys.is_describing() {
        let what = if given == 0 { "says nothing of the text at `at`" } else { "says several things of the text at `at`" };
        keys.problem(
            keys.line(),
            format!("a test {what}"),
            "write one of `is`, `contains`, `words`, `matches`, `above`, `below`, `present`; what must hold too goes into `also`",
        );
    }
    let how = is.or(contains).or(whole_words).or(matches.map(|at| HowDraft::Matches(at.value))).or(above).or(below).or(present.map(|at| at.value))?;
    Some(TestDraft { place: place?, how, also })
}
