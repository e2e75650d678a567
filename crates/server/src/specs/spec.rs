//! What the instructions say, before it has a form.

use exchange::{
    market::Market,
    schema::{Field, Required, Vertical},
    supplier::{QuoteKind, Supplier},
};
use serde_json::{Map, Value};

use super::{
    example::{self, Example},
    field,
};
use crate::{intake::Mount, made_up};

#[derive(Debug)]
pub struct Spec {
    pub supplier: String,
    pub label: String,
    pub revision: u64,
    pub currency: String,
    pub address: String,
    /// The supplier's own terms that bear on how it sends.
    pub terms: Vec<String>,
    pub verticals: Vec<VerticalSpec>,
    /// To what, with which status, and what it says.
    pub answers: Vec<(&'static str, &'static str, &'static str)>,
    pub errors: Vec<(u16, &'static str)>,
}

#[derive(Debug)]
pub struct VerticalSpec {
    pub name: String,
    pub label: String,
    pub fields: Vec<FieldSpec>,
    pub ping: Map<String, Value>,
    pub post: Map<String, Value>,
    pub examples: Vec<Example>,
}

#[derive(Debug)]
pub struct FieldSpec {
    pub name: String,
    /// Aliases and the supplier's own names.
    pub others: String,
    /// `required`, `optional` or `never`: a personal field is refused in a ping.
    pub ping: &'static str,
    pub post: &'static str,
    pub kind: &'static str,
    pub rule: String,
    pub shown: String,
    pub example: String,
}

const ANSWERS: [(&str, &str, &str); 8] = [
    ("a ping", "matched", "ping_id, the net price, when the quote expires; legs, where several buyers would share the lead"),
    ("a ping", "unmatched", "nobody would buy it, with the reason"),
    ("a post", "sold", "lead_id and the net price; redirect_url, where the consumer goes on at the buyer's"),
    ("a post", "unsold", "nobody bought it, with the reason"),
    ("a post", "duplicate", "the person was sent before; duplicate_of, where it was you"),
    ("a post", "pending", "a buyer may have the contact and hasn't said so yet: don't sell it elsewhere, and ask GET /v1/leads/{lead_id}"),
    ("a lead, later", "returned", "its buyer gave it back"),
    ("the same post again", "", "where the lead stands now"),
];

const ERRORS: [(u16, &str); 12] = [
    (400, "the body can't be read; the place is named"),
    (401, "no key, or one that isn't known"),
    (403, "not yours: the vertical, or a supplier that is suspended"),
    (404, "no such vertical, ping or lead of yours"),
    (409, "the same request is still being worked on, or the ping was posted with another payload"),
    (410, "the quote has expired: ping again"),
    (413, "more than 64 KiB"),
    (415, "neither JSON, form nor XML"),
    (422, "fields must be corrected; also an Idempotency-Key that was used for another request"),
    (429, "faster than your rate: wait as Retry-After says"),
    (500, "a mistake of the exchange: send the same request again"),
    (503, "can't be stored durably now: send the same request again when Retry-After is over"),
];

impl Spec {
    pub fn of(market: &Market, supplier: &Supplier, mounts: &[Mount], address: &str) -> Self {
        let verticals = supplier.verticals.iter().filter_map(|name| market.vertical(name));
        Self {
            supplier: supplier.name.to_string(),
            label: supplier.label.clone(),
            revision: market.revision().0,
            currency: market.currency().code().to_owned(),
            address: address.to_owned(),
            terms: terms(market, supplier),
            verticals: verticals.map(|vertical| VerticalSpec::of(vertical, supplier, mounts, address)).collect(),
            answers: ANSWERS.to_vec(),
            errors: ERRORS.to_vec(),
        }
    }
}

fn terms(market: &Market, supplier: &Supplier) -> Vec<String> {
    let policy = market.quote_policy(supplier);
    let kind = match policy.kind {
        QuoteKind::Firm => "a firm quote holds the buyer's cap and credit",
        QuoteKind::Indicative => "an indicative quote promises nothing of caps and credit",
    };
    let after = if supplier.accept_requote { "after that a post is auctioned again" } else { "after that a post is refused with 410" };
    let mut terms = vec![format!("A quote lives {} seconds, or shorter where a bid does: {kind}; {after}.", policy.ttl.as_secs())];
    if let Some(rate) = supplier.rate_limit_per_s {
        terms.push(format!("You may send {rate} requests a second."));
    }
    terms
}

impl VerticalSpec {
    fn of(vertical: &Vertical, supplier: &Supplier, mounts: &[Mount], address: &str) -> Self {
        let examples_of = |wanted: fn(&Field) -> bool| -> Map<String, Value> {
            vertical.fields().iter().filter(|field| wanted(field)).map(|field| (field.name.clone(), Value::String(made_up::value(field)))).collect()
        };
        let mut fields: Vec<&Field> = vertical.fields().iter().collect();
        // What a ping needs first, then what it may have, then what the post needs.
        fields.sort_by_key(|field| (!field.is_shown(), field.required != Required::Ping, field.required == Required::No));
        let ping = examples_of(|field| field.is_shown() && field.required == Required::Ping);
        let post = examples_of(|field| field.required != Required::No);
        Self {
            name: vertical.name.to_string(),
            label: vertical.label.clone(),
            fields: fields.into_iter().map(|field| FieldSpec::of(field, supplier)).collect(),
            examples: example::all(&vertical.name, supplier, mounts, address, &ping, &post),
            ping,
            post,
        }
    }
}

impl FieldSpec {
    fn of(field: &Field, supplier: &Supplier) -> Self {
        let own = supplier.inbound.fields.iter().filter(|(_, ours)| is_named(field, ours)).map(|(theirs, _)| theirs.clone());
        let others: Vec<String> = field.aliases.iter().cloned().chain(own).collect();
        Self {
            name: field.name.clone(),
            others: others.join(", "),
            ping: in_ping(field),
            post: if field.required == Required::No { "optional" } else { "required" },
            kind: field.kind.word(),
            rule: field::rule(field),
            shown: field::shown(field),
            example: made_up::value(field),
        }
    }
}

fn is_named(field: &Field, name: &str) -> bool {
    std::iter::once(&field.name).chain(&field.aliases).any(|known| known.eq_ignore_ascii_case(name))
}

fn in_ping(field: &Field) -> &'static str {
    match (field.is_shown(), field.required) {
        (true, Required::Ping) => "required",
        (true, _) => "optional",
        (false, _) => "never",
    }
}
