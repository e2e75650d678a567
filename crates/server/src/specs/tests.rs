use exchange::{
    lead::{read_ping, read_post},
    market::Market,
    raw::{RawFields, RawValue},
};
use jiff::civil::date;

use super::{spec::Spec, *};
use crate::demo::sample;

fn raw(fields: &serde_json::Map<String, serde_json::Value>) -> RawFields {
    fields.iter().map(|(name, value)| (name.clone(), RawValue::of_text(value.as_str().unwrap_or_default()))).collect()
}

fn sample_market() -> Market {
    let (parts, _) = wire::market::read(&sample::market(9001)).unwrap();
    Market::new(exchange::id::Revision(7), parts)
}

/// Whoever follows the instructions is understood: what is sent as they say is taken.
#[test]
fn every_example_is_a_lead_that_the_exchange_takes() {
    let market = sample_market();
    for supplier in &market.parts().suppliers {
        let spec = Spec::of(&market, supplier, &Mount::everywhere(), "https://exchange.example");
        assert!(!spec.verticals.is_empty());
        for of_spec in &spec.verticals {
            let vertical = market.vertical(&of_spec.name.parse().unwrap()).unwrap();
            assert!(read_ping(vertical, &raw(&of_spec.ping), date(2026, 11, 24)).is_ok(), "{}", of_spec.name);
            assert!(read_post(vertical, &raw(&of_spec.post), None, date(2026, 11, 24)).is_ok(), "{}", of_spec.name);
            // Every field's own example, too.
            let whole = of_spec.fields.iter().map(|field| (field.name.clone(), RawValue::of_text(field.example.clone()))).collect();
            if let Err(errors) = read_post(vertical, &whole, None, date(2026, 11, 24)) {
                panic!("{}: {errors:?}", of_spec.name);
            }
        }
    }
}

#[test]
fn the_instructions_say_the_same_in_every_form() {
    let market = sample_market();
    let supplier = market.supplier(&"rate-compass".parse().unwrap()).unwrap();
    let mounts = vec!["boberdoo=/b".parse().unwrap(), "leadconduit".parse().unwrap()];
    let spec = Spec::of(&market, supplier, &mounts, "https://exchange.example");
    let (page, text, document) = (Page { spec: &spec }.render().unwrap(), markdown::of(&spec), openapi::of(&spec));
    let schema = &document["paths"]["/v1/leads/mortgage"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    for field in &spec.verticals[0].fields {
        assert!(page.contains(&format!("<code>{}</code>", field.name)) && text.contains(&field.name.replace('_', "\\_")), "{}", field.name);
        assert!(schema["properties"].get(&field.name).is_some(), "{}", field.name);
    }
    let of_ping = &document["paths"]["/v1/pings/mortgage"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert!(of_ping["properties"].get("phone").is_none(), "no ping has a phone");
    insta::assert_snapshot!("instructions", text);
}

/// What an operator writes, or a reader's own header says, is text in every form.
#[test]
fn nothing_in_them_is_markup() {
    let mut parts = wire::market::read(&sample::market(9001)).unwrap().0;
    parts.suppliers[0].label = "<script>alert(1)</script> | 'x'".into();
    let market = Market::new(exchange::id::Revision(7), parts);
    let spec = Spec::of(&market, &market.parts().suppliers[0], &[], "https://exchange.example");
    let page = Page { spec: &spec }.render().unwrap();
    assert!(!page.contains("<script>"), "{page}");
    assert!(!markdown::of(&spec).contains("<script>"));
    let mut headers = HeaderMap::new();
    headers.insert("host", "x\"><script>".parse().unwrap());
    assert_eq!(address(&headers), "http://exchange.example");
}
