//! A TOML file with a line for every value.

use toml::de::{DeTable, DeValue};

use super::{
    lines::Lines,
    problem::{Problem, quoted},
};

/// Faults of syntax make others up, so only the first few of a file are told.
const MOST_SYNTAX_PROBLEMS: usize = 5;

#[derive(Debug)]
pub(super) struct Source<'a> {
    pub file: &'a str,
    pub lines: Lines,
    pub table: DeTable<'a>,
}

impl<'a> Source<'a> {
    /// A text of our own in a file's place: whatever is wrong in it is told at the line of the file that names it.
    pub fn inserted(file: &'a str, line: usize, text: &'a str) -> Self {
        let (table, _) = DeTable::parse_recoverable(text);
        Self { file, lines: Lines::all_at(line), table: table.into_inner() }
    }

    pub fn parse(file: &'a str, text: &'a str) -> Result<Self, Vec<Problem>> {
        let lines = Lines::of(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(Self { file, lines, table: table.into_inner() });
        }
        let problem = |error: &toml::de::Error| {
            let line = lines.at(error.span().map_or(0, |span| span.start));
            Problem::error(file, line, format!("isn't TOML ({})", error.message().replace('\n', " ")), "mend the syntax of this line")
        };
        let mut problems: Vec<Problem> = errors.iter().take(MOST_SYNTAX_PROBLEMS).map(problem).collect();
        problems.dedup_by_key(|problem| problem.line);
        Err(problems)
    }
}

/// A value as a message shows it, with its kind where it is long.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
