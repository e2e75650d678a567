//! One suite for every engine: what each command comes to, told as stories, and what must hold whatever is asked of it.
//!
//! An engine joins by a [`Bench`] and one line of `conformance!`.

mod accepting;
mod alerting;
mod books;
mod capping;
mod damage;
mod erasing;
mod growth;
mod keeping;
mod known;
mod measuring;
mod migrating;
mod noticing;
mod operating;
mod people;
mod postgres;
mod quoting;
mod racing;
mod random;
mod recovering;
mod reserving;
mod returning;
mod searching;
mod settling;
mod sqlite;
mod world;

use exchange::command::Engine;

use crate::reader::Reader;

/// A fresh store, and as many engines and readers of it as a test wants.
pub(crate) trait Bench {
    type Engine: Engine + Send;
    type Reader: Reader;
    /// How many random histories it is put through: as many as its speed allows.
    const RANDOM_CASES: u32;

    /// None where its database is missing and tests are told to leave it out.
    fn fresh() -> Option<Self>
    where
        Self: Sized;
    fn engine(&self) -> Self::Engine;
    fn reader(&self) -> Self::Reader;
    /// Whether the bytes are anywhere in what the store keeps.
    fn holds_bytes(&self, bytes: &[u8]) -> bool;
}

macro_rules! conformance {
    ($bench:ident) => {
        crate::conformance::stories! { $bench;
            accepting: a_lead_is_taken_on, the_same_accept_again, a_key_answers_for_its_request, a_key_is_free_after_seven_days,
                a_ping_is_posted_once, a_quote_that_is_unknown_or_over, a_cut_off_run_is_taken_over, what_was_sent_is_not_taken_over, duplicates,
                a_duplicate_names_only_its_own_first_lead, a_duplicate_gives_its_quote_back;
            quoting: a_claim_takes_a_key, a_claim_whose_auction_was_cut_off, a_quote_reads_back, firm_holds_stay_within_their_share,
                firm_holds_of_credit_stay_within_their_share, all_promised_offers_are_held_or_none, a_supplier_has_so_many_firm_quotes, expired_quotes_are_swept,
                a_sale_takes_a_hold_over, a_test_quote_holds_nothing;
            reserving: every_refusal, room_on_a_lead, disclosures_are_counted, tests_touch_nothing, a_strict_sale_starts_its_post_later,
                the_same_reserve_again;
            capping: the_last_slot, the_last_cent_of_a_cap, the_last_cent_of_credit, a_void_gives_back, a_sale_counts_where_its_hold_was_taken,
                days_of_23_and_25_hours, a_cap_or_zone_that_changes_counts_what_was_sold, facts_say_what_reserve_will;
            settling: a_sale_is_booked, a_bound_buyer_opens_a_return, shared_legs_add_up, unknown_sales, a_void_sale, an_end, unsent_is_no_disclosure;
            erasing: erasure_leaves_nothing, erasure_by_person, an_erased_lead_goes_nowhere;
            operating: markets, drafts, recent_runs, api_keys, prepayments, payouts, payouts_together, second_persons, statements, suppression, reveals;
            people: a_link_opens_something_once, a_code_is_used_once, a_session_ends, a_person_has_so_many_sessions, who_is_disabled_is_out, nobody_works_here_without_codes,
                what_people_change_is_written_down;
            recovering: a_node_that_is_silent_is_dead, a_run_gives_its_lead_back, what_was_sent_stays_sent, a_quote_that_was_cut_off_is_open_again,
                a_repeat_takes_a_dead_nodes_lead, a_quote_whose_contact_went_out_stays_used, what_a_look_may_have_sent_is_not_unsent,
                an_erased_lead_has_no_repeat, a_run_that_was_taken_over_ends_nothing, erasing_a_cut_off_lead_leaves_its_successor,
                a_look_is_taken_once, what_is_given_up_was_unknown, a_claim_is_given_back, a_dead_nodes_claim_is_free;
            returning: a_return_reverses_the_sale, a_return_has_its_rules, a_bound_buyers_dispute, a_shared_leg_is_returned, a_leg_is_returned_while_another_is_unknown, old_sales_returned_count_too;
            noticing: a_pending_lead_that_is_decided_is_told, a_return_is_told, what_a_runs_answer_lacks_is_told, what_a_run_could_not_know_is_told,
                a_run_that_answers_for_itself_tells_nothing,
                a_notice_is_taken_once, a_notice_is_tried_for_three_days, what_was_not_delivered_is_tried_again, an_erased_lead_is_told_without_its_redirect;
            searching: leads_are_found_by_what_is_said_of_them, pages_follow_each_other, a_person_or_reference_finds_its_leads;
            measuring: figures_add_up_with_leads_and_ledger, what_is_over_is_kept_once, a_clock_that_goes_back_drops_what_was_kept, a_statements_page_is_the_statement, tallies_are_kept_whole;
            alerting: one_node_watches, an_alert_stands_once, each_change_is_told_until_it_was_heard, old_alerts_are_forgotten;
            keeping: a_store_that_is_reopened, leads_whose_lease_is_over;
            racing: one_of_two_engines_gets_the_last_slot, one_of_many_gets_the_last_dollar, a_person_is_taken_on_once, a_key_is_taken_once,
                one_cap_window_is_made_by_all, what_was_not_committed_is_not_there;
            known: what_is_known_follows_every_commit, what_others_wrote_is_not_known, a_read_and_a_commit_that_overlap;
            random: whatever_is_asked_the_books_agree;
        }
    };
}

macro_rules! stories {
    ($bench:ident; $($module:ident: $($story:ident),+ $(,)?;)+) => {$(
        mod $module {
            $(#[test]
            fn $story() {
                if let Some(bench) = <super::$bench as crate::conformance::Bench>::fresh() {
                    crate::conformance::$module::$story(bench);
                }
            })+
        }
    )+};
}

pub(crate) use {conformance, stories};
