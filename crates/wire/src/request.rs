//! What buyers and operators ask, from the fields of a body or the pairs of a query. No error repeats a value.

mod fields;
mod outcome;
mod own_terms;
mod page;
mod return_request;
mod ruling;
mod search;

#[cfg(test)]
mod tests;

pub use outcome::read_outcome;
pub use own_terms::{OwnTerms, read_own_terms};
pub use page::{MOST_ON_PAGE, Page, read_page};
pub use return_request::{ReturnText, read_return};
pub use ruling::{read_decision, read_resolution};
pub use search::{LeadSearch, SearchText, read_search, read_search_query};
