//! The shape of the code, held by tests: what may depend on what, how long a file may be, who may make a permission,
//! and that the documents name what the code has.
//!
//! A check is a function from the repository's files to what is wrong with them. Each runs on this repository, where it must
//! find nothing, and in `each_check_fails` on a small broken one, where it must find what was broken.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "all of it is a test")]

mod callers;
mod dependencies;
mod documents;
mod each_check_fails;
mod repository;
mod words;

use repository::Repository;

/// What is wrong, a line each, with the file it is in.
type Wrong = Vec<String>;

fn nothing_is_wrong(check: fn(&Repository) -> Wrong) {
    let wrong = check(&Repository::here());
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn dependencies_point_one_way() {
    nothing_is_wrong(dependencies::point_one_way);
}

#[test]
fn the_core_and_the_wire_do_no_io() {
    nothing_is_wrong(dependencies::no_io_in_pure_crates);
}

#[test]
fn only_the_store_names_sql() {
    nothing_is_wrong(dependencies::sql_only_in_the_store);
}

#[test]
fn only_egress_is_an_http_client() {
    nothing_is_wrong(dependencies::client_only_in_egress);
}

#[test]
fn a_release_has_no_planted_bug() {
    nothing_is_wrong(dependencies::no_planted_bugs);
}

#[test]
fn every_crate_takes_the_workspaces_lints() {
    nothing_is_wrong(dependencies::lints_everywhere);
}

#[test]
fn a_permission_is_made_in_one_place_per_engine() {
    nothing_is_wrong(callers::one_maker);
}

#[test]
fn a_sale_is_made_only_in_the_flow() {
    nothing_is_wrong(callers::sale_only_in_flow);
}

#[test]
fn files_are_short() {
    nothing_is_wrong(words::short_files);
}

#[test]
fn names_say_what_is_meant() {
    nothing_is_wrong(words::banned);
}

#[test]
fn no_path_of_one_machine_is_written_down() {
    nothing_is_wrong(words::local_paths);
}

#[test]
fn every_dependency_is_accounted_for() {
    nothing_is_wrong(documents::dependencies);
}

#[test]
fn every_command_is_documented() {
    nothing_is_wrong(documents::commands);
}

#[test]
fn every_key_of_the_market_files_is_documented() {
    nothing_is_wrong(documents::market_keys);
}

#[test]
fn every_problem_is_documented() {
    nothing_is_wrong(documents::problems);
}

#[test]
fn links_between_documents_lead_somewhere() {
    nothing_is_wrong(documents::links);
}
