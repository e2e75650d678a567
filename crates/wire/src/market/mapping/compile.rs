//! A draft and a vertical to requests that are ready to be filled in.
//!
//! A name that a ping may not show is refused here; that a ping's renderer has no contact is its type's to say.

use std::collections::BTreeMap;

use exchange::{
    mapping::{Condition, Escape, Format, From, Piece, Said, Slot, Value},
    schema::Vertical,
};

use super::{
    super::{
        nearest::{nearest, suggestion},
        problem::Wrong,
    },
    body::{self, Names},
    body_format::BodyFormat,
    draft::MappingDraft,
    template::{Part, When},
    value::{Source, Style, ValueDraft},
};

/// What a request is for: what may be named in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Ping,
    Confirm,
    Status,
    Post,
}

impl Purpose {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Confirm => "confirm",
            Self::Status => "status",
            Self::Post => "post",
        }
    }

    /// Only a post carries what a ping doesn't show.
    pub fn discloses(self) -> bool {
        self == Self::Post
    }
}

const SAID: [(&str, Said, &[Purpose]); 11] = {
    use Purpose::{Confirm, Ping, Post, Status};
    const ALL: &[Purpose] = &[Ping, Confirm, Status, Post];
    [
        ("ping.id", Said::PingId, &[Ping, Confirm, Post]),
        ("ping.deadline_ms", Said::DeadlineMs, &[Ping]),
        ("ping.exclusive", Said::Exclusive, &[Ping]),
        ("ping.shared", Said::Shared, &[Ping]),
        ("lead.vertical", Said::Vertical, ALL),
        ("lead.contract", Said::Contract, ALL),
        ("lead.currency", Said::Currency, ALL),
        ("lead.test", Said::Test, ALL),
        ("post.id", Said::PostId, &[Confirm, Status, Post]),
        ("post.sale", Said::Sale, &[Confirm, Post]),
        ("post.price", Said::Price, &[Confirm, Post]),
    ]
};

/// Values made of each other.
const MOST_DEPTH: usize = 4;

pub(super) struct Compiler<'a> {
    pub draft: &'a MappingDraft,
    pub vertical: &'a Vertical,
    /// All verticals that the buyer's contracts are of: a field may be of any of them.
    pub verticals: &'a [&'a Vertical],
    pub purpose: Purpose,
    pub values: Vec<Value>,
    known: BTreeMap<String, usize>,
    /// How deep in documents within values it is.
    depth: usize,
}

