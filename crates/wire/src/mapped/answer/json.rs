//! JSON, read strictly and once. A list's entries are each entered by the list's name, as XML's siblings are.

use std::borrow::Cow;

use super::walk::Walker;
use crate::native::MAX_REPLY_DEPTH;

const NOT_JSON: &str = "not JSON";

pub(super) fn walk<'a>(text: &'a str, walker: &mut impl Walker<'a>) -> Result<(), &'static str> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    reader.space();
    match reader.peek() {
        Some(b'[') => reader.outermost_list(walker)?,
        _ => {
            walker.entry();
            reader.value(None, walker)?;
        }
    }
    reader.space();
    if reader.at == text.len() { Ok(()) } else { Err(NOT_JSON) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), &'static str> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(NOT_JSON)
        }
    }

    fn deeper(&mut self) -> Result<(), &'static str> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_REPLY_DEPTH { Err("nested too deeply") } else { Ok(()) }
    }

    /// What comes between two entries, or ends them.
    fn goes_on(&mut self, end: u8) -> Result<bool, &'static str> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.space();
                Ok(true)
            }
            Some(byte) if byte == end => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ => Err(NOT_JSON),
        }
    }

    fn is_empty(&mut self, end: u8) -> bool {
        self.space();
        let is_empty = self.peek() == Some(end);
        if is_empty {
            self.at += 1;
            self.depth -= 1;
        }
        is_empty
    }

    fn outermost_list(&mut self, walker: &mut impl Walker<'a>) -> Result<(), &'static str> {
        self.deeper()?;
        if self.is_empty(b']') {
            return Ok(());
        }
        loop {
            walker.entry();
            self.value(None, walker)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    /// A value under a name, or the outermost one.
    fn value(&mut self, name: Option<&str>, walker: &mut impl Walker<'a>) -> Result<(), &'static str> {
        if self.peek() == Some(b'[') {
            return self.list(name, walker);
        }
        if let Some(name) = name {
            walker.enter(name);
        }
        match self.peek().ok_or(NOT_JSON)? {
            b'{' => self.object(walker)?,
            b'"' => {
                let text = self.string()?;
                walker.text(text);
            }
            b't' => walker.text(Cow::Borrowed(self.word("true")?)),
            b'f' => walker.text(Cow::Borrowed(self.word("false")?)),
            b'n' => drop(self.word("null")?),
            _ => walker.text(Cow::Borrowed(self.number()?)),
        }
        if name.is_some() {
            walker.leave();
        }
        Ok(())
    }

    fn list(&mut self, name: Option<&str>, walker: &mut impl Walker<'a>) -> Result<(), &'static str> {
        self.deeper()?;
        if self.is_empty(b']') {
            return Ok(());
        }
        loop {
            self.value(name, walker)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    fn object(&mut self, walker: &mut impl Walker<'a>) -> Result<(), &'static str> {
        self.deeper()?;
        if self.is_empty(b'}') {
            return Ok(());
        }
        loop {
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
            self.value(Some(&name), walker)?;
            if !self.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, &'static str> {
        let start = self.at;
        self.expect(b'"')?;
        let mut is_escaped = false;
        loop {
            match self.peek().ok_or(NOT_JSON)? {
                b'"' => break,
                b'\\' => {
                    is_escaped = true;
                    self.at += 2;
                }
                byte if byte < 0x20 => return Err(NOT_JSON),
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let whole = self.text.get(start..self.at).ok_or(NOT_JSON)?;
        if is_escaped { serde_json::from_str::<String>(whole).map(Cow::Owned).map_err(|_| NOT_JSON) } else { Ok(Cow::Borrowed(&whole[1..whole.len() - 1])) }
    }

    fn word(&mut self, word: &'static str) -> Result<&'a str, &'static str> {
        let found = self.text.get(self.at..self.at + word.len()).filter(|found| *found == word).ok_or(NOT_JSON)?;
        self.at += word.len();
        Ok(found)
    }

    fn number(&mut self) -> Result<&'a str, &'static str> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        if is_number(digits) { Ok(digits) } else { Err(NOT_JSON) }
    }
}

fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let is_whole = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    is_whole && fraction.is_none_or(digits) && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::walked, *};

    fn walked_json(text: &str) -> Result<String, &'static str> {
        walked(|walker| walk(text, walker))
    }

    #[test]
    fn a_walk_enters_every_entry_of_a_list_by_the_lists_name() {
        let text = r#" {"a": 1.50, "b": {"c": "x\u00e9\"", "d": null}, "e": [true, {"f": []}, [2, 3]]} "#;
        assert_eq!(walked_json(text).unwrap(), "| a=1.50 b( c=xé\" d( ) ) e=true e( ) e=2 e=3");
        assert_eq!(walked_json("[{\"a\": 1}, {\"a\": 2}]").unwrap(), "| a=1 | a=2");
        assert_eq!(walked_json("\"yes\"").unwrap(), "| yes");
    }

    #[test]
    fn what_is_no_json_is_refused_where_a_known_reader_refuses_it() {
        let texts = [
            "",
            "{",
            "}",
            "[",
            "{]",
            "[}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1,]",
            "[,1]",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":-}",
            "1e",
            "tru",
            "nul",
            "\"a",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\",
            "\"a\nb\"",
            "{\"a\":1} x",
            "1 2",
            "[1 2]",
            "+1",
            "1e+5",
            "-0",
            "0",
            "{}",
            "[]",
            "[[]]",
            "\"\u{e9}\"",
            "\"\\\u{e9}\"",
        ];
        for text in texts {
            assert_eq!(walked_json(text).is_ok(), serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(walked_json(&nested(MAX_REPLY_DEPTH)).is_ok());
        assert_eq!(walked_json(&nested(MAX_REPLY_DEPTH + 1)), Err("nested too deeply"));
        assert_eq!(walked_json(&"[".repeat(60_000)), Err("nested too deeply"));
    }
}
