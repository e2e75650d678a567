//! What calls with a key have in common of their refusals, for the OpenAPI document.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{Content, RefOr, Response, ResponseBuilder},
};

type Responses = BTreeMap<String, RefOr<Response>>;

const NO_KEY: (u16, &str) = (401, "No key, or one that isn't known");
const NO_FORMAT: (u16, &str) = (406, "Neither JSON nor XML is accepted");

fn problems<const N: usize>(problems: [(u16, &str); N]) -> Responses {
    let problem = |what: &str| ResponseBuilder::new().description(what).content("application/problem+json", Content::default()).build();
    problems.into_iter().map(|(status, what)| (status.to_string(), RefOr::T(problem(what)))).collect()
}

/// The key is no operator's, or the answer can't be written as it is wanted.
pub struct NotAnOperators;

impl IntoResponses for NotAnOperators {
    fn responses() -> Responses {
        problems([NO_KEY, (403, "Not an operator's key"), NO_FORMAT])
    }
}

/// The same of a buyer's.
pub struct NotABuyers;

impl IntoResponses for NotABuyers {
    fn responses() -> Responses {
        problems([NO_KEY, (403, "Not a buyer's key"), NO_FORMAT])
    }
}

/// The body is none that is read.
pub struct NotRead;

impl IntoResponses for NotRead {
    fn responses() -> Responses {
        problems([(400, "The body can't be read"), (413, "More than 64 KiB"), (415, "Neither JSON, form nor XML")])
    }
}
