//! boberdoo: `/new_api/api.php` and its JSON and XML forms. HTTP 200 throughout; the answer is XML unless `Format=JSON`.
//!
//! Hashes of a phone or an e-mail are let go of: who has the number can make the same hash, so they are not anonymous.

use exchange::raw::RawFields;

use super::{
    Dialect, Example,
    heard::{Heard, Hearing, Request, Step, Words, fields},
    told::{Refusal, Said, Told, Verdict, Voice, verdict},
};
use crate::{
    answer::{Format, Node},
    body::MediaType,
};

pub(super) const DIALECT: Dialect = Dialect {
    name: "boberdoo",
    paths: &["/new_api/api.php", "/new_api/apiJSON.php", "/new_api/apiXML.php", "/apiJSON.php", "/apiXML.php"],
    ping: Example {
        path: "/new_api/api.php",
        words: &[("Key", "KEY"), ("API_Action", "pingPostLead"), ("Mode", "ping"), ("TYPE", "CAMPAIGN"), ("SRC", "web")],
    },
    post: Some(Example {
        path: "/new_api/api.php",
        words: &[("Key", "KEY"), ("API_Action", "pingPostLead"), ("Mode", "post"), ("Lead_ID", "PING"), ("TYPE", "CAMPAIGN"), ("SRC", "web")],
    }),
    direct: Example { path: "/new_api/api.php", words: &[("Key", "KEY"), ("API_Action", "submitLead"), ("TYPE", "CAMPAIGN"), ("SRC", "web")] },
    test: ("Test_Lead", "1"),
    hear,
    say,
};

/// What of a request is neither said to buyers nor kept.
const LET_GO: [&str; 4] = ["Hash_Type", "Email_Hash", "Phone_Hash", "Return_Best_Price"];

fn hear(request: &Request<'_>) -> Hearing {
    let (media, own) = if request.path.ends_with("JSON.php") {
        (Some(MediaType::Json), Format::Json)
    } else if request.path.ends_with("XML.php") {
        (Some(MediaType::Xml), Format::Xml)
    } else {
        (None, Format::Xml)
    };
    let (mut words, read) = Words::of_read(fields(request, media).map(inner));
    let format = match words.take("Format") {
        Some(word) if word.eq_ignore_ascii_case("json") => Format::Json,
        Some(word) if word.eq_ignore_ascii_case("xml") => Format::Xml,
        _ => own,
    };
    let (action, mode) = (words.take("API_Action"), words.take("Mode"));
    let voice = Voice::new(format, mode.as_deref() == Some("ping"));
    let heard = read.and_then(|()| understand(words, action.as_deref(), mode.as_deref()));
    Hearing { voice, heard }
}

/// The fields lie in a `Request`, which is the root in XML, and there in a `Data`.
fn inner(fields: RawFields) -> RawFields {
    let bare = |name: String| {
        let name = name.strip_prefix("Request.").map(str::to_owned).unwrap_or(name);
        name.strip_prefix("Data.").map(str::to_owned).unwrap_or(name)
    };
    fields.into_iter().map(|(name, value)| (bare(name), value)).collect()
}

fn understand(mut words: Words, action: Option<&str>, mode: Option<&str>) -> Result<Heard, Refusal> {
    let step = match (action, mode) {
        (Some("pingPostLead"), Some("ping")) => Step::Ping,
        (Some("pingPostLead"), Some("post")) => Step::Post(words.need("Lead_ID")),
        (Some("pingPostLead"), Some("full")) | (Some("submitLead"), _) => Step::Direct,
        (Some("pingPostLead"), _) => {
            words.wrong("Mode must be ping, post or full".into());
            Step::Direct
        }
        _ => {
            words.wrong("API_Action must be pingPostLead or submitLead".into());
            Step::Direct
        }
    };
    let key = Some(words.secret("Key"));
    let campaign = words.need("TYPE");
    if !words.has("SRC") {
        words.wrong("SRC is missing".into());
    }
    let cost = words.take("Cost").filter(|_| step == Step::Ping);
    let max_disclosures = words.count("Allowed_Times_Sold");
    let test = words.is_yes("Test_Lead");
    LET_GO.iter().for_each(|name| drop(words.take(name)));
    // A cost of nothing, or less, asks for nothing.
    let cost = cost.filter(|cost| !cost.starts_with('-') && cost.bytes().any(|byte| byte != b'0' && byte != b'.'));
    let min_price = cost.and_then(|cost| words.money("Cost", &cost));
    Ok(Heard { step, key, campaign, test, min_price, max_disclosures, fields: words.rest()? })
}

fn say(voice: &Voice, told: &Told<'_>) -> Said {
    let members = match told {
        Told::Quoted { ping, net, .. } => [("status", Some(Node::text("Matched"))), ("lead_id", Some(Node::of(ping))), ("price", Some(Node::of(net)))].to_vec(),
        Told::Unmatched { ping, .. } => {
            [("status", Some(Node::text("Unmatched"))), ("lead_id", Some(Node::of(ping))), ("price", Some(Node::text("0.00")))].to_vec()
        }
        Told::Lead { lead, status, net, reason, redirect_url } => {
            let word = match verdict(*status) {
                Verdict::Accepted => "Matched",
                Verdict::Duplicate | Verdict::Rejected => "Unmatched",
            };
            let why = (word == "Unmatched").then(|| Node::of(reason.unwrap_or(status.word())));
            let redirect = redirect_url.map(Node::of);
            [("status", Some(Node::text(word))), ("lead_id", Some(Node::of(lead))), ("price", Some(Node::of(net))), ("reason", why), ("redirect_url", redirect)]
                .to_vec()
        }
        Told::Refused(refusal) => {
            let status = Node::text("Error");
            match voice.format {
                Format::Json => [("status", Some(status)), ("error", Some(Node::of(refusal.messages.join("; "))))].to_vec(),
                Format::Xml => {
                    let errors = refusal.messages.iter().map(|message| ("error", Some(Node::of(message))));
                    std::iter::once(("status", Some(status))).chain(errors).collect()
                }
            }
        }
    };
    let node = Node::object(members);
    match voice.format {
        Format::Json => Said::of(200, Format::Json, "response", &Node::object([("response", Some(node))])),
        Format::Xml => Said::of(200, Format::Xml, "response", &node),
    }
}
