//! `/console/money`: what every account has, and the form by which money is moved.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode};
use exchange::{
    command::{Command, Operation, Outcome},
    id::MovementId,
    ledger::Account,
    market::Market,
    money::Money,
    movement::{Move, MovementState, Party},
    permission::Permission,
};
use store::AccountRow;

use crate::{
    console::{
        change,
        components::{Amount, Choice, Field, Meter},
        failed::Failed,
        form::Form,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    entropy,
    node::Node,
};

const MOST_NOTE: usize = 200;

#[derive(Template)]
#[template(path = "console/money/balances.html")]
struct View {
    frame: Frame,
    currency: String,
    sums: Vec<(&'static str, Amount)>,
    buyers: Vec<Row>,
    suppliers: Vec<Row>,
    /// None for whom it isn't to move money.
    form: Option<MoveForm>,
}

struct Row {
    account: String,
    label: String,
    balance: Amount,
    held: Amount,
    /// Of a buyer that the market has.
    available: Option<Amount>,
    used: Option<Meter>,
}

struct MoveForm {
    /// What this form books is booked once, however often it is sent.
    id: MovementId,
    account: Choice,
    amount: Field,
    note: Field,
    limit: String,
}

/// What was typed, and what is wrong with it.
struct Typed {
    id: MovementId,
    account: String,
    amount: String,
    note: String,
    wrong_account: String,
    wrong_amount: String,
}

impl Typed {
    fn new(id: MovementId) -> Self {
        Self { id, account: String::new(), amount: String::new(), note: String::new(), wrong_account: String::new(), wrong_amount: String::new() }
    }
}

fn new_id() -> MovementId {
    MovementId::from_bytes(entropy::timed_id())
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let view = view(&node, &visitor, Typed::new(new_id())).await?;
    reply::page(&view)
}

/// Asks that money be moved.
pub async fn ask(State(node): State<Arc<Node>>, visitor: Visitor, form: Form) -> Reply {
    let market = node.market().ok_or_else(no_market)?;
    let id = form.text("id").parse().map_err(|_| Failed::Refused("The page is out of date: open it again.".into()))?;
    let mut typed = Typed { account: form.text("account").into(), amount: form.text("amount").into(), note: form.text("note").into(), ..Typed::new(id) };
    let party = party(&market, &typed.account);
    let amount = Money::parse(&typed.amount, market.currency().decimals());
    if party.is_none() {
        typed.wrong_account = "Choose whose money it is.".into();
    }
    match &amount {
        Err(wrong) => typed.wrong_amount = format!("{wrong}."),
        Ok(amount) if !amount.is_positive() => typed.wrong_amount = "An amount is above zero.".into(),
        Ok(_) => {}
    }
    let (Some(party), Ok(amount), true) = (party, amount, typed.wrong_amount.is_empty()) else {
        return reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &view(&node, &visitor, typed).await?);
    };
    let note: String = typed.note.chars().take(MOST_NOTE).collect();
    let (by, needs_second) = (visitor.person.to_string(), market.needs_second_person(amount));
    let asked = Move { id, party: party.clone(), amount, note, by, needs_second };
    match change::apply(&node, &visitor, Command::Operate(Operation::Move(asked))).await? {
        Outcome::Moved { state: MovementState::Waiting, .. } => reply::done("/console/money/movements", "It waits for a second person."),
        // Sent once more after somebody refused it.
        Outcome::Moved { state: MovementState::Refused, .. } => reply::done("/console/money/movements", "It was refused: nothing was moved."),
        Outcome::Moved { balance, .. } => reply::done("/console/money", &format!("Booked. {} has {balance} now.", party.account())),
        Outcome::Conflict(why) => {
            // Nothing was booked by this form: what is asked for next is something else.
            (typed.id, typed.wrong_amount) = (new_id(), format!("{why}."));
            reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &view(&node, &visitor, typed).await?)
        }
        other => {
            tracing::error!(?other, "the store answered a movement otherwise");
            Err(Failed::Unavailable)
        }
    }
}

fn no_market() -> Failed {
    Failed::Refused("No market has been applied yet.".into())
}

/// A buyer of the market, or a supplier: one that the market has no more is still paid what it is owed.
fn party(market: &Market, account: &str) -> Option<Party> {
    let party = Party::of_account(account.parse().ok()?)?;
    match &party {
        Party::Buyer(name) => market.buyer_named(name).map(|_| party),
        Party::Supplier(_) => Some(party),
    }
}

async fn view(node: &Node, visitor: &Visitor, typed: Typed) -> Result<View, Failed> {
    let market = node.market().ok_or_else(no_market)?;
    let rows = node.page_readers.read(|reader| reader.balances()).await?;
    Ok(View::of(Frame::of(visitor, Place::Balances), &market, &rows, visitor.may(Permission::MoveMoney).then_some(typed)))
}

