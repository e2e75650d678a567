//! The store's rows against the model: what a batch touched at once, everything now and then.

use exchange::{
    command::LeadStatus,
    id::{LeadId, PingId, SaleId},
    ledger::Account,
    money::Money,
};
use store::{ReadError, Reader, SaleStatus};

use super::{Model, State, Touched};
use crate::invariant::Invariant::{AcknowledgedSurvives, BooksBalance, DisclosedAfterPost, OneEffectPerRequest, SoldOnce};

impl Model {
    pub fn compare_touched(&mut self, reader: &mut dyn Reader, touched: &Touched) -> Result<(), ReadError> {
        touched.sales.iter().try_for_each(|sale| self.compare_sale(reader, *sale))?;
        touched.leads.iter().try_for_each(|lead| self.compare_lead(reader, *lead))?;
        touched.pings.iter().try_for_each(|ping| self.compare_quote(reader, *ping))?;
        if touched.money { self.compare_money(reader) } else { Ok(()) }
    }

    pub fn compare_all(&mut self, reader: &mut dyn Reader) -> Result<(), ReadError> {
        for sale in self.sales.keys().copied().collect::<Vec<_>>() {
            self.compare_sale(reader, sale)?;
        }
        for lead in self.leads.keys().copied().collect::<Vec<_>>() {
            self.compare_lead(reader, lead)?;
            self.compare_journal(reader, lead)?;
            self.compare_notices(reader, lead)?;
        }
        for ping in self.quotes.keys().copied().collect::<Vec<_>>() {
            self.compare_quote(reader, ping)?;
        }
        self.compare_money(reader)?;
        for wrong in reader.audit()? {
            self.break_(BooksBalance, format!("the store's own audit: {wrong}"));
        }
        let kept = reader.leads(None, u32::MAX)?.len();
        let known = self.leads.len();
        self.must(kept == known, OneEffectPerRequest, || format!("the store has {kept} leads and {known} were taken on"));
        Ok(())
    }

    fn compare_sale(&mut self, reader: &mut dyn Reader, id: SaleId) -> Result<(), ReadError> {
        let row = reader.sale(id)?;
        let Some(sale) = self.sales.get(&id) else {
            self.must(row.is_none(), SoldOnce, || format!("{id} is in the store, and was never made"));
            return Ok(());
        };
        let Some(row) = row else {
            self.break_(DisclosedAfterPost, format!("{id} isn't in the store"));
            return Ok(());
        };
        let (state, price, net, started, parent) = (sale.state, sale.price, sale.net, sale.started_at, sale.parent.clone());
        self.must(state_of(row.status) == state, SoldOnce, || format!("{id} is {} in the store and must be {state:?}", row.status.word()));
        self.must((row.price, row.net) == (price, net), BooksBalance, || format!("{id} is kept at {} and {}, not {price} and {net}", row.price, row.net));
        self.must(row.parent.as_str() == parent, SoldOnce, || format!("{id} is kept as of another company"));
        self.must(row.post_started_at == started, DisclosedAfterPost, || format!("{id} started at {:?}, not {started:?}", row.post_started_at));
        Ok(())
    }

    fn compare_lead(&mut self, reader: &mut dyn Reader, id: LeadId) -> Result<(), ReadError> {
        let row = reader.lead(id)?;
        let Some(lead) = self.leads.get(&id) else {
            self.must(row.is_none(), OneEffectPerRequest, || format!("{id} is in the store, and was never taken on"));
            return Ok(());
        };
        let Some(row) = row else {
            self.break_(AcknowledgedSurvives, format!("{id} was taken on and isn't in the store"));
            return Ok(());
        };
        let (runs, erased, fence, test) = (lead.runs, lead.erased, lead.fence, lead.test);
        let (status, net) = (self.status(id), self.net(id));
        self.must(row.status == status, OneEffectPerRequest, || format!("{id} is {:?} in the store and must be {status:?}", row.status));
        self.must(row.net == net, BooksBalance, || format!("{id} has a net of {}, not {net}", row.net));
        self.must(row.lease_until.is_some() == runs, SoldOnce, || format!("{id} runs in the store: {}, not {runs}", row.lease_until.is_some()));
        self.must(row.erased_at.is_some() == erased, DisclosedAfterPost, || format!("{id} is erased in the store: {}", row.erased_at.is_some()));
        self.must(row.status == LeadStatus::Duplicate || row.fence == fence, SoldOnce, || format!("{id} has another fence"));
        self.must(row.test == test, BooksBalance, || format!("{id}: a test and not a test"));
        Ok(())
    }

