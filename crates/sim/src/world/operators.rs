//! Operators: they change the market in the middle of it, take money, suppress, erase and resolve.

use std::time::Duration;

use exchange::{
    command::{ApplyMarket, Command, Erase, Operation, Outcome},
    contract::UnknownEnd,
    flow::reconcile::give_up,
    id::{LeadId, MovementId, SaleId},
    money::Money,
    movement::{Move, Party},
    returns::{RequestReturn, ReturnReason, ReturnRules},
    seal::{PersonKind, PersonMac},
};

use super::{Fatal, World};
use crate::{
    agenda::Event,
    invariant::Invariant,
    market::{LIST, to_bytes},
    model::Returning,
};

impl World {
    pub(super) fn operate_and_come_back(&mut self) -> Result<(), Fatal> {
        if self.calm {
            return Ok(());
        }
        if self.random.chance(self.rates.operator) {
            self.operate()?;
        }
        let next = self.random.between(60, 3600);
        self.after(Duration::from_secs(next), Event::Operator);
        Ok(())
    }

    pub(super) fn operate(&mut self) -> Result<(), Fatal> {
        if self.calm {
            return Ok(());
        }
        self.tally.fault("operator intervenes");
        match self.random.below(12) {
            0..=4 => {
                let what = self.plan.change(&mut self.random);
                self.journal.note(self.now, format_args!("operator changes {what}"));
                self.apply_market()
            }
            5 if self.random.chance(300) => self.pay_out(),
            5 => self.prepay(),
            6 | 7 => self.suppress(),
            8 if self.random.chance(500) => self.decide_return(),
            8 => self.resolve_one(),
            _ => self.erase(),
        }
    }

    fn operation(&mut self, operation: Operation) -> Result<Outcome, Fatal> {
        let outcomes = self.commit(None, &[Command::Operate(operation)])?;
        outcomes.ok().and_then(|mut outcomes| outcomes.pop()).ok_or_else(|| Fatal("an operator's command was not answered".into()))
    }

    pub(super) fn apply_market(&mut self) -> Result<(), Fatal> {
        let bundle = to_bytes(&self.plan.bundle());
        match self.operation(Operation::ApplyMarket(ApplyMarket {
            bundle,
            kept: Vec::new(),
            base: None,
            author: "operator".into(),
            note: String::new(),
            draft: None,
        }))? {
            Outcome::Applied(revision) | Outcome::Stays(revision) => {
                self.journal.note(self.now, format_args!("revision {revision}"));
                self.model.plans.insert(revision, self.plan.clone());
                for node in 0..self.nodes.len() {
                    let (epoch, wait) = (self.nodes[node].epoch, self.random.below(1000));
                    self.after(Duration::from_millis(wait), Event::Follow { node, epoch });
                }
                Ok(())
            }
            other => Err(Fatal(format!("a market was not applied: {other:?}"))),
        }
    }

    pub(super) fn prepay_all(&mut self) -> Result<(), Fatal> {
        for place in 0..self.plan.buyers.len() {
            if self.random.chance(700) {
                let amount = self.random.between(10, 2000) as i64;
                self.pay(place, amount)?;
            }
        }
        Ok(())
    }

    fn prepay(&mut self) -> Result<(), Fatal> {
        let place = self.random.below(self.plan.buyers.len() as u64) as usize;
        let amount = self.random.between(1, 300) as i64;
        self.pay(place, amount)
    }

    fn pay(&mut self, place: usize, units: i64) -> Result<(), Fatal> {
        let buyer = self.plan.buyers[place].name.parse().map_err(|_| Fatal("a buyer without a name".into()))?;
        self.journal.note(self.now, format_args!("prepayment of {units} by {buyer}"));
        self.move_money(Party::Buyer(buyer), Money::from_units(units))
    }

    /// The supplier gets part of what it is owed, or is refused what it isn't.
    fn pay_out(&mut self) -> Result<(), Fatal> {
        let place = self.random.below(self.plan.suppliers.len() as u64) as usize;
        let supplier = self.plan.suppliers[place].name.parse().map_err(|_| Fatal("a supplier without a name".into()))?;
        let amount = Money::from_units(self.random.between(1, 60) as i64);
        self.journal.note(self.now, format_args!("payout of {amount} to {supplier}"));
        self.move_money(Party::Supplier(supplier), amount)
    }

    fn move_money(&mut self, party: Party, amount: Money) -> Result<(), Fatal> {
        let id = MovementId::from_bytes(self.random.bytes());
        self.operation(Operation::Move(Move { id, party, amount, note: String::new(), by: "operator".into(), needs_second: false })).map(drop)
    }

    /// A buyer gives a lead back: within its contract's days, or not.
    pub(super) fn request_return(&mut self, sale: SaleId) -> Result<(), Fatal> {
        let Some(row) = self.model.sales.get(&sale) else { return Ok(()) };
        let (contract, buyer) = (row.contract.clone(), row.buyer.clone());
        let newest = self.model.plans.last_key_value().map(|(revision, _)| *revision).unwrap_or_default();
        let market = self.market_of(newest)?;
        let key = contract.parse().map_err(|_| Fatal("a contract without a key".into()))?;
        let Some(rules) = market.contract_named(&key).map(ReturnRules::of) else { return Ok(()) };
        let buyer = buyer.parse().map_err(|_| Fatal("a buyer without a name".into()))?;
        let request = RequestReturn { sale, buyer, reason: ReturnReason::InvalidPhone, note: None, rules };
        self.journal.note(self.now, format_args!("{sale} is to be given back"));
        drop(self.commit(None, &[Command::RequestReturn(request)])?);
        Ok(())
    }

