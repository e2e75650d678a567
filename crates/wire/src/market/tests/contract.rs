//! The keys of the public contract, all of them, as it shows them.

use exchange::{
    buyer::Secret,
    contract::{Sources, UnknownEnd},
    supplier::{ContactInPing, QuoteKind},
    tree::{Order, TierSale},
};

use super::{bundle, read};

const FILES: &[(&str, &str)] = &[
    (
        "market.toml",
        r#"currency = "USD"
time_zone = "America/New_York"              # default of caps and hours
quote = { kind = "indicative", ttl_s = 120 }
firm_share = 20
duplicates = { window_days = 30 }
egress = { allow = ["127.0.0.0/8"] }
"#,
    ),
    (
        "verticals/mortgage.toml",
        r#"label = "Mortgage"
[fields.state]
type = "state"
required = "ping"
ping = "value"
[fields.loan_amount]
type = "money"
required = "ping"
ping = { bands = [0, 100_000, 200_000, 300_000, 500_000, 1_000_000] }
[fields.birth_date]
type = "date"
required = "post"
ping = { age_bands = [18, 25, 35, 45, 55, 65] }
[fields.zip]
type = "zip"
ping = { prefix = 3 }
[fields.phone]
type = "phone"
required = "post"
aliases = ["phone_number", "primary_phone"]
[fields.trusted_form]
type = "certificate"
part = "evidence"
"#,
    ),
    (
        "suppliers/dreamy-leads.toml",
        r#"label = "Dreamy Leads"
verticals = ["mortgage"]
margin = { percent = 20, min = "1.00" }
min_price = "5.00"
rate_limit_per_s = 200
accept_requote = false
accept_lower = false
notify_url = "https://dreamy.example/notify"
notify_secret = "env:DREAMY_SECRET"
quote = { kind = "firm", ttl_s = 60 }
max_disclosures = 1
suspended = false
[inbound]
campaigns = { "19" = "mortgage" }
fields = { "Primary_Phone" = "phone", "Loan_Amount" = "loan_amount" }
request_id = "ref"
contact_in_ping = "drop"
get = false
"#,
    ),
    ("suppliers/cheap-clicks.toml", "label = \"Cheap Clicks\"\nverticals = [\"mortgage\"]\n"),
    (
        "buyers/harbor-lending.toml",
        r#"label = "Harbor Lending"
parent = "Harbor Holdings"
credit = "500.00"
suspended = false
[endpoint]
protocol = "native"
ping_url = "https://harbor.example/ping"
post_url = "https://harbor.example/post"
confirm_url = "https://harbor.example/confirm"
status_url = "http://127.0.0.1:9001/status"
test_ping_url = "http://localhost:9001/ping"
test_post_url = "http://localhost:9001/post"
secret = "env:HARBOR_SECRET"
idempotent = true
post_timeout_ms = 15000
max_in_flight = 256
pipelining = 1
[contracts.west]
vertical = "mortgage"
filter = 'state in ["CA", "WA"] && loan_amount >= 300000'
price = "bid"
max_bid = "80.00"
sale = ["exclusive", "shared"]
caps = [{ count = 100, per = "day" }, { spend = "2000.00", per = "month" }]
hours = ["mon-fri 08:00-18:00", "sat 10:00-14:00"]
time_zone = "America/Los_Angeles"
disclosure = "strict"
unknown = { after_h = 24, then = "void" }
duplicate_days = 30
lists = ["do-not-offer"]
suppliers = { deny = ["cheap-clicks"] }
priority = 1
weight = 10
tags = ["preferred"]
return_days = 14
paused = false
"#,
    ),
    (
        "trees/mortgage.toml",
        r#"vertical = "mortgage"
suppliers = ["dreamy-leads"]
deadline_ms = 3000
[[tiers]]
name = "preferred"
mode = "sequential"
order = "priority"
contracts = ["harbor-lending/west", "tag:preferred"]
floor = "10.00"
deadline_ms = 500
sale = "exclusive"
[[tiers]]
mode = "competitive"
contracts = ["tag:preferred"]
sale = "shared:3"
"#,
    ),
];

#[test]
fn the_public_contract_is_read_as_it_stands() {
    let (parts, warnings) = read(&bundle(FILES)).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(warnings, []);
    let contract = &parts.contracts[0];
    assert_eq!((contract.caps.len(), contract.hours.len(), contract.weight, contract.priority), (2, 2, 10, Some(1)));
    assert_eq!(contract.unknown.unwrap().then, UnknownEnd::Void);
    assert_eq!(contract.sources, Sources::AllBut(["cheap-clicks".parse().unwrap()].into()));
    assert_eq!(contract.lists[0].as_str(), "do-not-offer");
    let endpoint = &parts.buyers[0].endpoint;
    assert_eq!(endpoint.secret, Some(Secret::Environment("HARBOR_SECRET".to_owned())));
    assert!(endpoint.takes_tests());
    let tree = &parts.trees[0];
    assert_eq!((tree.max_disclosures, tree.tiers[0].order, tree.tiers[1].sale), (3, Order::Priority, TierSale::Shared(3)));
    assert_eq!(tree.tiers[1].name, "2");
    assert_eq!(parts.suppliers[1].quote.unwrap().kind, QuoteKind::Firm);
    let inbound = &parts.suppliers[1].inbound;
    assert_eq!((inbound.campaigns["19"].as_str(), inbound.fields["Primary_Phone"].as_str()), ("mortgage", "phone"));
    assert_eq!((inbound.request_id.as_deref(), inbound.contact_in_ping, inbound.refuses_get), (Some("ref"), ContactInPing::Dropped, true));
}

/// What is left out means what the contract says: no filter, caps, hours, floor, minimum or limit; exclusive; parent = the buyer itself.
#[test]
fn what_is_left_out_means_its_default() {
    let mut market = bundle(FILES);
    let buyer = r#"label = "Plain"
[endpoint]
post_url = "https://plain.example/post"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
[contracts.fixed]
vertical = "mortgage"
price = "14.00"
tags = ["preferred"]
"#;
    market.files.insert("buyers/plain.toml".to_owned(), buyer.to_owned());
    let (parts, warnings) = read(&market).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(warnings, []);
    insta::assert_debug_snapshot!((&parts.buyers[1], &parts.contracts[1].pricing, &parts.contracts[1].kinds, &parts.contracts[1].caps));
    let contract = &parts.contracts[1];
    assert!(contract.filter.is_none() && contract.hours.is_empty() && contract.sources == Sources::All && !contract.paused);
    assert_eq!((contract.weight, contract.priority, contract.return_days, contract.duplicate_days), (1, None, None, None));
    assert_eq!(contract.time_zone.iana_name(), Some("America/New_York"));
    let supplier = &parts.suppliers[0];
    assert!(supplier.min_price == exchange::money::Money::ZERO && supplier.rate_limit_per_s.is_none() && supplier.margin == Default::default());
}
