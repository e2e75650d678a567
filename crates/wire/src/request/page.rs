//! Which part of a long list is asked for: `?before=ID&limit=N`.

use std::str::FromStr;

use exchange::{
    lead::{Code, FieldError},
    raw::RawFields,
};

use super::fields::{Bound, Fields};
use crate::body::read_query;

const ON_PAGE: u32 = 50;
pub const MOST_ON_PAGE: u32 = 200;

/// From what comes after `before` in the list, so many entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<I> {
    pub before: Option<I>,
    pub limit: u32,
}

/// Reads the query of a request. Pairs that it doesn't know say nothing.
pub fn read_page<I: FromStr>(query: Option<&str>) -> Result<Page<I>, Vec<FieldError>> {
    let raw: RawFields = read_query(query.unwrap_or_default()).map_err(|_| unreadable())?;
    let mut fields = Fields::of(&raw);
    let page = read(&mut fields);
    fields.into_result(Some(page))
}

pub(super) fn unreadable() -> Vec<FieldError> {
    vec![FieldError { field: "query".into(), code: Code::Invalid, message: "send pairs in UTF-8, with & between".into() }]
}

pub(super) fn read<I: FromStr>(fields: &mut Fields<'_>) -> Page<I> {
    let before = fields.text("before", Bound { most: 64, lines: false }).and_then(|text| {
        let id = text.parse().ok();
        if id.is_none() {
            fields.wrong("before", Code::Invalid, "send the id that `next` named");
        }
        id
    });
    let limit = fields.text("limit", Bound { most: 64, lines: false }).map_or(ON_PAGE, |text| {
        let limit = text.parse().ok().filter(|limit| (1..=MOST_ON_PAGE).contains(limit));
        if limit.is_none() {
            fields.wrong("limit", Code::OutOfRange, format!("send a number from 1 to {MOST_ON_PAGE}"));
        }
        limit.unwrap_or(ON_PAGE)
    });
    Page { before, limit }
}
