//! `pingpost credit add BUYER AMOUNT`.

use clap::Subcommand;
use exchange::{
    command::{Operation, Outcome},
    id::{BuyerName, PrepaymentId},
    money::Money,
};
use serde_json::json;

use super::{Done, Failure, Output, StoreArgs};
use crate::{
    entropy,
    screen::{print_json, say},
};

#[derive(Debug, Subcommand)]
pub enum CreditCommand {
    /// Book a buyer's prepayment
    Add {
        buyer: String,
        /// In the exchange's currency, like 500.00
        amount: String,
        /// What it was for
        #[arg(long, default_value = "prepayment")]
        note: String,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
}

pub fn credit(command: CreditCommand) -> Done {
    let CreditCommand::Add { buyer, amount, note, store, output } = command;
    let name: BuyerName = buyer.parse().map_err(Failure::of)?;
    let mut opened = store.open()?;
    let market = opened.market()?.ok_or_else(|| Failure("there is no market yet: `pingpost apply` one first".into()))?;
    if market.buyer_named(&name).is_none() {
        return Err(Failure(format!("the market has no buyer {name}: check the name in its buyers/ directory")));
    }
    let amount = Money::parse(&amount, market.currency().decimals()).map_err(Failure::of)?;
    if !amount.is_positive() {
        return Err(Failure("a prepayment is above zero".into()));
    }
    match opened.operate(Operation::Prepay { id: PrepaymentId::from_bytes(entropy::timed_id()), buyer: name.clone(), amount, note })? {
        Outcome::Balance(balance) if output.json => print_json(&json!({ "buyer": name.as_str(), "balance": balance.to_string() })),
        Outcome::Balance(balance) => say!("{name} has {balance} {}", market.currency().code()),
        other => return Err(Failure(format!("the store answered otherwise: {other:?}"))),
    }
    Ok(())
}
