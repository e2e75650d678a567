//! Servers that do nothing but ask every buyer and answer the highest bid: what an auction costs where nothing is decided or kept.

pub mod hyper;
pub mod raw;

/// The cents of `"bid":"12.34"`, as the stub buyers write it.
fn bid_cents(body: &[u8]) -> Option<u64> {
    const KEY: &[u8] = b"\"bid\":\"";
    let start = body.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let digits = body[start..].iter().take_while(|byte| **byte != b'"').filter(|byte| **byte != b'.');
    digits.map(|digit| char::from(*digit).to_digit(10).map(u64::from)).try_fold(0, |cents, digit| Some(cents * 10 + digit?))
}

fn answer(cents: u64) -> String {
    format!(r#"{{"bid":"{}.{:02}"}}"#, cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bid_is_read_and_written_as_the_stub_buyers_write_it() {
        assert_eq!(bid_cents(br#"{"bid":"12.34","ref":"x"}"#), Some(1234));
        assert_eq!(bid_cents(br#"{"bid":null}"#), None);
        assert_eq!(bid_cents(br#"{"bid":"a"}"#), None);
        assert_eq!(answer(7405), r#"{"bid":"74.05"}"#);
    }
}
