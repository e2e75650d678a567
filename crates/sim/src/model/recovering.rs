//! What was cut off, what nobody knows, and what is given back.

use exchange::{
    command::{Beat, LookAgain, Outcome, TakeOver, TakenBy},
    contract::SaleKind,
    id::{LeadId, SaleId},
    ledger::Account,
    returns::RequestReturn,
    time::Timestamp,
};

use super::{Model, Returning, State, Touched};
use crate::invariant::Invariant::{BooksBalance, EverythingEnds, SoldOnce};

impl Model {
    pub(super) fn beat(&mut self, now: Timestamp, beat: &Beat) {
        if beat.alone {
            self.nodes.clear();
        }
        self.nodes.insert(beat.node, now.plus(beat.lives));
    }

    /// Whether a lead's run goes on as far as anybody can know.
    pub fn is_alive(&self, lead: LeadId, now: Timestamp) -> bool {
        self.leads.get(&lead).is_some_and(|row| row.runs && now < row.lease_until && self.nodes.get(&row.node).is_some_and(|until| now < *until))
    }

    pub(super) fn taken_over(&mut self, now: Timestamp, take_over: &TakeOver, outcome: &Outcome, touched: &mut Touched) {
        let Outcome::Done = outcome else { return };
        let id = take_over.lead;
        let alive = self.is_alive(id, now);
        let Some(lead) = self.leads.get(&id) else { return };
        if !lead.runs {
            return;
        }
        let right = match take_over.by {
            TakenBy::Holder(fence) => lead.fence == fence,
            TakenBy::Anybody => !alive,
        };
        self.must(right, SoldOnce, || format!("{id} was taken over from a run that lives"));
        let Some(lead) = self.leads.get_mut(&id) else { return };
        (lead.runs, lead.ended_as) = (false, Some(exchange::command::LeadStatus::Unsold));
        let (sales, ping, quoted) = (lead.sales.clone(), lead.ping, lead.quoted);
        touched.leads.insert(id);
        touched.sales.extend(sales.iter().copied());
        touched.pings.extend(ping);
        touched.money = true;
        let (mut nothing_stands, mut nothing_sent) = (true, true);
        for sale in &sales {
            let Some(sale) = self.sales.get_mut(sale) else { continue };
            match sale.state {
                State::Held => sale.state = State::Void,
                State::Posted => sale.state = State::Unknown,
                State::Unknown | State::Sold | State::Void | State::Returned => {}
            }
        }
        for sale in self.sales_of(id) {
            nothing_stands &= sale.state == State::Void;
            nothing_sent &= sale.started_at.is_none();
        }
        if let Some(lead) = self.leads.get_mut(&id) {
            lead.interrupted = nothing_stands;
        }
        let Some(quote) = ping.and_then(|ping| self.quotes.get_mut(&ping)) else { return };
        if nothing_stands && nothing_sent && quoted {
            // Nothing was sent: until its time is over, it is there for the supplier's repeat.
            if quote.lead == Some(id) {
                quote.lead = None;
            }
        } else {
            quote.holds.clear();
        }
    }

    pub(super) fn looked_at(&mut self, look: &LookAgain, outcome: &Outcome) {
        if let Outcome::Reserved(_) | Outcome::Done = outcome {
            let state = self.sales.get(&look.sale).map(|sale| sale.state);
            let open = matches!(state, Some(State::Posted | State::Unknown));
            self.must(open, SoldOnce, || format!("{} may be posted again, and is {state:?}", look.sale));
        }
    }

    pub(super) fn return_requested(&mut self, now: Timestamp, request: &RequestReturn, outcome: &Outcome) {
        let Outcome::ReturnOpen = outcome else { return };
        if self.returns.contains_key(&request.sale) {
            return;
        }
        let Some(sale) = self.sales.get(&request.sale) else {
            return self.break_(BooksBalance, format!("{} is to be returned and isn't there", request.sale));
        };
        let (state, own, test) = (sale.state, sale.buyer == request.buyer.as_str(), sale.test);
        let in_time = request.rules.within.is_some_and(|within| sale.sold_at.is_some_and(|sold| now.since(sold) <= within));
        self.must(state == State::Sold && own && !test, BooksBalance, || format!("{} is to be returned, and is {state:?}", request.sale));
        self.must(in_time, BooksBalance, || format!("{} is to be returned outside its contract's days", request.sale));
        self.returns.insert(request.sale, Returning::Requested);
    }

    pub(super) fn return_decided(&mut self, id: SaleId, accept: bool, outcome: &Outcome, touched: &mut Touched) {
        let Outcome::Done = outcome else { return };
        let was = self.returns.get(&id).copied();
        let decided = if accept { Returning::Accepted } else { Returning::Refused };
        if was == Some(decided) {
            return;
        }
        self.must(was == Some(Returning::Requested), BooksBalance, || format!("the return of {id} was decided, and was {was:?}"));
        self.returns.insert(id, decided);
        let Some(sale) = self.sales.get_mut(&id).filter(|_| accept) else { return };
        let (lead, test, price, net, buyer, state) = (sale.lead, sale.test, sale.price, sale.net, sale.buyer.clone(), sale.state);
        sale.state = State::Returned;
        touched.sales.insert(id);
        touched.leads.insert(lead);
        self.must(state == State::Sold, BooksBalance, || format!("{id} was returned, and was {state:?}"));
        if !test {
            let supplier = self.leads.get(&lead).map(|lead| lead.supplier.clone()).unwrap_or_default();
            self.book(buyer.parse().map(Account::Buyer).ok(), price);
            self.book(supplier.parse().map(Account::Supplier).ok(), -net);
            self.book(Some(Account::House), net - price);
        }
    }

    /// Whether some revision's contract lets an unknown sale end this way by itself, so long after its post.
    pub(super) fn is_given_up(&self, id: SaleId, now: Timestamp, sold: bool) -> bool {
        let Some(sale) = self.sales.get(&id) else { return false };
        let hours = sale.started_at.map_or(0, |started| now.since(started).as_secs() / 3600);
        let allows = |(after, then): (u32, bool)| then == sold && hours >= u64::from(after);
        let by_policy = self.plans.values().any(|plan| plan.contract(&sale.contract).and_then(|(_, of)| of.unknown).is_some_and(allows));
        self.resolved.contains(&id) || by_policy
    }

    /// What still waits for somebody to say what became of it.
    pub fn unknown(&self) -> Vec<SaleId> {
        self.sales.iter().filter(|(_, sale)| sale.state == State::Unknown).map(|(id, _)| *id).collect()
    }

    /// At most one buyer holds an exclusive lead and has said that it takes it.
    pub fn check_taken(&mut self, books: &crate::books::Books) {
        let mut taken: std::collections::BTreeMap<LeadId, u32> = std::collections::BTreeMap::new();
        for (id, receipt) in &books.posts {
            let sale = self.sales.get(id).filter(|sale| sale.kind == SaleKind::Exclusive && receipt.takes);
            if let Some(sale) = sale {
                *taken.entry(sale.lead).or_default() += 1;
            }
        }
        if let Some((lead, count)) = taken.into_iter().find(|(_, count)| *count > 1) {
            self.break_(SoldOnce, format!("{count} buyers say that {lead} is theirs alone"));
        }
        let ended = self.sales.values().all(|sale| !matches!(sale.state, State::Held | State::Posted | State::Unknown));
        self.must(ended, EverythingEnds, || "a sale is open at the end".into());
    }
}
