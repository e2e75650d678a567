//! The commands, one file each, in the order of a lead's life; then the operators'.

mod claim;

mod add_offers;
mod quote;

mod accept;
mod duplicates;
mod earlier;

mod disclosure;
mod reserve;
mod start_post;

mod look_again;
mod mark_unknown;
mod sale_state;
mod settle;
mod void;

mod end;
mod keep;
mod alerts;
mod record;
mod take_over;

mod decide_return;
mod notice;
mod request_return;

mod api_key;
mod apply_market;
mod audited;
mod draft;
mod beat;
mod erase;
mod move_money;
mod person;
mod reveal;
mod seal;
mod suppress;

use exchange::command::{Command, Operation};

pub(super) use self::reserve::{is_buyer_duplicate, suppressed_by};

use super::{
    batch::{Batch, Pending},
    failure::Result,
    sweep,
};

pub(super) fn apply(batch: &Batch<'_>, command: &Command) -> Result<Pending> {
    match command {
        Command::Claim(claim) => claim::claim(batch, claim),
        Command::Unclaim(claim) => claim::unclaim(batch, claim),
        Command::Quote(quote) => quote::quote(batch, quote),
        Command::AddOffers { ping, offers } => add_offers::add_offers(batch, *ping, offers),
        Command::Accept(accept) => accept::accept(batch, accept),
        Command::Reserve(reserve) => reserve::reserve(batch, reserve),
        Command::StartPost(start) => start_post::start_post(batch, start),
        Command::Settle(settle) => settle::settle(batch, settle),
        Command::Void(void) => void::void(batch, void),
        Command::MarkUnknown { sale, why } => mark_unknown::mark_unknown(batch, *sale, why),
        Command::End(end) => end::end(batch, end),
        Command::TakeOver(over) => take_over::take_over(batch, over),
        Command::LookAgain(look) => look_again::look_again(batch, look),
        Command::RequestReturn(request) => request_return::request_return(batch, request),
        Command::TakeNotice(take) => notice::take(batch, *take),
        Command::NoteTry(noted) => notice::note_try(batch, noted),
        Command::Record { subject, record } => record::record(batch, subject, record),
        Command::Beat(beat) => beat::beat(batch, beat),
        Command::Keep(keep) => keep::keep(batch, keep),
        Command::Sweep => sweep::forget(batch).map(|()| Pending::done()),
        Command::Operate(operation) => operate(batch, operation),
        Command::Audited(audited) => audited::audited(batch, audited),
    }
}

fn operate(batch: &Batch<'_>, operation: &Operation) -> Result<Pending> {
    match operation {
        Operation::ApplyMarket(market) => apply_market::apply_market(batch, market),
        Operation::KeepDraft(draft) => draft::keep(batch, draft),
        Operation::DropDraft { draft, version } => draft::drop(batch, *draft, *version),
        Operation::AddKey(key) => api_key::add(batch, key),
        Operation::RevokeKey { key } => api_key::revoke(batch, *key),
        Operation::Move(asked) => move_money::ask(batch, asked),
        Operation::DecideMove(decided) => move_money::decide(batch, decided),
        Operation::Suppress { list, people } => suppress::suppress(batch, list, people),
        Operation::DecideReturn { sale, accept } => decide_return::decide_return(batch, *sale, *accept),
        Operation::RetryNotice(id) => notice::retry(batch, *id),
        Operation::Erase(erase) => erase::erase(batch, erase),
        Operation::Person(command) => person::apply(batch, command),
        Operation::Reveal { subject, who, why } => reveal::reveal(batch, subject, who, why),
    }
}
