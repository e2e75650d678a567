//! Answers that fit nothing, as they began: what a mapping is mended by.

use exchange::{
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    id::SaleId,
    record::{Decision, Micros, RecordedEvent},
};

use super::{
    told::{Told, millis},
    view::UnreadView,
};

pub fn of(run: &Told) -> Vec<UnreadView> {
    run.record.events.iter().filter_map(|(at, event)| view(run, *at, event)).collect()
}

fn view(run: &Told, at: Micros, event: &RecordedEvent) -> Option<UnreadView> {
    let (contract, call, failure) = match event {
        RecordedEvent::Ping { contract, reply: PingReply::Failed(failure), .. } => (run.contract_name(*contract), "ping", failure),
        RecordedEvent::Confirm { sale, reply: ConfirmReply::Failed(failure) } => (contract_of(run, *sale), "confirm", failure),
        RecordedEvent::Post { sale, reply: PostReply::Unknown(failure) } => (contract_of(run, *sale), "post", failure),
        _ => return None,
    };
    let CallFailure::Unread { what, answer } = failure else { return None };
    Some(UnreadView { contract, call, at_ms: millis(at), what: what.clone(), answer: answer.as_str().to_owned() })
}

pub fn contract_of(run: &Told, wanted: SaleId) -> String {
    let of = run.record.decisions.iter().find_map(|(_, decision)| match decision {
        Decision::Reserving { sale, contract, .. } if *sale == wanted => Some(*contract),
        _ => None,
    });
    of.map(|contract| run.contract_name(contract)).unwrap_or_default()
}
