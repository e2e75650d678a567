//! Buyers that get what they buy by e-mail: settled once the mail server took it, sent again under the same id while nobody knows.

use serde_json::json;

use crate::support::{
    Market, Person, World,
    mail_server::{Does, MailServer, PLAIN, Received},
    people::with,
    process::run,
    wait_for,
    world::{row, rows},
};

/// A buyer that is mailed at a fixed price, beside one that bids less.
fn market(endpoint: &str) -> Market {
    let mailed = format!(
        "label = \"Mailed & Sons\"\ncredit = \"500.00\"\n[endpoint]\nprotocol = \"email\"\npost_url = \"mailto:leads@buyer.example\"\n{endpoint}\n\
         [contracts.main]\nvertical = \"loans\"\ntags = [\"all\"]\nprice = \"30.00\"\n"
    );
    let tier = "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"";
    Market::of_bids(&["20.00"]).tree("max_disclosures = 3", tier).file("buyers/mailed.toml", &mailed)
}

fn config(server: &MailServer) -> String {
    format!("log_filter = \"trace\"\n[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Leads <leads@exchange.example>\"\n", server.port)
}

fn world(server: &MailServer, endpoint: &str) -> World {
    World::configured(market(endpoint), &config(server))
}

fn header<'a>(received: &'a Received, name: &str) -> &'a str {
    received.mail.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_else(|| panic!("no {name} in {}", received.mail))
}

#[test]
fn a_lead_goes_by_mail_and_is_sold_once_the_server_took_it() {
    let server = MailServer::start(PLAIN, |_, _| Does::AsUsual);
    let world = world(&server, "adf = \"attachment\"");
    let quote = world.ping(&Person(1).attributes()).ok("matched");
    assert_eq!((quote.word("price"), server.heard().len()), ("24.00".to_owned(), 0));
    let lead = world.post(&quote.word("ping_id"), &Person(1).lead()).ok("sold").word("lead_id");
    let [received] = server.received().try_into().unwrap();
    assert_eq!((received.from.as_str(), received.to.as_slice()), ("FROM:<leads@exchange.example>", &["TO:<leads@buyer.example>".to_owned()][..]));
    assert!(header(&received, "Message-ID").starts_with("<post_") && header(&received, "Subject").starts_with("Lead post_"), "{}", received.mail);
    let phone = format!("+1{}", Person(1).phone());
    assert!(received.mail.contains(&format!("Phone: {phone}\r\n")) && received.mail.contains(&format!("<phone>{phone}</phone>\r\n")), "{}", received.mail);
    assert!(received.mail.contains("<name part=\"full\">Mailed &amp; Sons</name>"), "{}", received.mail);
    let trace = world.trace(&lead);
    assert_eq!((&row(&trace, "sales", "mailed")["status"], rows(&trace, "ledger").len()), (&json!("sold"), 3));
    assert!(!world.has_seen("alpha", &Person(1).phone()));
    for secret in Person(1).secrets() {
        assert!(!world.logs().contains(&secret), "{secret} is logged");
    }
}

/// Nothing of it left, or the server had it and refused it: the next buyer has the lead, and a disclosure is counted only of the latter.
#[test]
fn a_mail_that_is_refused_leaves_the_lead_to_the_next_buyer() {
    for (at, reason) in [("RCPT", "unsent: smtp_550 to RCPT TO"), (".", "rejected: smtp_550")] {
        let server = MailServer::start(PLAIN, move |_, line| if line.starts_with(at) { Does::Says("550 no such mailbox") } else { Does::AsUsual });
        let world = world(&server, "");
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        let trace = world.trace(&lead);
        assert_eq!((&row(&trace, "sales", "mailed")["status"], &row(&trace, "sales", "mailed")["reason"]), (&json!("void"), &json!(reason)));
        assert_eq!(row(&trace, "sales", "alpha")["status"], "sold");
        assert!(!server.received().iter().any(|_| at == "RCPT"), "the contact stayed here");
    }
}

/// The connection is lost after the mail, and then the server is not to be used for a while: the same mail comes again, to nobody else.
#[test]
fn a_mail_that_may_have_arrived_is_sent_again_under_the_same_id() {
    let server = MailServer::start(PLAIN, |number, line| match (number, line) {
        (0, ".") => Does::HangsUp,
        (1, ".") => Does::Says("451 try again"),
        (2, line) if line.starts_with("RCPT") => Does::Says("550 not now"),
        _ => Does::AsUsual,
    });
    let world = world(&server, "");
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    wait_for("the second try", || Some(()).filter(|()| server.received().len() >= 2));
    let [first, second] = server.received().try_into().unwrap();
    assert_eq!(header(&first, "Message-ID"), header(&second, "Message-ID"));
    assert_eq!((world.status(&lead).json()["status"].clone(), world.has_seen("alpha", &Person(1).phone())), (json!("pending"), false));
}

#[test]
fn without_a_mail_server_nothing_leaves_and_a_test_goes_to_the_test_address() {
    let server = MailServer::start(PLAIN, |_, _| Does::AsUsual);
    let test = "test_post_url = \"mailto:tests@buyer.example\"\nsubject = \"A lead for you\"\nadf = \"only\"";
    let world = World::of_traced(market(test));
    let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let trace = world.trace(&lead);
    let reason = row(&trace, "sales", "mailed")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("no mail server is configured"), "{reason}");

    let config = world.file("pingpost.toml", &config(&server));
    let market = world.market_directory();
    let market = market.to_str().unwrap();
    let shown = run(&["try", "mailed/main", "--market", market]).done().stdout;
    assert!(shown.contains("To: leads@buyer.example") && shown.contains("<?adf version=3D\"1.0\"?>"), "{shown}");
    let sent = run(&["try", "mailed/main", "--market", market, "--send", "--config", &config]).done().stdout;
    assert!(sent.contains("Read as accepted"), "{sent}");
    let [received] = server.received().try_into().unwrap();
    assert_eq!((received.to[0].as_str(), header(&received, "Subject")), ("TO:<tests@buyer.example>", "A lead for you"));
    assert!(run(&["try", "mailed/main", "--market", market, "--send"]).refused().stderr.contains("--config FILE"));

    let data = world.data();
    let took = run(&["mail", "me@exchange.example", "--config", &config, "--data", data.to_str().unwrap()]).done().stdout;
    assert!(took.contains("took a mail to me@exchange.example"), "{took}");
    assert_eq!(server.received()[1].to, ["TO:<me@exchange.example>"]);
}

#[test]
fn a_test_lead_is_mailed_to_the_test_address_alone() {
    let server = MailServer::start(PLAIN, |_, _| Does::AsUsual);
    let world = world(&server, "test_post_url = \"mailto:tests@buyer.example\"");
    let lead = world.lead(&with(Person(1).lead(), json!({ "test": true }))).ok("sold").word("lead_id");
    assert!(rows(&world.trace(&lead), "ledger").is_empty());
    let [received] = server.received().try_into().unwrap();
    assert_eq!(received.to, ["TO:<tests@buyer.example>"]);
    assert!(received.mail.contains("This is a test"), "{}", received.mail);
}
