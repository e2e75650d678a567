//! The one source of randomness. Everything else gets it as an argument.

use std::cell::RefCell;

use exchange::facts::Seed;
use zeroize::Zeroize;

/// In bytes: so many are asked of the operating system at a time.
const STOCK: usize = 1024;

/// Random bytes of a thread that nobody has had yet: the first `left` of them.
struct Stock {
    bytes: [u8; STOCK],
    left: usize,
}

thread_local! {
    static STOCKED: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK], left: 0 }) };
}

/// Fills bytes from the operating system. What was handed out is kept nowhere.
///
/// # Panics
/// Where the system has no randomness to give: then no key, id or lot may be made, and nothing can go on.
pub fn fill(bytes: &mut [u8]) {
    if bytes.len() > STOCK {
        return draw(bytes);
    }
    STOCKED.with_borrow_mut(|stock| {
        if stock.left < bytes.len() {
            draw(&mut stock.bytes);
            stock.left = STOCK;
        }
        let taken = &mut stock.bytes[stock.left - bytes.len()..stock.left];
        bytes.copy_from_slice(taken);
        taken.zeroize();
        stock.left -= bytes.len();
    });
}

#[expect(clippy::disallowed_methods, clippy::expect_used, reason = "the one source of randomness")]
fn draw(bytes: &mut [u8]) {
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
