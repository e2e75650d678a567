//! Where in an answer something stands: `bids[0].payout`, `Response/Price/@currency`, `header:X-Status`, `regex:ref=(\w+)`, `body`.

use exchange::mapping::{AnswerFormat, Inside, Path, Pattern, Place, Step};

use super::super::problem::{Wrong, quoted};

const MOST_STEPS: usize = 16;
const MEND: &str =
    "write steps like bids[0].payout, bids.*.payout or Response/Price/@currency, perhaps with ` =~ PATTERN` after them; header:NAME, regex:PATTERN, or body";

pub(super) fn place(text: &str) -> Result<Place, Wrong> {
    if let Some(name) = text.strip_prefix("header:") {
        let name = name.trim().to_ascii_lowercase();
        return if is_header(&name) { Ok(Place::Header(name.into())) } else { Err(wrong(text, "which names no header")) };
    }
    if let Some(expression) = text.strip_prefix("regex:") {
        return pattern(expression).map(Place::Pattern);
    }
    if text == "body" {
        return Ok(Place::Body);
    }
    match text.split_once(" =~ ") {
        Some((steps, expression)) => Ok(Place::Part(path(steps)?, pattern(expression)?)),
        None => path(text).map(Place::Path),
    }
}

/// A step of `inside`: `base64`, or a place, which may begin with its document's format.
pub(super) fn inside(text: &str) -> Result<Inside, Wrong> {
    const FORMATS: [(&str, AnswerFormat); 3] = [("json:", AnswerFormat::Json), ("xml:", AnswerFormat::Xml), ("form:", AnswerFormat::Form)];
    if text == "base64" {
        return Ok(Inside::Base64);
    }
    match FORMATS.iter().find_map(|(prefix, format)| text.strip_prefix(prefix).map(|rest| (*format, rest))) {
        Some((format, rest)) => place(rest).map(|place| Inside::At(Some(format), place)),
        None => place(text).map(|place| Inside::At(None, place)),
    }
}

pub(super) fn pattern(text: &str) -> Result<Pattern, Wrong> {
    let mend = "write a regular expression without look-around and back references, compiled to at most 64 KiB";
    Pattern::new(text)
        .filter(|_| !text.is_empty())
        .ok_or_else(|| Wrong::new(format!("is {}, which is no regular expression that is taken", quoted(text)), mend))
}

pub(super) fn is_header(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn wrong(text: &str, what: &str) -> Wrong {
    Wrong::new(format!("is {}, {what}", quoted(text)), MEND)
}

pub(super) fn path(text: &str) -> Result<Path, Wrong> {
    let whole = text;
    let mut rest = text.trim().trim_start_matches('$').trim_start_matches(['.', '/']);
    let mut path = Path { entry: None, steps: Vec::new(), in_row: false, below: false };
    let not_a_path = || wrong(whole, "which is no path");
    if rest.starts_with('[') && !rest.starts_with("[\"") {
        path.entry = index(&mut rest).ok_or_else(not_a_path)?;
        rest = rest.strip_prefix(['.', '/']).unwrap_or(rest);
    }
    while !rest.is_empty() {
        let step = step(&mut rest).ok_or_else(not_a_path)?;
        if path.steps.last().is_some_and(|last: &Step| last.is_attribute) {
            return Err(wrong(whole, "which goes on after an attribute"));
        }
        path.steps.push(step);
        if let Some(after) = rest.strip_prefix(['.', '/']).filter(|after| !after.is_empty()) {
            rest = after;
        } else if !rest.is_empty() && !rest.starts_with("[\"") {
            return Err(not_a_path());
        }
    }
    // An entry of an outermost list may be a text itself.
    let is_empty = path.steps.is_empty() && path.entry.is_none();
    if is_empty || path.steps.len() > MOST_STEPS { Err(not_a_path()) } else { Ok(path) }
}

/// A name, or one in brackets and quotes where it has characters of a path's own; and perhaps an index.
fn step(rest: &mut &str) -> Option<Step> {
    let (name, is_attribute) = match rest.strip_prefix("[\"") {
        Some(quoted) => {
            let (name, after) = quoted.split_once("\"]")?;
            *rest = after;
            (name, false)
        }
        None => {
            let end = rest.find(['.', '/', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            *rest = after;
            // A prefix of XML is not part of the name: answers are read without it.
            let local = |name: &'_ str| name.split_once(':').map_or(0, |(prefix, _)| prefix.len() + 1);
            match name.strip_prefix('@') {
                // What an entry of a table is called stands for a text, as an attribute does.
                None if name == Step::NAME => (name, true),
                None => (&name[local(name)..], false),
                Some(name) => (&name[local(name)..], true),
            }
        }
    };
    let is_plain = !name.is_empty() && name.chars().count() <= 200 && !name.contains(char::is_control) && !name.contains([']', '"', '@']);
    let mut index_of = None;
    if rest.starts_with('[') && !rest.starts_with("[\"") {
        index_of = index(rest)?;
    }
    (is_plain && !(is_attribute && index_of.is_some())).then(|| Step { name: name.into(), is_attribute, index: index_of })
}

/// `[0]`, or `[*]` for all.
fn index(rest: &mut &str) -> Option<Option<u32>> {
    let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
    *rest = after;
    if inside == "*" { Some(None) } else { inside.parse().ok().filter(|index| *index < 10_000).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &Path) -> String {
        let steps = path.steps.iter().map(|step| {
            format!("{}{}{}", if step.is_attribute { "@" } else { "" }, step.name, step.index.map(|index| format!("[{index}]")).unwrap_or_default())
        });
        format!("{}{}", path.entry.map(|entry| format!("[{entry}] ")).unwrap_or_default(), steps.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn paths_are_steps() {
        for (text, expected) in [
            ("price", "price"),
            ("response.status", "response status"),
            ("$.bids[0].payout", "bids[0] payout"),
            ("/Response/Price/@currency", "Response Price @currency"),
            ("soap:Envelope/soap:Body", "Envelope Body"),
            ("groups[*].bids[2]", "groups bids[2]"),
            ("[1].price", "[1] price"),
            ("[2]", "[2] "),
            ("[*].price", "price"),
            ("a[\"b.c\"].d", "a b.c d"),
            ("Lead Id", "Lead Id"),
            ("bids.*.price", "bids * price"),
            ("bids.*.#name", "bids * @#name"),
        ] {
            assert_eq!(told(&path(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))), expected);
        }
    }

    #[test]
    fn what_is_no_place_is_told() {
        for text in [
            "",
            "$",
            ".",
            "a..b",
            "a.",
            "a[",
            "a[x]",
            "a[-1]",
            "a]",
            "@a/b",
            "@a[0]",
            "a[\"b",
            "header:",
            "header:a b",
            "regex:",
            "regex:(",
            "regex:(?=a)",
            "[*]",
            "a =~ (",
            " =~ a",
            "#name.a",
        ] {
            assert!(place(text).is_err(), "{text}");
        }
        assert!(pattern("(a{1,1000}){1,1000}").is_err() && pattern(&"a".repeat(1025)).is_err());
        assert!(pattern(r"ACCEPT\|([\d,]+)\|ref=(\w+)").is_ok());
    }
}
