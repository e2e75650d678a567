//! Requests that are ready for a shell: native ones, and those of every dialect that the exchange listens to.

use exchange::{id::VerticalName, supplier::Supplier};
use serde_json::{Map, Value};
use wire::dialect;

use crate::intake::Mount;

/// A request, ready for a shell.
#[derive(Debug)]
pub struct Example {
    pub title: String,
    pub command: String,
}

pub fn all(
    vertical: &VerticalName,
    supplier: &Supplier,
    mounts: &[Mount],
    address: &str,
    ping: &Map<String, Value>,
    post: &Map<String, Value>,
) -> Vec<Example> {
    let mut examples = vec![
        native("A ping", address, &format!("/v1/pings/{vertical}"), ping),
        native("The post of a ping", address, "/v1/pings/PING_ID/post", post),
        native("A direct post: ping, auction and post in one", address, &format!("/v1/leads/{vertical}"), post),
        Example {
            title: "Where a lead stands".into(),
            command: format!("curl -H 'Authorization: Bearer KEY' {}", quoted(&format!("{address}/v1/leads/LEAD_ID"))),
        },
    ];
    let campaign = campaign(vertical, supplier);
    for mount in mounts {
        let of = |title: &str, example: &dialect::Example, fields: &Map<String, Value>| spoken(mount, title, example, &campaign, address, fields);
        examples.push(of("a ping", &mount.dialect.ping, ping));
        examples.extend(mount.dialect.post.as_ref().map(|example| of("the post of a ping", example, post)));
        examples.push(of("a direct post", &mount.dialect.direct, post));
    }
    examples
}

fn native(title: &str, address: &str, path: &str, fields: &Map<String, Value>) -> Example {
    let mut fields = fields.clone();
    fields.insert("test".into(), Value::Bool(true));
    let body = Value::Object(fields).to_string();
    let command = format!(
        "curl -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' \\\n  -d {} \\\n  {}",
        quoted(&body),
        quoted(&format!("{address}{path}"))
    );
    Example { title: title.into(), command }
}

fn spoken(mount: &Mount, title: &str, example: &dialect::Example, campaign: &str, address: &str, fields: &Map<String, Value>) -> Example {
    let filled = |word: &str| word.replace("CAMPAIGN", campaign);
    let words = example.words.iter().map(|(name, value)| ((*name).to_owned(), filled(value)));
    let test = (mount.dialect.test.0.to_owned(), mount.dialect.test.1.to_owned());
    let lead = fields.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    let parts: String =
        words.chain([test]).chain(lead).map(|(name, value)| format!("  --data-urlencode {} \\\n", quoted(&format!("{name}={value}")))).collect();
    let url = quoted(&format!("{address}{}{}", mount.prefix, filled(example.path)));
    Example { title: format!("In the words of {}: {title}", mount.dialect.name), command: format!("curl \\\n{parts}  {url}") }
}

/// One word of a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// What the supplier's own system calls a vertical; the vertical's name, where its table has none.
fn campaign(name: &VerticalName, supplier: &Supplier) -> String {
    let own = supplier.inbound.campaigns.iter().find(|(_, vertical)| *vertical == name);
    own.map_or_else(|| name.to_string(), |(campaign, _)| campaign.clone())
}
