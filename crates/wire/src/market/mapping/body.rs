//! Bodies: values put together by their names, or a whole text whose every place is escaped for where it stands.

use exchange::mapping::{AnswerFormat, Condition, Escape, Group, Part, Piece};

use super::{
    super::problem::{Wrong, quoted},
    body_format::BodyFormat,
    template,
};
use crate::mapped::is_document;

/// A name inside names, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Tree {
    children: Vec<(String, Node)>,
}

#[derive(Debug)]
enum Node {
    Branch(Tree),
    Leaf(Leaf),
}

#[derive(Debug)]
pub(super) struct Leaf {
    pub pieces: Vec<Piece>,
    pub when: Option<Condition>,
}

const MOST_DEPTH: usize = 16;

impl Tree {
    /// Names with points between them. An entry of a list is named `drivers[0]`: its number tells it apart from others, and the
    /// order is the file's.
    pub fn insert_at(&mut self, name: &str, format: BodyFormat, leaf: Leaf) -> Result<(), Wrong> {
        let mut path: Vec<&str> = Vec::new();
        for step in name.split('.') {
            match step.find('[').filter(|at| format == BodyFormat::Json && *at > 0 && step.ends_with(']')) {
                Some(at) => path.extend([&step[..at], &step[at..]]),
                None => path.push(step),
            }
        }
        self.insert(&path, leaf)
    }

    /// What was there first stays: what is set goes before the lead's own.
    fn insert(&mut self, path: &[&str], leaf: Leaf) -> Result<(), Wrong> {
        let (Some((name, rest)), true) = (path.split_first(), path.len() <= MOST_DEPTH) else {
            return Err(Wrong::new("has no usable name", format!("write 1 to {MOST_DEPTH} names with points between them")));
        };
        if name.is_empty() {
            return Err(Wrong::new("has an empty name in it", "write names with one point between them"));
        }
        let place = self.children.iter().position(|(known, _)| known == name);
        match (place.map(|place| &mut self.children[place].1), rest.is_empty()) {
            (None, true) => self.children.push(((*name).to_owned(), Node::Leaf(leaf))),
            (None, false) => {
                let mut tree = Self::default();
                tree.insert(rest, leaf)?;
                self.children.push(((*name).to_owned(), Node::Branch(tree)));
            }
            (Some(Node::Branch(tree)), false) => tree.insert(rest, leaf)?,
            (Some(Node::Leaf(_)), true) => {}
            (Some(_), _) => return Err(Wrong::new(format!("gives `{name}` both a value and values inside of it"), "keep one of the two")),
        }
        Ok(())
    }

    pub fn json(self) -> Result<Vec<Piece>, Wrong> {
        Ok(vec![Piece::Group(json(self, true)?)])
    }

    /// One root, whose name comes first in every path.
    pub fn xml(mut self) -> Result<Vec<Piece>, Wrong> {
        let mend = "begin every name, and `lead`, with the same root, like \"Request.Zip\"";
        let (Some((name, Node::Branch(root))), true) = (self.children.pop(), self.children.is_empty()) else {
            return Err(Wrong::new("has more than one root element, or none", mend));
        };
        Ok(vec![Piece::Text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into()), Piece::Group(element(&name, root, true)?)])
    }
}

fn json(tree: Tree, always: bool) -> Result<Group, Wrong> {
    let is_list = tree.children.first().is_some_and(|(name, _)| name.starts_with('['));
    if tree.children.iter().any(|(name, _)| name.starts_with('[') != is_list) {
        return Err(Wrong::new("has both entries of a list and names in one place", "keep one of the two"));
    }
    let mut parts = Vec::with_capacity(tree.children.len());
    for (name, node) in tree.children {
        let open = if is_list { "".into() } else { format!("{}:", serde_json::Value::from(name)).into() };
        let (pieces, when) = match node {
            Node::Leaf(leaf) => (leaf.pieces, leaf.when),
            Node::Branch(tree) => (vec![Piece::Group(json(tree, false)?)], None),
        };
        parts.push(Part { open, pieces, close: "".into(), when });
    }
    let (open, close) = if is_list { ("[", "]") } else { ("{", "}") };
    Ok(Group::new(open, ",", parts, close, always))
}

