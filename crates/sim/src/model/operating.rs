//! What operators do, and what it must come to.

use exchange::{
    command::{Erase, Operation, Outcome},
    id::LeadId,
    ledger::Account,
};

use super::{Model, Touched};
use crate::invariant::Invariant::{BooksBalance, DisclosedAfterPost};

impl Model {
    pub(super) fn operated(&mut self, operation: &Operation, outcome: &Outcome, touched: &mut Touched) {
        match (operation, outcome) {
            (Operation::Prepay { id, buyer, amount, .. }, Outcome::Balance(balance)) => {
                let account = Account::Buyer(buyer.clone());
                if self.prepaid.insert(*id) {
                    self.book(Some(account.clone()), *amount);
                    self.book(Some(Account::Cash), -*amount);
                }
                let right = self.balances.get(&account) == Some(balance);
                self.must(right, BooksBalance, || format!("{buyer} was told a balance of {balance}"));
            }
            (Operation::Suppress { list, people }, Outcome::Suppressed { .. }) => {
                self.suppressed.extend(people.iter().map(|person| (list.to_string(), *person)));
            }
            (Operation::Erase(erase), Outcome::Erased { leads, .. }) => {
                let found = self.erased(erase);
                self.must(found.len() as u64 == *leads, DisclosedAfterPost, || format!("{leads} leads were erased, of {}", found.len()));
                touched.leads.extend(found);
            }
            (Operation::DecideReturn { sale, accept }, outcome) => self.return_decided(*sale, *accept, outcome, touched),
            _ => {}
        }
    }

    fn erased(&mut self, erase: &Erase) -> Vec<LeadId> {
        let is_meant = |id: &LeadId, people: &[exchange::seal::PersonMac]| match erase {
            Erase::Lead(lead) => id == lead,
            Erase::Person(person) => people.contains(person),
        };
        let found: Vec<LeadId> = self.leads.iter().filter(|(id, lead)| !lead.erased && is_meant(id, &lead.people)).map(|(id, _)| *id).collect();
        for id in &found {
            let Some(lead) = self.leads.get_mut(id) else { continue };
            lead.erased = true;
            let ping = lead.ping;
            // A ping that was posted again, after this lead was cut off, is the other lead's.
            let quote = ping.and_then(|ping| self.quotes.get_mut(&ping)).filter(|quote| quote.lead.is_none_or(|of| of == *id));
            if let Some(quote) = quote {
                quote.erased = true;
                quote.holds.clear();
            }
        }
        found
    }
}
