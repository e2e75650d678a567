//! Suppliers' systems built for other exchanges, each driven by a script in its own words.
//!
//! A folder of `tests/dialects/DIALECT` is a step of that dialect's script, taken in the order of their names: `request.http` is sent
//! as it stands, and what comes back is `answer.http`, byte for byte, but for ids. With `PINGPOST_ACCEPT` set, the answers are written.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Answer, Buyer, Call, Market, World, http::without_ids, market::LOANS, people::with, world::rows};

const ALL: &str = "dialects = [\"boberdoo\", \"leadspedia=/lp\", \"lead_prosper\", \"leadconduit\"]";

/// What the suppliers' systems call our verticals and fields.
const INBOUND: &str = r#"
[inbound]
campaigns = { "19" = "loans", "5e30378c0b5a5" = "loans", "12465" = "loans", "56f43aaa2de2a66e7b86c529" = "loans" }
fields = { "Loan_Amount" = "amount", "Primary_Phone" = "phone", "phone_home" = "phone", "phone_1" = "phone", "Email" = "email", "email_address" = "email", "First_Name" = "first_name", "Last_Name" = "last_name", "State" = "state", "address.state" = "state" }
"#;

fn market() -> Market {
    let alpha =
        Buyer::bids("alpha", "25.00").contract("filter = 'state in [\"CA\", \"TX\"]'").endpoint("test_ping_url = \"AT/ping\"\ntest_post_url = \"AT/post\"");
    let shared = |name: &str, bid: &str| Buyer::bids(name, bid).contract("filter = 'state == \"NY\"'\nsale = [\"shared\"]");
    let evidence = LOANS.replace("aliases = [\"phone_number\"]", "aliases = [\"phone_number\"]\n[fields.ip_address]\ntype = \"ip\"");
    let certificate = evidence.replace("part = \"evidence\"", "part = \"evidence\"\naliases = [\"trustedform_cert_url\", \"Trusted_Form_URL\"]");
    let market = Market::new().file("verticals/loans.toml", &certificate).buyer(alpha).buyer(shared("beta", "9.00")).buyer(shared("gamma", "7.00"));
    market
        .supplier("acme", INBOUND)
        .supplier("brief", &format!("quote = {{ kind = \"indicative\", ttl_s = 1 }}{INBOUND}"))
        .supplier("strict", &format!("{INBOUND}get = false\nrequest_id = \"ref\"\ncontact_in_ping = \"drop\""))
        .tree("max_disclosures = 2", "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"best:2\"")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The words that a script may use in place of what it can't know.
struct Script {
    world: World,
    words: BTreeMap<String, String>,
}

impl Script {
    fn filled(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{{{word}}}}}"), value))
    }

    fn send(&mut self, request: &str) -> Answer {
        let request = self.filled(request);
        let (head, body) = request.split_once("\n\n").unwrap_or((request.trim_end(), ""));
        let mut lines = head.lines();
        let mut first = lines.next().unwrap();
        if let Some(time) = first.strip_prefix("# after ms ") {
            // Nothing tells that a quote has expired but the time.
            std::thread::sleep(Duration::from_millis(time.parse().unwrap()));
            first = lines.next().unwrap();
        }
        let (method, path) = first.split_once(' ').unwrap();
        let mut call = Call::new(method, self.world.url(path));
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            call = call.header(name, value);
        }
        let call = if body.is_empty() { call } else { call.bytes(body.trim_end()) };
        let answer = call.send();
        for id in answer.text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_') {
            if id.len() == "ping_".len() + 26 && id.starts_with("ping_") {
                self.words.insert("ping".into(), id.to_owned());
            }
        }
        answer
    }
}

fn told(answer: &Answer) -> String {
    let headers = ["content-type", "location", "retry-after", "allow"];
    let lines = headers.iter().filter(|name| answer.headers.contains_key(**name)).map(|name| format!("{name}: {}\n", answer.header(name)));
    format!("{}\n{}\n{}", answer.status, lines.collect::<String>(), without_ids(&answer.text))
}

