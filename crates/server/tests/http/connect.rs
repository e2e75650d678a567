//! `pingpost connect`: a buyer's market file made of its answers, by flags, by answers on standard input, and refused where it can't be.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::support::{
    Market,
    peer::{Peer, answer},
    process::{Ran, pingpost, run},
};

struct Desk {
    directory: tempfile::TempDir,
    market: String,
}

impl Desk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let market = directory.path().join("market");
        Market::new().write(&market, &[].into());
        Self { market: market.to_str().unwrap().to_owned(), directory }
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = pingpost();
        command.args([
            "connect",
            "--market",
            &self.market,
            "--vertical",
            "loans",
            "--ping-url",
            "https://b.example/ping",
            "--post-url",
            "https://b.example/post",
        ]);
        command.args(more);
        command
    }

    fn connect(&self, more: &[&str]) -> Ran {
        crate::support::process::ran(&mut self.command(more))
    }

    fn connect_with(&self, more: &[&str], input: &str) -> Ran {
        let mut child = self.command(more).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    fn checks(&self, buyer: &str) {
        let text = std::fs::read_to_string(format!("{}/buyers/{buyer}.toml", self.market)).unwrap();
        assert!(run(&["check", &self.market]).done().stdout.contains("is in order"), "{text}");
    }
}

const YES: &str = "{\"result\": \"success\", \"ping_id\": \"p-1\", \"price\": \"12.50\", \"msg\": \"Ping Accepted\"}";
const NO: &str = "{\"result\": \"failed\", \"msg\": \"No Match\"}";

#[test]
fn a_known_platform_is_found_by_its_answers_and_written() {
    let desk = Desk::new();
    let (yes, no) = (desk.file("yes.json", YES), desk.file("no.json", NO));
    let made = desk.connect(&["--buyer", "network", "--ping-answer", &yes, "--ping-answer", &no, "--own", "campaign_id=17", "--yes", "--json"]).done().json();
    assert_eq!((&made["preset"], &made["written"]), (&"leadspedia".into(), &true.into()), "{made:#}");
    assert_eq!(made["readings"][0]["meaning"], "a bid: exclusive 12.50, reference p-1");
    assert_eq!(made["readings"][1]["meaning"], "no bid: No Match");
    assert!(made["ping"].as_str().unwrap().contains("lp_campaign_id=17&lp_campaign_key=env%3ANETWORK_CAMPAIGN_KEY"), "{}", made["ping"]);
    insta::assert_snapshot!(made["toml"].as_str().unwrap());
    desk.checks("network");
    assert!(desk.connect(&["--buyer", "network", "--ping-answer", &yes, "--yes"]).refused().stderr.contains("is there already"));
}

#[test]
fn an_unknown_interface_is_made_out_of_its_answers() {
    let desk = Desk::new();
    let (yes, no) = (desk.file("yes.txt", "ACCEPT|12,50|ref=77\n"), desk.file("no.txt", "REJECT|state\n"));
    let sold = desk.file("sold.txt", "200\ncontent-type: text/plain\n\nSOLD|1");
    let made = desk.connect(&["--buyer", "pipes", "--ping-answer", &yes, "--ping-answer", &no, "--post-answer", &sold, "--preset", "none", "--yes", "--json"]);
    let made = made.done().json();
    assert_eq!(made["readings"][0]["meaning"], "a bid: exclusive 12.50, reference 77", "{made:#}");
    assert!(made["readings"][1]["meaning"].as_str().unwrap().starts_with("no bid"));
    assert_eq!(made["readings"][2]["meaning"], "accepted");
    insta::assert_snapshot!(made["toml"].as_str().unwrap());
    desk.checks("pipes");
}

/// A person at the terminal, or a script in its place: pasted answers, a word that nobody knows, and a choice between two ids.
#[test]
fn what_is_ambiguous_is_asked_and_nothing_is_written_without_a_yes() {
    let desk = Desk::new();
    let yes = "{\"state\": \"GO\", \"price\": 5, \"ping_id\": \"a\", \"bid_ref\": \"b\"}";
    let no = "{\"state\": \"NOGO\"}";
    // The second word tells where the first stands: without one that is known, nothing says yes or no.
    let input = |last: &str| format!("asked\n{yes}\n.\n{no}\n.\n\n\n\n{last}\n");
    let ran = desk.connect_with(&[], &input("n"));
    assert!(ran.refused().stderr.contains("no word of yes or no was found"));
    let no = "{\"state\": \"rejected\"}";
    let input = |last: &str| format!("asked\n{yes}\n.\n{no}\n.\n\n\naccepted\nping_id (here: a)\njson\n{last}\n");
    let ran = desk.connect_with(&[], &input("n")).done();
    assert!(ran.stderr.contains("What does \"GO\" at state mean?") && ran.stderr.contains("Where is its reference"), "{}", ran.stderr);
    assert!(ran.stdout.contains("a bid: exclusive 5.00, reference a") && ran.stdout.contains("POST /ping HTTP/1.1"), "{}", ran.stdout);
    assert!(!std::path::Path::new(&format!("{}/buyers/asked.toml", desk.market)).exists(), "nothing is written");
    desk.connect_with(&[], &input("y")).done();
    desk.checks("asked");
}

