//! Changes bytes as partners' programs and attackers would: a little, often, and at times without measure.

use crate::random::Random;

/// In bytes: no input is larger. The exchange takes bodies of at most as many.
pub const MOST: usize = 64 * 1024;

/// Texts that readers are known to stumble over.
const WORDS: [&str; 48] = [
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "&",
    ";",
    "=",
    ":",
    ",",
    ".",
    "%",
    "+",
    "-",
    "/",
    "?",
    "#",
    "@",
    "\n",
    "\r\n",
    "\t",
    "\0",
    " ",
    "0",
    "-1",
    "1e9",
    "NaN",
    "9223372036854775808",
    "0.000000001",
    "null",
    "true",
    "\\u0000",
    "\\ud800",
    "%00",
    "%ff",
    "&#0;",
    "<![CDATA[",
    "<!DOCTYPE x>",
    "\u{feff}",
    "\u{202e}",
    "é",
    "٣",
    "\u{1F600}",
    "\u{0130}",
];

/// An input made of those that are known.
pub fn changed(random: &mut Random, pool: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let of_pool = |random: &mut Random| pool.get(random.below(pool.len())).map(Vec::as_slice).unwrap_or_default();
    let mut bytes = of_pool(random).to_vec();
    for _ in 0..1 + random.below(6) {
        let other = of_pool(random);
        change(random, &mut bytes, other, words);
    }
    bytes.truncate(MOST);
    bytes
}

fn change(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8], words: &[&str]) {
    let longest = if random.one_in(4) { 64 } else { 8 };
    let (at, length) = (random.below(bytes.len() + 1), 1 + random.below(longest));
    let end = (at + length).min(bytes.len());
    match random.below(14) {
        0 => flip(random, bytes),
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        2 => drop(bytes.drain(at..end)),
        3 => {
            let piece = bytes[at..end].to_vec();
            insert(bytes, at, &piece);
        }
        4 => bytes.truncate(at),
        5 => {
            // A piece of another input, where this one goes on otherwise.
            let from = random.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        6 => {
            let from = random.below(other.len() + 1);
            let piece = &other[from..(from + length * 4).min(other.len())];
            insert(bytes, at, piece);
        }
        7 => digit(random, bytes),
        8 => bytes[at..end].make_ascii_uppercase(),
        9 if random.one_in(12) => {
            // Without measure: nesting, long names, many fields.
            let piece = word(random, words).repeat(1 + random.below(MOST / 4));
            insert(bytes, at, &piece[..piece.len().min(MOST)]);
        }
        10 | 11 => {
            let piece = word(random, words);
            bytes.splice(at..end, piece.iter().copied());
        }
        _ => {
            let piece = word(random, words);
            insert(bytes, at, piece);
        }
    }
}

/// The target's own words twice as often as everybody's.
fn word<'a>(random: &mut Random, words: &[&'a str]) -> &'a [u8] {
    let own = if random.one_in(3) { None } else { random.of(words) };
    own.or_else(|| random.of(&WORDS)).unwrap_or("").as_bytes()
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

fn flip(random: &mut Random, bytes: &mut [u8]) {
    let at = random.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
}

/// Another digit in the place of one.
fn digit(random: &mut Random, bytes: &mut [u8]) {
    let digits: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
    if let Some(at) = digits.get(random.below(digits.len())) {
        bytes[*at] = b'0' + u8::try_from(random.below(10)).unwrap_or(0);
    }
}