impl<'a> Compiler<'a> {
    pub fn new(draft: &'a MappingDraft, vertical: &'a Vertical, verticals: &'a [&'a Vertical], purpose: Purpose) -> Self {
        Self { draft, vertical, verticals, purpose, values: Vec::new(), known: BTreeMap::new(), depth: 0 }
    }

    /// The pieces of a value where it stands alone: its kind is kept.
    pub fn alone(&mut self, value: &ValueDraft, escape: Escape) -> Result<Vec<Piece>, Wrong> {
        let number = self.value(value, 0)?;
        Ok(vec![Piece::Slot(Slot { value: number, escape })])
    }

    fn condition_at(&mut self, when: &When, depth: usize) -> Result<Condition, Wrong> {
        let number = self.named(&when.name, depth)?;
        let condition =
            if when.words.is_empty() { Condition::Holds(number) } else { Condition::Is(number, when.words.iter().map(|word| word.as_str().into()).collect()) };
        Ok(if when.is_not { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn push(&mut self, value: Value) -> usize {
        self.values.push(value);
        self.values.len() - 1
    }

    fn value(&mut self, draft: &ValueDraft, depth: usize) -> Result<usize, Wrong> {
        if depth > MOST_DEPTH {
            return Err(Wrong::new("is made of itself, or of values too deep in each other", format!("make values of others at most {MOST_DEPTH} deep")));
        }
        let from = match &draft.from {
            Source::Constant(constant) => From::Constant(constant.clone()),
            Source::Secret(name) => From::Secret(name.as_str().into()),
            Source::Template(parts) if let Some(format) = draft.document => From::Text(self.document(parts, format, depth)?),
            Source::Template(parts) => match parts.as_slice() {
                [Part::Name(name)] if draft.style.is_plain() => return self.named(name, depth),
                [Part::Name(name)] => self.from(name, depth)?.0,
                parts => From::Text(self.template(parts, depth)?),
            },
        };
        Ok(self.push(styled(from, &draft.style)))
    }

    /// A document within a value: its own values are escaped for it.
    fn document(&mut self, parts: &[Part], format: BodyFormat, depth: usize) -> Result<Vec<Piece>, Wrong> {
        let outer = std::mem::replace(&mut self.depth, depth + 1);
        let pieces = body::whole(parts, format, self);
        self.depth = outer;
        let mend = "close every bracket and tag, whichever way the conditions go; a value outside quotes brings its own";
        if body::is_well_formed(parts, format) { pieces } else { Err(Wrong::new("is no whole document of its format", mend)) }
    }

    fn template(&mut self, parts: &[Part], depth: usize) -> Result<Vec<Piece>, Wrong> {
        parts.iter().map(|part| self.part(part, depth)).collect()
    }

    fn part(&mut self, part: &Part, depth: usize) -> Result<Piece, Wrong> {
        Ok(match part {
            Part::Text(text) => Piece::Text(text.as_str().into()),
            Part::Name(name) => Piece::Slot(Slot { value: self.named(name, depth)?, escape: Escape::None }),
            Part::If { when, then, otherwise } => {
                Piece::If { when: self.condition_at(when, depth)?, then: self.template(then, depth)?, otherwise: self.template(otherwise, depth)? }
            }
        })
    }

    fn named(&mut self, name: &str, depth: usize) -> Result<usize, Wrong> {
        if let Some(number) = self.known.get(name) {
            return Ok(*number);
        }
        let number = match name.strip_prefix("own.") {
            Some(own) => {
                let draft = self.own(own)?;
                self.value(&draft, depth + 1)?
            }
            None => {
                let (from, style) = self.from(name, depth)?;
                self.push(styled(from, &style))
            }
        };
        self.known.insert(name.to_owned(), number);
        Ok(number)
    }

    fn own(&self, name: &str) -> Result<ValueDraft, Wrong> {
        match self.draft.own.iter().find(|(known, _)| known == name) {
            Some((_, at)) => Ok(at.value.clone()),
            None => {
                let near = nearest(name, self.draft.own.iter().map(|(name, _)| name.as_str()));
                let near = near.map(|near| format!("did you mean `own.{near}`? Or ")).unwrap_or_default();
                let mend = format!("{near}write {name} = \"…\" under [endpoint.own]");
                Err(Wrong::new(format!("names `own.{name}`, which there isn't"), mend))
            }
        }
    }

    /// Where a name's value comes from, and how it is written if nothing else is said.
    fn from(&mut self, name: &str, depth: usize) -> Result<(From, Style), Wrong> {
        if name.starts_with("own.") {
            let number = self.named(name, depth)?;
            return Ok((From::Text(vec![Piece::Slot(Slot { value: number, escape: Escape::None })]), Style::default()));
        }
        if name == "time.now" {
            return Ok((From::Time, Style::default()));
        }
        if let Some(rest) = name.strip_prefix("post.reference") {
            let reference = rest.strip_prefix('.').map(Into::into);
            return if self.purpose == Purpose::Post || self.purpose == Purpose::Confirm {
                Ok((From::Reference(reference), Style::default()))
            } else {
                Err(self.not_here(name))
            };
        }
        if name.contains('.') {
            return match SAID.iter().find(|(known, ..)| *known == name) {
                Some((_, said, purposes)) if purposes.contains(&self.purpose) => Ok((From::Said(*said), Style::default())),
                Some(_) => Err(self.not_here(name)),
                None => Err(Wrong::new(format!("names `{name}`, which there isn't"), suggestion(name, SAID.iter().map(|(known, ..)| *known)))),
            };
        }
        self.field(name)
    }

    fn not_here(&self, name: &str) -> Wrong {
        let here = SAID.iter().filter(|(_, _, purposes)| purposes.contains(&self.purpose)).map(|(name, ..)| format!("`{name}`"));
        let mend = format!("take it out; here are {}", here.collect::<Vec<_>>().join(", "));
        Wrong::new(format!("names `{name}`, which a {} doesn't have", self.purpose.word()), mend)
    }

    fn field(&self, name: &str) -> Result<(From, Style), Wrong> {
        for vertical in self.verticals {
            if let Some(field) = vertical.find(name).map(|index| vertical.field(index))
                && !self.purpose.discloses()
                && !field.is_shown()
            {
                let what = format!("names `{name}`, which no ping of {} shows: a {} is anonymous", vertical.name, self.purpose.word());
                return Err(Wrong::new(what, "take it out; it goes out with the post"));
            }
        }
        if let Some(index) = self.vertical.find(name) {
            return Ok((From::Field(index), self.style_of(&self.vertical.field(index).name)));
        }
        if self.verticals.iter().any(|vertical| vertical.find(name).is_some()) {
            return Ok((From::Nothing, Style::default()));
        }
        let known: Vec<&str> = self.verticals.iter().flat_map(|vertical| vertical.fields()).map(|field| field.name.as_str()).collect();
        Err(Wrong::new(format!("names the field `{name}`, which there isn't"), suggestion(name, known)))
    }

    pub fn style_of(&self, field: &str) -> Style {
        self.draft.fields.iter().find(|(name, _)| name == field).map(|(_, at)| at.value.style.clone()).unwrap_or_default()
    }

    /// The lead's fields that go out here, each by the buyer's name.
    pub fn lead(&mut self, escape: Escape) -> Vec<(String, Vec<Piece>)> {
        let mut all = Vec::new();
        let (vertical, discloses, draft) = (self.vertical, self.purpose.discloses(), self.draft);
        for (index, field) in vertical.indexed().filter(|(_, field)| discloses || field.is_shown()) {
            let draft = draft.fields.iter().find(|(name, _)| *name == field.name).map(|(_, at)| &at.value);
            if draft.is_some_and(|draft| !draft.send) {
                continue;
            }
            let name = draft.and_then(|draft| draft.name.clone()).unwrap_or_else(|| field.name.clone());
            let style = draft.map(|draft| draft.style.clone()).unwrap_or_default();
            let value = self.push(styled(From::Field(index), &style));
            all.push((name, vec![Piece::Slot(Slot { value, escape })]));
        }
        all
    }
}

impl Names for Compiler<'_> {
    fn slot(&mut self, name: &str, escape: Escape) -> Result<Piece, Wrong> {
        Ok(Piece::Slot(Slot { value: self.named(name, self.depth)?, escape }))
    }

    fn condition(&mut self, when: &When) -> Result<Condition, Wrong> {
        self.condition_at(when, self.depth)
    }
}

fn styled(from: From, style: &Style) -> Value {
    Value {
        from,
        format: style.format.clone().unwrap_or(Format::Plain),
        part: style.part.clone(),
        map: style.map.iter().map(|(text, constant)| (text.as_str().into(), constant.clone())).collect(),
        other: style.other.clone(),
        default: style.default.clone(),
    }
}