    fn decide_return(&mut self) -> Result<(), Fatal> {
        let open: Vec<SaleId> = self.model.returns.iter().filter(|(_, state)| **state == Returning::Requested).map(|(id, _)| *id).collect();
        if open.is_empty() {
            return Ok(());
        }
        let (sale, accept) = (*self.random.pick(&open), self.random.chance(700));
        self.journal.note(self.now, format_args!("operator decides the return of {sale}: {accept}"));
        self.operation(Operation::DecideReturn { sale, accept }).map(drop)
    }

    fn resolve_one(&mut self) -> Result<(), Fatal> {
        let open = self.model.unknown();
        if open.is_empty() {
            return Ok(());
        }
        let sale = *self.random.pick(&open);
        self.resolve(sale)
    }

    /// The operator says what an unknown sale is taken for.
    pub(super) fn resolve(&mut self, sale: SaleId) -> Result<(), Fatal> {
        let end = if self.random.chance(500) { UnknownEnd::Sold } else { UnknownEnd::Void };
        self.model.resolved.insert(sale);
        self.journal.note(self.now, format_args!("operator resolves {sale}: {end:?}"));
        drop(self.commit(None, &[give_up(sale, end, "the operator")])?);
        Ok(())
    }

    pub(super) fn decide_all_returns(&mut self) -> Result<(), Fatal> {
        while self.model.first_broken().is_none() && self.model.returns.values().any(|state| *state == Returning::Requested) {
            self.decide_return()?;
        }
        Ok(())
    }

    fn suppress(&mut self) -> Result<(), Fatal> {
        let to_come = if self.random.chance(700) { self.person_to_come() } else { None };
        match to_come.or_else(|| self.person_of_late()) {
            Some(person) => self.suppress_person(person),
            None => Ok(()),
        }
    }

    fn suppress_person(&mut self, person: PersonMac) -> Result<(), Fatal> {
        let list = if self.random.chance(500) { LIST } else { "exchange" };
        let list = list.parse().map_err(|_| Fatal("a list without a name".into()))?;
        self.journal.note(self.now, format_args!("operator suppresses on {list}"));
        self.operation(Operation::Suppress { list, people: vec![person] }).map(drop)
    }

    /// Somebody whose lead is still to be sold: pinged already, or not even that.
    fn person_to_come(&mut self) -> Option<PersonMac> {
        let open: Vec<usize> = self.deals.iter().filter(|deal| !deal.is_over).map(|deal| deal.person).take(12).collect();
        if open.is_empty() {
            return None;
        }
        let person = *self.random.pick(&open);
        Some(self.master.person(PersonKind::Phone, &self.people[person].phone()))
    }

    fn person_of_late(&mut self) -> Option<PersonMac> {
        let lead = self.lead_of_late()?;
        self.model.leads[&lead].people.first().copied()
    }

    /// A lead that runs, where there is one.
    fn lead_of_late(&mut self) -> Option<LeadId> {
        let running: Vec<_> = self.model.leads.iter().filter(|(_, lead)| lead.runs && !lead.erased).map(|(id, _)| *id).collect();
        if !running.is_empty() {
            return Some(*self.random.pick(&running));
        }
        // Erasing what is over is the rare case here: the store's own tests look at it.
        let over: Vec<_> = self.model.leads.iter().filter(|(_, lead)| !lead.erased).map(|(id, _)| *id).collect();
        (!over.is_empty() && self.random.chance(100)).then(|| *self.random.pick(&over))
    }

    fn erase(&mut self) -> Result<(), Fatal> {
        match self.lead_of_late() {
            Some(lead) => self.erase_lead(lead),
            None => Ok(()),
        }
    }

    /// Erased, or on a list of those who may not be offered, just before the commit that reads it.
    pub(super) fn withdraw(&mut self, lead: LeadId) -> Result<(), Fatal> {
        let runs = self.model.leads.get(&lead).is_some_and(|row| row.runs && !row.erased);
        if self.calm || !runs {
            return Ok(());
        }
        self.tally.fault("person withdraws");
        match self.model.leads[&lead].people.first().copied() {
            Some(person) if self.random.chance(400) => self.suppress_person(person),
            _ => self.erase_lead(lead),
        }
    }

    fn erase_lead(&mut self, lead: LeadId) -> Result<(), Fatal> {
        let person = self.model.leads[&lead].people.first().copied();
        let erase = match person {
            Some(person) if self.random.chance(400) => Erase::Person(person),
            _ => Erase::Lead(lead),
        };
        self.journal.note(self.now, format_args!("operator erases {lead}"));
        match self.operation(Operation::Erase(erase))? {
            Outcome::Erased { leads, .. } if leads > 0 => Ok(()),
            other => {
                self.model.report(Invariant::DisclosedAfterPost, format!("{lead} was to be erased: {other:?}"));
                Ok(())
            }
        }
    }
}
