//! What crosses runs, for the contracts that a run asks for: their present terms against the store.

use std::{sync::Arc, time::Duration};

use exchange::{
    command::Terms,
    facts::{ContractFacts, Facts},
    flow::effect::FactsRequest,
    id::{ContractIndex, TreeName},
    market::Market,
    money::Money,
    refusal::Refusal,
    seal::PersonMac,
};

use crate::{clock, node::Node};

/// A read that fails is tried again; none, where it goes on failing.
const MOST_TRIES: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(25);

pub async fn look_up(node: Arc<Node>, market: Arc<Market>, tree: Option<TreeName>, request: FactsRequest) -> Option<Facts> {
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
        return Some(Facts { contracts: refused, round });
    }
    let mut contracts = read(&node, Arc::from(asked), Arc::from(request.people), request.test).await?;
    contracts.extend(refused);
    Some(Facts { contracts, round })
}

async fn read(node: &Node, asked: Arc<[(ContractIndex, Terms)]>, people: Arc<[PersonMac]>, test: bool) -> Option<Vec<ContractFacts>> {
    for tried in 0..MOST_TRIES {
        let (asked, people) = (Arc::clone(&asked), Arc::clone(&people));
        match node.readers.read(move |reader| reader.facts(clock::now(), &asked, &people, test)).await {
            Ok(contracts) => return Some(contracts),
            Err(error) => tracing::error!(%error, tried, "the facts of a run could not be read"),
        }
        tokio::time::sleep(FIRST_WAIT * 2u32.pow(tried)).await;
    }
    None
}

fn refused_now(contract: ContractIndex, refusal: Refusal) -> ContractFacts {
    ContractFacts { contract, refused: Some(refusal), caps: Vec::new(), available: Money::ZERO }
}
