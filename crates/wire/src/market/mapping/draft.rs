//! What `[endpoint]` says of a buyer's own interface, before fields have places: a preset's draft lies under the buyer's.

use exchange::mapping::Method;
use serde_json::json;

use super::{
    super::keys::{At, Found, Key, Keys},
    answer::{AnswerDraft, answer},
    body_format::BodyFormat,
    path::is_header,
    template::{self, Part},
    value::{FieldDraft, ValueDraft, describe_field, describe_value, field, value},
};
use crate::market::problem::Wrong;

#[derive(Clone, Debug, Default)]
pub(in crate::market) struct MappingDraft {
    pub(super) own: Vec<(String, At<ValueDraft>)>,
    pub(super) fields: Vec<(String, At<FieldDraft>)>,
    pub(super) ping: Option<At<RequestDraft>>,
    pub(super) post: Option<At<RequestDraft>>,
    pub(super) confirm: Option<At<RequestDraft>>,
    pub(super) status: Option<At<RequestDraft>>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct RequestDraft {
    pub method: Option<Method>,
    pub format: Option<BodyFormat>,
    pub content_type: Option<String>,
    pub headers: Vec<(String, At<ValueDraft>)>,
    pub path: Option<At<Vec<Part>>>,
    pub query: Vec<(String, At<ValueDraft>)>,
    pub lead: Option<At<Lead>>,
    pub set: Vec<(String, At<ValueDraft>)>,
    pub body: Option<At<Vec<Part>>>,
    pub answer: AnswerDraft,
}

/// Whether all of the lead's fields go out, and under which path.
#[derive(Clone, Debug)]
pub(super) enum Lead {
    Left,
    Under(String),
}

impl MappingDraft {
    /// What this one says goes before what the other says.
    pub(super) fn over(self, base: Self) -> Self {
        Self {
            own: merged(self.own, base.own),
            fields: merged(self.fields, base.fields),
            ping: over(self.ping, base.ping),
            post: over(self.post, base.post),
            confirm: over(self.confirm, base.confirm),
            status: over(self.status, base.status),
        }
    }
}

fn merged<T>(own: Vec<(String, At<T>)>, base: Vec<(String, At<T>)>) -> Vec<(String, At<T>)> {
    let mut all = base;
    for (name, value) in own {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => all.push((name, value)),
        }
    }
    all
}

fn over(own: Option<At<RequestDraft>>, base: Option<At<RequestDraft>>) -> Option<At<RequestDraft>> {
    match (own, base) {
        (Some(own), Some(base)) => Some(At { value: own.value.over(base.value), line: own.line }),
        (own, base) => own.or(base),
    }
}

impl RequestDraft {
    fn over(self, base: Self) -> Self {
        // A body of the buyer's own stands for all that the preset puts together.
        let base = if self.body.is_some() { Self { set: Vec::new(), lead: None, ..base } } else { base };
        let body = self.body.or(if self.set.is_empty() && self.lead.is_none() { base.body } else { None });
        Self {
            method: self.method.or(base.method),
            format: self.format.or(base.format),
            content_type: self.content_type.or(base.content_type),
            headers: merged(self.headers, base.headers),
            path: self.path.or(base.path),
            query: merged(self.query, base.query),
            lead: self.lead.or(base.lead),
            set: merged(self.set, base.set),
            body,
            answer: self.answer.over(base.answer),
        }
    }
}

pub(super) fn mapping(keys: &mut Keys<'_>) -> MappingDraft {
    let own =
        keys.entries(Key::optional("own", "Values of this buyer, by name, for use as `own.NAME`: ids, keys, texts made of others."), describe_value, value);
    let fields = Key::optional("fields", "What the buyer calls the lead's fields, and how it wants them written. `false` leaves one out.");
    let fields = keys.entries(fields, describe_field, field);
    let mut requests = |name, doc| keys.shared_table(Key::optional(name, doc), "request", request);
    MappingDraft {
        own,
        fields,
        ping: requests("ping", "What goes to `ping_url`, and how its answer is read."),
        post: requests("post", "What goes to `post_url`, and how its answer is read."),
        confirm: requests("confirm", "What goes to `confirm_url`, and how its answer is read."),
        status: requests("status", "What goes to `status_url`, and how its answer is read."),
    }
}

