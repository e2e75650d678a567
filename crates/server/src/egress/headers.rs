//! The headers of a message to a buyer: its format, its idempotency key, its signature.

use std::fmt;

use hyper::{
    HeaderMap,
    header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue},
};
use wire::webhook::{ID_HEADER, SIGNATURE_HEADER, SigningSecret, TIMESTAMP_HEADER};

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
pub fn message_headers(message: &Message<'_>, secret: Option<&SigningSecret>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if !message.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let mut insert = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if let Some(key) = message.idempotency_key {
        insert("idempotency-key", key);
    }
    if let Some(secret) = secret {
        insert(ID_HEADER, message.id);
        insert(TIMESTAMP_HEADER, &message.at_s.to_string());
        insert(SIGNATURE_HEADER, &secret.sign(message.id, message.at_s, message.body));
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
        let signed = lines(message_headers(&message, Some(&secret)));
        let bare = lines(message_headers(&Message { body: b"", idempotency_key: None, ..message }, None));
        insta::assert_snapshot!(format!("{signed}\n\n{bare}"));
    }
}
