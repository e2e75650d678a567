//! The tests of the core: stories told in a line or a table, and properties over random markets.

#[allow(dead_code)] // Until every module of the tests is there.
mod support;

mod competitive;
mod sequential;
mod sharing;
mod posting;
mod quoting;
mod quoted;
mod accepting;
mod store_faults;
mod driver_faults;
mod properties;
