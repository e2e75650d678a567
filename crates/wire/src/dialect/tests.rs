use exchange::{
    command::LeadStatus,
    id::{LeadId, PingId},
};
use proptest::prelude::*;

use super::*;

fn request<'a>(path: &'a str, content_type: Option<&'a str>, body: &'a [u8]) -> Request<'a> {
    Request { is_get: false, path, query: None, content_type, accept: None, body }
}

/// A supplier that heard a refusal would sell the lead to somebody else, while a buyer may have its contact.
#[test]
fn a_lead_whose_end_is_not_known_is_never_said_to_be_refused() {
    let lead =
        Told::Lead { lead: LeadId::from_bytes([1; 16]), status: LeadStatus::Pending, net: exchange::money::Money::ZERO, reason: None, redirect_url: None };
    let said = |dialect: &Dialect, format| String::from_utf8(dialect.say(&Voice::new(format, false), &lead).body).unwrap();
    for (dialect, word) in DIALECTS.iter().zip(["Matched", "success", "ACCEPTED", "success"]) {
        for format in [crate::answer::Format::Json, crate::answer::Format::Xml] {
            assert!(said(dialect, format).contains(word), "{}", dialect.name);
        }
    }
}

#[test]
fn a_shared_quote_names_its_bids_where_the_dialect_has_them() {
    let legs = ["7.20", "5.60"].map(|net| exchange::money::Money::parse(net, 2).unwrap());
    let told = Told::Quoted { ping: PingId::from_bytes([1; 16]), net: legs[0] + legs[1], legs: &legs };
    let said = lead_prosper::DIALECT.say(&Voice::new(crate::answer::Format::Json, true), &told);
    let json: serde_json::Value = serde_json::from_slice(&said.body).unwrap();
    assert_eq!(json["bids"], serde_json::json!([{ "bid_id": "1", "payout": 7.2 }, { "bid_id": "2", "payout": 5.6 }]));
}

#[test]
fn what_is_heard_never_prints_itself() {
    let body = b"Key=key_1.secret&API_Action=submitLead&TYPE=19&SRC=x&phone=6467320001";
    let asked = request("/new_api/api.php", None, body);
    let hearing = boberdoo::DIALECT.hear(&asked);
    let heard = hearing.heard.as_ref().unwrap();
    assert_eq!((heard.key.as_ref().unwrap().as_str(), heard.campaign.as_str(), heard.fields.len()), ("key_1.secret", "19", 2));
    let printed = format!("{asked:?} {hearing:?}");
    assert!(!printed.contains("secret") && !printed.contains("646"), "{printed}");
}

#[test]
fn what_lies_deep_is_bounded() {
    let deep = format!("{{\"Request\": {}1{}}}", "{\"a\": ".repeat(40), "}".repeat(40));
    let long = format!("{{\"{}\": {{\"{}\": 1}}}}", "a".repeat(200), "b".repeat(200));
    let many = format!("{{\"a\": {{{}\"z\": 1}}}}", (0..1200).map(|number| format!("\"f{number}\": 1,")).collect::<String>());
    for body in [deep, long, many] {
        let heard = boberdoo::DIALECT.hear(&request("/apiJSON.php", None, body.as_bytes())).heard;
        assert_eq!(heard.unwrap_err().status, 400);
    }
    let deep = format!("<Request>{}{}</Request>", "<a>".repeat(40), "</a>".repeat(40));
    assert_eq!(boberdoo::DIALECT.hear(&request("/apiXML.php", None, deep.as_bytes())).heard.unwrap_err().status, 400);
    let entity = "<!DOCTYPE a [<!ENTITY b 'c'>]><Request><Key>&b;</Key></Request>";
    assert_eq!(boberdoo::DIALECT.hear(&request("/apiXML.php", None, entity.as_bytes())).heard.unwrap_err().status, 400);
}

/// Taken for no test, a test would be sold and charged.
#[test]
fn what_may_be_a_test_is_never_guessed_at() {
    let heard = |more: &str| {
        let body = format!("lp_campaign_id=1&lp_campaign_key=a.b&{more}");
        leads_pedia::DIALECT.hear(&request("/post.do", None, body.as_bytes())).heard.map(|heard| heard.test).map_err(|refusal| refusal.status)
    };
    for (more, expected) in
        [("lp_test=1", Ok(true)), ("lp_test=Y", Ok(true)), ("lp_test=on", Ok(true)), ("lp_test=0", Ok(false)), ("lp_test=", Ok(false)), ("x=1", Ok(false))]
    {
        assert_eq!(heard(more), expected, "{more}");
    }
    for unclear in ["lp_test=maybe", "lp_test=0&lp_test=1", "lp_test=1&lp_test=0"] {
        assert_eq!(heard(unclear), Err(422), "{unclear}");
    }
    let action = |word: &str| {
        let body = format!("lp_campaign_id=1&lp_supplier_id=1&lp_key=a.b&lp_action={word}");
        lead_prosper::DIALECT.hear(&request("/direct_post", None, body.as_bytes())).heard.map(|heard| heard.test).map_err(|refusal| refusal.status)
    };
    assert_eq!((action("TEST"), action(""), action("testing")), (Ok(true), Ok(false), Err(422)));
}

/// A list of bids that isn't understood would sell to every buyer instead of those named.
#[test]
fn bids_that_are_named_bound_the_buyers_or_are_refused() {
    let heard = |bids: &str| {
        let body = format!("{{\"lp_campaign_id\": 1, \"lp_supplier_id\": 1, \"lp_key\": \"a.b\", \"lp_ping_id\": \"p\", \"bid_id\": {bids}}}");
        let heard = lead_prosper::DIALECT.hear(&request("/post", Some("application/json"), body.as_bytes())).heard;
        heard.map(|heard| heard.max_disclosures).map_err(|refusal| refusal.status)
    };
    assert_eq!((heard("\"1\""), heard("\"1, 2\""), heard("2"), heard("\"\"")), (Ok(Some(1)), Ok(Some(2)), Ok(Some(1)), Ok(None)));
    assert_eq!(heard("[\"1\"]"), Err(422));
}

fn near_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "Key=a.b",
        "&",
        "API_Action=",
        "pingPostLead",
        "{\"Request\":",
        "{",
        "}",
        "\"",
        ":",
        ",",
        "<Request>",
        "<Data>",
        "</Data>",
        "</Request>",
        "bid_id=1,2",
        "%",
        "Cost=-",
        "9",
    ];
    let piece =
        prop_oneof![6 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 1..3)];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever comes, there is an answer, in a form that its reader takes.
    #[test]
    fn no_bytes_break_a_dialect(place in 0usize..4, which in 0usize..5, typed in prop::option::of(prop::sample::select(vec!["application/json", "text/xml", "application/x-www-form-urlencoded", "x"])), body in near_bytes(), query in prop::option::of("[ -~]{0,40}")) {
        let dialect = &DIALECTS[place];
        let path = dialect.paths[which % dialect.paths.len()];
        let asked = Request { query: query.as_deref(), ..request(path, typed, &body) };
        let hearing = dialect.hear(&asked);
        if let Err(refusal) = &hearing.heard {
            prop_assert!((400..=422).contains(&refusal.status) && !refusal.messages.is_empty());
            let said = dialect.say(&hearing.voice, &Told::Refused(refusal));
            if said.content_type == "application/json" {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&said.body).is_ok());
            }
        }
    }
}
