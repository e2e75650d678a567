//! Which format a caller accepts (RFC 9110, section 12.5.1).

use super::Format;

/// A media range and its weight in thousandths.
struct Range {
    kind: String,
    weight: u16,
}

/// JSON where the caller has no preference; none where it accepts neither: an answer of 406.
#[must_use]
pub fn negotiate(accept: Option<&str>) -> Option<Format> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return Some(Format::Json) };
    let ranges: Vec<Range> = accept.split(',').filter_map(range).collect();
    let json = weight(&ranges, &[&["application/json", "application/problem+json"], &["application/*"], &["*/*"]]);
    let xml = weight(&ranges, &[&["application/xml", "text/xml", "application/problem+xml"], &["application/*", "text/*"], &["*/*"]]);
    match json.max(xml) {
        0 => None,
        _ if json >= xml => Some(Format::Json),
        _ => Some(Format::Xml),
    }
}

/// The weight of the most specific range that fits; 0 where none does.
fn weight(ranges: &[Range], from_most_specific: &[&[&str]]) -> u16 {
    let of_kinds = |kinds: &&[&str]| ranges.iter().filter(|range| kinds.contains(&range.kind.as_str())).map(|range| range.weight).max();
    from_most_specific.iter().find_map(of_kinds).unwrap_or(0)
}

/// None for a range whose weight can't be read: it is as if it weren't there.
fn range(text: &str) -> Option<Range> {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    let weight = parts.find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")));
    Some(Range { kind, weight: weight.map_or(Some(1000), thousandths)? })
}

/// `0`, `1`, or either with up to three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{decimals:0<3}").parse().ok().filter(|weight| *weight <= 1000)
}
