//! The tests of the core: stories told in a line or a table, and properties over random markets.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing where something must be is to fail")]

mod support;

mod competitive;
mod sequential;
mod sharing;
mod posting;
mod quoting;
mod quoted;
mod eligibility;
mod self_service;
mod matching;
mod reading;
mod accepting;
mod store_faults;
mod driver_faults;
mod reconciling;
mod properties;
mod replaying;
mod courses;
