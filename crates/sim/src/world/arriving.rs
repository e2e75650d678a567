//! Calls arrive at buyers, and their answers come back.

use exchange::{call::PingReply, contract::SaleKind, flow::effect::Answer, id::SaleId};
use wire::native;

use super::{
    World,
    calls::{Passage, without_contact},
};
use crate::{
    agenda::{About, Event, Outgoing, micros},
    books::Receipt,
    buyers::{Buyer, Written},
    invariant::Invariant,
    market::cents,
};

/// How the exchange reads what its buyer wrote.
type Reading = Box<dyn FnOnce(&Written) -> Answer>;

impl World {
    pub(super) fn reach_buyer(&mut self, call: Outgoing) {
        let buyer = if self.calm { Buyer::default() } else { self.buyers.get(&call.buyer).cloned().unwrap_or_default() };
        let Outgoing { to, buyer: name, contract, body, about, .. } = call;
        let (written, read): (Written, Reading) = match about {
            About::Ping { call, answer_by } => {
                let max = self.plan.contract(&contract).map_or(5000, |(_, contract)| contract.max_bid);
                let (written, made) = buyer.bid(&mut self.random, &body, &contract, max, self.rates.buyer > 0);
                self.books.bids.insert(call.buyer_ping, made);
                if self.random.chance(buyer.late) {
                    let late = answer_by.since(self.now) + micros(self.random.between(1_000, 240_000));
                    return self.deliver_late(to, late, native::read_bid(written.status, &written.body, exchange::money::Currency::USD, call.kinds));
                }
                (written, Box::new(move |written| Answer::Pinged(native::read_bid(written.status, &written.body, exchange::money::Currency::USD, call.kinds))))
            }
            About::Confirm { sale } => {
                let (written, yes) = buyer.confirm(&mut self.random);
                self.books.confirmed.insert(sale, yes);
                (written, Box::new(|written| Answer::Confirmed(native::read_confirm(written.status, &written.body))))
            }
            About::Status { sale, echoes } => {
                let written = buyer.status(&mut self.random, self.books.posts.get_mut(&sale));
                (written, Box::new(move |written| Answer::Status(without_contact(echoes.as_ref(), native::read_status(written.status, &written.body)))))
            }
            About::Post { sale, attempt, echoes } => {
                let written = self.receive_post(&buyer, &name, sale, &body);
                if let Some((at, _)) = to {
                    self.tempt_sent(at.node);
                }
                (
                    written,
                    Box::new(move |written| {
                        let reply = native::read_post(written.status, &written.body, attempt);
                        Answer::Posted(match &echoes {
                            Some(echoes) => echoes.kept_out_of(reply),
                            None => reply,
                        })
                    }),
                )
            }
        };
        let Some((at, effect)) = to else { return };
        if written.silent {
            return;
        }
        let wait = if self.random.chance(buyer.slow) { micros(self.random.between(500_000, 9_000_000)) } else { self.slow(5_000, 250_000) };
        match self.passage() {
            Passage::Arrives => self.after(wait, Event::Answer { at, effect, answer: read(&written) }),
            // Whatever became of the connection, the answer isn't heard.
            Passage::Refused | Passage::Broken(_) | Passage::Lost(_) => {}
        }
    }

    fn deliver_late(&mut self, to: Option<(crate::agenda::RunAt, exchange::flow::effect::EffectId)>, late: std::time::Duration, reply: PingReply) {
        if let Some((at, effect)) = to {
            self.after(late, Event::Answer { at, effect, answer: Answer::Pinged(reply) });
        }
    }

    fn receive_post(&mut self, buyer: &Buyer, name: &str, sale: SaleId, body: &[u8]) -> Written {
        let idempotent = self.plan.buyer(name).is_some_and(|buyer| buyer.idempotent);
        let (written, receipt) = buyer.take_post(&mut self.random, name, body, self.books.posts.get_mut(&sale), idempotent);
        self.journal.note(self.now, format_args!("{name} gets {sale} and writes {} {}", written.status, written.body.len()));
        if let Some(receipt) = receipt {
            self.check_receipt(sale, &receipt);
            if self.random.chance(300) {
                let wait = self.random.between(600, 5400);
                self.after(std::time::Duration::from_secs(wait), Event::Report { sale });
            }
            self.books.posts.insert(sale, receipt);
        }
        written
    }

    /// The buyer holds a contact: it must be the one that was sold to it, on the terms that were sold.
    fn check_receipt(&mut self, sale: SaleId, receipt: &Receipt) {
        let Some(row) = self.model.sales.get(&sale) else {
            return self.model.report(Invariant::DisclosedAfterPost, format!("{} holds {sale}, which was never made", receipt.buyer));
        };
        let price = cents(row.price.micros() / 10_000);
        let right = row.buyer == receipt.buyer && row.test == receipt.test && (row.kind == SaleKind::Shared) == receipt.is_shared;
        let same_price = receipt.price == price;
        let person = self.people.iter().find(|person| person.phone() == receipt.phone);
        let known = person.is_some();
        let others = self.model.sales_of(row.lead).filter(|other| other.kind == SaleKind::Exclusive && other.is_live()).count();
        let most = if row.kind == SaleKind::Exclusive { 1 } else { 0 };
        if !right || !known {
            self.model.report(Invariant::DisclosedAfterPost, format!("{sale} reached {} otherwise than it was sold", receipt.buyer));
        } else if !same_price {
            self.model.report(Invariant::ChargedAsBid, format!("{sale} is posted at {} and was sold at {price}", receipt.price));
        } else if others > most {
            self.model.report(Invariant::SoldOnce, format!("{sale} reached {} beside another exclusive sale", receipt.buyer));
        }
    }
}
