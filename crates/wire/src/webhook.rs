//! Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body`.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::fmt;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub const ID_HEADER: &str = "webhook-id";
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// Secrets are pasted with their padding and without.
pub(crate) const PADDED_OR_NOT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// How old or new a signature may be, in seconds.
pub const DEFAULT_TOLERANCE_S: u64 = 300;

/// A text that is no signing secret. Doesn't say what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is whsec_ and base64 of 16 to 64 bytes")]
pub struct NotASecret;

/// The key that one buyer and the exchange share, as the hash begins with it. Never prints itself.
#[derive(Clone)]
pub struct SigningSecret(Hmac<Sha256>);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whsec_…")
    }
}

impl std::str::FromStr for SigningSecret {
    type Err = NotASecret;

    /// The specification wants 24 bytes or more, yet its own vector has 18: 16 are enough for the hash.
    fn from_str(text: &str) -> Result<Self, NotASecret> {
        let encoded = text.strip_prefix("whsec_").ok_or(NotASecret)?;
        let bytes = Zeroizing::new(PADDED_OR_NOT.decode(encoded).map_err(|_| NotASecret)?);
        if !(16..=64).contains(&bytes.len()) {
            return Err(NotASecret);
        }
        // HMAC pads a key that is no longer than its block with zeros.
        let mut block = Zeroizing::new([0u8; 64]);
        block[..bytes.len()].copy_from_slice(&bytes);
        Ok(Self(Hmac::new((&*block).into())))
    }
}

/// Why a message isn't taken for the sender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    #[error("the timestamp is no number of seconds")]
    NoTimestamp,
    #[error("the timestamp is too old or too new")]
    OutOfTime,
    #[error("no signature fits")]
    NoMatch,
}

/// The three headers of a signed message.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    /// One or more, separated by spaces: `v1,…`.
    pub signatures: &'a str,
}

impl SigningSecret {
    /// The header `webhook-signature` for a message sent at this second since 1970.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mut signature = String::new();
        self.sign_to(id, &timestamp_s.to_string(), body, &mut signature);
        signature
    }

    /// The same, added to a text. `timestamp` is the second in digits.
    pub fn sign_to(&self, id: &str, timestamp: &str, body: &[u8], out: &mut String) {
        out.push_str("v1,");
        STANDARD.encode_string(self.mac(id, timestamp, body), out);
    }

    /// Whether one of the signatures is ours, and within `tolerance_s` of now. Takes the same time for every wrong one.
    pub fn verify(&self, signed: Signed<'_>, body: &[u8], now_s: i64, tolerance_s: u64) -> Result<(), NotSigned> {
        let timestamp: i64 = signed.timestamp.parse().map_err(|_| NotSigned::NoTimestamp)?;
        if timestamp.abs_diff(now_s) > tolerance_s {
            return Err(NotSigned::OutOfTime);
        }
        let expected = self.mac(signed.id, signed.timestamp, body);
        let fits = |signature: &str| {
            let given = signature.strip_prefix("v1,").and_then(|encoded| STANDARD.decode(encoded).ok());
            given.is_some_and(|given| bool::from(given.as_slice().ct_eq(&expected)))
        };
        if signed.signatures.split(' ').any(fits) { Ok(()) } else { Err(NotSigned::NoMatch) }
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "msg_loFOjxBNrRLzqYUf";
    const BODY: &[u8] = br#"{"event_type":"ping","data":{"success":true}}"#;
    const SIGNATURE: &str = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=";
    const AT_S: i64 = 1_731_705_121;

    fn secret() -> SigningSecret {
        "whsec_plJ3nmyCDGBKInavdOK15jsl".parse().unwrap()
    }

    fn verify(id: &str, timestamp: &str, signatures: &str, body: &[u8], now_s: i64) -> Result<(), NotSigned> {
        secret().verify(Signed { id, timestamp, signatures }, body, now_s, DEFAULT_TOLERANCE_S)
    }

    #[test]
    fn the_published_vector_holds() {
        assert_eq!(secret().sign(ID, AT_S, BODY), SIGNATURE);
        assert_eq!(verify(ID, &AT_S.to_string(), SIGNATURE, BODY, AT_S), Ok(()));
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let at = AT_S.to_string();
        let several = format!("v1a,xyz v1,AAAA {SIGNATURE}");
        for (id, timestamp, signatures, body, now_s, expected) in [
            (ID, at.as_str(), several.as_str(), BODY, AT_S + 300, Ok(())),
            (ID, &at, SIGNATURE, BODY, AT_S - 300, Ok(())),
            (ID, &at, SIGNATURE, BODY, AT_S + 301, Err(NotSigned::OutOfTime)),
            (ID, &at, SIGNATURE, BODY, AT_S - 301, Err(NotSigned::OutOfTime)),
            (ID, "soon", SIGNATURE, BODY, AT_S, Err(NotSigned::NoTimestamp)),
            (ID, "1731705122", SIGNATURE, BODY, AT_S, Err(NotSigned::NoMatch)),
            (ID, &at, SIGNATURE, b"{}", AT_S, Err(NotSigned::NoMatch)),
            ("msg_other", &at, SIGNATURE, BODY, AT_S, Err(NotSigned::NoMatch)),
            (ID, &at, "v1,", BODY, AT_S, Err(NotSigned::NoMatch)),
            (ID, &at, "", BODY, AT_S, Err(NotSigned::NoMatch)),
            (ID, &at, &SIGNATURE[3..], BODY, AT_S, Err(NotSigned::NoMatch)),
        ] {
            assert_eq!(verify(id, timestamp, signatures, body, now_s), expected, "{id} {timestamp} {signatures}");
        }
    }

    #[test]
    fn a_secret_is_one_with_its_padding_and_without() {
        let signed = |text: &str| text.parse::<SigningSecret>().unwrap().sign(ID, AT_S, BODY);
        assert_eq!(signed("whsec_AAAAAAAAAAAAAAAAAAAAAA"), signed("whsec_AAAAAAAAAAAAAAAAAAAAAA=="));
    }

    #[test]
    fn what_is_no_secret_is_refused_and_a_secret_never_prints() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "plJ3nmyCDGBKInavdOK15jsl", "whsec_***"] {
            assert_eq!(text.parse::<SigningSecret>().unwrap_err(), NotASecret, "{text}");
        }
        assert_eq!(format!("{:?}", secret()), "whsec_…");
    }
}
