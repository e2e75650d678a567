//! What crosses runs, for the contracts that a run asks for: their present terms against what is known, or the store.

use std::sync::Arc;

use exchange::{
    command::Terms,
    facts::{ContractFacts, Facts},
    flow::{Run, effect::FactsRequest},
    id::ContractIndex,
    market::Market,
    refusal::Refusal,
};

use crate::{facts, node::Node};

/// What a run asks for, of the market in force.
pub struct Question {
    node: Arc<Node>,
    of_run: Arc<Market>,
    present: Arc<Market>,
    request: FactsRequest,
    round: u64,
}

impl Question {
    pub fn new(node: &Arc<Node>, run: &Run, request: FactsRequest) -> Self {
        let of_run = Arc::clone(run.market());
        let present = node.market().unwrap_or_else(|| Arc::clone(&of_run));
        let tree = of_run.tree_for(run.vertical(), run.supplier()).map(|index| of_run.tree(index));
        let round = tree.map(|tree| node.next_round(&tree.name)).unwrap_or_default();
        Self { node: Arc::clone(node), of_run, present, request, round }
    }

    /// The answer, where nothing must be read for it. Somebody whom the store may know is always looked up.
    pub fn known(&self) -> Option<Facts> {
        if !self.request.people.is_empty() || !Arc::ptr_eq(&self.of_run, &self.present) {
            return None;
        }
        let contracts = if self.request.test {
            self.request.contracts.iter().map(|index| of_test(&self.present, *index)).collect()
        } else {
            self.node.facts.known_of(&self.present, &self.request.contracts)?
        };
        Some(Facts { contracts, round: self.round })
    }

    pub async fn look_up(self) -> Option<Facts> {
        let round = self.round;
        let contracts = if self.request.people.is_empty() && !self.request.test { self.of_nobody().await? } else { self.of_people().await? };
        Some(Facts { contracts, round })
    }

    /// Of anonymous attributes, the same for all that ask.
    async fn of_nobody(self) -> Option<Vec<ContractFacts>> {
        let place =
            |index: &ContractIndex| present_place(&self.present, &self.of_run, *index).map(|place| (*index, place)).map_err(|refusal| (*index, refusal));
        let places: Vec<_> = self.request.contracts.iter().map(place).collect();
        let asked: Vec<ContractIndex> = places.iter().filter_map(|place| place.as_ref().ok().map(|(_, place)| *place)).collect();
        let mut found = if asked.is_empty() { Vec::new() } else { self.node.facts.read(&self.node.readers, &self.present, &asked).await? }.into_iter();
        let facts = places.into_iter().map(|place| match place {
            Ok((contract, _)) => found.next().map(|facts| ContractFacts { contract, ..facts }),
            Err((contract, refusal)) => Some(ContractFacts::refused(contract, refusal)),
        });
        facts.collect()
    }

    async fn of_people(self) -> Option<Vec<ContractFacts>> {
        let mut refused = Vec::new();
        let mut asked: Vec<(ContractIndex, Terms)> = Vec::new();
        for index in self.request.contracts {
            match Terms::of(&self.present, &self.of_run.contract(index).key) {
                Ok(terms) => asked.push((index, terms)),
                Err(refusal) => refused.push(ContractFacts::refused(index, refusal)),
            }
        }
        let mut contracts = if asked.is_empty() { Vec::new() } else { facts::read(&self.node.readers, asked, self.request.people, self.request.test).await? };
        contracts.extend(refused);
        Some(contracts)
    }
}

/// Where the market in force has a contract of the run's, if it takes leads.
fn present_place(present: &Market, of_run: &Market, index: ContractIndex) -> Result<ContractIndex, Refusal> {
    let place = present.contract_index(&of_run.contract(index).key).ok_or(Refusal::Withdrawn)?;
    present.refusal_of(place).map_or(Ok(place), Err)
}

fn of_test(present: &Market, index: ContractIndex) -> ContractFacts {
    ContractFacts { refused: present.refusal_of(index), ..ContractFacts::untouched(index) }
}
