//! Texts with places for values: `{{zip}}`, and parts that depend on one: `{{#if state == CA|NV}}…{{else}}…{{/if}}`.

use super::super::problem::{Wrong, quoted};

/// Conditions inside each other.
const MOST_DEPTH: usize = 8;
/// In bytes.
pub(super) const MOST_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Name(String),
    If { when: When, then: Vec<Part>, otherwise: Vec<Part> },
}

/// `name`, `!name`, `name == one|two`, `name != one|two`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub name: String,
    pub is_not: bool,
    /// Empty: the value is there, and neither empty nor false.
    pub words: Vec<String>,
}

pub(super) fn parse(text: &str) -> Result<Vec<Part>, Wrong> {
    if text.len() > MOST_BYTES {
        return Err(Wrong::new(format!("has {} bytes", text.len()), format!("write at most {MOST_BYTES}")));
    }
    let mut rest = text;
    let parts = parts(&mut rest, 0)?;
    match rest.is_empty() {
        true => Ok(parts),
        false => Err(Wrong::new("has {{else}} or {{/if}} without {{#if …}}", "begin it with {{#if NAME}}, or take it out")),
    }
}

/// Until the end, or until an `else` or end of what began outside.
fn parts(rest: &mut &str, depth: usize) -> Result<Vec<Part>, Wrong> {
    let mut parts = Vec::new();
    loop {
        let Some((before, after)) = rest.split_once("{{") else {
            add_text(&mut parts, rest);
            *rest = "";
            return Ok(parts);
        };
        let unclosed =
            || Wrong::new(format!("has {} without an end", quoted(&format!("{{{{{}", after.chars().take(20).collect::<String>()))), "end it with }}");
        let (inside, following) = after.split_once("}}").ok_or_else(unclosed)?;
        let inside = inside.trim();
        add_text(&mut parts, before);
        if inside == "else" || inside == "/if" {
            *rest = &rest[before.len()..];
            return Ok(parts);
        }
        *rest = following;
        match inside.strip_prefix("#if") {
            Some(condition) => parts.push(conditional(condition, rest, depth + 1)?),
            None => parts.push(Part::Name(name(inside)?)),
        }
    }
}

fn conditional(condition: &str, rest: &mut &str, depth: usize) -> Result<Part, Wrong> {
    if depth > MOST_DEPTH {
        return Err(Wrong::new("has conditions nested too deeply", format!("nest at most {MOST_DEPTH}")));
    }
    let when = when(condition)?;
    let then = parts(rest, depth)?;
    let mut otherwise = Vec::new();
    if tag(rest).is_some_and(|tag| tag == "else") {
        skip(rest);
        otherwise = parts(rest, depth)?;
    }
    if tag(rest).is_none_or(|tag| tag != "/if") {
        return Err(Wrong::new(format!("has {{{{#if {}}}}} without an end", condition.trim()), "end it with {{/if}}"));
    }
    skip(rest);
    Ok(Part::If { when, then, otherwise })
}

fn tag<'a>(rest: &'a &str) -> Option<&'a str> {
    Some(rest.strip_prefix("{{")?.split_once("}}")?.0.trim())
}

fn skip(rest: &mut &str) {
    if let Some((_, after)) = rest.split_once("}}") {
        *rest = after;
    }
}

fn add_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

fn name(text: &str) -> Result<String, Wrong> {
    let is_name = !text.is_empty() && text.len() <= 200 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if is_name {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new(format!("has {}, which is no name", quoted(&format!("{{{{{text}}}}}"))), "write {{NAME}} or {{#if NAME}}…{{/if}}"))
    }
}

pub(super) fn when(text: &str) -> Result<When, Wrong> {
    let text = text.trim();
    let comparison = text.split_once("!=").map(|(name, words)| (name, words, true)).or_else(|| text.split_once("==").map(|(name, words)| (name, words, false)));
    match comparison {
        Some((left, words, is_not)) => {
            let words: Vec<String> = words.split('|').map(|word| word.trim().trim_matches(['\'', '"']).to_owned()).collect();
            Ok(When { name: name(left.trim())?, is_not, words })
        }
        None => {
            let (is_not, left) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest.trim()));
            Ok(When { name: name(left)?, is_not, words: Vec::new() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(parts: &[Part]) -> String {
        let one = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Name(name) => format!("<{name}>"),
            Part::If { when, then, otherwise } => {
                format!("[{}{}{}: {} / {}]", if when.is_not { "not " } else { "" }, when.name, when.words.join(","), told(then), told(otherwise))
            }
        };
        parts.iter().map(one).collect()
    }

    #[test]
    fn a_template_has_texts_names_and_conditions() {
        for (text, expected) in [
            ("{\"a\":{\"b\": {{ zip }}}}", "{\"a\":{\"b\": <zip>}}"),
            ("{{#if own.x == a | 'b c'}}1{{else}}{{#if !z}}2{{/if}}{{/if}}3", "[own.xa,b c: 1 / [not z: 2 / ]]3"),
            ("{{#if a != b}}x{{/if}}", "[not ab: x / ]"),
            ("", ""),
        ] {
            assert_eq!(told(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_template_is_told() {
        for text in ["{{zip", "{{zi p}}", "{{}}", "{{#if a}}x", "x{{/if}}", "{{else}}", "{{#if }}x{{/if}}", "{{#if a}}{{else}}{{else}}{{/if}}"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("{}{}", "{{#if a}}".repeat(9), "{{/if}}".repeat(9))).is_err());
        assert!(parse(&"{{#if a}}".repeat(5000)).is_err());
    }
}
