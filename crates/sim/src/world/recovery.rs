//! What nodes do besides runs: they say that they live, take over what was cut off, look at what nobody knows, follow the market.

use std::{sync::Arc, time::Duration};

use exchange::{
    call::PostReply,
    command::{Beat, Command, TakeOver, TakenBy},
    flow::reconcile::{Look, LookStart, Source, UnknownSale},
    id::SaleId,
};
use store::{Reader, UnknownRow};

use super::{
    Fatal, World,
    machine::Machine,
    node::{Job, Running},
};
use crate::agenda::{Event, RunAt};

const LIVES: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_secs(3);
const MOST_AT_ONCE: u32 = 256;

impl World {
    fn beat(&mut self, node: usize, alone: bool) {
        let command = Command::Beat(Beat { node: self.nodes[node].id, lives: LIVES, alone });
        self.nodes[node].last_beat = self.now;
        self.enqueue(node, Job { command, answer_to: None });
    }

    /// A node that is alone knows that nobody else runs anything. Its first beat is durable before anything else is done.
    pub(super) fn recover_at_start(&mut self, node: usize) -> Result<(), Fatal> {
        let alone = self.nodes.len() == 1;
        let beat = Command::Beat(Beat { node: self.nodes[node].id, lives: LIVES, alone });
        self.nodes[node].last_beat = self.now;
        drop(self.commit(Some(node), &[beat])?);
        self.take_over_all(node)
    }

    fn take_over_all(&mut self, node: usize) -> Result<(), Fatal> {
        let now = self.now;
        for lead in self.storage.reader.lapsed(now, MOST_AT_ONCE)? {
            self.enqueue(node, Job { command: Command::TakeOver(TakeOver { lead, by: TakenBy::Anybody }), answer_to: None });
        }
        Ok(())
    }

    fn is_quiet(&self) -> bool {
        self.nodes.iter().all(|node| node.runs.is_empty()) && self.model.leads.values().all(|lead| !lead.runs)
    }

    /// In a quiet hour no beat is simulated. Before a request is taken in, they are all caught up on.
    pub(super) fn wake_up(&mut self) -> Result<(), Fatal> {
        for node in 0..self.nodes.len() {
            let up = &self.nodes[node];
            let slept = self.now.since(up.last_beat) > LOOK_EVERY * 3 && up.stalled_until <= self.now && self.is_quiet();
            if up.is_up && slept {
                let beat = Command::Beat(Beat { node: up.id, lives: LIVES, alone: false });
                let epoch = up.epoch;
                self.nodes[node].last_beat = self.now;
                drop(self.commit(Some(node), &[beat])?);
                self.tick_after(node, epoch, LOOK_EVERY);
            }
        }
        Ok(())
    }

    /// The next tick. Whichever was to come before is none any more.
    pub(super) fn tick_after(&mut self, node: usize, epoch: u32, time: Duration) {
        self.nodes[node].ticks += 1;
        let tick = self.nodes[node].ticks;
        self.after(time, Event::Tend { node, epoch, tick });
    }

    pub(super) fn tend(&mut self, node: usize, epoch: u32, tick: u64) -> Result<(), Fatal> {
        let up = &self.nodes[node];
        if up.epoch != epoch || !up.is_up || up.ticks != tick {
            return Ok(());
        }
        self.beat(node, false);
        self.take_over_all(node)?;
        self.look_at_all(node)?;
        let next = if self.is_quiet() { Duration::from_secs(if self.calm { 1800 } else { 900 }) } else { LOOK_EVERY };
        self.tick_after(node, epoch, next);
        Ok(())
    }

    fn look_at_all(&mut self, node: usize) -> Result<(), Fatal> {
        let now = self.now;
        for row in self.storage.reader.due_unknown(now, MOST_AT_ONCE)? {
            self.look(node, row, None)?;
        }
        Ok(())
    }

    fn look(&mut self, node: usize, row: UnknownRow, reported: Option<PostReply>) -> Result<(), Fatal> {
        let UnknownRow { sale, lead, age } = row;
        let market = self.market_of(lead.revision)?;
        let present = self.nodes[node].market.clone();
        let contract = present.as_ref().and_then(|present| present.contract_named(&sale.contract)).or_else(|| market.contract_named(&sale.contract));
        let endpoint = present.as_ref().and_then(|present| present.buyer_named(&sale.buyer)).map(|buyer| buyer.endpoint.clone());
        let policy = self.seams.policy(contract.and_then(|contract| contract.unknown));
        let source = if reported.is_some() { Source::Reported } else { Source::Asked };
        let unknown = UnknownSale {
            sale: sale.sale,
            terms: sale.post_terms(),
            contract: sale.contract,
            confirmed: self.seams.confirmed(sale.confirmed),
            looks: sale.looks,
            age,
        };
        let start = LookStart { market, vertical: lead.vertical, test: lead.test, attributes: lead.attributes, unknown, endpoint, policy, source };
        let Ok((look, effects)) = Look::start(start) else { return Err(Fatal("a look could not start".into())) };
        let started_wall = self.wall(node);
        let up = &mut self.nodes[node];
        let at = RunAt { node, epoch: up.epoch, run: up.next_run };
        up.next_run += 1;
        let machine = Machine::Look(Box::new(look), reported);
        up.runs.insert(at.run, Running { machine, started: self.now, started_wall, asked_by: None, is_sure: true });
        self.perform_all(at, effects)
    }

    /// The newest revision, as soon as the node looks.
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
        Ok(())
    }

    /// The buyer tells by itself what it made of a post, on whatever node.
    pub(super) fn report(&mut self, sale: SaleId) -> Result<(), Fatal> {
        let up: Vec<usize> = (0..self.nodes.len()).filter(|node| self.nodes[*node].is_up).collect();
        if up.is_empty() {
            return Ok(());
        }
        let node = *self.random.pick(&up);
        let now = self.now;
        let Some(row) = self.storage.reader.open_post(now, sale)? else { return Ok(()) };
        let Some(receipt) = self.books.posts.get_mut(&sale) else { return Ok(()) };
        let reply = if receipt.takes {
            receipt.said_accepted = true;
            PostReply::Accepted { redirect_url: None, lead_reference: None }
        } else {
            receipt.said_rejected = true;
            PostReply::Rejected { reason: Some("not for us".into()) }
        };
        self.tally.fault("buyer reports later");
        self.journal.note(self.now, format_args!("the buyer of {sale} reports at node {node}"));
        self.wake_up()?;
        self.look(node, row, Some(reply))
    }
}
