//! What followed for each offer that was taken up: the hold, the question to a strict buyer, the post.

use exchange::{
    call::{ConfirmReply, PostReply},
    id::SaleId,
    record::{Decision, Micros, RecordedEvent},
};

use super::{
    told::{Told, millis},
    unread::contract_of,
    view::CallView,
};

pub fn of(run: &Told) -> Vec<CallView> {
    run.record.decisions.iter().flat_map(|(at, decision)| of_decision(run, *at, decision)).collect()
}

fn of_decision(run: &Told, at: Micros, decision: &Decision) -> Vec<CallView> {
    match decision {
        Decision::Reserving { sale, .. } => [Some(hold(run, at, *sale)), confirm(run, *sale)].into_iter().flatten().collect(),
        Decision::Posting { sale, .. } => vec![post(run, at, *sale)],
        _ => Vec::new(),
    }
}

fn hold(run: &Told, at: Micros, sale: SaleId) -> CallView {
    let held = run.record.events.iter().find_map(|(held, event)| match event {
        RecordedEvent::Reserve { sale: of, refused } if *of == sale => Some((*held, refused)),
        _ => None,
    });
    let (outcome, reason) = match held {
        Some((_, None)) => ("held", None),
        Some((_, Some(refusal))) => ("refused", Some(refusal.to_string())),
        None => ("unknown", None),
    };
    view(run, sale, "hold", at, held.map(|(held, _)| held), outcome, reason)
}

fn confirm(run: &Told, sale: SaleId) -> Option<CallView> {
    let events = &run.record.events;
    let (answered, reply) = events.iter().find_map(|(at, event)| match event {
        RecordedEvent::Confirm { sale: of, reply } if *of == sale => Some((*at, reply)),
        _ => None,
    })?;
    let asked = events.iter().find_map(|(at, event)| matches!(event, RecordedEvent::Reserve { sale: of, .. } if *of == sale).then_some(*at));
    let (outcome, reason) = match reply {
        ConfirmReply::Confirmed => ("confirmed", None),
        ConfirmReply::Declined(reason) => ("declined", reason.clone()),
        ConfirmReply::Failed(failure) => (failure.word(), failure.detail()),
    };
    Some(view(run, sale, "confirm", asked.unwrap_or(answered), Some(answered), outcome, reason))
}

fn post(run: &Told, at: Micros, sale: SaleId) -> CallView {
    let answered = run.record.events.iter().find_map(|(answered, event)| match event {
        RecordedEvent::Post { sale: of, reply } if *of == sale && *answered >= at => Some((*answered, reply)),
        _ => None,
    });
    let (outcome, reason) = match answered {
        Some((_, PostReply::Accepted { .. })) => ("accepted", None),
        Some((_, PostReply::Rejected { reason })) => ("rejected", reason.clone()),
        Some((_, PostReply::Unsent(failure))) => ("unsent", Some(failure.to_string())),
        Some((_, PostReply::Unknown(failure))) => ("unknown", Some(failure.to_string())),
        None => ("unknown", None),
    };
    view(run, sale, "post", at, answered.map(|(answered, _)| answered), outcome, reason)
}

fn view(run: &Told, sale: SaleId, call: &'static str, sent: Micros, answered: Option<Micros>, outcome: &str, reason: Option<String>) -> CallView {
    CallView {
        run: run.run,
        sale_id: sale.to_string(),
        contract: contract_of(run, sale),
        call,
        sent_ms: millis(sent),
        elapsed_ms: answered.map(|answered| millis(answered) - millis(sent)),
        outcome: outcome.to_owned(),
        reason,
    }
}
