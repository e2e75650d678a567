//! Pieces in, text out, in one pass: what has no value takes its name with it.

use std::ops::Range;

use base64::{Engine, engine::general_purpose::STANDARD};
use exchange::mapping::{Condition, Constant, Escape, Format, From, Group, Kind, Part, Piece, Request, Slot, Stretch, Value};
use zeroize::{Zeroize, Zeroizing};

use super::{
    Surroundings, Unrendered,
    alike::Alike,
    escape, format,
    known::{Known, Shown},
};

/// In bytes, for each piece and each part of it: what most requests stay under, so that a body seldom moves.
const USUAL: usize = 48;

pub(super) struct Renderer<'a, K> {
    request: &'a Request,
    known: &'a K,
    around: Surroundings<'a>,
    /// A value's text before it is escaped.
    scratch: Scratch,
}

/// Wiped when it is dropped. Most of the time what is dropped is an empty one, which has nothing to be wiped.
#[derive(Default)]
struct Scratch(String);

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.0.capacity() > 0 {
            self.0.zeroize();
        }
    }
}

/// How many places for values there were, and how many had one.
#[derive(Clone, Copy, Default)]
struct Filled {
    slots: u32,
    filled: u32,
}

impl<'a, K: Known> Renderer<'a, K> {
    pub(super) fn new(request: &'a Request, known: &'a K, around: Surroundings<'a>) -> Self {
        Self { request, known, around, scratch: Scratch::default() }
    }

    pub(super) fn whole(&mut self, pieces: &[Piece]) -> Result<Zeroizing<String>, Unrendered> {
        let parts = |piece: &Piece| if let Piece::Group(group) = piece { 1 + group.parts.len() } else { 1 };
        let stretched = self.known.alike().map_or(0, Alike::stretched);
        let mut out = Zeroizing::new(String::with_capacity(USUAL * pieces.iter().map(parts).sum::<usize>() + stretched));
        self.pieces(pieces, &mut out)?;
        Ok(out)
    }

