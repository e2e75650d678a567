//! A small market with every type of field, for what is read against one.

use std::sync::LazyLock;

use exchange::{id::Revision, market::Market, schema::Vertical};
use wire::market::{Bundle, read};

const FILES: [(&str, &str); 5] = [
    (
        "market.toml",
        r#"currency = "USD"
time_zone = "America/New_York"
egress = { allow = ["127.0.0.0/8", "fd00::/8"] }
"#,
    ),
    (
        "verticals/loans.toml",
        r#"label = "Loans"
[fields.state]
type = "state"
required = "ping"
ping = "value"
[fields.zip]
type = "zip"
ping = { prefix = 3 }
[fields.amount]
type = "money"
ping = { bands = [0, 100_000, 200_000] }
aliases = ["loan_amount"]
[fields.rooms]
type = "integer"
min = 0
max = 20
ping = "value"
[fields.score]
type = "decimal"
ping = { bands = [0, 500, 700] }
[fields.owner]
type = "boolean"
ping = "value"
[fields.kind]
type = "enum"
values = ["purchase", "refinance"]
ping = "value"
[fields.birth_date]
type = "date"
ping = { age_bands = [18, 25, 65] }
[fields.first_name]
type = "name"
required = "post"
[fields.phone]
type = "phone"
aliases = ["phone_number"]
[fields.email]
type = "email"
[fields.street]
type = "street"
[fields.ssn]
type = "ssn"
[fields.ip]
type = "ip"
[fields.page]
type = "url"
[fields.notes]
type = "text"
[fields.consent]
type = "certificate"
part = "evidence"
"#,
    ),
    ("suppliers/acme.toml", "label = \"Acme\"\nverticals = [\"loans\"]\nmargin = { percent = 20, min = \"1.00\" }\n"),
    (
        "buyers/harbor.toml",
        r#"label = "Harbor"
credit = "500.00"
[endpoint]
ping_url = "https://harbor.example/ping"
post_url = "https://harbor.example/post"
secret = "env:HARBOR_SECRET"
[contracts.west]
vertical = "loans"
filter = 'state == "CA"'
price = "bid"
"#,
    ),
    ("trees/loans.toml", "vertical = \"loans\"\n[[tiers]]\nname = \"all\"\nmode = \"competitive\"\ncontracts = [\"harbor/west\"]\nsale = \"exclusive\"\n"),
];

pub fn small() -> Bundle {
    Bundle { files: FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
}

pub static MARKET: LazyLock<Market> = LazyLock::new(|| Market::new(Revision(1), read(&small()).unwrap().0));

pub fn loans() -> &'static Vertical {
    MARKET.vertical(&"loans".parse().unwrap()).unwrap()
}
