//! What nodes do besides runs: they end what was cut off, follow the market, and tidy up.

use std::{sync::Arc, time::Duration};

use exchange::{
    command::Command,
    flow::recover::{Interrupted, Standing, recover},
    id::SaleId,
    time::Timestamp,
};
use store::{Reader, SaleStatus, UnfinishedLead};

use super::{Fatal, World, node::Job};
use crate::agenda::Event;

impl World {
    /// A node that is alone knows that nobody else runs anything.
    pub(super) fn recover_at_start(&mut self, node: usize) -> Result<(), Fatal> {
        let by = if self.nodes.len() == 1 { None } else { Some(self.wall(node)) };
        self.recover(node, by)
    }

    fn recover(&mut self, node: usize, lease_over_by: Option<Timestamp>) -> Result<(), Fatal> {
        for unfinished in self.storage.reader.unfinished(lease_over_by)? {
            for command in recover(&interrupted(&unfinished)) {
                self.enqueue(node, Job { command, answer_to: None });
            }
        }
        Ok(())
    }

    pub(super) fn tend(&mut self, node: usize, epoch: u32) -> Result<(), Fatal> {
        if self.nodes[node].epoch != epoch || !self.nodes[node].is_up {
            return Ok(());
        }
        let by = self.wall(node);
        self.recover(node, Some(by))?;
        self.nodes[node].ticks += 1;
        let is_quiet = self.nodes.iter().all(|node| node.runs.is_empty());
        if self.nodes[node].ticks.is_multiple_of(8) || is_quiet {
            self.enqueue(node, Job { command: Command::Sweep, answer_to: None });
        }
        // Nothing runs: whatever there is to find can wait, and the world is done sooner.
        let next = if is_quiet { 300 } else { 5 };
        self.after(Duration::from_secs(next), Event::Tend { node, epoch });
        Ok(())
    }

    pub(super) fn follow(&mut self, node: usize, epoch: u32) -> Result<(), Fatal> {
        if self.nodes[node].epoch != epoch || !self.nodes[node].is_up {
            return Ok(());
        }
        if let Some(newest) = self.storage.reader.newest_revision()?
            && self.nodes[node].market.as_ref().is_none_or(|market| market.revision() != newest)
        {
            let market = self.market_of(newest)?;
            self.nodes[node].market = Some(Arc::clone(&market));
        }
        let is_quiet = self.nodes[node].runs.is_empty();
        let next = if is_quiet { 1000 } else { 200 };
        self.after(Duration::from_millis(next), Event::Follow { node, epoch });
        Ok(())
    }

    /// The buyer tells by itself what it made of a post.
    pub(super) fn report(&mut self, _sale: SaleId) -> Result<(), Fatal> {
        Ok(())
    }
}

fn interrupted(unfinished: &UnfinishedLead) -> Interrupted {
    let standing = |status: SaleStatus| match status {
        SaleStatus::Reserved => Standing::Held,
        SaleStatus::Posted => Standing::Posted,
        SaleStatus::Unknown => Standing::Unknown,
        SaleStatus::Sold | SaleStatus::Returned => Standing::Sold,
        SaleStatus::Void => Standing::Void,
    };
    Interrupted {
        lead: unfinished.lead.lead,
        fence: unfinished.lead.fence,
        sales: unfinished.sales.iter().map(|sale| (sale.sale, standing(sale.status))).collect(),
    }
}
