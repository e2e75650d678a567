//! Codes from an authenticator app: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what all apps understand.

use exchange::{id::PersonName, person::TokenHash, time::Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use qrcodegen::{QrCode, QrCodeEcc};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::entropy;

const STEP_S: i64 = 30;
const DIGITS: u32 = 6;
/// A clock that goes wrong by up to a step is taken.
const STEPS_OFF: u64 = 1;
const SECRET_BYTES: usize = 20;
/// Recovery codes, and characters of 5 bits in each.
const RECOVERY_CODES: usize = 8;
const RECOVERY_LENGTH: usize = 16;

/// The name that the secret of a person's codes is sealed under.
pub fn sealed_under(person: &PersonName) -> String {
    format!("codes of {person}")
}

/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A secret that an app and the exchange share.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn new() -> Self {
        Self(Zeroizing::new(entropy::bytes::<SECRET_BYTES>().to_vec()))
    }

    pub fn of_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// As it was shown. None for what is none.
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES));
        let (mut bits, mut held) = (0u32, 0u32);
        for character in text.bytes() {
            let value = BASE32.iter().position(|known| *known == character)?;
            bits = bits << 5 | u32::try_from(value).ok()?;
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
            }
        }
        (bytes.len() == SECRET_BYTES).then_some(Self(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// In base 32, as apps take it by hand.
    pub fn text(&self) -> String {
        base32(&self.0)
    }

    /// What a QR code says to an app.
    pub fn uri(&self, person: &str) -> String {
        format!("otpauth://totp/pingpost:{person}?secret={}&issuer=pingpost", self.text())
    }

    /// The step that this is the code of, if it is one around now.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<u64> {
        let code: String = code.chars().filter(|character| !character.is_whitespace()).collect();
        let here = u64::try_from(now.micros() / 1_000_000 / STEP_S).ok()?;
        let steps = here.saturating_sub(STEPS_OFF)..=here + STEPS_OFF;
        // All are compared, whichever fits.
        steps.fold(None, |found, step| if bool::from(self.code(step).as_bytes().ct_eq(code.as_bytes())) { Some(step) } else { found })
    }

    /// RFC 4226, section 5.3.
    fn code(&self, step: u64) -> String {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.0) else { return String::new() };
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash[19] & 0xf);
        let number = u32::from_be_bytes([hash[offset] & 0x7f, hash[offset + 1], hash[offset + 2], hash[offset + 3]]);
        format!("{:06}", number % 10u32.pow(DIGITS))
    }
}

fn base32(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0u32, 0u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(BASE32[(bits >> held & 31) as usize]));
        }
    }
    if held > 0 {
        text.push(char::from(BASE32[(bits << (5 - held) & 31) as usize]));
    }
    text
}

/// Codes that are good once each, for who has lost its app: 80 bits in each.
pub fn new_recovery_codes() -> Vec<Zeroizing<String>> {
    let code = |_| {
        let text = base32(&entropy::bytes::<{ RECOVERY_LENGTH * 5 / 8 }>()).to_lowercase();
        Zeroizing::new(text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"))
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// The hash of a recovery code, however its groups were typed.
pub fn recovery_hash(code: &str) -> TokenHash {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    TokenHash(Sha256::digest(code.as_bytes()).into())
}

/// The modules of a QR code, as the path of a drawing in which each is one unit; and how wide it is, with its quiet zone.
pub fn qr_path(text: &str) -> Option<(String, i32)> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for row in 0..code.size() {
        for column in 0..code.size() {
            if code.get_module(column, row) {
                path.push_str(&format!("M{} {}h1v1h-1z", column + QUIET, row + QUIET));
            }
        }
    }
    Some((path, code.size() + 2 * QUIET))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, its SHA-1 column, the last six of its eight digits.
    #[test]
    fn the_published_vectors_hold() {
        let secret = Secret(Zeroizing::new(b"12345678901234567890".to_vec()));
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            let now = Timestamp::from_micros(seconds * 1_000_000);
            assert_eq!(secret.step_of(code, now), u64::try_from(seconds / 30).ok());
        }
        assert_eq!(secret.text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(Secret::read(&secret.text()).map(|read| read.bytes().to_vec()), Some(b"12345678901234567890".to_vec()));
    }

    #[test]
    fn a_clock_may_be_off_by_a_step_and_no_more() {
        let secret = Secret(Zeroizing::new(b"12345678901234567890".to_vec()));
        let taken = |seconds: i64| secret.step_of("2870 82", Timestamp::from_micros(seconds * 1_000_000)).is_some();
        assert_eq!([0, 29, 30, 59, 60, 89, 90, 120].map(taken), [true, true, true, true, true, true, false, false]);
        for wrong in ["", "28708", "2870820", "287083", "ABCDEF"] {
            assert_eq!(secret.step_of(wrong, Timestamp::from_micros(59_000_000)), None, "{wrong}");
        }
    }

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        let codes = new_recovery_codes();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = &codes[0];
        assert_eq!(code.len(), "abcd-efgh-ijkl-mnop".len());
        assert_eq!(recovery_hash(code), recovery_hash(&format!(" {} ", code.replace('-', " ").to_uppercase())));
        assert_ne!(recovery_hash(code), recovery_hash(&codes[1]));
    }

    #[test]
    fn what_is_no_secret_is_none() {
        for text in ["", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"] {
            assert!(Secret::read(text).is_none(), "{text}");
        }
    }
}
