//! The live page: the figures that everything else tells, and events that bring them anew.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use crate::support::{
    Call,
    process::{Running, pingpost, ran},
    wait_for,
};

/// A demo that sends a lead now and then, and somebody who has signed in to its console.
struct Demo {
    _process: Running,
    directory: tempfile::TempDir,
    host: String,
    cookie: String,
}

impl Demo {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = pingpost();
        command.args(["demo", "--listen", "127.0.0.1:0", "--rate", "4", "--for", "5m", "--data"]).arg(directory.path());
        let mut process = Running::start(&mut command);
        let link = process.announced("signed in once as its owner: ");
        let host = link.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
        let entered = Call::get(&link).send().expect(200);
        let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { _process: process, directory, host, cookie }
    }

    fn page(&self) -> String {
        Call::get(format!("http://{}/console/live", self.host)).header("cookie", &self.cookie).send().expect(200).text
    }

    fn json(&self) -> Value {
        ran(pingpost().args(["figures", "--json", "--data"]).arg(self.directory.path())).done().json()
    }
}

/// What the page shows of each figure, by its name.
fn shown(html: &str) -> BTreeMap<String, String> {
    let cards = html.split("data-figure=\"").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once('"')?;
        let (_, value) = rest.split_once("class=\"value\">")?;
        Some((name.to_owned(), value.split('<').next()?.to_owned()))
    });
    let mut first = BTreeMap::new();
    for (name, value) in cards {
        first.entry(name).or_insert(value);
    }
    first
}

/// As the page writes a number of the JSON.
fn written(name: &str, value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match name {
        "sold_percent" => format!("{text} %"),
        _ if name.ends_with("_ms") => format!("{text} ms"),
        _ => text,
    }
}

fn plain(text: &str) -> String {
    text.replace(',', "")
}

#[test]
fn the_live_page_shows_the_figures_that_everything_else_tells_and_follows_them() {
    let demo = Demo::start();
    wait_for("leads", || Some(demo.json()).filter(|told| told["figures"]["sold"].as_i64().is_some_and(|sold| sold > 3)));
    // What is the same before and after is what it was meanwhile.
    wait_for("a quiet moment in which page and command can be compared", || {
        let (before, told, after) = (shown(&demo.page()), demo.json(), shown(&demo.page()));
        (before == after).then(|| {
            for name in ["received", "sold_percent", "revenue", "payout", "margin"] {
                assert_eq!(plain(&after[name]), written(name, &told["figures"][name]), "{name} of {told:#}");
            }
        })
    });
    let html = demo.page();
    assert!(html.contains("What the exchange kept: revenue less supplier payout"), "the definition stands on the page");
    assert!(html.contains("data-live=\"/console/live/events\"") && html.contains("href=\"/console/leads/lead_"), "{html}");

    // Nobody who hasn't signed in hears anything.
    let refused = Call::get(format!("http://{}/console/live/events", demo.host)).header("accept", "text/event-stream").send();
    assert_eq!(refused.status, 401);
    let mut stream = TcpStream::connect(&demo.host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(stream, "GET /console/live/events HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\ncookie: {}\r\n\r\n", demo.host, demo.cookie).unwrap();
    let mut received = Vec::new();
    let mut figures = 0;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        figures += usize::from(line == "event: figures");
        received.push(line);
        // The first is the page as it is, the second what has changed since.
        if figures == 2 {
            break;
        }
    }
    let head = received.iter().take_while(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join("\n").to_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
    for part in ["figures", "verticals", "buyers", "latest"] {
        assert!(received.contains(&format!("event: {part}")), "{part}");
    }
}
