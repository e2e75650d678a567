//! The one source of randomness. Everything else gets it as an argument.

use exchange::facts::Seed;

/// Fills bytes from the operating system.
///
/// # Panics
/// Where the system has no randomness to give: then no key, id or lot may be made, and nothing can go on.
#[expect(clippy::disallowed_methods, clippy::expect_used, reason = "the one source of randomness")]
pub fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives randomness");
}

pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

pub fn seed() -> Seed {
    Seed(bytes())
}

/// An id that sorts by time, for what suppliers and operators see: a UUID version 7.
pub fn timed_id() -> [u8; 16] {
    let millis = u64::try_from(crate::clock::now().micros() / 1000).unwrap_or(0);
    *uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid().as_bytes()
}
