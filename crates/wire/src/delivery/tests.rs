//! What a lead looks like on its ways out, and what no value of it can do there.

use std::collections::BTreeMap;

use exchange::{
    attribute::PingPart,
    call::PostTerms,
    contract::SaleKind,
    id::{BuyerPingId, PostId, Revision},
    lead::read_post,
    market::Market,
    money::Money,
    raw::{RawFields, RawValue},
    seal::Contact,
    time::Timestamp,
    value::Value,
};

use super::{Bought, adf, csv, mail_addresses, text};
use crate::{market::Bundle, native::PingContext};

const VERTICAL: &str = r#"label = "Cars"
[fields.state]
type = "state"
required = "ping"
ping = "value"
[fields.vehicle_year]
type = "integer"
ping = "value"
[fields.vehicle_make]
type = "text"
[fields.vehicle_model]
type = "text"
[fields.first_name]
type = "name"
[fields.last_name]
type = "name"
[fields.email]
type = "email"
[fields.phone]
type = "phone"
[fields.street]
type = "street"
[fields.city]
type = "text"
[fields.zip]
type = "zip"
ping = { prefix = 3 }
[fields.note]
type = "text"
label = "What they want"
[fields.balance]
type = "integer"
[fields.tcpa_text]
type = "text"
part = "evidence"
"#;

struct Sold {
    market: Market,
    attributes: PingPart,
    contact: Contact,
    terms: PostTerms,
}

fn sold(fields: &[(&str, &str)]) -> Sold {
    let files = [("market.toml", "currency = \"USD\""), ("verticals/cars.toml", VERTICAL)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into_iter().collect::<BTreeMap<_, _>>();
    let market = Market::new(Revision(1), crate::market::read(&Bundle { files }).unwrap().0);
    let vertical = market.vertical(&"cars".parse().unwrap()).unwrap();
    let mut raw = RawFields::new();
    for (name, value) in fields {
        raw.push(((*name).to_owned(), RawValue::of_text(*value)));
    }
    let read = read_post(vertical, &raw, None, jiff::civil::date(2026, 1, 1)).unwrap();
    let values = read.sealed.into_iter().map(|(index, value)| (vertical.field(index).name.clone(), value)).collect();
    let terms = PostTerms { buyer_ping: BuyerPingId::from_bytes([1; 16]), reference: None, kind: SaleKind::Exclusive, price: Money::from_units(30) };
    Sold { attributes: read.attributes, contact: Contact::made_up(values), market, terms }
}

fn written<T>(sold: &Sold, test: bool, write: impl FnOnce(&Bought<'_>) -> T) -> T {
    let vertical = sold.market.vertical(&"cars".parse().unwrap()).unwrap();
    let context = PingContext { market: &sold.market, vertical, attributes: &sold.attributes, test };
    write(&Bought { context: &context, post: PostId::from_bytes([2; 16]), terms: &sold.terms, contact: &sold.contact, buyer: "Gotham & Sons" })
}

fn at() -> Timestamp {
    Timestamp::from_micros(1_767_225_600_123_456)
}

#[test]
fn a_lead_as_text_as_adf_and_as_csv() {
    let sold = sold(&[
        ("state", "MA"),
        ("vehicle_year", "2021"),
        ("vehicle_make", "Oak & Ash"),
        ("vehicle_model", "<T>"),
        ("first_name", "Ada"),
        ("last_name", "O'Example"),
        ("email", "ada@example.com"),
        ("phone", "617-555-0123"),
        ("street", "1 Main St"),
        ("city", "Cambridge"),
        ("zip", "02139"),
        ("note", "soon, \"please\""),
        ("balance", "-5"),
        ("tcpa_text", "I agree."),
    ]);
    insta::assert_snapshot!("text", written(&sold, false, |bought| text(bought).to_string()));
    insta::assert_snapshot!("text_of_a_test", written(&sold, true, |bought| text(bought).lines().take(3).collect::<Vec<_>>().join("\n")));
    insta::assert_snapshot!("adf", written(&sold, false, |bought| adf(bought, at()).to_string()));
    insta::assert_snapshot!("csv", written(&sold, false, |bought| csv(bought).to_string()));
}

#[test]
fn no_value_breaks_out_of_what_it_stands_in() {
    for evil in [
        "a\nPhone: +19005550100",
        "</comments><vendor>",
        "]]>&amp;",
        "=HYPERLINK(\"http://evil.example\")",
        " =1+1",
        "@SUM(A1)",
        "+1",
        "-1",
        "|cmd",
        "\"quoted\",x",
        "＝1",
        "\u{2028}x\u{1}",
    ] {
        let values = [("note", evil), ("city", evil), ("phone", "+16175550123")];
        let contact = Contact::made_up(values.map(|(name, text)| (name.to_owned(), Value::Text(text.to_owned().into()))).to_vec());
        let sold = Sold { contact, ..sold(&[("state", "MA")]) };
        let text = written(&sold, false, |bought| text(bought).to_string());
        assert_eq!(text.lines().filter(|line| line.trim_start().starts_with("Phone:")).count(), 1, "{evil}: {text}");
        let adf = written(&sold, false, |bought| adf(bought, at()).to_string());
        let mut reader = quick_xml::Reader::from_str(&adf);
        let mut vendors = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Start(tag) if tag.name().as_ref() == "vendor" => vendors += 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(vendors, 1, "{evil}: {adf}");
        let csv = written(&sold, false, |bought| csv(bought).to_string());
        assert_eq!(csv.lines().count(), 2, "{evil}: {csv}");
        let starts = |cell: &str| cell.trim_start_matches(['"', ' ']).starts_with(['=', '+', '-', '@', '|', '＝']);
        let cells: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
        assert!(cells.iter().filter(|cell| starts(cell)).all(|cell| *cell == "+16175550123"), "{evil}: {csv}");
    }
}

#[test]
fn addresses_of_mail_are_plain() {
    let of = |text: &str| text.parse().ok().and_then(|url| mail_addresses(&url));
    assert_eq!(of("mailto:leads@buyer.example"), Some(vec!["leads@buyer.example".to_owned()]));
    assert_eq!(of("mailto:a@b.example,c@d.example").map(|all| all.len()), Some(2));
    for wrong in [
        "mailto:",
        "mailto:a",
        "mailto:a@b",
        "mailto:a@b.example?bcc=x@y.example",
        "mailto:a@b.example,",
        "mailto:<a@b.example>",
        "mailto:a%0d@b.example",
        "mailto:a@b@c.example",
        "https://a@b.example",
    ] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
}
