//! Values as they stand in each format: none can end what it stands in, or begin anything else.

use exchange::mapping::{Escape, Kind};

/// Writes a value's text. `separators` are the characters that a plain text parts its values by.
pub(super) fn write(text: &str, kind: Kind, escape: Escape, separators: &str, out: &mut String) {
    match escape {
        Escape::None => out.push_str(text),
        Escape::JsonText => json(text, out),
        Escape::JsonValue if kind == Kind::Text => {
            out.push('"');
            json(text, out);
            out.push('"');
        }
        Escape::JsonValue => out.push_str(text),
        Escape::Xml => xml(text, out),
        Escape::Path => path(text, out),
        Escape::Form => out.extend(form_urlencoded::byte_serialize(text.as_bytes())),
        Escape::Header => out.extend(text.chars().map(|character| if matches!(character, ' '..='~') { character } else { '?' })),
        Escape::Text => out.extend(text.chars().map(|character| if character.is_control() || separators.contains(character) { ' ' } else { character })),
    }
}

fn json(text: &str, out: &mut String) {
    // Looked at without a branch for each byte: hardly any text has something to escape.
    if text.bytes().fold(true, |is_plain, byte| is_plain & !matches!(byte, b'"' | b'\\' | b'<' | 0..0x20)) {
        return out.push_str(text);
    }
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            // What would end a script that a page has the text in.
            b'<' => "\\u003c",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        if escaped.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"))
        } else {
            out.push_str(escaped)
        }
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
}

fn path(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b'.' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// For a text and for an attribute in either quote. What XML can't carry at all is left out.
fn xml(text: &str, out: &mut String) {
    if text.bytes().fold(true, |is_plain, byte| is_plain & !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'' | 0..0x20 | 0x80..)) {
        return out.push_str(text);
    }
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => {}
            character => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str, escape: Escape) -> String {
        let mut out = String::new();
        write(text, Kind::Text, escape, "|", &mut out);
        out
    }

    #[test]
    fn each_format_keeps_a_value_a_value() {
        let text = "a\"b\\c<d>'&|\r\n\u{1}é\0";
        assert_eq!(written(text, Escape::JsonValue), "\"a\\\"b\\\\c\\u003cd>'&|\\r\\n\\u0001é\\u0000\"");
        assert_eq!(written(text, Escape::Xml), "a&quot;b\\c&lt;d&gt;&apos;&amp;|&#13;&#10;é");
        assert_eq!(written(text, Escape::Form), "a%22b%5Cc%3Cd%3E%27%26%7C%0D%0A%01%C3%A9%00");
        assert_eq!(written("a/b?c#d%2e é", Escape::Path), "a%2Fb%3Fc%23d%252e%20%C3%A9");
        assert_eq!(written(text, Escape::Header), "a\"b\\c<d>'&|?????");
        assert_eq!(written(text, Escape::Text), "a\"b\\c<d>'&    é ");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_it_was(text in "\\PC{0,20}|[\"\\\\\u{0}-\u{1f}<>&'=?#%+|]{0,20}") {
            prop_assert_eq!(serde_json::from_str::<String>(&written(&text, Escape::JsonValue)).unwrap(), text.clone());
            let pairs: Vec<_> = form_urlencoded::parse(format!("a={}&b=2", written(&text, Escape::Form)).as_bytes()).into_owned().collect();
            prop_assert_eq!(pairs, [("a".to_owned(), text.clone()), ("b".to_owned(), "2".to_owned())]);
            let xml = written(&text, Escape::Xml);
            prop_assert!(!xml.contains(['<', '>', '"', '\'']));
            let carried: String = text.chars().filter(|c| !matches!(c, '\0'..'\t' | '\u{b}' | '\u{c}' | '\u{e}'..' ' | '\u{fffe}' | '\u{ffff}')).collect();
            prop_assert_eq!(quick_xml::escape::unescape(&xml).unwrap(), carried);
            prop_assert!(written(&text, Escape::Header).bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert!(!written(&text, Escape::Text).contains(|c: char| c.is_control() || c == '|'));
        }
    }
}
