//! The end of a world: faults stop, and everything must come to an end by itself.

use std::time::Duration;

use super::{Fatal, World};
use crate::{agenda::Event, invariant::Invariant, model::State, people::holds_contact, rates::Rates};

impl World {
    pub(super) fn come_to_an_end(&mut self) -> Result<(), Fatal> {
        if self.model.first_broken().is_some() {
            return Ok(());
        }
        self.calm = true;
        self.rates = Rates::CALM;
        self.disk_full = false;
        self.journal.note(self.now, format_args!("no more faults"));
        for node in 0..self.nodes.len() {
            self.nodes[node].crash = None;
            if !self.nodes[node].is_up {
                self.after(Duration::from_secs(1), Event::Restart { node });
            }
        }
        self.go_on_until(self.now.plus(Duration::from_secs(40 * 60)))?;
        self.settle_the_rest()?;
        if self.model.first_broken().is_none() {
            self.check_all()?;
            self.check_ended();
            self.check_clear_text();
        }
        Ok(())
    }

    /// What nobody knows is found out, given up by its contract's policy, or resolved by the operator where it has none.
    fn settle_the_rest(&mut self) -> Result<(), Fatal> {
        for sale in self.model.unknown() {
            let contract = self.model.sales[&sale].contract.clone();
            if self.model.plans.values().all(|plan| plan.contract(&contract).is_none_or(|(_, of)| of.unknown.is_none())) {
                self.resolve(sale)?;
            }
        }
        let longest = self.now.plus(Duration::from_secs(27 * 3600));
        self.go_on_while(|world| !world.model.unknown().is_empty() && world.now < longest)?;
        self.go_on_until(self.now.plus(Duration::from_secs(60)))?;
        self.decide_all_returns()
    }

    fn check_ended(&mut self) {
        self.model.check_taken(&self.books);
        let running: Vec<_> = self.model.leads.iter().filter(|(_, lead)| lead.runs).map(|(id, _)| *id).collect();
        if let Some(lead) = running.first() {
            self.model.report(Invariant::EverythingEnds, format!("{lead} and {} others still run", running.len() - 1));
        }
        let open: Vec<_> = self.model.sales.iter().filter(|(_, sale)| matches!(sale.state, State::Held | State::Posted)).map(|(id, _)| *id).collect();
        if let Some(sale) = open.first() {
            self.model.report(Invariant::EverythingEnds, format!("{sale} and {} others are still open", open.len() - 1));
        }
        let holding = self.model.quotes.iter().find(|(_, quote)| !quote.holds.is_empty()).map(|(ping, _)| *ping);
        if let Some(ping) = holding {
            self.model.report(Invariant::EverythingEnds, format!("{ping} still holds something"));
        }
        let runs: usize = self.nodes.iter().map(|node| node.runs.len()).sum();
        if runs > 0 {
            self.model.report(Invariant::EverythingEnds, format!("{runs} runs don't end"));
        }
    }

    /// Nothing of any contact lies in clear in the store's files.
    fn check_clear_text(&mut self) {
        if holds_contact(&self.storage.bytes()) {
            self.model.report(Invariant::ContactStaysSealed, "a contact lies in clear in the store's files".into());
        }
    }
}
