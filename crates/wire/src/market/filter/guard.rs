//! What a filter's text must be before a parser that recurses sees it: short, shallow, and free of chains.
//!
//! The CEL parser builds a tree as deep as the text nests, and as long as its left-recursive operators chain.
//! Filters need neither, so a hostile text is refused here, in one pass without recursion.

use super::UNDERSTOOD;
use crate::market::problem::Wrong;

/// A filter has at most this many bytes.
pub(in crate::market) const MAX_BYTES: usize = 16 << 10;
/// Brackets nest at most this deep.
pub(in crate::market) const MAX_DEPTH: usize = 24;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing, or an operator, comma or opening bracket: an operand comes next.
    Operator,
    Word,
    /// A literal or a closing bracket.
    Closed,
}

struct Scan<'a> {
    rest: &'a str,
    last: Last,
    /// For each open bracket, and for none: whether something was compared since the last `&&`, `||` or comma there.
    compared: Vec<bool>,
    /// Whether the word before was reached through a dot.
    dotted: bool,
}

pub(super) fn check(text: &str) -> Result<(), Wrong> {
    if text.len() > MAX_BYTES {
        return Err(Wrong::new(format!("has {} bytes", text.len()), format!("keep a filter to {MAX_BYTES}; a list file holds long lists")));
    }
    let mut scan = Scan { rest: text, last: Last::Operator, compared: vec![false], dotted: false };
    while let Some(first) = scan.rest.chars().next() {
        scan.step(first)?;
    }
    if scan.compared.len() == 1 { Ok(()) } else { Err(Wrong::new("has a bracket that isn't closed", "close it")) }
}

impl Scan<'_> {
    fn step(&mut self, first: char) -> Result<(), Wrong> {
        match first {
            c if c.is_ascii_whitespace() => self.skip(1),
            '\'' | '"' => self.string(first)?,
            c if c.is_ascii_digit() => {
                // The dot of 1.5 is part of the number.
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '.');
                self.last = Last::Closed;
            }
            c if c.is_ascii_alphabetic() || c == '_' => self.word()?,
            '(' | '[' => self.open(first)?,
            ')' | ']' => self.close()?,
            ',' => self.boundary(1),
            '&' | '|' if self.rest.starts_with("&&") || self.rest.starts_with("||") => self.boundary(2),
            '=' | '<' | '>' | '!' => self.comparison()?,
            '.' if self.last == Last::Word && !self.dotted => {
                self.dotted = true;
                self.skip(1);
            }
            // The sign of a number: there is no arithmetic.
            '-' if self.last == Last::Operator && self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.skip(1),
            other => return Err(Wrong::new(format!("has {other:?}, which isn't understood here"), UNDERSTOOD)),
        }
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn take_while(&mut self, part: impl Fn(char) -> bool) -> &str {
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A plain string: no prefix, no triple quotes, so that this scan and the parser agree where it ends.
    fn string(&mut self, quote: char) -> Result<(), Wrong> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let ends = !escaped && (*c == quote || *c == '\n' || *c == '\r');
            escaped = !escaped && *c == '\\';
            ends
        });
        let Some((end, _)) = end.filter(|(_, c)| *c == quote) else {
            return Err(Wrong::new("has a text that isn't closed", format!("close it with {quote}")));
        };
        self.skip(end + 1);
        if self.last != Last::Operator || self.rest.starts_with(['\'', '"']) {
            return Err(Wrong::new("has two values side by side", UNDERSTOOD));
        }
        self.last = Last::Closed;
        Ok(())
    }

    fn word(&mut self) -> Result<(), Wrong> {
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if word == "in" {
            return self.compare();
        }
        if self.rest.starts_with(['\'', '"']) {
            return Err(Wrong::new("has a letter before a text's quotes", UNDERSTOOD));
        }
        self.last = Last::Word;
        Ok(())
    }

    fn open(&mut self, bracket: char) -> Result<(), Wrong> {
        let called = bracket == '(' && self.last == Last::Word;
        if self.last != Last::Operator && !called {
            return Err(Wrong::new(format!("has a {bracket:?} where an operator is expected"), UNDERSTOOD));
        }
        if self.compared.len() > MAX_DEPTH {
            return Err(Wrong::new(format!("nests deeper than {MAX_DEPTH} brackets"), "write it flatter"));
        }
        self.skip(1);
        self.compared.push(false);
        self.operand_next();
        Ok(())
    }

    fn close(&mut self) -> Result<(), Wrong> {
        if self.compared.len() == 1 {
            return Err(Wrong::new("closes a bracket that isn't open", "take it out"));
        }
        self.skip(1);
        self.compared.pop();
        self.last = Last::Closed;
        Ok(())
    }

    /// After `&&`, `||` or a comma a comparison starts anew.
    fn boundary(&mut self, bytes: usize) {
        self.skip(bytes);
        if let Some(compared) = self.compared.last_mut() {
            *compared = false;
        }
        self.operand_next();
    }

    fn operand_next(&mut self) {
        (self.last, self.dotted) = (Last::Operator, false);
    }

    fn comparison(&mut self) -> Result<(), Wrong> {
        let two = ["==", "!=", "<=", ">="].iter().any(|symbol| self.rest.starts_with(symbol));
        match (two, self.rest.starts_with('!'), self.rest.starts_with('=')) {
            (false, true, _) => {
                self.skip(1);
                self.last = Last::Operator;
                Ok(())
            }
            (false, _, true) => Err(Wrong::new("has a single `=`", "compare with `==`")),
            (two, ..) => {
                self.skip(1 + usize::from(two));
                self.compare()
            }
        }
    }

    fn compare(&mut self) -> Result<(), Wrong> {
        self.operand_next();
        match self.compared.last_mut() {
            Some(compared) if *compared => Err(Wrong::new("has a chain of comparisons", "compare two things at a time and join them with `&&`")),
            Some(compared) => {
                *compared = true;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_filters_need_passes() {
        for text in [
            "",
            "a == 1.5 && (b in [\"x\", 'y'] || !has(c)) && d.startsWith('90') && -5 <= e",
            "state in list(\"sunbelt\")\n && zip == '90\\'210'",
            "!!a || (a == 1) == true",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_would_recurse_is_refused() {
        let refused = [
            "a == b == c",
            "(a) == (b) == (c)",
            "a in b in c",
            "a.b.c",
            "a.b().c()",
            "a[0][0]",
            "f()()",
            "a + b",
            "a ? b : c",
            "--5",
            "a - 5",
            "{a}",
            "r'x'",
            "'''x'''",
            "\"a",
            "a // b",
            "(a",
            "a)",
            "a = 5",
            "é",
        ];
        for text in refused {
            assert!(check(text).is_err(), "{text}");
        }
        assert!(check(&"(".repeat(MAX_DEPTH + 1)).is_err());
        assert!(check(&format!("{}a{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH))).is_ok());
        assert!(check(&"a".repeat(MAX_BYTES + 1)).is_err());
    }
}
