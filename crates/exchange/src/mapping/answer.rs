//! How answers are read: where in them something stands, and what it means there.

use std::{fmt, ops::Range};

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::money::Money;

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    /// None: told by the answer's first character.
    pub format: Option<AnswerFormat>,
    /// From the answer's outermost to what is read of it, step by step.
    pub inside: Vec<Inside>,
    /// Where is looked. Everything else refers to these by number.
    pub places: Vec<Place>,
    pub codes: Codes,
    /// Any of them is enough.
    pub accepted: Vec<Test>,
    pub rejected: Vec<Test>,
    pub duplicate: Vec<Test>,
    pub later: Vec<Test>,
    pub price: Option<Price>,
    pub shared_price: Option<Price>,
    pub references: Vec<Reference>,
    pub bids: Option<Bids>,
    pub currency: Option<usize>,
    /// How long the bid stands, in seconds.
    pub ttl_s: Option<usize>,
    /// The first that is there.
    pub reason: Vec<usize>,
    pub redirect: Vec<usize>,
    pub lead_reference: Vec<usize>,
}

impl Answer {
    #[must_use]
    pub fn reads_headers(&self) -> bool {
        let is_header = |place: &Place| matches!(place, Place::Header(_));
        self.places.iter().any(is_header) || self.inside.iter().any(|step| matches!(step, Inside::At(_, place) if is_header(place)))
    }

    /// Whether what came can't be looked through for what it repeats, but only what stands inside of it.
    #[must_use]
    pub fn is_coded(&self) -> bool {
        self.inside.iter().any(|step| matches!(step, Inside::Base64))
    }
}

/// One step from an envelope to what it holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Inside {
    /// The text at a place of a document, whose format may be said.
    At(Option<AnswerFormat>, Place),
    Base64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnswerFormat {
    Json,
    Xml,
    Form,
    Text,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Place {
    Path(Path),
    /// What a pattern finds in the text at a path.
    Part(Path, Pattern),
    /// In lower case.
    Header(Box<str>),
    /// In the body's text.
    Pattern(Pattern),
    /// The body's text.
    Body,
}

/// Steps from the outermost object or root element inwards. Lists are passed through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// In an outermost list: which entry.
    pub entry: Option<u32>,
    pub steps: Vec<Step>,
    /// Inside a row of bids.
    pub in_row: bool,
    /// What stands anywhere inside counts too: asked is whether anything is there.
    pub below: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// `*` is any.
    pub name: Box<str>,
    pub is_attribute: bool,
    /// From 0, among those of the same name; none: all of them.
    pub index: Option<u32>,
}

/// A regular expression with bounds of size; matching takes time in proportion to the text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pattern(Regex);

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text().to_owned()
    }
}

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("no regular expression that is taken")
    }
}

impl Step {
    /// The name of a step that stands for the name of what it is in.
    pub const NAME: &'static str = "#name";

    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        &*self.name == name || &*self.name == "*"
    }
}

impl Pattern {
    /// In characters of its text.
    pub const MOST_CHARACTERS: usize = 1024;
    /// In bytes, compiled.
    const MOST_BYTES: usize = 64 * 1024;
    /// In bytes: as much of a text is looked at.
    const MOST_TEXT: usize = 16 * 1024;

    /// None for what is no expression of the linear kind, or too large a one. `\w` and `\d` mean ASCII.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_short = text.chars().count() <= Self::MOST_CHARACTERS;
        let regex = RegexBuilder::new(text).unicode(false).size_limit(Self::MOST_BYTES).dfa_size_limit(1 << 20).nest_limit(32).build();
        regex.ok().filter(|_| is_short).map(Self)
    }

    #[must_use]
    pub fn text(&self) -> &str {
        self.0.as_str()
    }

    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(bounded(text))
    }

    /// What its first group matches, or all of it where it has no group.
    #[must_use]
    pub fn found_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.get(self.range_in(text)?)
    }

    /// Where that is, in bytes. It may begin or end within a character.
    #[must_use]
    pub fn range_in(&self, text: &str) -> Option<Range<usize>> {
        let captures = self.0.captures(bounded(text))?;
        let found = if captures.len() > 1 { captures.get(1) } else { captures.get(0) }?;
        Some(found.range())
    }
}

fn bounded(text: &str) -> &[u8] {
    &text.as_bytes()[..text.len().min(Pattern::MOST_TEXT)]
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text())
    }
}

/// Patterns are equal that are written alike.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

/// What stands at a place, and whatever else must hold with it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Test {
    pub place: usize,
    pub how: How,
    pub also: Vec<Test>,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum How {
    Present,
    /// Nothing is there, neither a text nor anything with a text in it.
    Absent,
    /// The whole text, case aside.
    Is(Vec<Box<str>>),
    /// Anywhere in the text, case aside.
    Contains(Vec<Box<str>>),
    /// As whole words, case aside.
    Words(Vec<Box<str>>),
    Matches(Pattern),
    Above(Money),
    Below(Money),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Price {
    pub place: usize,
    /// Where it is if it isn't there.
    pub or: Option<usize>,
    pub unit: Unit,
    /// Decimals follow a comma, and points part thousands.
    pub decimal_comma: bool,
    /// Decimals beyond the currency's are cut off.
    pub round: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    Whole,
    Cents,
}

/// What the buyer calls its bid, to be given back with the post.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reference {
    /// None where there is one alone.
    pub name: Option<Box<str>>,
    pub place: usize,
}

/// Several bids in one answer: the best of each kind of sale counts.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bids {
    pub rows: Path,
    pub price: Price,
    pub references: Vec<Reference>,
    /// Empty: a row is for the kinds that `shared` doesn't hold of.
    pub exclusive: Vec<Test>,
    pub shared: Vec<Test>,
}

/// What HTTP statuses mean, those named; the first range that has a status counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codes(pub Vec<(u16, u16, CodeMeans)>);

impl Codes {
    #[must_use]
    pub fn meaning(&self, status: u16) -> Option<CodeMeans> {
        self.0.iter().find(|(from, to, _)| (*from..=*to).contains(&status)).map(|(_, _, means)| *means)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeMeans {
    /// What the body says.
    Read,
    Accepted,
    Rejected,
    Duplicate,
    Later,
}

impl CodeMeans {
    pub const WORDS: [(&'static str, Self); 5] =
        [("read", Self::Read), ("accepted", Self::Accepted), ("rejected", Self::Rejected), ("duplicate", Self::Duplicate), ("later", Self::Later)];
}
