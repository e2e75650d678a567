//! What buyers answer to pings, confirmations, posts and status questions.

use std::sync::LazyLock;

use exchange::{
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    contract::SaleKinds,
    id::{LeadId, Subject},
    lead::read_post,
    money::{Currency, Money},
    raw::RawValue,
    seal::{Contact, MasterKey, Opener, Reveal},
};
use fuzz::{Seen, seen};
use serde_json::Value;
use wire::native::{Echoes, MAX_REPLY_BYTES, PostAttempt, read_bid, read_confirm, read_post as read_post_reply, read_status};

use crate::world::loans;

pub const WORDS: &[&str] = &[
    "\"bid\": ",
    "\"shared_bid\": ",
    "\"ref\": ",
    "\"ttl_s\": ",
    "\"currency\": \"USD\"",
    "\"currency\": \"EUR\"",
    "\"status\": ",
    "\"accepted\"",
    "\"rejected\"",
    "\"confirmed\"",
    "\"declined\"",
    "\"unknown\"",
    "\"reason\": ",
    "\"duplicate\"",
    "\"redirect_url\": ",
    "\"https://b.example/go\"",
    "\"javascript:x\"",
    "\"lead_ref\": ",
    "12.50",
    "\"12.50\"",
    "\"1e3\"",
    "-0.01",
    "0.001",
    "1000000000.01",
    "86400",
    "86401",
    "null",
    "{",
    "}",
    ", ",
    "\n2",
    "\n5",
];
pub const ECHO_WORDS: &[&str] = &[
    "+16465550142",
    "646-555-0142",
    "(646) 555 0142",
    "thessaly",
    "THESSALY",
    "Thessaly.Quill@Example.com",
    "%40",
    "thessaly%2Equill",
    "738491720",
    "738-49-1720",
    "\\u0040",
    "1979-06-14",
    "42 Larkspur Hollow",
    "no licence for ",
    "ref-",
    "rejected",
    "accepted",
];

/// The statuses that tests meet most; the first byte chooses.
const STATUSES: [u16; 12] = [200, 201, 204, 299, 302, 400, 404, 408, 429, 500, 503, 100];

/// The first byte is the status, the second further choices; the reply follows.
fn choices(bytes: &[u8]) -> (u16, u8, &[u8]) {
    let digit = |place: usize| bytes.get(place).copied().unwrap_or(b'0').wrapping_sub(b'0');
    (STATUSES[usize::from(digit(0)) % STATUSES.len()], digit(1), bytes.get(2..).unwrap_or_default())
}

/// What a failure may say: our words alone, never the buyer's.
const OURS: [&str; 20] = [
    "no price of a kind that was offered",
    "bid",
    "shared_bid",
    "currency",
    "ttl_s",
    "ref",
    "status",
    "bid is missing",
    "not above 0",
    "not an amount in digits",
    "too many decimals",
    "too large",
    "unknown",
    "rejected, to a repeat",
    "not UTF-8",
    "not JSON",
    "not a JSON object",
    "nested too deeply",
    "lead_ref",
    "redirect_url",
];

fn failed(failure: &CallFailure, bytes: &[u8]) {
    match failure {
        CallFailure::Malformed(what) => {
            let is_ours = |part: &str| OURS.contains(&part.strip_suffix(" twice").unwrap_or(part));
            assert!(what.split(": ").all(is_ours), "not in our words: {what}");
        }
        CallFailure::TooLarge => assert!(bytes.len() > MAX_REPLY_BYTES),
        CallFailure::Status(_) => {}
        other => panic!("{other} is no failure of a reply"),
    }
}

fn is_line(text: &str, most: usize) {
    assert!(text.chars().count() <= most && !text.chars().any(char::is_control), "a text of {} characters", text.chars().count());
}

/// The member of a reply, as a reader of somebody else's sees it.
fn member(bytes: &[u8], name: &str) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).ok()?.get(name).cloned()
}

