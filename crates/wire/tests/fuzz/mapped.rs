//! What buyers with an interface of their own answer, and the files that say how it is read.

use std::sync::{Arc, LazyLock};

use exchange::{
    buyer::Protocol,
    call::{CallFailure, PingReply, PostReply},
    contract::SaleKinds,
    mapping::Mapping,
    money::{Currency, Money},
};
use fuzz::{Seen, seen};
use wire::{
    mapped::{Heard, Offered, read_bid, read_post, read_status},
    market::{Problem, read},
    native::PostAttempt,
};

use crate::world::small;

pub const WORDS: &[&str] = &[
    "{\"status\": \"ok\", \"price\": \"12.50\", \"ref\": 7}",
    "<r status=\"ok\"><price>$1,234.50</price><ref>7</ref></r>",
    "\"status\": ",
    "\"ok\"",
    "\"no\"",
    "\"dup\"",
    "\"price\": ",
    "\"bids\": [",
    "\"kind\": \"shared\"",
    "<bids>",
    "<bid price='7' kind='shared'/>",
    "</bids>",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE x [<!ENTITY y \"z\">]>",
    "&y;",
    "&#x24;",
    "ACCEPT|12,50|ref=77",
    "1,234.50",
    "-1",
    "1e9",
    "null",
    "[",
    "]",
    "{",
    "}",
    "\u{feff}",
];

const BUYER: &str = r#"label = "Harbor"
[endpoint]
protocol = "mapped"
ping_url = "https://harbor.example/ping"
post_url = "https://harbor.example/post"
status_url = "https://harbor.example/status"
[endpoint.ping]
lead = ""
[endpoint.ping.answer]
accepted = [{ at = "status", is = "ok" }, { at = "r/@status", is = "ok" }, { at = 'regex:^(ACCEPT)\|', is = "ACCEPT" }]
rejected = [{ at = "status", is = "no" }, { at = "r/@status", is = "no" }]
duplicate = { at = "status", is = "dup" }
price = { at = "price", or = "r/price", round = true }
shared_price = "shared"
reference = { a = "ref" }
reason = ["why", "r/why", "body"]
bids = { at = "bids", price = "price", reference = { b = "id" }, shared = { at = "kind", is = "shared" } }
[endpoint.post]
lead = ""
[endpoint.post.answer]
accepted = [{ at = "status", is = "ok" }, { at = "header:x-status", is = "sold" }]
rejected = { at = "status", is = "no" }
duplicate = { at = "status", contains = "dup" }
reason = "why"
redirect = "go"
lead_reference = "ref"
[endpoint.status]
format = "query"
set = { id = "{{post.id}}" }
[endpoint.status.answer]
accepted = { at = "status", is = "ok" }
rejected = { at = "status", is = "no" }
[contracts.west]
vertical = "loans"
price = "bid"
"#;

static MAPPING: LazyLock<Arc<Mapping>> = LazyLock::new(|| {
    let mut bundle = small();
    bundle.files.insert("buyers/harbor.toml".to_owned(), BUYER.to_owned());
    match &read(&bundle).unwrap_or_else(|problems| panic!("{problems:#?}")).0.buyers[0].endpoint.protocol {
        Protocol::Mapped(mapping) => Arc::clone(mapping),
        _ => panic!("it is mapped"),
    }
});

fn failed(failure: &CallFailure, bytes: &[u8]) {
    match failure {
        CallFailure::Unread { what, answer } => {
            assert!(answer.as_str().len() <= 2048 && what.len() < 100, "{what}");
            let whole = String::from_utf8_lossy(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).into_owned();
            assert!(whole.starts_with(answer.as_str()), "what is kept is how the answer begins");
        }
        CallFailure::TooLarge => assert!(bytes.len() > 65_536),
        CallFailure::Status(_) | CallFailure::Later => {}
        other => panic!("{other} is no failure of a reply"),
    }
}

/// The first byte is the status, the second the kinds; the reply follows.
pub fn reply(bytes: &[u8]) -> Seen {
    const STATUSES: [u16; 12] = [200, 201, 204, 299, 302, 400, 404, 408, 429, 500, 503, 409];
    let digit = |place: usize| bytes.get(place).copied().unwrap_or(b'0').wrapping_sub(b'0');
    let (status, choice, body) = (STATUSES[usize::from(digit(0)) % STATUSES.len()], digit(1), bytes.get(2..).unwrap_or_default());
    let heard = Heard { status, headers: &[], body };
    let kinds = SaleKinds { exclusive: choice & 1 == 0, shared: choice & 2 != 0 || choice & 1 != 0 };
    let bid = read_bid(&MAPPING.ping, &heard, Offered { currency: Currency::USD, kinds, agreed: None });
    match &bid {
        PingReply::Bid(bid) => {
            assert!((200..300).contains(&status) && (bid.bid.is_some() || bid.shared_bid.is_some()));
            assert!(bid.bid.is_none() || kinds.exclusive, "a price for what wasn't offered");
            assert!(bid.shared_bid.is_none() || kinds.shared, "a price for what wasn't offered");
            for price in [bid.bid, bid.shared_bid].into_iter().flatten() {
                assert!(price.is_positive() && price <= Money::MAX && price.micros() % 10_000 == 0, "{price}");
            }
            assert!(bid.reference.as_ref().is_some_and(|text| text.len() <= 2048), "the mapping names a reference");
        }
        PingReply::NoBid(reason) => assert!(reason.as_ref().is_none_or(|reason| reason.chars().count() <= 200)),
        PingReply::Failed(failure) => failed(failure, body),
    }
    let attempt = PostAttempt { repeat: choice & 4 != 0, idempotent: choice & 8 == 0 };
    let post = read_post(&MAPPING.post, &heard, attempt);
    let asked = MAPPING.status.as_ref().map(|answer| read_status(answer, &heard)).unwrap();
    for reply in [&post, &asked] {
        match reply {
            PostReply::Accepted { redirect_url, .. } => {
                assert!((200..300).contains(&status), "{status} accepts nothing");
                assert!(redirect_url.as_ref().is_none_or(|url| ["http", "https"].contains(&url::Url::parse(url).unwrap().scheme())));
            }
            PostReply::Rejected { .. } => assert!(status < 500 && !matches!(status, 302 | 408 | 429), "{status} says nothing"),
            PostReply::Unknown(failure) => failed(failure, body),
            PostReply::Unsent(_) => panic!("whoever answers was sent something"),
        }
    }
    let kind = match &bid {
        PingReply::Bid(bid) => format!("bid {} {}", bid.bid.is_some(), bid.shared_bid.is_some()),
        PingReply::NoBid(reason) => format!("none {}", reason.is_some()),
        PingReply::Failed(failure) => failure.to_string(),
    };
    seen((kind, std::mem::discriminant(&post), std::mem::discriminant(&asked)))
}

pub const FILE_WORDS: &[&str] = &[
    "protocol = \"mapped\"\n",
    "protocol = \"boberdoo\"\n",
    "[endpoint.ping]\n",
    "[endpoint.post]\n",
    "[endpoint.ping.answer]\n",
    "[endpoint.own]\n",
    "[endpoint.fields]\n",
    "lead = \"\"\n",
    "format = \"xml\"\n",
    "format = \"text\"\n",
    "body = '''",
    "'''\n",
    "{{state}}",
    "{{phone}}",
    "{{#if owner}}",
    "{{else}}",
    "{{/if}}",
    "{{own.a}}",
    "set = { a = \"{{zip}}\" }\n",
    "\"a.b.@c\" = ",
    "accepted = { at = \"status\", is = \"ok\" }\n",
    "price = \"bids[0].price\"\n",
    "price = 'regex:([0-9]+)'\n",
    "reference = \"r/@id\"\n",
    "statuses = { 4xx = \"rejected\" }\n",
    "a = \"{{own.a}}\"\n",
    "<a b=\"",
    "<!--",
    "\\",
];

/// A buyer's file of these bytes: whatever it says, it is taken or told, and what is taken shows no ping a contact.
pub fn file(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let mut bundle = small();
    let addresses = "ping_url = \"https://h.example/i\"\npost_url = \"https://h.example/o\"";
    let contract = "[contracts.west]\nvertical = \"loans\"\nprice = \"bid\"";
    bundle.files.insert("buyers/harbor.toml".to_owned(), format!("label = \"Harbor\"\n[endpoint]\n{addresses}\n{text}\n{contract}\n"));
    match read(&bundle) {
        Ok((parts, warnings)) => {
            assert!(!warnings.iter().any(Problem::is_error));
            if let Protocol::Mapped(mapping) = &parts.buyers[0].endpoint.protocol {
                let ping = format!("{:?}", mapping.requests.first().and_then(|(_, requests)| requests.ping.as_ref()));
                for (index, field) in parts.verticals[0].indexed().filter(|(_, field)| !field.is_shown()) {
                    assert!(!ping.contains(&format!("Field({index:?})")), "{} in a ping", field.name);
                }
            }
            seen(("taken", warnings.len()))
        }
        Err(problems) => {
            assert!(problems.iter().any(Problem::is_error), "refused for nothing");
            seen(problems.iter().map(|problem| problem.mend.as_str()).collect::<Vec<_>>())
        }
    }
}
