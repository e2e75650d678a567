//! The simulator's own power: each planted bug is found within a stated number of seeds, by an invariant that it really
//! breaks, and without one the same seeds pass.

use sim::{Broken, Invariant, Plant, Setup, Stores, live};

/// A bug that takes more seeds than this to find would be found too late.
const MOST_SEEDS: u64 = 100;
const LEADS: u32 = 60;

/// How many seeds it took, and what the finding says.
fn found(stores: &Stores, plant: Plant) -> Option<(u64, Broken)> {
    (1..=MOST_SEEDS).find_map(|seed| {
        let setup = Setup { plant: Some(plant), ..Setup::new(seed, LEADS) };
        live(stores, setup, "planted").unwrap().broken.map(|broken| (seed, broken))
    })
}

/// The invariants that may catch it: more than one where its first effect depends on the seed.
fn caught_by(plant: Plant) -> &'static [Invariant] {
    use Invariant::{
        AcknowledgedSurvives, BooksBalance, CapsHold, ChargedAsBid, ContactStaysSealed, DisclosedAfterPost, EverythingEnds, OneEffectPerRequest,
        SameEventsSameWinner, SoldOnce,
    };
    match plant {
        Plant::UnknownBecomesVoid | Plant::ReturnForgotten => &[SoldOnce],
        Plant::TakeOverForgotten => &[SoldOnce, OneEffectPerRequest, EverythingEnds],
        Plant::HoldForgotten | Plant::RecoveryVoidsPosted | Plant::ParentIgnored => &[SoldOnce, BooksBalance],
        Plant::PostStartUndone => &[SoldOnce, DisclosedAfterPost],
        Plant::CapsUnchecked | Plant::CapDayInUtc => &[CapsHold],
        Plant::CreditUnchecked | Plant::BookedTwice | Plant::FirmHoldNotTaken | Plant::TestBooked => &[BooksBalance],
        Plant::AnotherPriceReserved => &[BooksBalance, ChargedAsBid],
        Plant::LocalClockExpiry | Plant::OverMaxBidTaken | Plant::MarginForgotten | Plant::ChangedAttributeTaken => &[ChargedAsBid],
        Plant::DuplicatesIgnored
        | Plant::BuyerDuplicatesIgnored
        | Plant::SuppressionForgotten
        | Plant::EraseForgotten
        | Plant::MaxDisclosuresRaised
        | Plant::ConfirmationForgotten
        | Plant::PostBeforeCommit => &[DisclosedAfterPost],
        Plant::UnknownOfferedOn => &[DisclosedAfterPost, SoldOnce],
        // A buyer that had confirmed is bound: what it is said to have rejected is booked.
        Plant::UnknownTakenForRejected => &[DisclosedAfterPost, SoldOnce, ChargedAsBid],
        Plant::UnknownTakenForAccepted => &[ChargedAsBid],
        Plant::GivenUpEarly => &[DisclosedAfterPost, ChargedAsBid],
        Plant::IdempotencyIgnored | Plant::FirmWithoutHold | Plant::EndForgotten => &[OneEffectPerRequest],
        Plant::AcceptNotWritten | Plant::QuoteNotWritten => &[AcknowledgedSurvives],
        Plant::ContactInPing => &[ContactStaysSealed],
        Plant::FirstBidWins | Plant::LateBidAdmitted => &[SameEventsSameWinner],
    }
}

#[test]
fn each_planted_bug_is_found_by_an_invariant_that_it_breaks() {
    let stores = Stores::open().unwrap();
    let (mut missed, mut mistaken) = (Vec::new(), Vec::new());
    for plant in Plant::ALL {
        match found(&stores, *plant) {
            Some((seeds, broken)) => {
                println!("{plant:?}: {} | seed {seeds} | {broken}", plant.text());
                if !caught_by(*plant).contains(&broken.invariant) {
                    mistaken.push((plant, broken.to_string()));
                }
            }
            None => missed.push(plant),
        }
    }
    assert!(Plant::ALL.len() >= 25);
    assert!(missed.is_empty(), "not found within {MOST_SEEDS} seeds: {missed:?}");
    assert!(mistaken.is_empty(), "found by an invariant that they don't break: {mistaken:?}");
}

#[test]
fn without_a_planted_bug_the_same_seeds_pass() {
    let stores = Stores::open().unwrap();
    for seed in 1..=10 {
        let ended = live(&stores, Setup::new(seed, LEADS), "sound").unwrap();
        assert_eq!(ended.broken.map(|broken| broken.to_string()), None, "seed {seed}");
    }
}
