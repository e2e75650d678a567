//! What crosses runs, for the contracts that a run asks for: their present terms against the store.

use std::sync::Arc;

use exchange::{
    command::Terms,
    facts::{ContractFacts, Facts},
    flow::effect::FactsRequest,
    id::{ContractIndex, TreeName},
    market::Market,
    money::Money,
    refusal::Refusal,
};

use crate::{clock, node::Node};

/// A read that fails gives no facts: the run then offers the lead to nobody, and says so.
pub async fn look_up(node: Arc<Node>, market: Arc<Market>, tree: Option<TreeName>, request: FactsRequest) -> Facts {
    let round = tree.map(|tree| node.next_round(&tree)).unwrap_or_default();
    let present = node.market().unwrap_or_else(|| Arc::clone(&market));
    let mut refused = Vec::new();
    let mut asked: Vec<(ContractIndex, Terms)> = Vec::new();
    for index in request.contracts {
        match Terms::of(&present, &market.contract(index).key) {
            Ok(terms) => asked.push((index, terms)),
            Err(refusal) => refused.push(refused_now(index, refusal)),
        }
    }
    if asked.is_empty() {
        return Facts { contracts: refused, round };
    }
    let (people, test) = (request.people, request.test);
    let read = node.readers.read(move |reader| reader.facts(clock::now(), &asked, &people, test)).await;
    let mut contracts = read.unwrap_or_else(|error| {
        tracing::error!(%error, "the facts of a run could not be read");
        Vec::new()
    });
    contracts.extend(refused);
    Facts { contracts, round }
}

fn refused_now(contract: ContractIndex, refusal: Refusal) -> ContractFacts {
    ContractFacts { contract, refused: Some(refusal), caps: Vec::new(), available: Money::ZERO }
}
