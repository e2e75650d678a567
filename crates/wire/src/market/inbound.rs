//! A supplier's `[inbound]`: what its own system calls campaigns and fields.

use std::collections::BTreeMap;

use exchange::{
    id::VerticalName,
    supplier::{ContactInPing, Inbound},
};
use serde_json::json;

use super::{
    context::Context,
    keys::{At, Found, Key, Keys},
    nearest::suggestion,
    problem::Wrong,
    values::{name_schema, read_name, short_text},
};

/// In bytes: of a field's name.
const MOST_NAME: usize = 64;

/// `sent` are the verticals that the supplier may send.
pub(super) fn inbound(keys: &mut Keys<'_>, sent: &[VerticalName], context: &Context) -> Inbound {
    let campaigns = Key::optional("campaigns", "Its campaign ids, types of lead or flows, each with its vertical. A vertical's own name needs no entry.");
    let campaigns = keys.pairs(campaigns, name_schema, |found| campaign(found, sent, context));
    let fields = Key::optional("fields", "Its names of fields, each with ours: beside the aliases that the vertical has for everybody.");
    let text = || json!({ "type": "string", "minLength": 1, "maxLength": MOST_NAME });
    let fields = keys.pairs(fields, text, |found| field(found, sent, context));
    let request_id = Key::optional("request_id", "The field that tells one of its requests from another, as an Idempotency-Key does.");
    let request_id = keys.text(request_id, MOST_NAME);
    let contact = Key::optional("contact_in_ping", "What becomes of a personal field in a ping by a dialect: the ping is refused, or the field let go of.");
    let contact = keys.word(contact, &[("refuse", ContactInPing::Refused), ("drop", ContactInPing::Dropped)], Some("refuse"));
    let get = keys.boolean(Key::optional("get", "Whether a dialect's GET is taken: what stands in an address ends in the logs of others."), true);
    Inbound {
        campaigns: owned(campaigns),
        fields: owned(fields),
        request_id: request_id.map(|at| at.value.to_owned()),
        contact_in_ping: contact.map_or(ContactInPing::Refused, |at| at.value),
        refuses_get: !get,
    }
}

fn owned<T>(pairs: Vec<(&str, At<T>)>) -> BTreeMap<String, T> {
    pairs.into_iter().map(|(name, at)| (name.to_owned(), at.value)).collect()
}

fn campaign(found: Found<'_>, sent: &[VerticalName], context: &Context) -> Result<VerticalName, Wrong> {
    let name = context.check_vertical(read_name(found)?)?;
    if sent.contains(&name) {
        return Ok(name);
    }
    Err(Wrong::new(format!("names the vertical `{name}`, which this supplier doesn't send"), "add it to `verticals`"))
}

/// One that no vertical of the supplier has would be ignored without a word.
fn field(found: Found<'_>, sent: &[VerticalName], context: &Context) -> Result<String, Wrong> {
    let name = short_text(found, MOST_NAME)?;
    let drafts = || sent.iter().filter_map(|vertical| context.verticals.get(vertical));
    let is_unsure = drafts().any(|draft| draft.vertical.is_none() || draft.unsure.contains(&name.to_ascii_lowercase()));
    let verticals = || drafts().filter_map(|draft| draft.vertical.as_ref());
    if is_unsure || verticals().any(|vertical| vertical.find(name).is_some()) {
        return Ok(name.to_owned());
    }
    let known = verticals().flat_map(|vertical| vertical.fields().iter().map(|field| field.name.as_str()));
    Err(Wrong::new(format!("names the field `{name}`, which no vertical of this supplier has"), suggestion(name, known)))
}
