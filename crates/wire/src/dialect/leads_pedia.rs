//! LeadsPedia: `/ping.do` and `/post.do`, by form or query. HTTP 200 throughout; XML unless `lp_response=JSON`.

use super::{
    Dialect, Example,
    heard::{Heard, Hearing, Request, Step, Words, fields},
    told::{Refusal, Said, Told, Verdict, Voice, verdict},
};
use crate::answer::{Format, Node};

pub(super) const DIALECT: Dialect = Dialect {
    name: "leadspedia",
    paths: &["/ping.do", "/post.do"],
    ping: Example { path: "/ping.do", words: &[("lp_campaign_id", "CAMPAIGN"), ("lp_campaign_key", "KEY")] },
    post: Some(Example { path: "/post.do", words: &[("lp_campaign_id", "CAMPAIGN"), ("lp_campaign_key", "KEY"), ("lp_ping_id", "PING")] }),
    direct: Example { path: "/post.do", words: &[("lp_campaign_id", "CAMPAIGN"), ("lp_campaign_key", "KEY")] },
    test: ("lp_test", "1"),
    hear,
    say,
};

fn hear(request: &Request<'_>) -> Hearing {
    let is_ping = request.path == "/ping.do";
    let (mut words, read) = Words::of_read(fields(request, None));
    let is_json = words.take("lp_response").is_some_and(|word| word.eq_ignore_ascii_case("json"));
    let voice = Voice::new(if is_json { Format::Json } else { Format::Xml }, is_ping);
    Hearing { voice, heard: read.and_then(|()| understand(words, is_ping)) }
}

fn understand(mut words: Words, is_ping: bool) -> Result<Heard, Refusal> {
    let campaign = words.need("lp_campaign_id");
    let key = Some(words.secret("lp_campaign_key"));
    let test = words.is_yes("lp_test");
    let ping = words.take("lp_ping_id");
    let step = match ping {
        _ if is_ping => Step::Ping,
        Some(ping) => Step::Post(ping),
        None => Step::Direct,
    };
    Ok(Heard { step, key, campaign, test, min_price: None, max_disclosures: None, fields: words.rest()? })
}

fn say(voice: &Voice, told: &Told<'_>) -> Said {
    let what = if voice.is_ping { "Ping" } else { "Lead" };
    let failed = |id: Option<(&'static str, Node)>, word: &str, errors: Vec<Node>| {
        let errors = Node::list("error", errors.into_iter().map(|error| named(voice.format, error)));
        let (id, node) = id.map_or(("lead_id", None), |(name, node)| (name, Some(node)));
        vec![
            ("result", Some(Node::text("failed"))),
            (id, node),
            ("price", Some(Node::text("0.00"))),
            ("msg", Some(Node::of(format!("{what} {word}")))),
            ("errors", Some(errors)),
        ]
    };
    let members = match told {
        Told::Quoted { ping, net, .. } => accepted("ping_id", Node::of(ping), Node::of(net), None, "Ping Accepted"),
        Told::Unmatched { ping, .. } => failed(Some(("ping_id", Node::of(ping))), "Rejected", vec![Node::text("No Match")]),
        Told::Lead { lead, status, net, redirect_url, .. } => match verdict(*status) {
            Verdict::Accepted => accepted("lead_id", Node::of(lead), Node::of(net), *redirect_url, "Lead Accepted"),
            Verdict::Duplicate => failed(Some(("lead_id", Node::of(lead))), "Rejected", vec![Node::text("Duplicate")]),
            Verdict::Rejected => failed(Some(("lead_id", Node::of(lead))), "Rejected", vec![Node::text("No Match")]),
        },
        Told::Refused(refusal) => failed(None, "Rejected", refusal.messages.iter().map(Node::of).collect()),
    };
    Said::of(200, voice.format, "response", &Node::object(members))
}

fn accepted(name: &'static str, id: Node, price: Node, redirect_url: Option<&str>, message: &'static str) -> Vec<(&'static str, Option<Node>)> {
    let redirect = redirect_url.map_or(Node::text(""), Node::of);
    let errors = Node::list("error", []);
    vec![
        ("result", Some(Node::text("success"))),
        (name, Some(id)),
        ("price", Some(price)),
        ("redirect_url", Some(redirect)),
        ("msg", Some(Node::text(message))),
        ("errors", Some(errors)),
    ]
}

/// XML names each entry of the list itself.
fn named(format: Format, error: Node) -> Node {
    match format {
        Format::Json => Node::object([("error", Some(error))]),
        Format::Xml => error,
    }
}
