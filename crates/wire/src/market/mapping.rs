//! A buyer's own interface in `[endpoint]`: read over its preset, compiled for each vertical of its contracts, and checked.

mod answer;
mod body;
mod body_format;
mod compile;
mod disclosed;
mod draft;
mod path;
mod presets;
mod reading;
mod shapes;
mod template;
mod value;

use exchange::{
    mapping::{Answer, Escape, Header, Mapping, Method, Piece, Request, Requests},
    schema::Vertical,
};

use self::{
    body::{Leaf, Names, Tree},
    body_format::BodyFormat,
    compile::{Compiler, Purpose},
    draft::{Lead, RequestDraft},
    reading::Told,
    value::ValueDraft,
};
use super::{
    keys::{At, Keys},
    problem::Wrong,
    source::Source as File,
};

pub(super) use draft::MappingDraft;
pub(super) use presets::{PRESETS, preset};

/// The presets by name, each with its file's text.
#[must_use]
pub fn presets() -> &'static [(&'static str, &'static str)] {
    PRESETS
}

/// What the table says, over what the preset does. A preset's mistake would be told at `line`.
pub(super) fn read(keys: &mut Keys<'_>, preset: Option<&'static str>, line: usize) -> MappingDraft {
    let own = draft::mapping(keys);
    let Some(text) = preset else { return own };
    let source = File::inserted(keys.file(), line, text);
    let (base, problems) = Keys::read_file(&source, draft::mapping);
    for problem in problems {
        keys.problem(problem.line, problem.what, problem.mend);
    }
    own.over(base)
}

/// The mapping, ready for use; every mistake of it is told.
pub(super) fn compile(keys: &mut Keys<'_>, draft: &MappingDraft, verticals: &[&Vertical], has: [bool; 3], line: usize) -> Mapping {
    let mut told = Vec::new();
    let [pings, confirms, asks] = has;
    let wanted = [
        (Purpose::Ping, &draft.ping, pings),
        (Purpose::Post, &draft.post, true),
        (Purpose::Confirm, &draft.confirm, confirms),
        (Purpose::Status, &draft.status, asks),
    ];
    for (purpose, request, is_called) in wanted {
        if is_called && request.is_none() {
            let name = purpose.word();
            told.push((
                line,
                format!("`{name}_url` is called, but nothing says what goes there"),
                format!("write [endpoint.{name}], or take `{name}_url` out"),
            ));
        }
    }
    check_fields(draft, verticals, &mut told);
    let mut mapping = Mapping::default();
    for vertical in verticals {
        // Whether it is used or not, a value of the buyer's own must make sense: in a post, which may name the most.
        let mut compiler = Compiler::new(draft, vertical, verticals, Purpose::Post);
        for (name, at) in &draft.own {
            if let Err(wrong) = compiler.alone(&at.value, Escape::None) {
                told.push((at.line, format!("`own.{name}` {}", wrong.what), wrong.mend));
            }
        }
        let mut one = |request: &Option<At<RequestDraft>>, purpose| request.as_ref().map(|at| requested(at, draft, vertical, verticals, purpose, &mut told));
        let (ping, confirm, status) = (one(&draft.ping, Purpose::Ping), one(&draft.confirm, Purpose::Confirm), one(&draft.status, Purpose::Status));
        if let Some(post) = one(&draft.post, Purpose::Post) {
            if disclosed::is_in_address(&post, vertical) {
                let mend = "write format = \"form\", if the buyer takes it";
                keys.warning(draft.post.as_ref().map_or(line, |at| at.line), "the contact goes out in an address, which ends in other people's logs", mend);
            }
            mapping.requests.push((vertical.name.clone(), Requests { ping, post, confirm, status }));
        }
    }
    let mut read = |request: &Option<At<RequestDraft>>, purpose| -> Option<Answer> {
        request.as_ref().map(|at| reading::compile(&at.value.answer, purpose, at.line, &mut told))
    };
    mapping.ping = read(&draft.ping, Purpose::Ping).unwrap_or_default();
    mapping.post = read(&draft.post, Purpose::Post).unwrap_or_default();
    mapping.confirm = read(&draft.confirm, Purpose::Confirm);
    mapping.status = read(&draft.status, Purpose::Status);
    told.sort();
    told.dedup();
    for (line, what, mend) in told {
        keys.problem(line, what, mend);
    }
    mapping
}

fn check_fields(draft: &MappingDraft, verticals: &[&Vertical], told: &mut Vec<Told>) {
    let known: Vec<&str> = verticals.iter().flat_map(|vertical| vertical.fields()).map(|field| field.name.as_str()).collect();
    for (name, at) in draft.fields.iter().filter(|(name, _)| !verticals.is_empty() && !known.contains(&name.as_str())) {
        told.push((at.line, format!("`fields.{name}` is of a field that there isn't"), super::nearest::suggestion(name, known.iter().copied())));
    }
}