pub fn bid(bytes: &[u8]) -> Seen {
    let (status, choice, body) = choices(bytes);
    let offered = SaleKinds { exclusive: choice & 1 == 0, shared: choice & 2 != 0 || choice & 1 != 0 };
    let currency = if choice & 4 == 0 { Currency::USD } else { Currency::of_code("JPY").unwrap() };
    let reply = read_bid(status, body, currency, offered);
    assert_eq!(reply, read_bid(status, body, currency, offered));
    match &reply {
        PingReply::Bid(bid) => {
            assert!((200..300).contains(&status));
            assert!(bid.bid.is_some() || bid.shared_bid.is_some(), "a bid of nothing");
            assert!(bid.bid.is_none() || offered.exclusive, "a price for what wasn't offered");
            assert!(bid.shared_bid.is_none() || offered.shared, "a price for what wasn't offered");
            for price in [bid.bid, bid.shared_bid].into_iter().flatten() {
                assert!(price.is_positive() && price <= Money::MAX && price.micros() % currency.cent().micros() == 0, "{price}");
            }
            bid.reference.iter().for_each(|reference| is_line(reference, 256));
            assert!(bid.ttl_s.is_none_or(|ttl| (1..=86_400).contains(&ttl)));
            let named = ["bid", "shared_bid"].iter().any(|name| member(body, name).is_some_and(|value| value.is_string() || value.is_number()));
            assert!(named || serde_json::from_slice::<Value>(body).is_err(), "a bid that nobody made");
        }
        PingReply::NoBid(reason) => reason.iter().for_each(|reason| is_line(reason, 200)),
        PingReply::Failed(failure) => failed(failure, body),
    }
    match reply {
        PingReply::Bid(bid) => seen((bid.bid.is_some(), bid.shared_bid.is_some(), bid.reference.is_some(), bid.ttl_s.is_some())),
        PingReply::NoBid(reason) => seen(("none", reason.is_some())),
        PingReply::Failed(failure) => seen(failure),
    }
}

fn hold_post(reply: &PostReply, body: &[u8]) {
    match reply {
        PostReply::Accepted { redirect_url, lead_reference } => {
            lead_reference.iter().for_each(|reference| is_line(reference, 256));
            if let Some(url) = redirect_url {
                is_line(url, 2048);
                assert!(["http", "https"].contains(&url::Url::parse(url).unwrap().scheme()), "another scheme");
            }
            assert!(member(body, "status").is_none_or(|status| status == "accepted"), "accepted, and nobody said so");
        }
        PostReply::Rejected { reason } => reason.iter().for_each(|reason| is_line(reason, 200)),
        PostReply::Unknown(failure) => failed(failure, body),
        PostReply::Unsent(_) => panic!("whoever answers was sent something"),
    }
}

fn told(reply: &PostReply) -> Seen {
    match reply {
        PostReply::Accepted { redirect_url, lead_reference } => seen((redirect_url.is_some(), lead_reference.is_some())),
        PostReply::Rejected { reason } => seen(("rejected", reason.is_some())),
        PostReply::Unknown(failure) | PostReply::Unsent(failure) => seen(failure),
    }
}

pub fn post(bytes: &[u8]) -> Seen {
    let (status, choice, body) = choices(bytes);
    let attempt = PostAttempt { repeat: choice & 1 != 0, idempotent: choice & 2 == 0 };
    let reply = read_post_reply(status, body, attempt);
    assert_eq!(reply, read_post_reply(status, body, attempt));
    hold_post(&reply, body);
    match &reply {
        PostReply::Accepted { .. } => assert!((200..300).contains(&status)),
        PostReply::Rejected { reason } => {
            assert!(status < 500 && status != 408 && status != 429, "{status} says nothing");
            assert!(!attempt.repeat || (attempt.idempotent && (200..300).contains(&status)), "a repeat that settles");
            let says_duplicate = reason.as_deref().is_some_and(|reason| reason.to_lowercase().contains("duplicate"));
            assert!(!(attempt.repeat && says_duplicate), "the first one may have been accepted");
        }
        PostReply::Unknown(_) | PostReply::Unsent(_) => {}
    }
    told(&reply)
}

