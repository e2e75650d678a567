//! Market files, and the addresses in them.

use std::net::IpAddr;

use exchange::{id::Revision, market::Market};
use fuzz::{Seen, seen};
use url::Host;
use wire::market::{Problem, diff, read};

use crate::world::small;

pub const WORDS: &[&str] = &[
    "--- buyers/harbor.toml\n",
    "--- market.toml\n",
    "--- trees/loans.toml\n",
    "--- verticals/loans.toml\n",
    "--- suppliers/acme.toml\n",
    "--- lists/x.txt\n",
    "\n[",
    "]\n",
    " = ",
    "\"\n",
    "[[tiers]]\n",
    "[contracts.west]\n",
    "[fields.state]\n",
    "ping = \"value\"\n",
    "type = \"phone\"\n",
    "type = \"money\"\n",
    "filter = '",
    "caps = [{ count = 1, per = \"day\" }]\n",
    "caps = [{ spend = \"1.00\", per = \"month\" }]\n",
    "hours = [\"mon-fri 22:00-06:00\"]\n",
    "time_zone = \"Asia/Kathmandu\"\n",
    "sale = \"best:3\"\n",
    "shared_price = \"7.00\"\n",
    "secret = \"whsec_c2FtcGxlLXNlY3JldC1vZi1oYXJib3I=\"\n",
    "disclosure = \"strict\"\n",
    "unknown = { after_h = 24, then = \"void\" }\n",
    "{ bands = [0, 10] }",
    "{ prefix = 3 }",
    "quote = { kind = \"firm\", ttl_s = 120 }\n",
    "percent = \"12.5\"",
    "max_disclosures = 3\n",
    "lists = [\"x\"]\n",
    "'''",
    "\"\"\"",
    "[[[[",
    "{a={a=",
    "-1",
    "1_000",
    "0x1f",
    "1e9",
    "inf",
    "1979-05-27T07:32:00Z",
    "= []\n",
    "\"tag:all\"",
];
pub const ADDRESS_WORDS: &[&str] = &[
    "https://",
    "http://",
    "127.0.0.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "127.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fd00::1]",
    "169.254.169.254",
    "10.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "%31%32%37",
    "①②⑦.⓪.⓪.①",
    "。",
    "@",
    "user:pass@",
    ":443",
    ":0",
    "/path",
    "?a=b",
    "#x",
    "\\",
    "\t",
    "\n",
    "ftp://",
    "file:///",
    "//",
];

/// The first line of each file names it; it takes the place of that file in a small market without a fault.
pub fn files(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let mut bundle = small();
    for file in text.split("--- ").skip(1) {
        let (path, content) = file.split_once('\n').unwrap_or((file, ""));
        bundle.files.insert(path.trim().to_owned(), content.to_owned());
    }
    let outcome = read(&bundle);
    let problems = match &outcome {
        Ok((parts, warnings)) => {
            assert!(!warnings.iter().any(Problem::is_error), "taken with an error");
            let market = Market::new(Revision(1), parts.clone());
            for contract in &market.parts().contracts {
                assert_eq!(market.contract_named(&contract.key).map(|found| &found.key), Some(&contract.key));
                assert!(contract.filter.as_ref().is_none_or(|filter| !format!("{filter:?}").is_empty()));
            }
            assert!(diff(&bundle, &bundle).is_empty(), "a market differs from itself");
            warnings
        }
        Err(problems) => {
            assert!(problems.iter().any(Problem::is_error), "refused for nothing");
            problems
        }
    };
    assert!(problems.is_sorted(), "problems in the order of files and lines");
    for problem in problems {
        let lines = bundle.files.get(&problem.file).map_or(1, |text| text.lines().count().max(1) + 1);
        assert!((1..=lines).contains(&problem.line), "{}:{} has {lines} lines", problem.file, problem.line);
        assert!(problem.what.len() + problem.mend.len() < 20_000, "a problem of {} bytes", problem.what.len() + problem.mend.len());
        assert!(!problem.what.is_empty() && !problem.mend.is_empty());
    }
    hold_secrets(&text, problems);
    assert_eq!(outcome.as_ref().err(), read(&bundle).as_ref().err(), "read twice, it reads otherwise");
    let kinds: std::collections::BTreeSet<&str> = problems.iter().map(|problem| problem.mend.as_str()).collect();
    seen((outcome.is_ok(), kinds))
}

/// A secret in its place, and nowhere else, is in no message.
fn hold_secrets(text: &str, problems: &[Problem]) {
    let secrets = text.lines().filter_map(|line| line.trim().strip_prefix("secret = \"whsec_")?.strip_suffix('"'));
    for secret in secrets.filter(|secret| secret.len() >= 20) {
        assert!(text.matches(secret).count() > 1 || !problems.iter().any(|problem| problem.to_string().contains(secret)), "a secret is told");
    }
}

/// A buyer's address: what is taken goes over TLS, or to where the operator allows.
pub fn address(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let mut bundle = small();
    let buyer = bundle.files.get_mut("buyers/harbor.toml").unwrap();
    // A JSON text is a TOML text but for the character DEL.
    let quoted = serde_json::Value::from(text.as_ref()).to_string().replace('\u{7f}', "\\u007f");
    *buyer = buyer.replace("\"https://harbor.example/ping\"", &quoted);
    let outcome = read(&bundle);
    let Ok((parts, _)) = &outcome else {
        let problems = outcome.unwrap_err();
        let password =
            text.split_once("://").and_then(|(_, rest)| rest.split_once('@')).and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
        let is_telling = password
            // Words in small letters are in our messages, too.
            .filter(|password| password.len() >= 8 && !password.bytes().all(|byte| byte.is_ascii_lowercase()) && !password.contains(['/', '?', '#', '\\']))
            .is_some_and(|password| url::Url::parse(&text).is_ok() && problems.iter().any(|problem| problem.to_string().contains(password)));
        assert!(!is_telling, "a password is told");
        return seen(problems.iter().map(|problem| problem.mend.as_str()).collect::<Vec<_>>());
    };
    let url = parts.buyers[0].endpoint.ping_url.as_ref().unwrap();
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let literal = match url.host().unwrap() {
        Host::Ipv4(address) => Some(IpAddr::from(address)),
        Host::Ipv6(address) => Some(IpAddr::from(address).to_canonical()),
        Host::Domain(name) => (name == "localhost").then(|| IpAddr::from([127, 0, 0, 1])),
    };
    let is_allowed = literal.is_some_and(|address| parts.egress_allow.iter().any(|range| range.contains(&address)));
    let is_inner = literal.is_some_and(|address| match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unspecified() || address.is_unique_local(),
    });
    assert!(!is_inner || is_allowed, "an inner address that nobody allowed: {url}");
    match url.scheme() {
        "https" => {}
        "http" => assert!(is_allowed, "plain http to where nobody allowed it: {url}"),
        scheme => panic!("{scheme}"),
    }
    seen((url.scheme(), literal.map(|address| address.is_ipv4()), url.port().is_some()))
}
