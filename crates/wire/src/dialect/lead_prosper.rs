//! Lead Prosper: `/ping`, `/post` and `/direct_post`, by form or JSON; answers are JSON, with HTTP 200 throughout.
//!
//! `code` is 0 for what was accepted, 1 for what was rejected, 2 for a duplicate, and for an error the status that a native request
//! would have heard.

use super::{
    Dialect, Example,
    heard::{Heard, Hearing, Request, Step, Words, fields},
    told::{Refusal, Said, Told, Verdict, Voice, verdict},
};
use crate::answer::{Format, Node};

pub(super) const DIALECT: Dialect = Dialect {
    name: "lead_prosper",
    paths: &["/ping", "/post", "/direct_post"],
    ping: Example { path: "/ping", words: &[("lp_campaign_id", "CAMPAIGN"), ("lp_supplier_id", "1"), ("lp_key", "KEY")] },
    post: Some(Example { path: "/post", words: &[("lp_campaign_id", "CAMPAIGN"), ("lp_supplier_id", "1"), ("lp_key", "KEY"), ("lp_ping_id", "PING")] }),
    direct: Example { path: "/direct_post", words: &[("lp_campaign_id", "CAMPAIGN"), ("lp_supplier_id", "1"), ("lp_key", "KEY")] },
    test: ("lp_action", "test"),
    hear,
    say,
};

fn hear(request: &Request<'_>) -> Hearing {
    let voice = Voice::new(Format::Json, request.path == "/ping");
    let heard = if request.is_get { Err(Refusal::new(405, "send it by POST")) } else { fields(request, None).and_then(|read| understand(read, request.path)) };
    Hearing { voice, heard }
}

fn understand(read: exchange::raw::RawFields, path: &str) -> Result<Heard, Refusal> {
    let mut words = Words::of(read);
    let campaign = words.need("lp_campaign_id");
    words.need("lp_supplier_id");
    let key = Some(words.secret("lp_key"));
    let action = words.take("lp_action");
    let test = action.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("test"));
    if action.is_some() && !test {
        words.wrong("lp_action must be test, or be left out".into());
    }
    let step = match path {
        "/ping" => Step::Ping,
        "/post" => Step::Post(words.need("lp_ping_id")),
        _ => Step::Direct,
    };
    let bids = words.take_all("bid_id");
    let chosen = bids.iter().flat_map(|ids| ids.split(',')).filter(|id| !id.trim().is_empty()).count();
    // Whoever names some of the bids sells to so many buyers and to no more.
    let max_disclosures = u32::try_from(chosen).ok().filter(|chosen| *chosen > 0);
    Ok(Heard { step, key, campaign, test, min_price: None, max_disclosures, fields: words.rest()? })
}

fn say(_: &Voice, told: &Told<'_>) -> Said {
    let members = match told {
        Told::Quoted { ping, net, legs } => {
            let bids = legs.iter().enumerate().map(|(place, net)| {
                let id = Node::of(place + 1);
                Node::object([("bid_id", Some(id)), ("payout", Some(Node::decimal(net)))])
            });
            let bids = (!legs.is_empty()).then(|| Node::list("bid", bids));
            vec![
                ("status", Some(Node::text("ACCEPTED"))),
                ("ping_id", Some(Node::of(ping))),
                ("payout", Some(Node::decimal(net))),
                ("code", Some(Node::Integer(0))),
                ("message", Some(Node::text("Ping accepted"))),
                ("bids", bids),
            ]
        }
        Told::Unmatched { ping, reason } => vec![
            ("status", Some(Node::text("REJECTED"))),
            ("ping_id", Some(Node::of(ping))),
            ("payout", Some(Node::Integer(0))),
            ("code", Some(Node::Integer(1))),
            ("message", Some(Node::of(reason))),
        ],
        Told::Lead { lead, status, net, reason, redirect_url } => {
            let (word, code, message) = match verdict(*status) {
                Verdict::Accepted => ("ACCEPTED", 0, "Lead accepted"),
                Verdict::Duplicate => ("DUPLICATED", 2, "Lead duplicated"),
                Verdict::Rejected => ("REJECTED", 1, reason.unwrap_or("Lead rejected")),
            };
            vec![
                ("status", Some(Node::text(word))),
                ("code", Some(Node::Integer(code))),
                ("message", Some(Node::of(message))),
                ("lead_id", Some(Node::of(lead))),
                ("payout", Some(Node::decimal(net))),
                ("redirect_url", redirect_url.map(Node::of)),
            ]
        }
        Told::Refused(refusal) => vec![
            ("status", Some(Node::text("ERROR"))),
            ("code", Some(Node::Integer(refusal.status.into()))),
            ("message", Some(Node::of(refusal.messages.join("; ")))),
        ],
    };
    Said::of(200, Format::Json, "response", &Node::object(members))
}
