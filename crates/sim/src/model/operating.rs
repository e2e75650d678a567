//! What operators do, and what it must come to.

use exchange::{
    command::{Erase, Operation, Outcome},
    id::LeadId,
    ledger::Account,
    money::Money,
    movement::{MovementState, Party},
};

use super::{Model, Touched};
use crate::invariant::Invariant::{BooksBalance, DisclosedAfterPost};

impl Model {
    pub(super) fn operated(&mut self, operation: &Operation, outcome: &Outcome, touched: &mut Touched) {
        match (operation, outcome) {
            (Operation::Move(asked), Outcome::Moved { state: MovementState::Booked, balance }) => {
                let account = asked.party.account();
                if self.moved.insert(asked.id) {
                    let comes_in = if matches!(asked.party, Party::Buyer(_)) { asked.amount } else { -asked.amount };
                    self.book(Some(account.clone()), comes_in);
                    self.book(Some(Account::Cash), -comes_in);
                }
                let right = self.balances.get(&account) == Some(balance);
                self.must(right, BooksBalance, || format!("{account} was told a balance of {balance}"));
                let owed = matches!(asked.party, Party::Buyer(_)) || *balance >= Money::ZERO;
                self.must(owed, BooksBalance, || format!("{account} was paid {} more than it was owed", -*balance));
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
