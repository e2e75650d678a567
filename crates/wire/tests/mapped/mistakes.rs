//! What can't be right is told with its line and its mend.

use crate::world::problems;

const BUYER: &str = r#"label = "Harbor"
[endpoint]
protocol = "mapped"
ping_url = "https://harbor.example/ping"
post_url = "https://harbor.example/post"
[endpoint.own]
key = "env:KEY"
[endpoint.fields]
zip = "zip_code"
[endpoint.ping]
set = { a = "{{state}}" }
[endpoint.ping.answer]
accepted = { at = "status", is = "yes" }
rejected = { at = "status", is = "no" }
price = "price"
reference = "id"
[endpoint.post]
lead = ""
[endpoint.post.answer]
accepted = { at = "status", is = "yes" }
rejected = { at = "status", is = "no" }
[contracts.main]
vertical = "loans"
price = "bid"
"#;

/// What is replaced, once, and by what.
const MISTAKES: &[(&str, &str)] = &[
    ("protocol = \"mapped\"", "protocol = \"leadspedi\""),
    ("protocol = \"mapped\"", "protocol = \"native\""),
    ("protocol = \"mapped\"", "protocol = \"boberdoo\""),
    ("{{state}}", "{{stat}}"),
    ("{{state}}", "{{phone}}"),
    ("{{state}}", "{{#if email}}x{{/if}}"),
    ("{{state}}", "{{own.kee}}"),
    ("{{state}}", "{{post.price}}"),
    ("{{state}}", "{{post.reference}}"),
    ("{{state}}", "{{lead.vertcal}}"),
    ("{{state}}", "{{state"),
    ("{{state}}", "{{#if state}}x"),
    ("{ a = \"{{state}}\" }", "{ a = { from = \"state\", format = \"upside\" } }"),
    ("{ a = \"{{state}}\" }", "{ a = { from = \"street\" } }"),
    ("{ a = \"{{state}}\" }", "{ a = { from = \"state\", text = \"x\" } }"),
    ("{ a = \"{{state}}\" }", "{ a = { from = \"state\", when = \"phone\" } }"),
    ("{ a = \"{{state}}\" }", "{ a = \"x\", \"a.b\" = \"y\" }"),
    ("{ a = \"{{state}}\" }", "{ a = [1] }"),
    ("key = \"env:KEY\"", "key = \"env:MY KEY\""),
    ("key = \"env:KEY\"", "key = \"{{own.other}}\"\nother = \"{{own.key}}\"\nuse = \"x\""),
    ("zip = \"zip_code\"", "zipp = \"zip_code\""),
    ("zip = \"zip_code\"", "zip = 5"),
    ("set = { a = \"{{state}}\" }", "format = \"xml\"\nset = { a = \"{{state}}\" }"),
    ("set = { a = \"{{state}}\" }", "format = \"xml\"\nset = { \"r.1a\" = \"{{state}}\" }"),
    ("set = { a = \"{{state}}\" }", "format = \"text\""),
    ("set = { a = \"{{state}}\" }", "format = \"yaml\""),
    ("set = { a = \"{{state}}\" }", "method = \"GET\"\nset = { a = \"1\" }"),
    ("set = { a = \"{{state}}\" }", "body = '{\"a\": {{state}'"),
    ("set = { a = \"{{state}}\" }", "body = '{\"a\": \"{{state}}}'"),
    ("set = { a = \"{{state}}\" }", "body = '{\"a\": {{phone}}}'"),
    ("set = { a = \"{{state}}\" }", "body = '{{#if state}}{\"a\": 1{{/if}}}'"),
    ("set = { a = \"{{state}}\" }", "body = '{\"a\": \"\\{{state}}\"}'"),
    ("set = { a = \"{{state}}\" }", "format = \"xml\"\nbody = '<a {{state}}=\"1\"/>'"),
    ("set = { a = \"{{state}}\" }", "format = \"xml\"\nbody = '<a><!-- {{state}} --></a>'"),
    ("set = { a = \"{{state}}\" }", "format = \"xml\"\nbody = '<a b=\"{{#if state}}1\"{{/if}}/>'"),
    ("set = { a = \"{{state}}\" }", "lead = 5\nset = {}\nbody = ''"),
    ("set = { a = \"{{state}}\" }", "headers = { Host = \"x\", \"a b\" = \"y\", x-phone = \"{{phone}}\" }"),
    ("set = { a = \"{{state}}\" }", "query = { p = \"{{email}}\" }"),
    ("set = { a = \"{{state}}\" }", "path = \"{{email}}/x\""),
    ("set = { a = \"{{state}}\" }", "path = \"../{{state}}?x=1\""),
    ("set = { a = \"{{state}}\" }", "path = \"{{#if state}}x{{/if}}\""),
    ("set = { a = \"{{state}}\" }", "set = { \"a[0]\" = 1, \"a.b\" = 2 }"),
    ("{ a = \"{{state}}\" }", "{ a = { from = \"state\", part = \"(\" } }"),
    ("price = \"price\"", "price = \"id\""),
    ("price = \"price\"", "price = \"pri..ce\""),
    ("price = \"price\"", "price = { at = \"price\", unit = \"pence\", decimal = \";\" }"),
    ("price = \"price\"", "price = \"regex:(\""),
    ("price = \"price\"", "price = 'regex:(?<=x)1'"),
    ("price = \"price\"", "price = \"header:x y\""),
    ("price = \"price\"", "price = \"a =~ (\"\ninside = [\"json:a..b\", \"base64\", \"1\", \"2\", \"3\"]"),
    ("price = \"price\"", "price = \"bids.#name\"\nreason = \"#name.x\""),
    ("{ a = \"{{state}}\" }", "{ a = { from = \"state\", document = \"json\" }, b = { text = '{\"a\": {{state}}', document = \"json\" } }"),
    ("{ a = \"{{state}}\" }", "{ a = { text = '<a>{{phone}}</a>', document = \"xml\" }, b = { text = \"x\", document = \"yaml\" } }"),
    ("key = \"env:KEY\"", "key = { text = '{\"k\": {{own.other}}}', document = \"json\" }\nother = { text = '{\"k\": {{own.key}}}', document = \"json\" }"),
    ("price = \"price\"", "bids = { at = \"bids/@x\", price = \"p\", reference = \"p\" }"),
    ("price = \"price\"", "statuses = { 99 = \"accepted\", 2xx = \"perhaps\", 500-400 = \"later\" }"),
    (
        "{ at = \"status\", is = \"yes\" }\nrejected = { at = \"status\", is = \"no\" }",
        "{ at = \"status\", contains = \"matched\" }\nrejected = { at = \"status\", contains = \"unmatched\" }",
    ),
    (
        "{ at = \"status\", is = \"yes\" }\nrejected = { at = \"status\", is = \"no\" }",
        "{ at = \"body\", words = \"ACCEPTED\" }\nrejected = { at = \"body\", words = \"NOT ACCEPTED\" }",
    ),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\", contains = [\"matched\", \"unmatched\"] }"),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\", is = \"No\" }"),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\", matches = \"(?i)n\" }"),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\", is = [1.5] }"),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\", present = \"yes\" }"),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\" }"),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\", is = \"yes\", above = \"0\" }"),
    ("{ at = \"status\", is = \"yes\" }", "{ is = \"yes\" }"),
    ("{ at = \"status\", is = \"yes\" }", "{ at = \"status\", above = \"much\" }"),
    ("{ at = \"status\", is = \"yes\" }", "[]"),
    ("accepted = { at = \"status\", is = \"yes\" }\n", ""),
    ("[endpoint.post]", "[endpoint.past]"),
    ("[endpoint.post.answer]", "[endpoint.post.answer]\nprice = \"price\"\nreference = \"id\""),
    ("reference = \"id\"", "bids = { at = \"bids\", price = \"id\" }\nreference = \"$.bids[*].id\""),
    ("lead = \"\"", "path = \"{{phone}}\""),
    ("post_url = \"https://harbor.example/post\"", "post_url = \"https://harbor.example/post\"\nstatus_url = \"https://harbor.example/status\""),
    ("lead = \"\"", "format = \"query\"\nlead = \"\""),
    ("price = \"bid\"", "price = \"14.00\"\nagreed_price = \"14.00\""),
];

fn told(buyer: &str) -> String {
    let problems = match problems(buyer) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn the_buyer_has_no_mistake() {
    assert_eq!(told(BUYER), "");
}

#[test]
fn each_mistake_is_told_with_its_mend() {
    let all: String = MISTAKES
        .iter()
        .map(|(from, to)| {
            assert!(BUYER.contains(from), "{from}");
            let told = told(&BUYER.replacen(from, to, 1));
            format!("── {from} → {to}\n{told}\n")
        })
        .collect();
    insta::assert_snapshot!(all);
}
