//! A contract's filter: CEL text to the exchange's predicates, checked against what the vertical's pings show.

mod compile;
mod guard;
mod literal;

use std::collections::BTreeSet;

use exchange::{
    filter::{Filter, Predicate},
    money::Currency,
    schema::Vertical,
};

use super::{list::Lists, problem::Wrong};

pub(super) use guard::MAX_BYTES;

const UNDERSTOOD: &str = "a filter understands == != < <= > >=, in [..], in list(\"name\"), && || !, has(field), field.startsWith(\"..\"), true and false";

/// What a filter is read against.
#[derive(Debug)]
pub(super) struct Terms<'a> {
    pub vertical: &'a Vertical,
    /// Names in lower case that may be fields: nothing is said of them.
    pub unsure: &'a BTreeSet<String>,
    pub currency: Currency,
    pub lists: &'a mut Lists,
}

/// Reads a filter. Everything that is wrong with it comes at once; `what` goes on after "`filter`".
pub(super) fn compile(text: &str, terms: Terms<'_>) -> Result<Filter, Vec<Wrong>> {
    guard::check(text).map_err(|wrong| vec![wrong])?;
    let mut compiler = compile::Compiler { terms, wrong: Vec::new() };
    let tree = parse(text).map_err(|wrong| vec![wrong])?;
    let predicate = compiler.predicate(&tree);
    if !compiler.wrong.is_empty() {
        compiler.wrong.dedup();
        return Err(compiler.wrong);
    }
    Ok(Filter::new(predicate.unwrap_or(Predicate::Always(false))))
}

/// Without macros, `has(x)` stays the call that it is written as.
fn parse(text: &str) -> Result<cel::IdedExpr, Wrong> {
    let depth = u16::try_from(guard::MAX_DEPTH * 2).unwrap_or(u16::MAX);
    let parser = cel::Env::default().parser().max_recursion_depth(depth);
    parser.parse(text).map_err(|errors| Wrong::new(format!("isn't CEL{}", errors.errors.first().map_or_else(String::new, told)), UNDERSTOOD))
}

/// The parser's first complaint, without its list of all tokens that could have come.
fn told(error: &cel::ParseError) -> String {
    let message = error.msg.trim_start_matches("Syntax error: ");
    let message = message.split(" expecting").next().unwrap_or(message);
    format!(" ({message}, at column {} of it)", error.pos.1)
}