    fn pieces(&mut self, pieces: &[Piece], out: &mut String) -> Result<Filled, Unrendered> {
        let mut all = Filled::default();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Slot(slot) => {
                    all.slots += 1;
                    all.filled += u32::from(self.slot(*slot, out)?);
                }
                Piece::If { when, then, otherwise } => {
                    let inner = if self.holds(when)? { then } else { otherwise };
                    let inner = self.pieces(inner, out)?;
                    all.slots += inner.slots;
                    all.filled += inner.filled;
                }
                Piece::Group(group) => {
                    all.slots += 1;
                    all.filled += u32::from(self.group(group, out)?);
                }
            }
        }
        Ok(all)
    }

    fn group(&mut self, group: &Group, out: &mut String) -> Result<bool, Unrendered> {
        let start = out.len();
        out.push_str(&group.open);
        let mut is_filled = false;
        let mut next = 0;
        if let Some(alike) = self.known.alike() {
            for stretch in group.stretches(self.request) {
                is_filled = self.parts(group, next..stretch.parts.start, is_filled, out)?;
                is_filled = self.stretch(group, stretch, alike, is_filled, out)?;
                next = stretch.parts.end;
            }
        }
        if self.parts(group, next..group.parts.len(), is_filled, out)? || group.always {
            out.push_str(&group.close);
            return Ok(true);
        }
        out.truncate(start);
        Ok(false)
    }

    /// Whether the group has something then.
    fn parts(&mut self, group: &Group, parts: Range<usize>, mut is_filled: bool, out: &mut String) -> Result<bool, Unrendered> {
        for part in &group.parts[parts] {
            let before = out.len();
            if is_filled {
                out.push_str(&group.between);
            }
            match self.part(part, out)? {
                // Its own text alone, which is always there, makes no group.
                Filled { slots: 0, .. } if part.open.is_empty() => {}
                Filled { slots, filled } if slots > 0 && filled == 0 => out.truncate(before),
                _ => is_filled = true,
            }
        }
        Ok(is_filled)
    }

    /// The same, of parts that were perhaps written before.
    fn stretch(&mut self, group: &Group, stretch: &Stretch, alike: &Alike, is_filled: bool, out: &mut String) -> Result<bool, Unrendered> {
        let before = out.len();
        if is_filled {
            out.push_str(&group.between);
        }
        let added = match alike.add_stretch(stretch.name, out) {
            Some(added) => added,
            None => {
                let start = out.len();
                self.parts(group, stretch.parts.clone(), false, out)?;
                alike.keep_stretch(stretch.name, &out[start..]);
                out.len() - start
            }
        };
        if added == 0 {
            out.truncate(before);
        }
        Ok(is_filled || added > 0)
    }

    fn part(&mut self, part: &Part, out: &mut String) -> Result<Filled, Unrendered> {
        if let Some(when) = &part.when
            && !self.holds(when)?
        {
            return Ok(Filled { slots: 1, filled: 0 });
        }
        out.push_str(&part.open);
        let filled = self.pieces(&part.pieces, out)?;
        out.push_str(&part.close);
        Ok(filled)
    }

    /// Whether there was a value.
    fn slot(&mut self, slot: Slot, out: &mut String) -> Result<bool, Unrendered> {
        let Some(value) = self.request.values.get(slot.value) else { return Ok(false) };
        let separators = &self.request.separators;
        if let Some((text, kind)) = self.as_it_stands(value).filter(|_| slot.escape != Escape::Path) {
            escape::write(text, kind, slot.escape, separators, out);
            return Ok(true);
        }
        let mut text = std::mem::take(&mut self.scratch);
        text.0.clear();
        let kind = self.value(value, &mut text.0);
        let is_there = match kind {
            Ok(Some(_))
                if slot.escape == Escape::Header && matches!(value.from, From::Secret(_)) && !text.0.bytes().all(|byte| (b' '..=b'~').contains(&byte)) =>
            {
                Err(Unrendered::BadSecret)
            }
            // One of points alone would be a step up or none.
            Ok(found) if slot.escape == Escape::Path && (found.is_none() || text.0.bytes().all(|byte| byte == b'.')) => Err(Unrendered::NoPath),
            Ok(Some(kind)) => {
                escape::write(&text.0, kind, slot.escape, separators, out);
                Ok(true)
            }
            Ok(None) => {
                if slot.escape == Escape::JsonValue {
                    out.push_str("null");
                }
                Ok(false)
            }
            Err(error) => Err(error),
        };
        self.scratch = text;
        is_there
    }

    /// A text that nothing is made of on its way, as most are. It needs no copy to be looked at.
    fn as_it_stands(&self, value: &Value) -> Option<(&'a str, Kind)> {
        let From::Field(index) = value.from else { return None };
        let is_plain = value.format == Format::Plain && value.part.is_none() && value.map.is_empty() && value.other.is_none();
        if is_plain { self.known.alike()?.of_field(index) } else { None }
    }

    /// The value's text and kind; none where there is no value.
    fn value(&mut self, value: &Value, text: &mut String) -> Result<Option<Kind>, Unrendered> {
        let written = match &value.from {
            From::Field(index) => self.shown(self.known.field(*index), value, text),
            From::Said(said) => self.shown(self.known.said(*said), value, text),
            From::Reference(name) => self.shown(self.known.reference(name.as_deref()).map(Shown::Text), value, text),
            From::Constant(constant) => Some(put(constant, text)),
            From::Nothing => None,
            From::Time => format::write_time(self.around.now, &value.format, text),
            From::Secret(name) => {
                let secret = Zeroizing::new((self.around.secret)(name).ok_or_else(|| Unrendered::NoSecret(name.clone()))?);
                text.push_str(&secret);
                Some(Kind::Text)
            }
            From::Text(pieces) => {
                // The scratch is in use: a text of values has one of its own.
                let filled = self.pieces(pieces, text)?;
                (filled.slots == 0 || filled.filled > 0).then_some(Kind::Text)
            }
        };
        Ok(match written.and_then(|kind| part(value, kind, text)) {
            Some(kind) => Some(coded(value, mapped(value, kind, text), text)),
            None => {
                text.clear();
                value.default.as_ref().map(|constant| put(constant, text))
            }
        })
    }

    fn shown(&self, shown: Option<Shown<'_>>, value: &Value, text: &mut String) -> Option<Kind> {
        format::write(&shown?, &value.format, self.known.decimals(), text)
    }

    fn holds(&mut self, condition: &Condition) -> Result<bool, Unrendered> {
        let (number, words) = match condition {
            Condition::Not(inner) => return Ok(!self.holds(inner)?),
            Condition::Holds(number) => (number, None),
            Condition::Is(number, words) => (number, Some(words)),
        };
        let Some(value) = self.request.values.get(*number) else { return Ok(false) };
        let mut text = Zeroizing::new(String::new());
        let is_there = self.value(value, &mut text)?.is_some();
        Ok(match words {
            Some(words) => is_there && words.iter().any(|word| **word == **text),
            None => is_there && !text.is_empty() && *text != "false",
        })
    }
}

fn put(constant: &Constant, text: &mut String) -> Kind {
    text.push_str(&constant.text);
    constant.kind
}

/// Leaves of the text what the value's expression finds in it.
fn part(value: &Value, kind: Kind, text: &mut String) -> Option<Kind> {
    let Some(pattern) = &value.part else { return Some(kind) };
    let range = pattern.range_in(text).filter(|range| !range.is_empty() && text.get(range.clone()).is_some())?;
    text.truncate(range.end);
    text.drain(..range.start);
    Some(Kind::Text)
}

fn coded(value: &Value, kind: Kind, text: &mut String) -> Kind {
    if value.format != Format::Base64 {
        return kind;
    }
    let plain = Zeroizing::new(std::mem::take(text));
    STANDARD.encode_string(plain.as_bytes(), text);
    Kind::Text
}

fn mapped(value: &Value, kind: Kind, text: &mut String) -> Kind {
    let stands_for = value.map.iter().find(|(known, _)| **known == **text).map(|(_, constant)| constant).or(value.other.as_ref());
    match stands_for {
        Some(constant) => {
            text.clear();
            put(constant, text)
        }
        None => kind,
    }
}
