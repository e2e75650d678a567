//! Looks for many markers at once, in every disguise that bytes commonly wear.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};

/// In bytes: the shortest text that is looked for.
const SHORTEST: usize = 8;

/// Markers and their disguises. What is found is named by the number that it was added under.
#[derive(Default)]
pub struct Scan {
    /// By their first eight bytes.
    patterns: HashMap<u64, Vec<(Vec<u8>, usize)>>,
    /// A bit for each start that occurs, so that most places are passed at once.
    starts: Vec<u64>,
}

const BITS: u32 = 22;

impl Scan {
    pub fn add(&mut self, marker: &str, number: usize) {
        assert!(marker.len() >= SHORTEST, "{marker} is too short to be told from chance");
        for disguise in disguises(marker) {
            let start = key(&disguise);
            self.starts.resize(1 << (BITS - 6), 0);
            self.starts[(spread(start) >> 6) as usize] |= 1 << (spread(start) & 63);
            let known = self.patterns.entry(start).or_default();
            if !known.iter().any(|(pattern, _)| *pattern == disguise) {
                known.push((disguise, number));
            }
        }
    }

    /// The numbers of the markers that stand in these bytes, and where.
    pub fn find(&self, bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut window = 0_u64;
        for (end, byte) in bytes.iter().enumerate() {
            window = window << 8 | u64::from(*byte);
            let bit = spread(window);
            if end + 1 < SHORTEST || self.starts[(bit >> 6) as usize] & 1 << (bit & 63) == 0 {
                continue;
            }
            let start = end + 1 - SHORTEST;
            let here = self.patterns.get(&window).into_iter().flatten().filter(|(pattern, _)| bytes[start..].starts_with(pattern));
            found.extend(here.map(|(_, number)| (*number, start)));
        }
        found
    }
}

fn key(pattern: &[u8]) -> u64 {
    pattern[..SHORTEST].iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
}

fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)
}

/// A marker in clear, hex, base64, URL-encoded, reversed, lower and upper case.
pub fn disguises(marker: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for text in [marker.to_owned(), marker.to_lowercase(), marker.to_uppercase()] {
        let bytes = text.as_bytes();
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        let hex = |format: fn(&u8) -> String| bytes.iter().map(format).collect::<String>().into_bytes();
        all.extend([bytes.to_vec(), reversed, hex(|byte| format!("{byte:02x}")), hex(|byte| format!("{byte:02X}"))]);
        all.extend([hex(|byte| format!("%{byte:02x}")), hex(|byte| format!("%{byte:02X}"))]);
        all.push(form_urlencoded::byte_serialize(bytes).collect::<String>().into_bytes());
        for before in 0..3 {
            let encoded = base64_after(bytes, before);
            all.push(encoded.replace('+', "-").replace('/', "_").into_bytes());
            all.push(encoded.into_bytes());
        }
    }
    all.retain(|disguise| disguise.len() >= SHORTEST);
    all.sort();
    all.dedup();
    all
}

/// The characters of base64 that these bytes alone decide, where so many bytes stand before them.
fn base64_after(bytes: &[u8], before: usize) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let encoded = STANDARD.encode(&padded);
    encoded[(before * 8).div_ceil(6)..padded.len() * 8 / 6].to_owned()
}

#[test]
fn every_disguise_is_found_wherever_it_stands() {
    use base64::engine::general_purpose::URL_SAFE;
    let mut scan = Scan::default();
    scan.add("Marker/One+1", 7);
    scan.add("738491720", 8);
    type Wear = fn(&[u8]) -> Vec<u8>;
    let wear: [(&str, Wear); 10] = [
        ("clear", |text| text.to_vec()),
        ("lower", |text| text.to_ascii_lowercase()),
        ("upper", |text| text.to_ascii_uppercase()),
        ("reversed", |text| text.iter().rev().copied().collect()),
        ("hex", |text| text.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()),
        ("HEX", |text| text.iter().map(|byte| format!("{byte:02X}")).collect::<String>().into_bytes()),
        ("base64", |text| STANDARD.encode(text).into_bytes()),
        ("base64 after one", |text| STANDARD.encode([b"x", text, b"yz"].concat()).into_bytes()),
        ("base64 for URLs after two", |text| URL_SAFE.encode([b"~\xff", text, b"?"].concat()).into_bytes()),
        ("URL-encoded", |text| form_urlencoded::byte_serialize(text).collect::<String>().into_bytes()),
    ];
    for (name, wear) in wear {
        for (marker, number) in [("Marker/One+1", 7), ("738491720", 8)] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), [b"\0\xffbefore ".as_slice(), &wear(marker.as_bytes()), b" after"].concat()).unwrap();
            let found = scan.find(&std::fs::read(file.path()).unwrap());
            assert!(found.iter().any(|(hit, _)| *hit == number), "{marker} in {name}");
        }
    }
    assert_eq!(scan.find(b"Marker/One-1 73849172 0"), []);
}