fn request(keys: &mut Keys<'_>) -> RequestDraft {
    let method = keys.word(Key::optional("method", "Default: POST; GET where the format is `query`."), &Method::WORDS, None);
    let formats = [("json", BodyFormat::Json), ("xml", BodyFormat::Xml), ("form", BodyFormat::Form), ("query", BodyFormat::Query), ("text", BodyFormat::Text)];
    let format = keys.word(Key::optional("format", "What goes out. Default: `json`."), &formats, None);
    let content_type = keys.text(Key::optional("content_type", "Default: the format's own."), 128);
    let headers = keys.entries(Key::optional("headers", "Headers by name, each a value."), describe_value, header);
    let path = Key::optional("path", "What is added to the address, with values in it: `{{post.reference}}/accept`.");
    let path = keys.value(path, None, || json!({ "type": "string", "minLength": 1 }), |found| path_of(found.text()?));
    let query = keys.entries(Key::optional("query", "Pairs that are added to the address."), describe_value, value);
    let describe = || json!({ "type": ["string", "boolean"] });
    let lead =
        keys.value(Key::optional("lead", "All fields of the lead that may go out here: under this path, \"\" for the outermost."), None, describe, |found| {
            match (found.value.as_bool(), found.value.as_str()) {
                (Some(false), _) => Ok(Lead::Left),
                (_, Some(path)) => Ok(Lead::Under(path.to_owned())),
                _ => Err(Wrong::new("is no path", "write \"\" for the outermost, a path like \"Request.Data\", or false")),
            }
        });
    let set = keys.entries(Key::optional("set", "Values by the buyer's names; points nest them, and `@` begins an attribute of XML."), describe_value, value);
    let body = Key::optional("body", "The whole body, with `{{NAME}}` and `{{#if NAME}}…{{else}}…{{/if}}` in it, instead of `set` and `lead`.");
    let body = keys.value(body, None, || json!({ "type": "string", "maxLength": template::MOST_BYTES }), |found| template::parse(found.text()?));
    if keys.has("body") && (keys.has("set") || keys.has("lead")) {
        keys.problem(keys.line(), "a request has both `body` and `set` or `lead`", "keep one way: `body` is the whole of it");
    }
    let answer = keys.shared_table(Key::optional("answer", "How the answer is read."), "answer", answer).map(|at| at.value).unwrap_or_default();
    RequestDraft {
        method: method.map(|at| at.value),
        format: format.map(|at| at.value),
        content_type: content_type.map(|at| at.value.to_owned()),
        headers,
        path,
        query,
        lead,
        set,
        body,
        answer,
    }
}

fn path_of(text: &str) -> Result<Vec<Part>, Wrong> {
    let parts = template::parse(text)?;
    let is_step = |text: &str| !text.contains(|character: char| !character.is_ascii_graphic() || "?#\\%".contains(character));
    let is_path = parts.iter().all(|part| match part {
        Part::Text(text) => is_step(text) && !text.split('/').any(|step| step == "." || step == ".."),
        Part::Name(_) => true,
        Part::If { .. } => false,
    });
    let mend = "write steps and values like \"{{post.reference}}/accept\"; pairs go into `query`";
    if is_path { Ok(parts) } else { Err(Wrong::new("is no part of a path", mend)) }
}

/// What the connection itself is told isn't a mapping's to say.
const OURS: [&str; 13] = [
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];

fn header<'a>(keys: &mut Keys<'a>, name: &'a str, found: Found<'a>) -> Option<ValueDraft> {
    let lower = name.to_ascii_lowercase();
    if !is_header(&lower) || OURS.contains(&lower.as_str()) {
        keys.wrong(name, found.line, &Wrong::new("is no header that may be set", "take it out; the body's type is `content_type`"));
        return None;
    }
    value(keys, name, found)
}