pub fn confirm(bytes: &[u8]) -> Seen {
    let (status, _, body) = choices(bytes);
    let reply = read_confirm(status, body);
    assert_eq!(reply, read_confirm(status, body));
    match &reply {
        ConfirmReply::Confirmed => assert!((200..300).contains(&status) && member(body, "status").is_none_or(|status| status == "confirmed")),
        ConfirmReply::Declined(reason) => reason.iter().for_each(|reason| is_line(reason, 200)),
        ConfirmReply::Failed(failure) => failed(failure, body),
    }
    match reply {
        ConfirmReply::Declined(reason) => seen(("declined", reason.is_some())),
        other => seen(other),
    }
}

pub fn status(bytes: &[u8]) -> Seen {
    let (status, _, body) = choices(bytes);
    let reply = read_status(status, body);
    assert_eq!(reply, read_status(status, body));
    hold_post(&reply, body);
    assert!(matches!(reply, PostReply::Unknown(_)) || (200..300).contains(&status));
    told(&reply)
}

/// What the contact holds that a buyer's words are searched for.
const CONTACT: [(&str, &str); 6] = [
    ("first_name", "Thessaly"),
    ("phone", "646-555-0142"),
    ("email", "thessaly.quill@example.com"),
    ("ssn", "738-49-1720"),
    ("street", "42 Larkspur Hollow"),
    ("state", "NY"),
];

static ECHOES: LazyLock<Echoes> = LazyLock::new(|| Echoes::of(loans(), &contact()));

fn contact() -> Contact {
    let raw = CONTACT.map(|(name, text)| (name.to_owned(), RawValue::of_text(text))).to_vec();
    let read = read_post(loans(), &raw, None, jiff::civil::date(2026, 11, 23)).unwrap();
    let (master, subject) = (MasterKey::from_bytes([7; 32]), Subject::Lead(LeadId::from_bytes([1; 16])));
    let values = read.sealed.iter().map(|(index, value)| (loans().field(*index).name.as_str(), value));
    let part = master.seal(subject, values, &mut |bytes: &mut [u8]| bytes.fill(9)).unwrap();
    part.open(Opener::Reveal(&Reveal::after_commit(subject)), &master).unwrap()
}

/// A buyer's words about a post are kept only where they don't repeat the contact, in whatever spelling.
pub fn echoed(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let accepted = ECHOES.kept_out_of(PostReply::Accepted { redirect_url: Some(text.clone()), lead_reference: Some(text.clone()) });
    let rejected = ECHOES.kept_out_of(PostReply::Rejected { reason: Some(text.clone()) });
    let PostReply::Accepted { redirect_url, lead_reference } = accepted else { panic!("accepted stays accepted") };
    let PostReply::Rejected { reason: Some(reason) } = rejected else { panic!("rejected stays rejected") };
    for kept in [&redirect_url, &lead_reference, &Some(reason.clone())].into_iter().flatten() {
        let plain = kept.to_lowercase();
        let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
        assert!(!digits.contains("6465550142"), "the phone number is kept");
        assert!(!digits.contains("738491720"), "the social security number is kept");
        for echo in ["thessaly.quill@example.com", "42 larkspur hollow"] {
            assert!(!plain.contains(echo), "{echo} is kept");
        }
        assert!(!plain.split(|character: char| !character.is_alphanumeric()).any(|word| word == "thessaly"), "the name is kept");
    }
    assert_eq!(redirect_url.is_some(), lead_reference.is_some());
    seen((redirect_url.is_some(), text.contains('%'), text.is_ascii(), text.chars().any(|character| character.is_ascii_digit())))
}
