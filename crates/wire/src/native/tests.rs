use std::time::Duration;

use exchange::{
    attribute::{Attribute, PingPart},
    buyer::{Buyer, Endpoint, Protocol},
    call::{CallFailure, ConfirmReply, Excerpt, PingCall, PingReply, PostReply, PostTerms, RawBid},
    contract::{Contract, DisclosurePolicy, Pricing, SaleKind, SaleKinds, Sources},
    id::{BuyerIndex, BuyerPingId, ContractIndex, LeadId, PostId, Revision, Subject},
    market::{Market, MarketParts},
    money::{Currency, Money, Percent},
    schema::{Bands, Field, FieldType, PingShows, Required, Vertical},
    seal::{Contact, MasterKey, Opener, Reveal},
    supplier::QuotePolicy,
    value::Value,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn field(name: &str, kind: FieldType, shows: PingShows) -> Field {
    Field { name: name.into(), label: None, kind, required: Required::No, shows, evidence: false, aliases: Vec::new() }
}

fn vertical() -> Vertical {
    let bands = |edges: &[i64]| Bands::new(edges.to_vec()).unwrap();
    let never = PingShows::Never;
    let mut certificate = field("trusted_form", FieldType::Certificate, never.clone());
    certificate.evidence = true;
    let mut consent = field("tcpa_optin", FieldType::Boolean, never.clone());
    consent.evidence = true;
    let fields = vec![
        field("state", FieldType::State, PingShows::Value),
        field("zip", FieldType::Zip, PingShows::Prefix(3)),
        field("loan_amount", FieldType::Money, PingShows::Bands(bands(&[0, 100_000, 200_000, 300_000]))),
        field("rate", FieldType::Decimal, PingShows::Value),
        field("down_payment", FieldType::Money, PingShows::Value),
        field("term_months", FieldType::Integer { min: 1, max: 480 }, PingShows::Value),
        field("owner", FieldType::Boolean, PingShows::Value),
        field("birth_date", FieldType::Date, PingShows::AgeBands(bands(&[18, 25, 35, 45]))),
        field("income", FieldType::Money, never.clone()),
        field("first_name", FieldType::Name, never.clone()),
        field("email", FieldType::Email, never.clone()),
        field("phone", FieldType::Phone, never),
        certificate,
        consent,
    ];
    Vertical::new("mortgage".parse().unwrap(), "Mortgage".into(), fields).unwrap()
}

fn endpoint() -> Endpoint {
    Endpoint {
        protocol: Protocol::Native,
        ping_url: Some("https://buyer.example/ping".parse().unwrap()),
        post_url: "https://buyer.example/post".parse().unwrap(),
        confirm_url: Some("https://buyer.example/confirm".parse().unwrap()),
        status_url: Some("https://buyer.example/status?key=1".parse().unwrap()),
        test_ping_url: Some("https://buyer.example/test/ping".parse().unwrap()),
        test_post_url: Some("https://buyer.example/test/post".parse().unwrap()),
        secret: None,
        idempotent: true,
        post_timeout: Endpoint::DEFAULT_POST_TIMEOUT,
        max_in_flight: 1,
        pipelining: 1,
    }
}

fn market() -> Market {
    let contract = Contract {
        key: "harbor/west".parse().unwrap(),
        buyer: BuyerIndex(0),
        vertical: "mortgage".parse().unwrap(),
        filter: None,
        requires: Vec::new(),
        pricing: Pricing::Bid { max_bid: Money::from_units(80) },
        agreed_price: None,
        kinds: SaleKinds::BOTH,
        caps: Vec::new(),
        hours: Vec::new(),
        time_zone: TimeZone::UTC,
        disclosure: DisclosurePolicy::Post,
        unknown: None,
        duplicate_days: None,
        lists: Vec::new(),
        sources: Sources::All,
        priority: None,
        weight: 1,
        tags: Default::default(),
        return_days: None,
        return_percent: Percent::of_whole(100).unwrap(),
        paused: false,
        paused_by_buyer: false,
        self_service: Default::default(),
    };
    let buyer = Buyer {
        name: "harbor".parse().unwrap(),
        label: "Harbor".into(),
        parent: "harbor".parse().unwrap(),
        credit: Money::ZERO,
        consent_names: Vec::new(),
        endpoint: endpoint(),
        suspended: false,
    };
    let parts = MarketParts {
        currency: Currency::USD,
        time_zone: TimeZone::UTC,
        quote: QuotePolicy::DEFAULT,
        firm_share: Percent::ZERO,
        duplicates_window_days: 30,
        egress_allow: Vec::new(),
        approvals_above: None,
        alerts: Default::default(),
        verticals: vec![vertical()],
        suppliers: Vec::new(),
        buyers: vec![buyer],
        contracts: vec![contract],
        trees: Vec::new(),
    };
    Market::new(Revision(1), parts)
}

fn ping_part(vertical: &Vertical) -> PingPart {
    let at = |name: &str| vertical.find(name).unwrap();
    PingPart::new(vec![
        (at("state"), Attribute::Text("CA".into())),
        (at("zip"), Attribute::Text("902".into())),
        (at("loan_amount"), Attribute::Band(2)),
        (at("rate"), Attribute::Decimal(2_500_000)),
        (at("down_payment"), Attribute::Money(Money::from_units(20_000))),
        (at("term_months"), Attribute::Integer(360)),
        (at("owner"), Attribute::Boolean(true)),
        (at("birth_date"), Attribute::Band(3)),
    ])
}

fn contact(values: &[(&str, Value)]) -> Contact {
    let subject = Subject::Lead(LeadId::from_bytes([9; 16]));
    let master = MasterKey::from_bytes([7; 32]);
    let sealed = master.seal(subject, values.iter().map(|(name, value)| (*name, value)), &mut |bytes| bytes.fill(1)).unwrap();
    sealed.open(Opener::Reveal(&Reveal::after_commit(subject)), &master).unwrap()
}

fn person() -> Contact {
    contact(&[
        ("zip", Value::of_text("90210")),
        ("loan_amount", Value::Money(Money::from_micros(250_000_500_000))),
        ("birth_date", Value::Date(jiff::civil::date(1980, 2, 29))),
        ("income", Value::Money(Money::from_units(85_000))),
        ("first_name", Value::of_text("Zoë \"Z\"")),
        ("email", Value::of_text("zoe@example.com")),
        ("phone", Value::of_text("+13107549000")),
        ("trusted_form", Value::of_text("https://cert.trustedform.com/abc")),
        ("tcpa_optin", Value::Boolean(true)),
    ])
}

fn ping_call(kinds: SaleKinds) -> PingCall {
    PingCall {
        contract: ContractIndex(0),
        buyer_ping: BuyerPingId::from_bytes([1; 16]),
        kinds,
        most_shared: 3,
        time: Duration::from_micros(499_900),
        give_up: Duration::from_secs(1),
    }
}

fn written(context: &PingContext<'_>, call: &PingCall) -> Vec<u8> {
    ping_body(context, &Shown::of(context), call, &call.buyer_ping.to_string())
}

fn terms(reference: Option<&str>) -> PostTerms {
    PostTerms {
        buyer_ping: BuyerPingId::from_bytes([1; 16]),
        reference: reference.map(str::to_owned),
        kind: SaleKind::Exclusive,
        price: Money::from_micros(12_500_000),
    }
}

fn post() -> PostId {
    PostId::from_bytes([2; 16])
}

fn pretty(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().replace(",\"", ",\n\"")
}

#[test]
fn a_ping_shows_bands_and_prefixes() {
    let market = market();
    let (vertical, attributes) = (&market.parts().verticals[0], ping_part(&market.parts().verticals[0]));
    let context = PingContext { market: &market, vertical, attributes: &attributes, test: false };
    let bodies = [SaleKinds::BOTH, SaleKinds::EXCLUSIVE, SaleKinds::SHARED].map(|kinds| pretty(&written(&context, &ping_call(kinds))));
    insta::assert_snapshot!(bodies.join("\n\n"));
}

#[test]
fn a_confirmation_asks_without_anything_sealed() {
    let market = market();
    let (vertical, attributes) = (&market.parts().verticals[0], ping_part(&market.parts().verticals[0]));
    let context = PingContext { market: &market, vertical, attributes: &attributes, test: false };
    insta::assert_snapshot!(pretty(&confirm_body(&context, post(), &terms(Some("ref-1")))));
}

#[test]
fn a_post_is_exact_and_keeps_the_parts_apart() {
    let market = market();
    let (vertical, attributes) = (&market.parts().verticals[0], ping_part(&market.parts().verticals[0]));
    let context = PingContext { market: &market, vertical, attributes: &attributes, test: true };
    insta::assert_snapshot!(pretty(&post_body(&context, post(), &terms(None), &person())));
}

#[test]
fn a_post_shows_the_band_where_the_supplier_gave_no_more() {
    let market = market();
    let (vertical, attributes) = (&market.parts().verticals[0], ping_part(&market.parts().verticals[0]));
    let context = PingContext { market: &market, vertical, attributes: &attributes, test: false };
    let body: serde_json::Value = serde_json::from_slice(&post_body(&context, post(), &terms(None), &contact(&[]))).unwrap();
    assert_eq!((&body["attributes"]["loan_amount"], &body["attributes"]["birth_date"]), (&"200000-299999".into(), &"45+".into()));
}

#[test]
fn a_test_lead_reaches_test_addresses_only() {
    let endpoint = endpoint();
    let addresses = |test: bool| {
        let urls = [ping_url(&endpoint, test), confirm_url(&endpoint, test), post_url(&endpoint, test)].map(|url| url.map(ToString::to_string));
        urls.into_iter().chain([status_url(&endpoint, test, post()).map(|url| url.to_string())]).map(|url| url.unwrap_or("none".into())).collect::<Vec<_>>()
    };
    insta::assert_snapshot!([addresses(false), addresses(true)].concat().join("\n"));
}

fn bid(bid: &str, shared_bid: &str) -> PingReply {
    let money = |text: &str| Money::parse(text, 2).ok();
    PingReply::Bid(RawBid { bid: money(bid), shared_bid: money(shared_bid), reference: None, ttl_s: None })
}

#[test]
fn a_bid_answers_the_kinds_that_were_offered() {
    for (offered, body, expected) in [
        (SaleKinds::EXCLUSIVE, r#"{"bid": "12.50"}"#, bid("12.50", "")),
        (SaleKinds::EXCLUSIVE, r#"{"bid": 12.5, "shared_bid": 7}"#, bid("12.50", "")),
        (SaleKinds::SHARED, r#"{"bid": 7}"#, bid("", "7")),
        (SaleKinds::SHARED, r#"{"bid": 12, "shared_bid": 7}"#, bid("", "7")),
        (SaleKinds::BOTH, r#"{"bid": 12, "shared_bid": "7.00"}"#, bid("12", "7")),
        (SaleKinds::BOTH, r#"{"bid": 12}"#, bid("12", "")),
        (SaleKinds::BOTH, r#"{"bid": null, "shared_bid": 7}"#, bid("", "7")),
        (SaleKinds::EXCLUSIVE, r#"{"bid": "0.01", "currency": "USD"}"#, bid("0.01", "")),
    ] {
        assert_eq!(read_bid(200, body.as_bytes(), Currency::USD, offered), expected, "{body}");
    }
}

#[test]
fn what_is_no_bid_says_why() {
    let read = |status: u16, body: &str| match read_bid(status, body.as_bytes(), Currency::USD, SaleKinds::BOTH) {
        PingReply::Bid(bid) => format!("{bid:?}"),
        PingReply::NoBid(reason) => format!("no bid: {}", reason.unwrap_or("-".into())),
        PingReply::Failed(failure) => format!("failed: {failure}"),
    };
    let bodies = [
        r#"{"bid": null}"#,
        r#"{"bid": null, "reason": "  not\n my\u0000 state "}"#,
        r#"{"bid": null, "reason": {"a": 1}}"#,
        r#"{"bid": "12.50", "ref": 77, "ttl_s": 60}"#,
        r#"{"bid": "12.50", "ref": "a b", "ttl_s": "86400"}"#,
        "",
        "{}",
        "[]",
        "12.50",
        r#"{"bid": NaN}"#,
        r#"{"bid": "NaN"}"#,
        r#"{"bid": -1}"#,
        r#"{"bid": 0}"#,
        r#"{"bid": "0.00"}"#,
        r#"{"bid": 1e2}"#,
        r#"{"bid": 1.001}"#,
        r#"{"bid": "12,50"}"#,
        r#"{"bid": "$12.50"}"#,
        r#"{"bid": " 12.50"}"#,
        r#"{"bid": 99999999999999999999}"#,
        r#"{"bid": true}"#,
        r#"{"bid": [12]}"#,
        r#"{"bid": "\ud800"}"#,
        r#"{"bid": 1, "bid": 2}"#,
        r#"{"bid": 12, "shared_bid": "x"}"#,
        r#"{"bid": 12, "currency": "EUR"}"#,
        r#"{"bid": 12, "ttl_s": 0}"#,
        r#"{"bid": 12, "ttl_s": 86401}"#,
        r#"{"bid": 12, "ttl_s": 1.5}"#,
        r#"{"bid": 12, "ref": {}}"#,
        r#"{"bid": 12, "ref": "a\u0000"}"#,
    ];
    let mut table: Vec<String> = bodies.iter().map(|body| format!("{body}\n    {}", read(200, body))).collect();
    let long = format!(r#"{{"bid": 12, "ref": "{}"}}"#, "x".repeat(257));
    let deep = format!(r#"{{"bid": 12, "x": {}{}}}"#, "[".repeat(32), "]".repeat(32));
    let large = format!(r#"{{"bid": 12, "x": "{}"}}"#, "x".repeat(MAX_REPLY_BYTES));
    for (case, body) in [("a reference of 257 characters", long), ("33 levels", deep), ("over 64 KiB", large)] {
        table.push(format!("{case}\n    {}", read(200, &body)));
    }
    for status in [204, 302, 400, 500] {
        table.push(format!("{status}\n    {}", read(status, "{}")));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn a_reason_is_cut_to_200_characters() {
    let body = format!(r#"{{"bid": null, "reason": "{}"}}"#, "é".repeat(300));
    assert_eq!(read_bid(200, body.as_bytes(), Currency::USD, SaleKinds::BOTH), PingReply::NoBid(Some("é".repeat(200))));
}

#[test]
fn a_confirmation_is_plain_or_failed() {
    let malformed = |what: &str| ConfirmReply::Failed(CallFailure::Malformed(what.into()));
    for (status, body, expected) in [
        (200, r#"{"status": "confirmed"}"#, ConfirmReply::Confirmed),
        (200, r#"{"status": "declined", "reason": "full"}"#, ConfirmReply::Declined(Some("full".into()))),
        (200, r#"{"status": "Confirmed"}"#, malformed("status")),
        (200, r#"{"status": true}"#, malformed("status")),
        (200, "", malformed("not JSON")),
        (500, "", ConfirmReply::Failed(CallFailure::Status(500))),
    ] {
        assert_eq!(read_confirm(status, body.as_bytes()), expected, "{status} {body}");
    }
}

#[test]
fn a_post_is_accepted_rejected_or_unknown() {
    let accepted = |redirect: Option<&str>, reference: Option<&str>| PostReply::Accepted {
        redirect_url: redirect.map(str::to_owned),
        lead_reference: reference.map(str::to_owned),
    };
    let rejected = |reason: &str| PostReply::Rejected { reason: Some(reason.into()).filter(|reason: &String| !reason.is_empty()) };
    let unknown = |failure: CallFailure| PostReply::Unknown(failure);
    let malformed = |what: &str| PostReply::Unknown(CallFailure::Malformed(what.into()));
    let first = PostAttempt::FIRST;
    let repeat = PostAttempt { repeat: true, idempotent: true };
    let blind = PostAttempt { repeat: true, idempotent: false };
    let long = format!(r#"{{"status": "accepted", "redirect_url": "https://x.example/{}"}}"#, "x".repeat(2048));
    for (attempt, status, body, expected) in [
        (first, 200, r#"{"status": "accepted"}"#, accepted(None, None)),
        (
            first,
            201,
            r#"{"status": "accepted", "redirect_url": "https://b.example/t?x=1", "lead_ref": 7}"#,
            accepted(Some("https://b.example/t?x=1"), Some("7")),
        ),
        (first, 200, r#"{"status": "accepted", "redirect_url": "javascript:alert(1)", "lead_ref": []}"#, accepted(None, None)),
        (first, 200, r#"{"status": "accepted", "redirect_url": "https://b.example/\n"}"#, accepted(None, None)),
        (first, 200, long.as_str(), accepted(None, None)),
        (first, 200, r#"{"status": "rejected", "reason": "duplicate"}"#, rejected("duplicate")),
        (first, 200, r#"{"status": "rejected"}"#, rejected("")),
        (first, 200, r#"{"status": "maybe"}"#, malformed("status")),
        (first, 200, r#"{"status": "accepted", "status": "rejected"}"#, malformed("status twice")),
        (first, 200, "<html>", malformed("not a JSON object")),
        (first, 204, "", malformed("not JSON")),
        (first, 302, "", rejected("http_302")),
        (first, 404, "", rejected("http_404")),
        (first, 408, "", unknown(CallFailure::Status(408))),
        (first, 429, "", unknown(CallFailure::Status(429))),
        (first, 500, r#"{"status": "rejected"}"#, unknown(CallFailure::Status(500))),
        (first, 199, "", unknown(CallFailure::Status(199))),
        (repeat, 200, r#"{"status": "accepted"}"#, accepted(None, None)),
        (repeat, 200, r#"{"status": "rejected", "reason": "state"}"#, rejected("state")),
        (repeat, 200, r#"{"status": "rejected", "reason": "Duplicate lead"}"#, malformed("rejected, to a repeat")),
        (repeat, 404, "", unknown(CallFailure::Status(404))),
        (blind, 200, r#"{"status": "rejected", "reason": "state"}"#, malformed("rejected, to a repeat")),
        (blind, 200, r#"{"status": "accepted"}"#, accepted(None, None)),
    ] {
        assert_eq!(read_post(status, body.as_bytes(), attempt), expected, "{attempt:?} {status} {body}");
    }
}

#[test]
fn only_a_plain_status_settles() {
    assert_eq!(read_status(200, br#"{"status": "accepted"}"#), PostReply::Accepted { redirect_url: None, lead_reference: None });
    assert_eq!(read_status(200, br#"{"status": "rejected", "reason": "no"}"#), PostReply::Rejected { reason: Some("no".into()) });
    for (status, body) in [(200, r#"{"status": "unknown"}"#), (200, "{}"), (404, r#"{"status": "rejected"}"#), (302, "")] {
        assert!(matches!(read_status(status, body.as_bytes()), PostReply::Unknown(_)), "{status} {body}");
    }
}

#[test]
fn a_buyers_words_that_repeat_the_contact_are_not_kept() {
    let echoes = Echoes::of(&vertical(), &person());
    let rejected = |reason: &str| PostReply::Rejected { reason: Some(reason.into()) };
    for reason in ["duplicate", "state CA not served", "no leads from 902", "income too low (-3)"] {
        assert_eq!(echoes.kept_out_of(rejected(reason)), rejected(reason));
    }
    for reason in [
        "dup: (310) 754-9000",
        "ZOE@Example.com is known",
        "zoe%40example.com",
        "hello Zoë!",
        "born 1980-02-29",
        "zip 90210",
        "income 85000.00",
        "income 85000",
    ] {
        assert_eq!(echoes.kept_out_of(rejected(reason)), rejected("(withheld: it repeats contact data)"), "{reason}");
    }
    let accepted = |redirect: Option<&str>| PostReply::Accepted { redirect_url: redirect.map(str::to_owned), lead_reference: None };
    assert_eq!(echoes.kept_out_of(accepted(Some("https://b.example/t?email=zoe%40example.com"))), accepted(None));
    assert_eq!(echoes.kept_out_of(accepted(Some("https://b.example/thanks?id=1902103"))), accepted(Some("https://b.example/thanks?id=1902103")));
}

#[test]
fn an_answer_that_is_kept_has_no_contact_in_it() {
    let echoes = Echoes::of(&vertical(), &person());
    let kept = |text: &str| {
        let reply = PostReply::Unknown(CallFailure::Unread { what: "x".into(), answer: Excerpt::of(text) });
        let PostReply::Unknown(CallFailure::Unread { answer, .. }) = echoes.kept_out_of(reply) else { panic!("unknown stays unknown") };
        answer.as_str().to_owned()
    };
    for (text, expected) in [
        ("<html>Down for maintenance</html>", "<html>Down for maintenance</html>"),
        (r#"{"status":"odd","phone":"3107549000","email":"zoe@example.com","n":7}"#, r#"{"status":"odd","phone":"•••","email":"•••","n":7}"#),
        ("<r><p>(310) 754-9000</p><z>90210</z></r>", "<r><p>••• •••</p><z>•••</z></r>"),
        ("hello ZOË, dup of zoe%40example.com", "hello •••, dup of •••"),
        ("3107<b>549</b>000", "•••<•••>•••<•••>•••"),
    ] {
        assert_eq!(kept(text), expected, "{text}");
    }
    assert_eq!(Excerpt::of(&"é".repeat(2000)).as_str().len(), 2048);
}

fn any_attributes() -> impl Strategy<Value = Vec<(u16, Attribute)>> {
    let attribute = prop_oneof![
        "\\PC{0,8}".prop_map(Attribute::Text),
        any::<i64>().prop_map(Attribute::Integer),
        any::<i64>().prop_map(Attribute::Decimal),
        any::<bool>().prop_map(Attribute::Boolean),
        any::<u16>().prop_map(Attribute::Band)
    ];
    prop::collection::vec((0u16..14, attribute), 0..10)
}

proptest! {
    /// Two leads that a ping shows alike can't be told apart by its bytes.
    #[test]
    fn equal_attributes_give_equal_bytes(mut attributes in any_attributes()) {
        let market = market();
        let vertical = &market.parts().verticals[0];
        let part = |attributes: &[(u16, Attribute)]| PingPart::new(attributes.iter().map(|(index, value)| (exchange::schema::FieldIndex(*index), value.clone())).collect());
        attributes.sort_by_key(|(index, _)| *index);
        attributes.dedup_by_key(|(index, _)| *index);
        let one = part(&attributes);
        attributes.reverse();
        let other = part(&attributes);
        prop_assert_eq!(&one, &other);
        let body = |attributes: &PingPart| {
            let context = PingContext { market: &market, vertical, attributes, test: false };
            written(&context, &ping_call(SaleKinds::BOTH))
        };
        prop_assert_eq!(body(&one), body(&other));
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&body(&one)).is_ok());
    }

    #[test]
    fn no_reply_breaks_a_reader(status in 100u16..600, bytes in prop::collection::vec(any::<u8>(), 0..100), repeat: bool) {
        let _ = read_bid(status, &bytes, Currency::USD, SaleKinds::BOTH);
        let _ = read_confirm(status, &bytes);
        let _ = read_status(status, &bytes);
        let reply = read_post(status, &bytes, PostAttempt { repeat, idempotent: true });
        let settled = matches!(reply, PostReply::Accepted { .. } | PostReply::Unsent(_));
        prop_assert!(!settled);
    }
}