impl View {
    fn of(frame: Frame, market: &Market, rows: &[AccountRow], typed: Option<Typed>) -> Self {
        let sum = |of: &dyn Fn(&AccountRow) -> Money| Amount::of(rows.iter().map(of).sum());
        let positive = |money: Money| money.max(Money::ZERO);
        let of_kind = |row: &AccountRow, is_buyer: bool| matches!((&row.account, is_buyer), (Account::Buyer(_), true) | (Account::Supplier(_), false));
        let sums = vec![
            ("Owed to suppliers", sum(&|row| if of_kind(row, false) { positive(row.balance) } else { Money::ZERO })),
            ("Prepaid by buyers", sum(&|row| if of_kind(row, true) { positive(row.balance) } else { Money::ZERO })),
            ("Owed by buyers", sum(&|row| if of_kind(row, true) { positive(-row.balance) } else { Money::ZERO })),
            ("Kept by the exchange", sum(&|row| if row.account == Account::House { row.balance } else { Money::ZERO })),
            ("Held by open quotes and sales", sum(&|row| row.held)),
        ];
        Self {
            frame,
            currency: market.currency().code().to_owned(),
            sums,
            buyers: rows.iter().filter(|row| of_kind(row, true)).map(|row| Row::of(row, market)).collect(),
            suppliers: rows.iter().filter(|row| of_kind(row, false)).map(|row| Row::of(row, market)).collect(),
            form: typed.map(|typed| MoveForm::of(market, rows, typed)),
        }
    }
}

impl Row {
    fn of(row: &AccountRow, market: &Market) -> Self {
        let (label, credit) = match &row.account {
            Account::Buyer(name) => {
                let buyer = market.buyer_named(name);
                (buyer.map(|buyer| buyer.label.clone()), buyer.map(|buyer| buyer.credit))
            }
            Account::Supplier(name) => (market.supplier(name).map(|supplier| supplier.label.clone()), None),
            Account::House | Account::Cash => (None, None),
        };
        let available = credit.map(|credit| row.balance + credit - row.held);
        let micros = |money: Money| u64::try_from(money.micros()).unwrap_or(0);
        let used = credit.map(|credit| {
            let owed = micros(row.held - row.balance);
            Meter::new(format!("{owed} of {credit} credit used", owed = Money::from_micros(owed.cast_signed())), owed, micros(credit))
        });
        Self {
            account: row.account.to_string(),
            label: label.unwrap_or_else(|| row.account.to_string()),
            balance: Amount::of(row.balance),
            held: Amount::of(row.held),
            available: available.map(Amount::of),
            used: used.filter(|_| credit.is_some_and(Money::is_positive)),
        }
    }
}

impl MoveForm {
    fn of(market: &Market, rows: &[AccountRow], typed: Typed) -> Self {
        let buyers = market.parts().buyers.iter().map(|buyer| (Account::Buyer(buyer.name.clone()).to_string(), format!("From {}: a prepayment", buyer.label)));
        let suppliers = market.parts().suppliers.iter();
        let suppliers = suppliers.map(|supplier| (Account::Supplier(supplier.name.clone()).to_string(), format!("To {}: a payout", supplier.label)));
        // Whom the market has no more is still paid what it is owed.
        let gone = rows.iter().filter(|row| row.balance.is_positive()).filter_map(|row| match &row.account {
            Account::Supplier(name) if market.supplier(name).is_none() => Some((row.account.to_string(), format!("To {name}: a payout"))),
            _ => None,
        });
        let limit = market.parts().approvals_above.map_or_else(String::new, |above| format!("Above {above} a second person decides."));
        Self {
            id: typed.id,
            account: Choice {
                name: "account",
                label: "Money that came in or went out".into(),
                options: [(String::new(), "Choose".to_owned())].into_iter().chain(buyers).chain(suppliers).chain(gone).collect(),
                chosen: typed.account,
                hint: String::new(),
                error: typed.wrong_account,
            },
            amount: Field::new("amount", &format!("Amount in {}", market.currency().code())).with_value(typed.amount).with_error(typed.wrong_amount).required(),
            note: Field::new("note", "Note").with_value(typed.note).with_hint("What it is for. It stands on the statement."),
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use exchange::id::Revision;

    use super::*;

    #[test]
    fn whom_the_market_has_no_more_is_paid_what_it_is_owed() {
        let (parts, _) = wire::market::read(&crate::demo::sample::market(9001)).unwrap();
        let market = Market::new(Revision(1), parts);
        let row = |account: &str, units: i64| AccountRow {
            account: account.parse().unwrap(),
            balance: Money::from_units(units),
            held: Money::ZERO,
            firm: Money::ZERO,
        };
        let rows = [row("supplier:gone", 12), row("supplier:paid-off", 0), row("supplier:dreamy-leads", 5), row("buyer:gone", 3)];
        let form = MoveForm::of(&market, &rows, Typed::new(new_id()));
        let offered = |account: &str| form.account.options.iter().filter(|(value, _)| value == account).count();
        assert_eq!(["supplier:gone", "supplier:paid-off", "supplier:dreamy-leads", "buyer:gone"].map(offered), [1, 0, 1, 0]);
    }
}
