//! Money comes in or goes out: asked for by one person, and above a limit decided by another. Booked once, by its id.

use exchange::{
    command::Outcome,
    id::MovementId,
    money::Money,
    movement::{DecideMove, Move, MovementState, Party},
};

use super::super::{
    accounts::{self, Cause},
    batch::{Batch, Pending},
    db::{Row, params},
    failure::Result,
};

/// What was asked for under this id.
struct Asked {
    party: Party,
    amount: Money,
    note: String,
    state: MovementState,
    asked_by: String,
}

impl Asked {
    fn of(batch: &Batch<'_>, id: MovementId) -> Result<Option<Self>> {
        let sql = "SELECT account, amount, note, state, asked_by FROM movements WHERE id = ?1";
        batch.db.one(sql, params![id.bytes()], |row: &Row| {
            Ok(Self { party: row.value(0)?, amount: row.value(1)?, note: row.value(2)?, state: row.value(3)?, asked_by: row.value(4)? })
        })
    }
}

pub(super) fn ask(batch: &Batch<'_>, asked: &Move) -> Result<Pending> {
    if !asked.amount.is_positive() {
        return Ok(Pending::conflict("an amount is more than nothing"));
    }
    if let Some(before) = Asked::of(batch, asked.id)? {
        let same = (before.party, before.amount) == (asked.party.clone(), asked.amount);
        return if same { stands(batch, before.state, &asked.party) } else { Ok(Pending::conflict(format!("{} was asked for otherwise", asked.id))) };
    }
    let state = if asked.needs_second { MovementState::Waiting } else { MovementState::Booked };
    if state == MovementState::Booked
        && let Some(why) = book(batch, asked.id, &asked.party, asked.amount, &asked.note)?
    {
        return Ok(Pending::conflict(why));
    }
    let decided_at = (state == MovementState::Booked).then_some(batch.now.micros());
    let sql = "INSERT INTO movements (id, account, amount, note, state, asked_by, asked_at, decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let account = asked.party.account().to_string();
    batch.db.write(sql, params![asked.id.bytes(), account, asked.amount.micros(), &asked.note, state.word(), &asked.by, batch.now.micros(), decided_at])?;
    stands(batch, state, &asked.party)
}

pub(super) fn decide(batch: &Batch<'_>, decided: &DecideMove) -> Result<Pending> {
    let Some(asked) = Asked::of(batch, decided.id)?.filter(|asked| asked.party == decided.party) else {
        return Ok(Pending::conflict(format!("nobody has asked for {}", decided.id)));
    };
    let state = if decided.accept { MovementState::Booked } else { MovementState::Refused };
    if asked.state == state {
        return stands(batch, state, &asked.party);
    }
    if asked.state != MovementState::Waiting {
        return Ok(Pending::conflict(format!("{} is {} already", decided.id, asked.state.word())));
    }
    // Who has asked may take it back, and no more.
    if decided.accept && asked.asked_by == decided.by {
        return Ok(Pending::conflict(format!("{} has asked for it: another person decides", decided.by)));
    }
    if decided.accept
        && let Some(why) = book(batch, decided.id, &asked.party, asked.amount, &asked.note)?
    {
        return Ok(Pending::conflict(why));
    }
    let sql = "UPDATE movements SET state = ?2, decided_by = ?3, decided_at = ?4 WHERE id = ?1";
    batch.db.write(sql, params![decided.id.bytes(), state.word(), &decided.by, batch.now.micros()])?;
    stands(batch, state, &asked.party)
}

/// Why it can't be booked, if it can't.
fn book(batch: &Batch<'_>, id: MovementId, party: &Party, amount: Money, note: &str) -> Result<Option<String>> {
    if let Party::Supplier(supplier) = party {
        let owed = balance(batch, party)?;
        if amount > owed {
            return Ok(Some(format!("{supplier} is owed {owed}, and is not paid more")));
        }
    }
    accounts::book(batch, &Cause::Movement { id, party, note }, &party.transfer(amount)?)?;
    Ok(None)
}

/// With what this batch has gathered for it: another payout of the same batch counts.
fn balance(batch: &Batch<'_>, party: &Party) -> Result<Money> {
    accounts::balance_now(batch, &party.account())
}

fn stands(batch: &Batch<'_>, state: MovementState, party: &Party) -> Result<Pending> {
    Ok(Pending::Ready(Outcome::Moved { state, balance: balance(batch, party)? }))
}
