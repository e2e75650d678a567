//! `/console/money/movements`: money that waits for a second person, and what was moved.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use exchange::{
    command::{Command, Operation, Outcome},
    id::MovementId,
    movement::{DecideMove, MovementState, Party},
    permission::Permission,
};
use jiff::tz::TimeZone;
use store::MovementRow;

use crate::{
    console::{
        change,
        components::{Amount, Moment, Tag},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
};

const PATH: &str = "/console/money/movements";
const MOST: u32 = 200;

#[derive(Template)]
#[template(path = "console/money/movements.html")]
struct View {
    frame: Frame,
    may_decide: bool,
    waiting: Vec<Row>,
    decided: Vec<Row>,
}

struct Row {
    id: String,
    account: String,
    amount: Amount,
    note: String,
    asked_by: String,
    asked_at: Moment,
    state: Tag,
    decided_by: String,
    /// The visitor has asked for it, and may only take it back.
    is_own: bool,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let zone = node.time_zone();
    let (waiting, all) = node.page_readers.read(|reader| Ok((reader.movements(Some(MovementState::Waiting), MOST)?, reader.movements(None, MOST)?))).await?;
    reply::page(&View::of(Frame::of(&visitor, Place::Movements), &visitor, (&waiting, &all), &zone))
}

impl View {
    fn of(frame: Frame, visitor: &Visitor, (waiting, all): (&[MovementRow], &[MovementRow]), zone: &TimeZone) -> Self {
        let person = visitor.person.to_string();
        let row = |row: &MovementRow| Row {
            id: row.id.to_string(),
            account: row.account.to_string(),
            amount: Amount::of(row.amount),
            note: row.note.clone(),
            is_own: row.asked_by == person,
            asked_by: row.asked_by.clone(),
            asked_at: Moment::of(row.asked_at, zone),
            state: Tag::status(row.state.word()),
            decided_by: row.decided_by.clone().unwrap_or_default(),
        };
        Self {
            frame,
            may_decide: visitor.may(Permission::MoveMoney),
            waiting: waiting.iter().map(row).collect(),
            decided: all.iter().filter(|row| row.state != MovementState::Waiting).map(row).collect(),
        }
    }
}

pub async fn approve(State(node): State<Arc<Node>>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    decide(&node, &visitor, &id, true).await
}

pub async fn refuse(State(node): State<Arc<Node>>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    decide(&node, &visitor, &id, false).await
}

async fn decide(node: &Node, visitor: &Visitor, id: &str, accept: bool) -> Reply {
    let unknown = || Failed::not_found("No money was asked to be moved under this id.");
    let id: MovementId = id.parse().map_err(|_| unknown())?;
    let asked = node.page_readers.read(move |reader| reader.movement(id)).await?.ok_or_else(unknown)?;
    let party = Party::of_account(asked.account.clone()).ok_or_else(unknown)?;
    let decided = DecideMove { id, party, by: visitor.person.to_string(), accept };
    match change::apply(node, visitor, Command::Operate(Operation::DecideMove(decided))).await? {
        Outcome::Moved { state: MovementState::Booked, balance } => reply::done(PATH, &format!("Booked. {} has {balance} now.", asked.account)),
        Outcome::Moved { .. } => reply::done(PATH, "Refused: nothing was moved."),
        Outcome::Conflict(why) => Err(Failed::Refused(format!("{why}."))),
        other => {
            tracing::error!(?other, "the store answered a decision otherwise");
            Err(Failed::Unavailable)
        }
    }
}

#[cfg(test)]
mod tests {
    use exchange::money::Money;

    use super::*;
    use crate::console::frame;

    fn row(number: u8, asked_by: &str, state: MovementState) -> MovementRow {
        MovementRow {
            id: MovementId::from_bytes([number; 16]),
            account: "supplier:dreamy-leads".parse().unwrap(),
            amount: Money::from_units(1250),
            note: "October <b>".into(),
            state,
            asked_by: asked_by.into(),
            asked_at: Default::default(),
            decided_by: (state == MovementState::Refused).then(|| "ben".into()),
            decided_at: None,
        }
    }

    fn rendered(role: &str) -> String {
        let waiting = [row(1, "ann", MovementState::Waiting), row(2, "maria", MovementState::Waiting)];
        let all = [row(3, "ann", MovementState::Refused)];
        View::of(frame::sample(role, Place::Movements), &frame::sample_visitor(role), (&waiting, &all), &TimeZone::UTC).render().unwrap()
    }

    #[test]
    fn render() {
        insta::assert_snapshot!(frame::inside(&rendered("finance")));
    }

    #[test]
    fn nobody_approves_what_they_asked_for_and_readers_decide_nothing() {
        assert_eq!(rendered("finance").matches("/approve").count(), 1);
        assert_eq!(rendered("read-only").matches("<form method=\"post\" action=\"/console/money").count(), 0);
    }
}