#[test]
fn an_answer_may_be_at_an_address_and_mistakes_are_told() {
    let desk = Desk::new();
    let peer = Peer::answering(|_| answer("200 OK", "{\"success\": true, \"lead_token\": \"t\", \"payout\": 9.75}"));
    let sample = format!("{}/sample", peer.at);
    let made = desk.connect(&["--buyer", "there", "--ping-answer", &sample, "--yes", "--json"]).done().json();
    assert_eq!(made["preset"], "token", "{made:#}");
    desk.checks("there");
    for (flags, told) in [
        (&["--buyer", "a b", "--preset", "token", "--yes"][..], "can't be a buyer's name"),
        (&["--buyer", "x", "--preset", "tokn", "--yes"], "there is no preset tokn"),
        (&["--buyer", "x", "--yes"], "say --ping-answer FILE"),
        (&["--preset", "token", "--yes"], "--buyer is missing"),
        (&["--buyer", "x", "--ping-answer", "/no/such/file", "--yes"], "/no/such/file"),
        (&["--buyer", "x", "--preset", "leadspedia", "--own", "campaign_id", "--yes"], "write it NAME=VALUE"),
        (&["--buyer", "x", "--preset", "leadspedia", "--own", "campaing_id=17", "--yes"], "leadspedia knows no --own campaing_id: it is one of campaign_id"),
        (&["--buyer", "x", "--preset", "token", "--contract", "a/b", "--yes"], "--contract a/b"),
        (&["--buyer", "x", "--preset", "none", "--ping-answer", &sample, "--format", "yaml", "--yes"], "none of json, xml, form, query"),
    ] {
        let stderr = desk.connect(flags).refused().stderr;
        assert!(stderr.contains(told), "{flags:?}: {stderr}");
    }
}

/// What would leave sold leads unknown is not written by itself, and not said to be.
#[test]
fn what_cannot_read_the_buyers_answers_is_not_written_unasked() {
    let desk = Desk::new();
    let (yes, no, sold) = (desk.file("yes.txt", "BUY;42.50;zz91"), desk.file("no.txt", "PASS;0;-"), desk.file("sold.txt", "DONE;zz91"));
    let flags = ["--buyer", "odd", "--ping-answer", &yes, "--ping-answer", &no, "--post-answer", &sold, "--preset", "none", "--format", "form"];
    let file = format!("{}/buyers/odd.toml", desk.market);
    let is_written = || std::path::Path::new(&file).exists();

    let asked_nobody = desk.connect(&[&flags[..], &["--yes", "--json"]].concat());
    assert!(asked_nobody.stderr.contains("1 of 3 answers can't be read by it.") && asked_nobody.stderr.contains("is not written"), "{}", asked_nobody.stderr);
    let made = asked_nobody.refused().json();
    assert_eq!((&made["written"], &made["readings"][2]["is_read"], is_written()), (&false.into(), &false.into(), false), "{made:#}");

    // Neither for an empty answer, nor at the end of the input.
    let ended = desk.connect_with(&flags, "");
    assert!(ended.refused().stderr.contains("is not written"));
    desk.connect_with(&flags, "\n\n\n\n\n\n").done();
    assert!(!is_written());
}

#[test]
fn of_several_verticals_none_is_taken_unasked() {
    let desk = Desk::new();
    let (loans, autos) = (format!("{}/verticals/loans.toml", desk.market), format!("{}/verticals/autos.toml", desk.market));
    std::fs::copy(loans, autos).unwrap();
    let mut command = pingpost();
    command.args(["connect", "--market", &desk.market, "--ping-url", "https://b.example/ping", "--post-url", "https://b.example/post"]);
    let ran = crate::support::process::ran(command.args(["--buyer", "x", "--preset", "token", "--yes"]));
    assert!(ran.refused().stderr.contains("say --vertical, one of autos, loans"));
}
