//! Values that would break out of where they stand, and answers made to stall or to mislead.

use exchange::{contract::SaleKind, money::Money};
use proptest::prelude::*;
use serde_json::Value;
use wire::mapped::Heard;

use crate::{
    said::{bid, meaning, pinged},
    world::{World, lead, terms},
};

fn buyer(post: &str, ping: &str) -> String {
    format!(
        "label = \"Harbor\"\n[endpoint]\nprotocol = \"mapped\"\nping_url = \"https://harbor.example/ping?x=1\"\npost_url = \"https://harbor.example/post\"\n\
         [endpoint.ping]\n{ping}\n[endpoint.ping.answer]\naccepted = {{ at = \"status\", is = \"ok\" }}\nrejected = {{ at = \"status\", is = \"no\" }}\n\
         price = \"price\"\nreference = \"ref\"\n[endpoint.post]\n{post}\n[endpoint.post.answer]\naccepted = {{ at = \"status\", is = \"ok\" }}\n\
         rejected = {{ at = \"status\", is = \"no\" }}\n[contracts.main]\nvertical = \"loans\"\nprice = \"bid\"\n"
    )
}

const PLAIN: &str = "set = { a = \"1\" }";

/// The post's body, and its headers' values.
fn post_of(request: &str, street: &str, reference: &str) -> Option<(String, Vec<String>)> {
    let mut world = World::of(&buyer(request, PLAIN));
    let vertical = world.market.vertical(&"loans".parse().unwrap()).unwrap();
    let (attributes, contact) = lead(vertical, &[("state", "CA"), ("first_name", "Ann"), ("street", street)]);
    (world.attributes, world.contact) = (attributes, contact);
    let post = world.post(&terms(Money::from_units(5), SaleKind::Exclusive, Some(reference.to_owned()))).ok()?;
    Some((post.body.to_string(), post.headers.iter().map(|(_, value)| value.to_string()).collect()))
}

/// Texts that a street may be, with all that ends things.
fn hostile() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            "[a-z]{1,4}",
            Just("\"".into()),
            Just("\\".into()),
            Just("</s>".into()),
            Just("<![CDATA[".into()),
            Just("]]>".into()),
            Just("&amp;".into()),
            Just("&x=1".into()),
            Just("'".into()),
            Just("|".into()),
            Just("{{phone}}".into()),
            Just("é".into()),
            Just("%22".into())
        ],
        1..8,
    )
    .prop_map(|parts: Vec<String>| format!("9 {} x", parts.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_value_breaks_out_of_where_it_stands(street in hostile()) {
        let (json, headers) = post_of("body = '{\"s\": \"<{{street}}>\", \"v\": {{street}}, \"r\": \"{{post.reference}}\"}'\nheaders = { x-street = \"{{street}}\" }", &street, "r\"1").unwrap();
        let read: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!((&read["s"], &read["v"], &read["r"]), (&Value::from(format!("<{street}>")), &Value::from(street.clone()), &Value::from("r\"1")));
        prop_assert_eq!(read.as_object().unwrap().len(), 3);
        prop_assert!(headers[0].bytes().all(|byte| (b' '..=b'~').contains(&byte)));

        let (json, ..) = post_of("set = { \"a.s\" = \"{{street}}\", b = \"x {{street}}\" }", &street, "r").unwrap();
        let read: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&read, &serde_json::json!({ "a": { "s": street }, "b": format!("x {street}") }));

        let document = "{ text = '{\"s\": \"<{{street}}>\", \"v\": {{street}}}', document = \"json\" }";
        let (form, ..) = post_of(&format!("format = \"form\"\nset = {{ d = {document}, e = \"1\" }}"), &street, "r").unwrap();
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let read: Value = serde_json::from_str(&pairs[0].1).unwrap();
        prop_assert_eq!((pairs.len(), &read), (2, &serde_json::json!({ "s": format!("<{street}>"), "v": street })));

        let (xml, ..) = post_of("format = \"xml\"\nbody = '<r a=\"{{street}}\"><s>{{street}}</s></r>'", &street, "r").unwrap();
        let inner = xml.strip_prefix("<r a=\"").unwrap().strip_suffix("</s></r>").unwrap();
        let (attribute, text) = inner.split_once("\"><s>").unwrap();
        for part in [attribute, text] {
            prop_assert!(!part.contains(['<', '>', '"']));
            prop_assert_eq!(quick_xml_unescape(part), street.clone());
        }

        let (form, ..) = post_of("format = \"form\"\nset = { s = \"{{street}}\", z = \"1\" }", &street, "r").unwrap();
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        prop_assert_eq!(pairs, [("s".to_owned(), street.clone()), ("z".to_owned(), "1".to_owned())]);

        let (text, ..) = post_of("format = \"text\"\nbody = \"A|{{street}}|B\"", &street, "r").unwrap();
        prop_assert_eq!(text.split('|').count(), 3);
    }

    /// Whatever bytes come, a ping's answer is a bid only where it says so, and a post's is settled only where it says so.
    #[test]
    fn no_answer_breaks_a_reader(status in 100u16..600, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let world = World::of(&buyer(PLAIN, PLAIN));
        let heard = Heard { status, headers: &[("x", "ok")], body: &bytes };
        prop_assert!(!meaning(&world, "ping", &heard).starts_with("bid"));
        prop_assert!(!meaning(&world, "post", &heard).starts_with("accepted"));
    }
}

