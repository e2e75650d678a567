//! Money that people move: `pingpost credit add`, `pingpost payout`, and `pingpost movements` for what waits for a second person.

use clap::{Args, Subcommand};
use exchange::{
    command::{Operation, Outcome},
    id::MovementId,
    market::Market,
    money::Money,
    movement::{DecideMove, Move, MovementState, Party},
};
use serde_json::json;
use store::MovementRow;

use super::{Done, Failure, Output, StoreArgs, at_command_line, opened::Opened};
use crate::{
    entropy,
    screen::{plain_line, print_json, say, table},
};

#[derive(Debug, Subcommand)]
pub enum CreditCommand {
    /// Book a buyer's prepayment
    Add {
        buyer: String,
        #[command(flatten)]
        asked: AskedArgs,
    },
}

#[derive(Debug, Args)]
pub struct PayoutArgs {
    supplier: String,
    #[command(flatten)]
    asked: AskedArgs,
}

#[derive(Debug, Args)]
pub struct AskedArgs {
    /// In the exchange's currency, like 500.00
    amount: String,
    /// What it is for
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn credit(command: CreditCommand) -> Done {
    let CreditCommand::Add { buyer, asked } = command;
    let (mut opened, market) = with_market(&asked.store)?;
    let name = buyer.parse().map_err(Failure::of)?;
    if market.buyer_named(&name).is_none() {
        return Err(Failure(format!("the market has no buyer {name}: check the name in its buyers/ directory")));
    }
    ask(&mut opened, &market, Party::Buyer(name), &asked)
}

pub fn payout(args: PayoutArgs) -> Done {
    let PayoutArgs { supplier, asked } = args;
    let (mut opened, market) = with_market(&asked.store)?;
    // One that the market has no more is still paid what it is owed.
    ask(&mut opened, &market, Party::Supplier(supplier.parse().map_err(Failure::of)?), &asked)
}

fn with_market(store: &StoreArgs) -> Result<(Opened, Market), Failure> {
    let opened = store.open()?;
    let market = opened.market()?.ok_or_else(|| Failure("there is no market yet: `pingpost apply` one first".into()))?;
    Ok((opened, market))
}

fn ask(opened: &mut Opened, market: &Market, party: Party, asked: &AskedArgs) -> Done {
    let amount = Money::parse(&asked.amount, market.currency().decimals()).map_err(Failure::of)?;
    if !amount.is_positive() {
        return Err(Failure("an amount is above zero".into()));
    }
    let needs_second = market.needs_second_person(amount);
    let id = MovementId::from_bytes(entropy::timed_id());
    let (state, balance) =
        moved(opened, Operation::Move(Move { id, party: party.clone(), amount, note: asked.note.clone(), by: at_command_line(), needs_second }))?;
    let account = party.account();
    if asked.output.json {
        let name = account.to_string();
        let (role, name) = name.split_once(':').unwrap_or_default();
        print_json(&json!({ role: name, "balance": balance.to_string(), "movement_id": id.to_string(), "state": state.word() }));
    } else if state == MovementState::Waiting {
        say!("{id} waits for a second person: `pingpost movements approve {id}`, by somebody else");
    } else {
        say!("{account} has {balance} {}", market.currency().code());
    }
    Ok(())
}

fn moved(opened: &mut Opened, operation: Operation) -> Result<(MovementState, Money), Failure> {
    match opened.operate(operation)? {
        Outcome::Moved { state, balance } => Ok((state, balance)),
        Outcome::Conflict(why) => Err(Failure(why)),
        other => Err(Failure(format!("the store answered otherwise: {other:?}"))),
    }
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct MovementsArgs {
    #[command(subcommand)]
    command: Option<MovementsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum MovementsCommand {
    /// List what waits for a second person: what `pingpost movements` does by itself
    List(ListArgs),
    /// Have it booked; not by who has asked for it
    Approve(DecideArgs),
    /// Let it come to nothing
    Refuse(DecideArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// What was booked or refused, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct DecideArgs {
    /// The movement, movement_…
    movement: String,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

pub fn movements(args: MovementsArgs) -> Done {
    match args.command {
        None => list(&args.list),
        Some(MovementsCommand::List(args)) => list(&args),
        Some(MovementsCommand::Approve(args)) => decide(&args, true),
        Some(MovementsCommand::Refuse(args)) => decide(&args, false),
    }
}

/// At most so many are listed at once: the newest.
const MOST: u32 = 500;

fn list(args: &ListArgs) -> Done {
    let opened = args.store.open()?;
    let state = (!args.all).then_some(MovementState::Waiting);
    let found = opened.readers.read_here(|reader| reader.movements(state, MOST)).map_err(Failure::of)?;
    if args.output.json {
        print_json(&found.iter().map(entry).collect::<Vec<_>>());
        return Ok(());
    }
    if found.is_empty() {
        say!("{}", if args.all { "no money was moved yet" } else { "nothing waits for a second person" });
        return Ok(());
    }
    let mut rows = table(&["movement", "account", "amount", "state", "asked by", "asked", "decided by", "note"]);
    for row in &found {
        let decided_by = row.decided_by.clone().unwrap_or_default();
        let (id, account, amount) = (row.id.to_string(), row.account.to_string(), row.amount.to_string());
        rows.add_row([id, account, amount, row.state.word().into(), row.asked_by.clone(), row.asked_at.to_string(), decided_by, plain_line(&row.note)]);
    }
    say!("{rows}");
    Ok(())
}

fn entry(row: &MovementRow) -> serde_json::Value {
    json!({
        "movement_id": row.id.to_string(),
        "account": row.account.to_string(),
        "amount": row.amount.to_string(),
        "note": row.note,
        "state": row.state.word(),
        "asked_by": row.asked_by,
        "asked_at": row.asked_at.to_string(),
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.map(|at| at.to_string()),
    })
}

fn decide(args: &DecideArgs, accept: bool) -> Done {
    let id: MovementId = args.movement.parse().map_err(|_| Failure(format!("{:?} is no id of a movement: it starts with movement_", args.movement)))?;
    let mut opened = args.store.open()?;
    let row = opened.readers.read_here(|reader| reader.movement(id)).map_err(Failure::of)?.ok_or_else(|| Failure(format!("nobody has asked for {id}")))?;
    let party = Party::of_account(row.account.clone()).ok_or_else(|| Failure(format!("{id} is of no buyer and no supplier")))?;
    let (state, balance) = moved(&mut opened, Operation::DecideMove(DecideMove { id, party, by: at_command_line(), accept }))?;
    if args.output.json {
        print_json(&json!({ "movement_id": id.to_string(), "state": state.word(), "balance": balance.to_string() }));
    } else {
        say!("{id} is {}; {} has {balance}", state.word(), row.account);
    }
    Ok(())
}
