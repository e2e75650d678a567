//! The headers of a message to a buyer: its format, its idempotency key, its signature.

use std::fmt;

use hyper::{
    HeaderMap,
    header::{HeaderName, HeaderValue},
};
use wire::webhook::{ID_HEADER, SIGNATURE_HEADER, SigningSecret, TIMESTAMP_HEADER};

/// Header lines as they are sent, in their order. What could break out of its line isn't taken. Never prints itself: keys and
/// signatures are among them.
#[derive(Clone, Default)]
pub struct Headers(String);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Headers(…)")
    }
}

impl Headers {
    /// With room for what most requests say.
    pub fn new() -> Self {
        Self(String::with_capacity(USUAL))
    }

    /// Whether it was taken: a value is visible ASCII, spaces and tabs. The name is a token in lower case, and none of those that
    /// say where a message ends.
    pub fn add(&mut self, name: &str, value: &str) -> bool {
        // Looked at to its end, many bytes at a time.
        let is_line = is_token(name) && value.bytes().fold(true, |is_line, byte| is_line & matches!(byte, b' '..=b'~' | b'\t'));
        if is_line {
            self.push(name, value);
        }
        is_line
    }

    /// Of what was looked at, or has nothing that would be found.
    fn push(&mut self, name: &str, value: &str) {
        for part in [name, ": ", value, "\r\n"] {
            self.0.push_str(part);
        }
    }

    /// Signs a message by Standard Webhooks.
    pub fn sign(&mut self, message: &Message<'_>, secret: &SigningSecret) {
        self.add(ID_HEADER, message.id);
        let at_s = message.at_s.to_string();
        self.push(TIMESTAMP_HEADER, &at_s);
        self.0.push_str(SIGNATURE_HEADER);
        self.0.push_str(": ");
        secret.sign_to(message.id, &at_s, message.body, &mut self.0);
        self.0.push_str("\r\n");
    }

    pub(super) fn lines(&self) -> &str {
        &self.0
    }

    pub(super) fn to_map(&self) -> HeaderMap {
        let lines = self.0.lines().filter_map(|line| line.split_once(": "));
        lines.filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?))).collect()
    }
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
}

/// In bytes: what the headers of a signed message have.
const USUAL: usize = 256;

/// A message in JSON, about to be sent.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The same for each sending of the same message; receivers tell repeats by it. Ids of ours: visible ASCII.
    pub id: &'a str,
    /// Seconds since 1970.
    pub at_s: i64,
    pub body: &'a [u8],
    pub idempotency_key: Option<&'a str>,
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {} bytes)", self.id, self.body.len())
    }
}

/// Signed where the receiver has a secret. The signature of a message without a body is over the empty text.
#[must_use]
pub fn message_headers(message: &Message<'_>, secret: Option<&SigningSecret>) -> Headers {
    let mut headers = Headers::new();
    headers.push("accept", "application/json");
    if !message.body.is_empty() {
        headers.push("content-type", "application/json");
    }
    if let Some(key) = message.idempotency_key {
        headers.add("idempotency-key", key);
    }
    if let Some(secret) = secret {
        headers.sign(message, secret);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_where_there_is_a_secret() {
        let secret: SigningSecret = "whsec_plJ3nmyCDGBKInavdOK15jsl".parse().unwrap();
        let body = br#"{"event_type":"ping","data":{"success":true}}"#;
        let message = Message { id: "msg_loFOjxBNrRLzqYUf", at_s: 1_731_705_121, body, idempotency_key: Some("post_1") };
        let lines = |headers: HeaderMap| headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect::<Vec<_>>().join("\n");
        let (signed, bare) = (message_headers(&message, Some(&secret)), message_headers(&Message { body: b"", idempotency_key: None, ..message }, None));
        assert_eq!(lines(signed.to_map()), signed.lines().trim_end().replace("\r\n", "\n"));
        insta::assert_snapshot!(format!("{}\n\n{}", lines(signed.to_map()), lines(bare.to_map())));
    }

    #[test]
    fn what_could_be_a_line_of_its_own_is_not_taken() {
        let mut headers = Headers::default();
        for value in ["a\r\nx: y", "a\nx: y", "a\0", "é", "\x7f"] {
            assert!(!headers.add("webhook-id", value), "{value:?}");
        }
        assert_eq!(headers.lines(), "");
    }
}