fn element(name: &str, tree: Tree, always: bool) -> Result<Group, Wrong> {
    let name = xml_name(name)?;
    let (attributes, children): (Vec<_>, Vec<_>) = tree.children.into_iter().partition(|(name, _)| name.starts_with('@'));
    let mut parts = Vec::new();
    for (name, node) in attributes {
        let name = xml_name(&name[1..])?.to_owned();
        let Node::Leaf(leaf) = node else { return Err(Wrong::new(format!("has values inside of the attribute `{name}`"), "give an attribute one value")) };
        parts.push(Part { open: format!(" {name}=\"").into(), pieces: leaf.pieces, close: "\"".into(), when: leaf.when });
    }
    parts.push(Part { open: "".into(), pieces: vec![Piece::Text(">".into())], close: "".into(), when: None });
    for (child, node) in children {
        parts.push(match node {
            Node::Leaf(leaf) if child == "#text" => Part { open: "".into(), pieces: leaf.pieces, close: "".into(), when: leaf.when },
            Node::Leaf(leaf) => {
                let child = xml_name(&child)?;
                Part { open: format!("<{child}>").into(), pieces: leaf.pieces, close: format!("</{child}>").into(), when: leaf.when }
            }
            Node::Branch(tree) => Part { open: "".into(), pieces: vec![Piece::Group(element(&child, tree, false)?)], close: "".into(), when: None },
        });
    }
    Ok(Group::new(&format!("<{name}"), "", parts, &format!("</{name}>"), always))
}

fn xml_name(name: &str) -> Result<&str, Wrong> {
    let is_first = |first: char| first.is_alphabetic() || first == '_';
    let is_name = name.starts_with(is_first) && name.chars().all(|character| character.is_alphanumeric() || "_-:".contains(character));
    if is_name {
        Ok(name)
    } else {
        Err(Wrong::new(format!("has {}, which is no name of XML", quoted(name)), "begin names with a letter, and write letters, digits, `-` and `_`"))
    }
}

/// Pairs of a form or query.
pub(super) fn pairs(pairs: Vec<(String, Leaf)>) -> Piece {
    let parts = pairs.into_iter().map(|(name, leaf)| {
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        Part { open: format!("{name}=").into(), pieces: leaf.pieces, close: "".into(), when: leaf.when }
    });
    Piece::Group(Group::new("", "&", parts.collect(), "", true))
}

/// Whether the whole reads as what it is, whichever way its conditions go.
pub(super) fn is_well_formed(parts: &[template::Part], format: BodyFormat) -> bool {
    const MOST_TRIED: usize = 64;
    let conditions = count(parts).min(MOST_TRIED);
    let mut ways: Vec<Vec<bool>> = vec![vec![true; conditions], vec![false; conditions]];
    ways.extend((0..conditions).flat_map(|at| [true, false].map(|rest| (0..conditions).map(|number| (number == at) != rest).collect())));
    ways.iter().all(|way| {
        let mut text = String::new();
        sample(parts, way, &mut 0, &mut text);
        match format {
            BodyFormat::Json => is_document(AnswerFormat::Json, &text),
            BodyFormat::Xml => is_document(AnswerFormat::Xml, &text),
            BodyFormat::Form | BodyFormat::Query | BodyFormat::Text => true,
        }
    })
}

fn count(parts: &[template::Part]) -> usize {
    let of = |part: &template::Part| match part {
        template::Part::If { then, otherwise, .. } => 1 + count(then) + count(otherwise),
        template::Part::Text(_) | template::Part::Name(_) => 0,
    };
    parts.iter().map(of).sum()
}

fn sample(parts: &[template::Part], way: &[bool], next: &mut usize, text: &mut String) {
    for part in parts {
        match part {
            template::Part::Text(own) => text.push_str(own),
            template::Part::Name(_) => text.push('0'),
            template::Part::If { then, otherwise, .. } => {
                let holds = way.get(*next).copied().unwrap_or(true);
                *next += 1;
                let (mut left, mut right) = (String::new(), String::new());
                sample(then, way, next, &mut left);
                sample(otherwise, way, next, &mut right);
                text.push_str(if holds { &left } else { &right });
            }
        }
    }
}

/// Where in a text a place stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Text,
    JsonString,
    Tag,
    /// A quoted value of an attribute.
    Attribute(char),
    /// A comment, an instruction, a declaration or CDATA: it ends with this.
    Markup(&'static str),
}

/// Knows what the names in a text stand for.
pub(super) trait Names {
    fn slot(&mut self, name: &str, escape: Escape) -> Result<Piece, Wrong>;
    fn condition(&mut self, when: &template::When) -> Result<Condition, Wrong>;
}

/// The pieces of a whole body.
pub(super) fn whole(parts: &[template::Part], format: BodyFormat, names: &mut impl Names) -> Result<Vec<Piece>, Wrong> {
    let mut inside = Inside::Text;
    let pieces = sequence(parts, format, names, &mut inside)?;
    if inside == Inside::Text { Ok(pieces) } else { Err(Wrong::new("ends in the middle of a quoted text or tag", "close it")) }
}

