//! Standard Webhooks signatures and their secrets.

use fuzz::{Seen, seen};
use wire::webhook::{DEFAULT_TOLERANCE_S, Signed, SigningSecret};

pub const WORDS: &[&str] =
    &["v1,", "v1a,", " ", "whsec_", "=", "==", "1731705121", "-1", "+1731705121", "9223372036854775807", "-9223372036854775808", "AAAA", "msg_", ".", "\n"];

const NOW_S: i64 = 1_731_705_121;
const SECRET: &str = "whsec_plJ3nmyCDGBKInavdOK15jsl";

/// Lines: the message's id, its timestamp, its signatures; the rest is its body.
pub fn webhook(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (id, timestamp, signatures, body) = (line(), line(), line(), line());
    let secret: SigningSecret = SECRET.parse().unwrap();
    let verified = secret.verify(Signed { id, timestamp, signatures }, body.as_bytes(), NOW_S, DEFAULT_TOLERANCE_S);
    if verified.is_ok() {
        let expected = secret.sign(id, timestamp.parse().unwrap(), body.as_bytes());
        assert!(signatures.split(' ').any(|signature| signature == expected), "taken without our signature");
    }
    // Ours is always taken in its time, whatever the message, and never with another body.
    let signed = secret.sign(id, NOW_S, body.as_bytes());
    let now = NOW_S.to_string();
    let ours = Signed { id, timestamp: &now, signatures: &signed };
    assert_eq!(secret.verify(ours, body.as_bytes(), NOW_S, DEFAULT_TOLERANCE_S), Ok(()));
    assert!(secret.verify(ours, format!("{body} ").as_bytes(), NOW_S, DEFAULT_TOLERANCE_S).is_err());
    assert!(secret.verify(ours, body.as_bytes(), NOW_S + 301, DEFAULT_TOLERANCE_S).is_err());
    seen(verified)
}

pub fn secret(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let read = text.parse::<SigningSecret>();
    if let Ok(secret) = &read {
        assert_eq!(format!("{secret:?}"), "whsec_…");
        let signed = secret.sign("msg", NOW_S, b"{}");
        let again: SigningSecret = text.parse().unwrap();
        assert_eq!(again.verify(Signed { id: "msg", timestamp: &NOW_S.to_string(), signatures: &signed }, b"{}", NOW_S, 0), Ok(()));
    }
    seen(read.map(|_| text.contains('=')))
}