fn quick_xml_unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

/// A value in the address' path stays one step of it, and one that would be another address stops the call.
#[test]
fn no_reference_leads_to_another_address() {
    let world = World::of(&buyer("path = \"{{post.reference}}/take\"", PLAIN));
    let to =
        |reference: Option<&str>| world.post(&terms(Money::from_units(5), SaleKind::Exclusive, reference.map(str::to_owned))).map(|post| post.url.to_string());
    for (reference, step) in [("a", "a"), ("../x", "..%2Fx"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("%2e%2e", "%252e%252e"), ("//evil.example", "%2F%2Fevil.example")]
    {
        assert_eq!(to(Some(reference)).unwrap(), format!("https://harbor.example/post/{step}/take"), "{reference}");
    }
    for reference in [None, Some(".."), Some("."), Some("...")] {
        assert_eq!(to(reference).unwrap_err(), wire::mapped::Unrendered::NoPath, "{reference:?}");
    }
}

fn answered(body: &str) -> String {
    let world = World::of(&buyer(PLAIN, PLAIN));
    pinged(&bid(&world, &Heard { status: 200, headers: &[], body: body.as_bytes() }))
}

#[test]
fn answers_made_to_stall_end_at_once() {
    for body in [
        "[".repeat(60_000),
        "{\"a\":".repeat(12_000),
        "<a>".repeat(20_000),
        format!("<!DOCTYPE a [{}]><a>&e9;</a>", (0..10).map(|n| format!("<!ENTITY e{n} \"&e{m};&e{m};\">", m = n.max(1) - 1)).collect::<String>()),
        format!("{{\"price\": [{}1]}}", "1,".repeat(30_000)),
        format!("{{\"status\": \"ok\", \"x\": \"{}\"}}", "x".repeat(70_000)),
        format!("<a {}/>", (0..5000).map(|n| format!("a{n}='1' ")).collect::<String>()),
    ] {
        let told = answered(&body);
        assert!(told.starts_with("no bid"), "{told}");
        assert!(told.len() < 2300, "an answer is kept to 2 KiB");
    }
}

#[test]
fn answers_made_to_mislead_are_no_bids() {
    let cases = [
        r#"{"status": "ok", "status": "no", "price": 5, "ref": "r"}"#,
        r#"{"status": "ok", "price": 5, "price": 50, "ref": "r"}"#,
        r#"{"status": "ok", "price": 5}"#,
        r#"{"status": "ok", "price": 5, "ref": "a\nb"}"#,
        r#"{"status": "ok", "price": 1e9, "ref": "r"}"#,
        r#"{"status": "ok", "price": -5, "ref": "r"}"#,
        r#"{"status": "ok", "price": 0, "ref": "r"}"#,
        r#"{"status": "ok", "price": 5.001, "ref": "r"}"#,
        r#"{"status": "ok", "price": {"x": 5}, "ref": "r"}"#,
        r#"{"status": "ok", "price": "5" "ref": "r"}"#,
        r#"{"x": {"status": "ok"}, "price": 5, "ref": "r"}"#,
        r#"{"status": "perhaps", "price": 5, "ref": "r"}"#,
        r#"<status>ok</status>"#,
    ];
    insta::assert_snapshot!(cases.map(|body| format!("{body}\n    {}", answered(body))).join("\n"));
    assert_eq!(answered(r#"{"status": "ok", "price": 5, "ref": "r"}"#), "bid exclusive 5.00 reference \"r\"");
}

/// A secret that isn't there, or that can't stand in a header, stops the call before anything is sent.
#[test]
fn a_missing_secret_stops_the_call() {
    let world = World::of(&buyer(PLAIN, "set = { a = \"env:MISSING\" }"));
    assert_eq!(world.ping(false).unwrap_err(), wire::mapped::Unrendered::NoSecret("MISSING".into()));
    let kept = World::of(&buyer(PLAIN, "headers = { authorization = \"env:KEY\" }\nquery = { k = \"env:KEY\" }\nset = { a = \"1\" }"));
    let ping = kept.ping(false).unwrap();
    assert_eq!((ping.headers[0].1.as_str(), ping.url.as_str()), ("secret-of-KEY", "https://harbor.example/ping?x=1&k=secret-of-KEY"));
    assert!(!format!("{ping:?} {:?}", kept.mapping()).contains("secret-of"), "a secret never prints");
}