fn sequence(parts: &[template::Part], format: BodyFormat, names: &mut impl Names, inside: &mut Inside) -> Result<Vec<Piece>, Wrong> {
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        pieces.push(match part {
            template::Part::Text(text) => {
                *inside = after(text, format, *inside);
                Piece::Text(text.as_str().into())
            }
            template::Part::Name(name) => names.slot(name, escape(name, format, *inside)?)?,
            template::Part::If { when, then, otherwise } => {
                let (mut one, mut other) = (*inside, *inside);
                let when = names.condition(when)?;
                let (then, otherwise) = (sequence(then, format, names, &mut one)?, sequence(otherwise, format, names, &mut other)?);
                if one != *inside || other != *inside {
                    return Err(Wrong::new("has a condition that begins or ends in the middle of a quoted text or tag", "put whole texts or tags into it"));
                }
                Piece::If { when, then, otherwise }
            }
        });
    }
    Ok(pieces)
}

fn escape(name: &str, format: BodyFormat, inside: Inside) -> Result<Escape, Wrong> {
    Ok(match (format, inside) {
        (BodyFormat::Json, Inside::JsonString) => Escape::JsonText,
        (BodyFormat::Json, Inside::Markup(_)) => return Err(Wrong::new(format!("has a backslash before {{{{{name}}}}}"), "take it out")),
        (BodyFormat::Json, _) => Escape::JsonValue,
        (BodyFormat::Xml, Inside::Text | Inside::Attribute(_)) => Escape::Xml,
        (BodyFormat::Xml, _) => {
            return Err(Wrong::new(
                format!("has {{{{{name}}}}} inside of a tag, a comment or CDATA"),
                "put it into a text, or into the quotes of an attribute",
            ));
        }
        (BodyFormat::Form | BodyFormat::Query, _) => Escape::Form,
        (BodyFormat::Text, _) => Escape::Text,
    })
}

/// Where a text ends up that begins there.
fn after(text: &str, format: BodyFormat, mut inside: Inside) -> Inside {
    match format {
        BodyFormat::Json => {
            let mut is_escaped = false;
            for byte in text.bytes() {
                match (byte, inside) {
                    _ if is_escaped => is_escaped = false,
                    (b'\\', Inside::JsonString) => is_escaped = true,
                    (b'"', Inside::JsonString) => inside = Inside::Text,
                    (b'"', _) => inside = Inside::JsonString,
                    _ => {}
                }
            }
            // What follows a backslash would be read otherwise than it is written.
            if is_escaped { Inside::Markup("\\") } else { inside }
        }
        BodyFormat::Xml => {
            const MARKUP: [(&str, &str); 4] = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")];
            let mut rest = text;
            while let Some(character) = rest.chars().next() {
                let begins = MARKUP.iter().find(|(begin, _)| inside == Inside::Text && rest.starts_with(begin));
                let mut length = character.len_utf8();
                inside = match (inside, character) {
                    (Inside::Markup(end), _) if rest.starts_with(end) => {
                        length = end.len();
                        Inside::Text
                    }
                    (Inside::Text, _) if begins.is_some() => begins.map_or(Inside::Text, |(begin, end)| {
                        length = begin.len();
                        Inside::Markup(end)
                    }),
                    (Inside::Text, '<') => Inside::Tag,
                    (Inside::Tag, '>') => Inside::Text,
                    (Inside::Tag, '"' | '\'') => Inside::Attribute(character),
                    (Inside::Attribute(quote), character) if character == quote => Inside::Tag,
                    (inside, _) => inside,
                };
                rest = &rest[length..];
            }
            inside
        }
        BodyFormat::Form | BodyFormat::Query | BodyFormat::Text => inside,
    }
}

/// In plain text, the punctuation next to a place parts values, so no value may have it.
pub(super) fn separators(parts: &[template::Part]) -> String {
    let mut found = String::new();
    collect(parts, &mut found);
    found
}

fn collect(parts: &[template::Part], found: &mut String) {
    let mut add = |character: Option<char>| {
        if let Some(character) = character.filter(|character| !character.is_alphanumeric() && !character.is_whitespace() && !found.contains(*character)) {
            found.push(character);
        }
    };
    for part in parts {
        if let template::Part::Text(text) = part {
            add(text.chars().next());
            add(text.chars().next_back());
        }
    }
    for part in parts {
        if let template::Part::If { then, otherwise, .. } = part {
            collect(then, found);
            collect(otherwise, found);
        }
    }
}