#[test]
fn every_dialect_hears_and_says_what_its_folder_has() {
    let accepts = std::env::var_os("PINGPOST_ACCEPT").is_some();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects");
    let mut wrong = String::new();
    let dialects = folders(&root);
    assert_eq!(dialects.len(), 4);
    for dialect in dialects {
        let world = World::configured(market(), ALL);
        let words = ["acme", "brief", "strict"].map(|supplier| (supplier.to_owned(), world.new_key("--supplier", supplier)));
        let mut script = Script { words: words.into_iter().collect(), world };
        let steps = folders(&dialect);
        assert!(!steps.is_empty());
        for step in steps {
            let request = fs::read_to_string(step.join("request.http")).unwrap();
            let got = told(&script.send(&request));
            if accepts {
                fs::write(step.join("answer.http"), &got).unwrap();
            }
            let expected = fs::read_to_string(step.join("answer.http")).unwrap_or_default();
            if got != expected {
                wrong.push_str(&format!("{}\nexpected:\n{expected}\ngot:\n{got}\n\n", step.display()));
            }
        }
        let secrets = ["7735550", "quill@example.com", "Quillfeather", "198.51.100.7"];
        for buyer in ["alpha", "beta", "gamma"] {
            for ping in script.world.calls(buyer, "/ping") {
                assert!(!secrets.iter().any(|secret| ping.to_string().contains(secret)), "{ping}");
            }
        }
        let logs = script.world.logs();
        assert!(!secrets.iter().any(|secret| logs.contains(secret)), "contact data in the logs");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A supplier that sends by GET is told of once in the log, without a word of what it sent.
#[test]
fn who_sends_leads_by_get_is_told_of() {
    let world = World::configured(market(), ALL);
    for number in 0..2 {
        let path = format!(
            "/new_api/api.php?Key={}&API_Action=submitLead&TYPE=19&SRC=x&State=CA&Loan_Amount=245000&First_Name=Thessaly&Last_Name=Quillfeather&Primary_Phone=77355501{number}0&Email=quill{number}%40example.com",
            world.key
        );
        let answer = Call::get(world.url(&path)).send();
        assert!(answer.text.contains("Matched"), "{}", answer.text);
    }
    assert_eq!(world.counted("pingpost_requests_by_get_total", "supplier=\"acme\""), 2);
    let logs = world.logs();
    assert_eq!(logs.matches("sends by GET").count(), 1);
    assert!(!logs.contains("77355501"), "the address is not logged");
}

/// The lead's own price and its own count of buyers bind beside the market's.
#[test]
fn what_is_asked_of_one_lead_alone_is_told_in_its_trace() {
    let world = World::configured(market(), ALL);
    let path = "/new_api/api.php";
    let form = format!("Key={}&API_Action=pingPostLead&Mode=ping&TYPE=19&SRC=x&State=NY&Loan_Amount=245000&Cost=4.00&Allowed_Times_Sold=1", world.key);
    let answer = Call::post(world.url(path)).body("application/x-www-form-urlencoded", form).send();
    let ping = answer.text.split("<lead_id>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    let trace = world.trace(&ping);
    let timeline = trace["timeline"].to_string();
    assert!(timeline.contains("the supplier asks for at least 4.00 net and at most 1 buyers"), "{timeline}");
    assert_eq!(rows(&trace, "pings").len(), 2, "{trace}");
    assert!(answer.text.contains("<price>7.20</price>"), "one of two shared legs: {}", answer.text);
}

/// One lead of many: where it is, what it asks for, and whose it is.
struct Sample {
    state: &'static str,
    amount: usize,
    number: usize,
}

impl Sample {
    fn of(number: usize) -> Self {
        Self { state: ["CA", "TX", "NY", "NV"][number % 4], amount: 50_000 + number * 997 % 800_000, number }
    }

    /// Every tenth comes twice.
    fn person(&self) -> usize {
        if self.number % 10 == 9 { self.number - 8 } else { self.number }
    }

    fn phone(&self) -> String {
        format!("646732{:04}", self.person())
    }
}

/// What the supplier is told of a post: whether it is sold, and for how much.
type Sold = Option<String>;

fn by_native(world: &World, lead: &Sample) -> Sold {
    let attributes = json!({ "state": lead.state, "amount": lead.amount });
    let quote = world.ping(&attributes).expect(200);
    if quote.word("status") != "matched" {
        return None;
    }
    let contact = json!({ "first_name": "Thessaly", "last_name": "Quillfeather", "phone": lead.phone(), "email": format!("p{}@example.com", lead.person()) });
    let post = world.post(&quote.word("ping_id"), &with(attributes, contact)).expect(200);
    (post.word("status") == "sold").then(|| post.word("price"))
}

fn by_boberdoo(world: &World, lead: &Sample) -> Sold {
    let send = |mode: &str, more: &str| {
        let body = format!(
            "<Request><Key>{}</Key><API_Action>pingPostLead</API_Action><Mode>{mode}</Mode><TYPE>19</TYPE><SRC>x</SRC>{more}<Data><State>{}</State><Loan_Amount>{}</Loan_Amount></Data></Request>",
            world.key, lead.state, lead.amount
        );
        Call::post(world.url("/apiXML.php")).body("text/xml", body).send().text
    };
    let word = |text: &str, name: &str| text.split(&format!("<{name}>")).nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned();
    let quote = send("ping", "");
    if word(&quote, "status") != "Matched" {
        return None;
    }
    let post = send(
        "post",
        &format!(
            "<Lead_ID>{}</Lead_ID><First_Name>Thessaly</First_Name><Last_Name>Quillfeather</Last_Name><Primary_Phone>{}</Primary_Phone><Email>p{}@example.com</Email>",
            word(&quote, "lead_id"),
            lead.phone(),
            lead.person()
        ),
    );
    (word(&post, "status") == "Matched").then(|| word(&post, "price"))
}

fn by_lead_prosper(world: &World, lead: &Sample) -> Sold {
    let head = json!({ "lp_campaign_id": "12465", "lp_supplier_id": "1", "lp_key": world.key, "state": lead.state, "amount": lead.amount });
    let quote = Call::post(world.url("/ping")).json(&head).send();
    if quote.word("status") != "ACCEPTED" {
        return None;
    }
    let more = json!({ "lp_ping_id": quote.word("ping_id"), "first_name": "Thessaly", "last_name": "Quillfeather", "phone": lead.phone(), "email": format!("p{}@example.com", lead.person()) });
    let post = Call::post(world.url("/post")).json(&with(head, more)).send();
    (post.word("status") == "ACCEPTED").then(|| format!("{:.2}", post.json()["payout"].as_f64().unwrap()))
}

/// All leads, one after the other, so that it is the same one of two that is a duplicate; and the books at the end.
fn sold_by(send: fn(&World, &Sample) -> Sold) -> (Vec<Sold>, Value) {
    let fixed = |name: &str, terms: &str| Buyer::bids(name, "1.00").contract(terms).fixed();
    let market = Market::new()
        .buyer(fixed("alpha", "price = \"25.00\"\nfilter = 'state == \"CA\"'\ncaps = [{ count = 120, per = \"day\" }]"))
        .buyer(fixed("beta", "price = \"14.00\"\nfilter = 'state in [\"CA\", \"TX\"] && amount >= 300000'"))
        .buyer(fixed("gamma", "price = \"6.00\"\nfilter = 'state != \"NV\"'\ncaps = [{ spend = \"1200.00\", per = \"day\" }]"))
        .supplier("acme", INBOUND);
    let world = World::configured(market, ALL);
    let sold = (0..1000).map(|number| send(&world, &Sample::of(number))).collect();
    let operator = world.new_key("--operator", "root");
    let books = Call::get(world.url("/v1/admin/balances")).key(&operator).send().expect(200).json();
    (sold, books)
}

#[test]
fn a_thousand_leads_sell_the_same_whatever_they_come_in() {
    let ways: [fn(&World, &Sample) -> Sold; 3] = [by_native, by_boberdoo, by_lead_prosper];
    let told: Vec<(Vec<Sold>, Value)> = ways.map(|way| std::thread::spawn(move || sold_by(way))).into_iter().map(|sent| sent.join().unwrap()).collect();
    let (native, books) = &told[0];
    let count = |price: &str| native.iter().filter(|sold| sold.as_deref() == Some(price)).count();
    assert_eq!(count("20.00"), 120, "the first cap fills up");
    assert!(count("11.20") > 100 && count("4.80") > 100 && native.iter().filter(|sold| sold.is_none()).count() > 250);
    for (sold, other) in &told[1..] {
        assert_eq!(sold, native);
        assert_eq!(other, books);
    }
}
