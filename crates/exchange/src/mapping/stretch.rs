//! Stretches of a group that show nothing but a lead: the same bytes for whoever is asked of it, so that an auction writes each once.

use std::{fmt::Write, ops::Range};

use sha2::{Digest, Sha256};

use super::{Condition, From, Group, Part, Piece, Request, Said, Slot, Value};

/// What is shorter is as quickly written as looked up.
const FEWEST_VALUES: usize = 4;

/// Parts that follow each other and depend on the lead and the market alone.
#[derive(Debug)]
pub struct Stretch {
    /// Of the group's parts.
    pub parts: Range<usize>,
    pub name: StretchName,
}

/// SHA-256 of all that a stretch is made of: of the same name, for the same lead and market, are the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StretchName([u8; 32]);

impl Group {
    /// Found when they are first asked for. `request` is the one that the group is of.
    pub fn stretches(&self, request: &Request) -> &[Stretch] {
        self.stretches.get_or_init(|| found(self, request))
    }
}

fn found(group: &Group, request: &Request) -> Box<[Stretch]> {
    let told: Vec<Option<Told<'_>>> = group.parts.iter().map(|part| Told::of(part, request)).collect();
    let mut stretches = Vec::new();
    let mut start = 0;
    while start < told.len() {
        let alike: Vec<&Told<'_>> = told[start..].iter().map_while(Option::as_ref).collect();
        let parts = start..start + alike.len();
        if alike.iter().map(|told| told.values).sum::<usize>() >= FEWEST_VALUES {
            stretches.push(Stretch { parts: parts.clone(), name: name(group, request, &alike) });
        }
        start = parts.end + 1;
    }
    stretches.into()
}

fn name(group: &Group, request: &Request, parts: &[&Told<'_>]) -> StretchName {
    let mut hash = Sha256::new();
    hash.update(format!("{:?} {:?}", group.between, request.separators));
    parts.iter().for_each(|told| hash.update(&told.text));
    StretchName(hash.finalize().into())
}

/// All that decides what is written, said so that nothing else is said alike. Values are said whole, since other requests have them at
/// other places.
struct Told<'r> {
    request: &'r Request,
    text: String,
    /// Of the lead's.
    values: usize,
}

impl<'r> Told<'r> {
    /// None for a part that depends on more than the lead, for one of constants, in which buyers differ, and for one that may have text
    /// without making its group.
    fn of(part: &Part, request: &'r Request) -> Option<Self> {
        let makes_its_group = !part.open.is_empty() || matches!(*part.pieces, [Piece::Group(_)]);
        let mut told = Self { request, text: String::new(), values: 0 };
        told.part(part).filter(|()| makes_its_group)?;
        (told.values > 0).then_some(told)
    }

    fn say(&mut self, said: std::fmt::Arguments<'_>) {
        // A string takes whatever is written.
        let _ = self.text.write_fmt(said);
    }

    fn part(&mut self, part: &Part) -> Option<()> {
        self.say(format_args!("part {:?} {:?} ", part.open, part.close));
        if let Some(when) = &part.when {
            self.condition(when)?;
        }
        self.pieces(&part.pieces)
    }

    fn pieces(&mut self, pieces: &[Piece]) -> Option<()> {
        self.say(format_args!("[{} ", pieces.len()));
        pieces.iter().try_for_each(|piece| self.piece(piece))
    }

    fn piece(&mut self, piece: &Piece) -> Option<()> {
        match piece {
            Piece::Text(text) => self.say(format_args!("text {text:?} ")),
            Piece::Slot(Slot { value, escape }) => {
                self.say(format_args!("slot {escape:?} "));
                self.value(*value)?;
            }
            Piece::If { when, then, otherwise } => {
                self.say(format_args!("if "));
                self.condition(when)?;
                self.pieces(then)?;
                self.pieces(otherwise)?;
            }
            Piece::Group(Group { open, between, parts, close, always, stretches: _ }) => {
                self.say(format_args!("group {open:?} {between:?} {close:?} {always} {} ", parts.len()));
                parts.iter().try_for_each(|part| self.part(part))?;
            }
        }
        Some(())
    }

    fn condition(&mut self, condition: &Condition) -> Option<()> {
        match condition {
            Condition::Holds(value) => {
                self.say(format_args!("holds "));
                self.value(*value)
            }
            Condition::Is(value, words) => {
                self.say(format_args!("is {words:?} "));
                self.value(*value)
            }
            Condition::Not(inner) => {
                self.say(format_args!("not "));
                self.condition(inner)
            }
        }
    }

    fn value(&mut self, place: usize) -> Option<()> {
        let request = self.request;
        let Value { from, format, part, map, other, default } = request.values.get(place)?;
        self.say(format_args!("value {format:?} {part:?} {map:?} {other:?} {default:?} "));
        match from {
            From::Field(_) | From::Said(Said::Vertical | Said::Currency | Said::Test) => {
                self.values += 1;
                self.say(format_args!("{from:?} "));
                Some(())
            }
            From::Constant(_) | From::Nothing => {
                self.say(format_args!("{from:?} "));
                Some(())
            }
            From::Text(pieces) => self.pieces(pieces),
            // Of the call, of its buyer, or of the moment.
            From::Said(Said::PingId | Said::Contract | Said::DeadlineMs | Said::Exclusive | Said::Shared | Said::PostId | Said::Sale | Said::Price)
            | From::Reference(_)
            | From::Secret(_)
            | From::Time => None,
        }
    }
}
