//! The live page: the figures that everything else tells, and events that bring them anew.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Call, Market, Person, World, wait_for};

/// What the page shows of each figure, by its name.
fn shown(html: &str) -> BTreeMap<String, String> {
    let cards = html.split("data-figure=\"").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once('"')?;
        let (_, value) = rest.split_once("class=\"value\">")?;
        Some((name.to_owned(), value.split('<').next()?.replace(',', "")))
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

#[test]
fn the_live_page_shows_the_figures_that_everything_else_tells_and_follows_them() {
    let world = World::of(Market::of_bids(&["20.00", "15.00"]));
    let rita = world.person("rita", "read-only");
    for number in 1..=3 {
        world.lead(&Person(number).lead()).ok("sold");
    }
    world.lead(&Person(1).lead()).ok("duplicate");
    let names = ["received", "sold_percent", "revenue", "payout", "margin", "earnings_per_lead", "auction_p50_ms", "auction_p99_ms"];
    // What nodes count themselves is kept within seconds, and a page may be a second old.
    wait_for("the page to show what the command tells", || {
        let (told, page) = (world.run(&["figures", "--json"]).done().json(), shown(&rita.get("/console/live").expect(200).text));
        let told = names.map(|name| written(name, &told["figures"][name]));
        (told[6] != "null ms" && names.map(|name| page[name].clone()) == told).then_some(())
    });
    let html = rita.get("/console/live").expect(200).text;
    assert_eq!((&shown(&html)["received"], &shown(&html)["revenue"]), (&"4".into(), &"60.00".into()));
    assert!(html.contains("What the exchange kept: revenue less supplier payout"), "the definition stands on the page");
    assert!(html.contains("data-live=\"/console/live/events\"") && html.contains("href=\"/console/leads/lead_"), "{html}");
    assert!(html.contains("data-buyer=\"alpha\"") && !html.contains(&Person(1).phone()), "{html}");

    // Nobody who hasn't signed in hears anything.
    let refused = Call::get(world.url("/console/live/events")).header("accept", "text/event-stream").send();
    assert_eq!(refused.status, 401);
    let host = world.at.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(stream, "GET /console/live/events HTTP/1.1\r\nhost: {host}\r\naccept: text/event-stream\r\ncookie: {}\r\n\r\n", rita.cookie()).unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let head = lines.by_ref().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n").to_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
    // The first of each is the page as it is.
    let mut parts = std::collections::BTreeSet::new();
    while parts.len() < 6 {
        parts.extend(lines.next().unwrap().strip_prefix("event: ").map(str::to_owned));
    }
    assert_eq!(parts.into_iter().collect::<Vec<_>>(), ["alerts", "attention", "buyers", "figures", "latest", "verticals"]);
    let lead = world.lead(&Person(9).lead()).ok("sold").word("lead_id");
    assert!(lines.any(|line| line.starts_with("data:") && line.contains(&lead)), "the lead is on the strip");

    // Whoever is something else by now hears no more: the answer's last chunk is an empty one.
    world.person("olga", "owner").post("/console/people/rita/role", &json!({ "role": "buyer:alpha" })).expect(303);
    wait_for("the end of the stream", || lines.next().filter(|line| line == "0"));
}