    fn compare_journal(&mut self, reader: &mut dyn Reader, lead: LeadId) -> Result<(), ReadError> {
        let rows = reader.disclosures_of(lead)?;
        let kept: Vec<SaleId> = rows.iter().filter(|row| row.outcome.as_deref() != Some("unsent")).map(|row| row.sale).collect();
        let disclosed: Vec<SaleId> = self.leads[&lead].sales.iter().copied().filter(|sale| self.sales[sale].is_disclosed()).collect();
        let same = kept.len() == disclosed.len() && disclosed.iter().all(|sale| kept.contains(sale));
        self.must(same, DisclosedAfterPost, || format!("{lead}: the journal has {kept:?}, and disclosed is {disclosed:?}"));
        Ok(())
    }

    /// Who was answered otherwise than the lead stands now has a notice of it. That the last one is how it stands is the audit's.
    fn compare_notices(&mut self, reader: &mut dyn Reader, id: LeadId) -> Result<(), ReadError> {
        let (stands, lead) = ((self.status(id), self.net(id)), &self.leads[&id]);
        let is_other = !lead.runs && lead.answered.is_some_and(|answered| answered != stands);
        if is_other {
            let answered = lead.answered;
            let is_told = !reader.notices_of(id)?.is_empty();
            self.must(is_told, AcknowledgedSurvives, || format!("{id} was answered {answered:?}, is {stands:?}, and its supplier isn't told"));
        }
        Ok(())
    }

    fn compare_quote(&mut self, reader: &mut dyn Reader, id: PingId) -> Result<(), ReadError> {
        let row = reader.quote(id)?;
        let Some(quote) = self.quotes.get(&id) else { return Ok(()) };
        let Some(row) = row else {
            self.break_(AcknowledgedSurvives, format!("{id} was quoted and isn't in the store"));
            return Ok(());
        };
        let (net, firm, lead) = (quote.net, quote.firm, quote.lead);
        self.must((row.net, row.firm, row.lead) == (net, firm, lead), OneEffectPerRequest, || format!("{id} is kept otherwise than it was quoted"));
        Ok(())
    }

    fn compare_money(&mut self, reader: &mut dyn Reader) -> Result<(), ReadError> {
        let rows = reader.balances()?;
        for row in &rows {
            let balance = self.balances.get(&row.account).copied().unwrap_or(Money::ZERO);
            let held = if let Account::Buyer(name) = &row.account { self.held(name.as_str()) } else { Money::ZERO };
            self.must(row.balance == balance, BooksBalance, || format!("{} has {} in the store, not {balance}", row.account, row.balance));
            self.must(row.held == held, BooksBalance, || format!("{} of {} is held in the store, not {held}", row.held, row.account));
        }
        for (account, balance) in self.balances.clone() {
            let known = rows.iter().any(|row| row.account == account) || balance == Money::ZERO;
            self.must(known, BooksBalance, || format!("{account} has {balance}, and the store doesn't know it"));
        }
        let sum: Money = rows.iter().map(|row| row.balance).sum();
        self.must(sum == Money::ZERO, BooksBalance, || format!("all balances sum to {sum}"));
        Ok(())
    }
}

fn state_of(status: SaleStatus) -> State {
    match status {
        SaleStatus::Reserved => State::Held,
        SaleStatus::Posted => State::Posted,
        SaleStatus::Sold => State::Sold,
        SaleStatus::Void => State::Void,
        SaleStatus::Unknown => State::Unknown,
        SaleStatus::Returned => State::Returned,
    }
}