fn requested(at: &At<RequestDraft>, draft: &MappingDraft, vertical: &Vertical, verticals: &[&Vertical], purpose: Purpose, told: &mut Vec<Told>) -> Request {
    let mut making = Making { compiler: Compiler::new(draft, vertical, verticals, purpose), told, name: purpose.word() };
    let request = &at.value;
    let format = request.format.unwrap_or(BodyFormat::Json);
    let method = request.method.unwrap_or(if format == BodyFormat::Query { Method::Get } else { Method::Post });
    if method == Method::Get && format != BodyFormat::Query {
        making.tell(at.line, "is a GET, which has no body", "write format = \"query\", or another method");
    }
    let headers = request
        .headers
        .iter()
        .map(|(name, at)| Header { name: name.to_ascii_lowercase().into(), value: making.pieces("headers", name, at, Escape::Header).pieces });
    let headers = headers.collect();
    let path = request.path.as_ref().map(|at| making.path(at)).unwrap_or_default();
    let mut query: Vec<(String, Leaf)> = request.query.iter().map(|(name, at)| (name.clone(), making.pieces("query", name, at, Escape::Form))).collect();
    let mut separators = String::new();
    let mut body = Vec::new();
    match (&request.body, format) {
        (Some(text), _) => {
            body = making.body(text, format);
            if format == BodyFormat::Text {
                separators = body::separators(&text.value);
            }
            if format == BodyFormat::Query {
                making.tell(text.line, "has a `body`, but the format is query", "write `set` and `lead`, or another format");
            }
        }
        (None, BodyFormat::Json | BodyFormat::Xml) => body = making.tree(at, format),
        (None, BodyFormat::Form) => body = vec![body::pairs(making.flat(request))],
        (None, BodyFormat::Query) => query.extend(making.flat(request)),
        (None, BodyFormat::Text) => making.tell(at.line, "is text, but has no `body`", "write the whole text as `body`"),
    }
    let content_type = match format {
        BodyFormat::Json => Some("application/json"),
        BodyFormat::Xml => Some("application/xml; charset=utf-8"),
        BodyFormat::Form => Some("application/x-www-form-urlencoded"),
        BodyFormat::Text => Some("text/plain; charset=utf-8"),
        BodyFormat::Query => None,
    };
    let content_type = request.content_type.as_deref().filter(|_| content_type.is_some()).or(content_type).map(Into::into);
    let query = if query.is_empty() { Vec::new() } else { vec![body::pairs(query)] };
    Request { method, content_type, headers, path, query, body, values: making.compiler.values, separators: separators.into() }
}

/// A request in the making, with where its mistakes go.
struct Making<'a, 't> {
    compiler: Compiler<'a>,
    told: &'t mut Vec<Told>,
    name: &'static str,
}

impl Making<'_, '_> {
    fn tell(&mut self, line: usize, what: &str, mend: &str) {
        self.told.push((line, format!("`{}` {what}", self.name), mend.to_owned()));
    }

    fn wrong(&mut self, line: usize, key: &str, wrong: Wrong) {
        self.told.push((line, format!("`{}.{key}` {}", self.name, wrong.what), wrong.mend));
    }

    fn pieces(&mut self, table: &str, name: &str, at: &At<ValueDraft>, escape: Escape) -> Leaf {
        let pieces = self.compiler.alone(&at.value, escape);
        let when = at.value.when.as_ref().map(|when| self.compiler.condition(when)).transpose();
        match pieces.and_then(|pieces| Ok(Leaf { pieces, when: when? })) {
            Ok(leaf) => leaf,
            Err(wrong) => {
                self.wrong(at.line, &format!("{table}.{name}"), wrong);
                Leaf { pieces: Vec::new(), when: None }
            }
        }
    }

    fn path(&mut self, at: &At<Vec<template::Part>>) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(at.value.len());
        for part in &at.value {
            match part {
                template::Part::Text(text) => pieces.push(Piece::Text(text.as_str().into())),
                template::Part::Name(name) => match self.compiler.slot(name, Escape::Path) {
                    Ok(piece) => pieces.push(piece),
                    Err(wrong) => self.wrong(at.line, "path", wrong),
                },
                template::Part::If { .. } => {}
            }
        }
        pieces
    }

    fn body(&mut self, text: &At<Vec<template::Part>>, format: BodyFormat) -> Vec<Piece> {
        match body::whole(&text.value, format, &mut self.compiler) {
            Ok(pieces) => {
                if !body::is_well_formed(&text.value, format) {
                    let mend = "close every bracket and tag, whichever way the conditions go; a value outside quotes brings its own";
                    self.wrong(text.line, "body", Wrong::new("is no whole document of its format", mend));
                }
                pieces
            }
            Err(wrong) => {
                self.wrong(text.line, "body", wrong);
                Vec::new()
            }
        }
    }

    fn tree(&mut self, at: &At<RequestDraft>, format: BodyFormat) -> Vec<Piece> {
        let escape = if format == BodyFormat::Json { Escape::JsonValue } else { Escape::Xml };
        let mut tree = Tree::default();
        for (name, value) in &at.value.set {
            let leaf = self.pieces("set", name, value, escape);
            if let Err(wrong) = tree.insert_at(name, format, leaf) {
                self.wrong(value.line, &format!("set.{name}"), wrong);
            }
        }
        if let Some(At { value: Lead::Under(under), line }) = &at.value.lead {
            for (name, pieces) in self.compiler.lead(escape) {
                let name = if under.is_empty() { name } else { format!("{under}.{name}") };
                if let Err(wrong) = tree.insert_at(&name, format, Leaf { pieces, when: None }) {
                    self.wrong(*line, "lead", wrong);
                }
            }
        }
        let pieces = if format == BodyFormat::Json { tree.json() } else { tree.xml() };
        pieces.unwrap_or_else(|wrong| {
            self.wrong(at.line, "set", wrong);
            Vec::new()
        })
    }

    /// Names as they stand. What is set goes before the lead's own.
    fn flat(&mut self, request: &RequestDraft) -> Vec<(String, Leaf)> {
        let mut all: Vec<(String, Leaf)> = request.set.iter().map(|(name, at)| (name.clone(), self.pieces("set", name, at, Escape::Form))).collect();
        if let Some(At { value: Lead::Under(under), .. }) = &request.lead {
            for (name, pieces) in self.compiler.lead(Escape::Form) {
                let name = if under.is_empty() { name } else { format!("{under}.{name}") };
                if !all.iter().any(|(known, _)| *known == name) {
                    all.push((name, Leaf { pieces, when: None }));
                }
            }
        }
        all
    }
}
