//! The console's cookies: the session's, and what one page has to say on the next.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::way::Way;

/// A browser takes a name with this prefix only over TLS, for this host alone.
const SECURE: &str = "__Host-pingpost";
const PLAIN: &str = "pingpost";
const NOTICE: &str = "pingpost-notice";
/// In bytes: of a notice.
const MOST_NOTICE: usize = 500;

fn name(way: Way) -> &'static str {
    match way {
        Way::Loopback => PLAIN,
        Way::Remote { .. } => SECURE,
    }
}

fn secure(way: Way) -> &'static str {
    match way {
        Way::Loopback => "",
        Way::Remote { .. } => "; Secure",
    }
}

/// The session's token, if the request has one.
pub fn session(headers: &HeaderMap, way: Way) -> Option<&str> {
    value(headers, name(way))
}

/// It lives as long as the browser runs; the session's own end is the store's.
pub fn set_session(token: &str, way: Way) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}={token}; Path=/; HttpOnly; SameSite=Strict{}", name(way), secure(way))).ok()
}

pub fn end_session(way: Way) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{}", name(way), secure(way))).ok()
}

pub fn notice(headers: &HeaderMap) -> Option<String> {
    let text = value(headers, NOTICE).filter(|text| text.len() <= 2 * MOST_NOTICE)?;
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok().filter(|text| !text.is_empty())
}

/// A sentence for the next page, without anything personal.
pub fn set_notice(text: &str) -> Option<HeaderValue> {
    let end = (0..=text.len().min(MOST_NOTICE)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let text = URL_SAFE_NO_PAD.encode(&text[..end]);
    HeaderValue::from_str(&format!("{NOTICE}={text}; Path=/console; HttpOnly; SameSite=Strict; Max-Age=60")).ok()
}

pub fn end_notice() -> HeaderValue {
    HeaderValue::from_static("pingpost-notice=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0")
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    cookies.filter_map(|cookie| cookie.trim().split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_reads_back_and_is_cut_between_characters() {
        for (text, expected) in [("Saved: ä; done", "Saved: ä; done".to_owned()), (&"ä".repeat(400), "ä".repeat(250))] {
            let set = set_notice(text).unwrap();
            let mut headers = HeaderMap::new();
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            headers.insert(header::COOKIE, HeaderValue::from_str(&format!("other=1; {pair}")).unwrap());
            assert_eq!(notice(&headers), Some(expected));
        }
    }
}
