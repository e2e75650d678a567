//! Sales: every limit checked by counting, every end justified by what the buyer itself says.

use exchange::{
    command::{End, LeadStatus, Outcome, Reserve, Settle, StartPost, Void, VoidCause},
    contract::SaleKind,
    id::{LeadId, SaleId},
    ledger::Account,
    money::Money,
    refusal::Refusal,
    time::Timestamp,
};

use super::{Model, Returning, Sale, State};
use crate::{
    books::Books,
    invariant::Invariant::{BooksBalance, CapsHold, ChargedAsBid, DisclosedAfterPost, EverythingEnds, SoldOnce},
};

/// The list of those whom nobody may be offered.
const EXCHANGE_LIST: &str = "exchange";

impl Model {
    pub(super) fn reserved(&mut self, now: Timestamp, reserve: &Reserve, outcome: &Outcome, books: &Books) {
        match outcome {
            Outcome::Reserved(_) => self.sale_made(now, reserve, books),
            Outcome::Refused(refusal) => self.check_refusal(now, reserve, refusal),
            _ => {}
        }
    }

    fn sale_made(&mut self, now: Timestamp, reserve: &Reserve, books: &Books) {
        let Reserve { request, terms } = reserve;
        let id = request.sale;
        if let Some(known) = self.sales.get(&id) {
            let same = known.lead == request.lead && known.contract == request.contract.to_string() && matches!(known.state, State::Held | State::Posted);
            return self.must(same, SoldOnce, || format!("{id} was reserved again"));
        }
        let Some(lead) = self.leads.get(&request.lead) else {
            return self.break_(SoldOnce, format!("{id} is of {}, which isn't there", request.lead));
        };
        let (test, supplier, revision) = (lead.test, lead.supplier.clone(), lead.revision);
        let held_by = request.quoted_by.filter(|ping| lead.ping == Some(*ping));
        self.check_room(reserve);
        self.check_people(now, reserve);
        let taken = held_by.and_then(|ping| self.take_hold(ping, &request.contract.to_string(), request.kind, request.price));
        if !test && taken.is_none() {
            self.check_limits(now, reserve);
        }
        self.check_price(revision, &supplier, &request.contract.to_string(), request.kind, (request.price, request.net), request.buyer_ping, books);
        let sale = Sale {
            lead: request.lead,
            buyer: request.contract.buyer.to_string(),
            contract: request.contract.to_string(),
            parent: terms.parent.as_str().to_owned(),
            kind: request.kind,
            price: request.price,
            net: request.net,
            test,
            state: if request.start_post { State::Posted } else { State::Held },
            counted_at: taken.unwrap_or(now),
            started_at: request.start_post.then_some(now),
            unsent: false,
            sold_at: None,
            found_sold: false,
        };
        self.sales.insert(id, sale);
        if let Some(lead) = self.leads.get_mut(&request.lead) {
            lead.sales.push(id);
        }
        if request.start_post {
            self.check_disclosures(request.lead);
        }
    }

    /// A firm quote's hold becomes the sale's.
    fn take_hold(&mut self, ping: exchange::id::PingId, contract: &str, kind: SaleKind, price: Money) -> Option<Timestamp> {
        let holds = &mut self.quotes.get_mut(&ping)?.holds;
        let place = holds.iter().position(|hold| hold.contract == contract && hold.kind == kind && hold.price == price)?;
        Some(holds.remove(place).counted_at)
    }

    fn check_room(&mut self, reserve: &Reserve) {
        let Reserve { request, terms } = reserve;
        let Some(lead) = self.leads.get(&request.lead) else { return };
        let (fence, runs, erased) = (lead.fence, lead.runs, lead.erased);
        let plan = self.plans.get(&lead.revision);
        let most_shared = plan.map_or(0, |plan| plan.most_shared());
        let most_disclosures = plan.map_or(0, |plan| plan.most_disclosures(&lead.supplier));
        let live: Vec<(SaleKind, String)> = self.sales_of(request.lead).filter(|sale| sale.is_live()).map(|sale| (sale.kind, sale.parent.clone())).collect();
        let disclosed = self.sales_of(request.lead).filter(|sale| sale.is_disclosed()).count();
        let reached = self.sales_of(request.lead).any(|sale| (sale.is_live() || sale.is_disclosed()) && sale.parent == terms.parent.as_str());
        let exclusive = live.iter().any(|(kind, _)| *kind == SaleKind::Exclusive);
        let room = match request.kind {
            SaleKind::Exclusive => live.is_empty(),
            SaleKind::Shared => !exclusive && live.len() < most_shared as usize,
        };
        let id = request.sale;
        self.must(runs && fence == request.fence, SoldOnce, || format!("{id} was reserved by a run that doesn't hold its lead"));
        self.must(room, SoldOnce, || format!("{id} has no room beside {live:?}"));
        self.must(disclosed < most_disclosures as usize, DisclosedAfterPost, || format!("{id} after {disclosed} disclosures, of at most {most_disclosures}"));
        self.must(!reached, SoldOnce, || format!("{id} goes to a company that has the lead"));
        self.must(!erased, DisclosedAfterPost, || format!("{id} is of an erased lead"));
    }

    fn check_people(&mut self, now: Timestamp, reserve: &Reserve) {
        let Reserve { request, terms } = reserve;
        let Some(lead) = self.leads.get(&request.lead) else { return };
        let lists = terms.lists.iter().map(|list| list.as_str()).chain([EXCHANGE_LIST]);
        let suppressed = lists.clone().any(|list| lead.people.iter().any(|person| self.suppressed.contains(&(list.to_owned(), *person))));
        let days = terms.duplicate_days.filter(|_| !lead.test).map(|days| std::time::Duration::from_secs(u64::from(days) * 86_400));
        let is_same = |other: &Sale| {
            let person = self.leads.get(&other.lead).is_some_and(|row| !row.erased && row.people.iter().any(|person| lead.people.contains(person)));
            person && other.lead != request.lead && !other.test && other.is_live() && other.parent == terms.parent.as_str()
        };
        let again = days.is_some_and(|days| self.sales.values().any(|other| is_same(other) && other.counted_at > now.minus(days)));
        let id = request.sale;
        self.must(!suppressed, DisclosedAfterPost, || format!("{id} offers a suppressed person"));
        self.must(!again, DisclosedAfterPost, || format!("{id} offers a buyer the same person again"));
    }

    fn check_limits(&mut self, now: Timestamp, reserve: &Reserve) {
        let Reserve { request, terms } = reserve;
        let contract = request.contract.to_string();
        for cap in &terms.caps {
            let fits = self.fits(&contract, cap, &terms.time_zone, now, request.price);
            self.must(fits, CapsHold, || format!("{} passes the cap {cap} of {contract}", request.sale));
        }
        let available = self.available(request.contract.buyer.as_str(), terms.credit);
        self.must(request.price <= available, BooksBalance, || format!("{} takes {} of {available}", request.sale, request.price));
    }

    /// A limit that isn't reached refuses nobody: what was given back counts no more.
    fn check_refusal(&mut self, now: Timestamp, reserve: &Reserve, refusal: &Refusal) {
        let Reserve { request, terms } = reserve;
        let contract = request.contract.to_string();
        match refusal {
            Refusal::Cap(cap) => {
                let fits = self.fits(&contract, cap, &terms.time_zone, now, request.price);
                self.must(!fits, CapsHold, || format!("{} was refused for the cap {cap} of {contract}, which has room", request.sale));
            }
            Refusal::Credit => {
                let available = self.available(request.contract.buyer.as_str(), terms.credit);
                self.must(request.price > available, BooksBalance, || format!("{} was refused for credit, and {available} is left", request.sale));
            }
            Refusal::LeadTaken => {
                let live = self.sales_of(request.lead).any(|sale| sale.is_live());
                self.must(live, SoldOnce, || format!("{} was refused, and nobody has its lead", request.sale));
            }
            Refusal::Erased => {
                let erased = self.leads.get(&request.lead).is_none_or(|lead| lead.erased);
                self.must(erased, DisclosedAfterPost, || format!("{} was refused as erased, and isn't", request.sale));
            }
            _ => {}
        }
    }

    pub(super) fn started(&mut self, now: Timestamp, start: &StartPost, outcome: &Outcome, books: &Books) {
        let Outcome::Reserved(_) = outcome else { return };
        let (sale, fence) = (start.sale, start.fence);
        let Some(row) = self.sales.get_mut(&sale) else { return self.break_(DisclosedAfterPost, format!("{sale} was started and isn't there")) };
        let (lead, was) = (row.lead, row.state);
        if was == State::Held {
            (row.state, row.started_at) = (State::Posted, Some(now));
        }
        self.must(matches!(was, State::Held | State::Posted), DisclosedAfterPost, || format!("{sale} was started, and was {was:?}"));
        let held = self.leads.get(&lead).is_some_and(|lead| lead.runs && lead.fence == fence);
        self.must(held, SoldOnce, || format!("{sale} was started by a run that doesn't hold its lead"));
        let erased = self.leads.get(&lead).is_none_or(|lead| lead.erased);
        self.must(!erased, DisclosedAfterPost, || format!("{sale} was started, of an erased lead"));
        let confirmed = books.confirmed.get(&sale) == Some(&true);
        self.must(confirmed, DisclosedAfterPost, || format!("{sale} was started, and its buyer hasn't confirmed"));
        self.check_disclosures(lead);
    }

    fn check_disclosures(&mut self, lead: LeadId) {
        let Some(row) = self.leads.get(&lead) else { return };
        let most = self.plans.get(&row.revision).map_or(0, |plan| plan.most_disclosures(&row.supplier));
        let disclosed = self.sales_of(lead).filter(|sale| sale.is_disclosed()).count();
        self.must(disclosed <= most as usize, DisclosedAfterPost, || format!("{lead} is disclosed to {disclosed}, of at most {most}"));
    }

    pub(super) fn settled(&mut self, now: Timestamp, settle: &Settle, outcome: &Outcome, books: &Books) {
        let Outcome::Done = outcome else { return };
        let Some(sale) = self.sales.get_mut(&settle.sale) else { return self.break_(BooksBalance, format!("{} was settled and isn't there", settle.sale)) };
        let was = sale.state;
        match was {
            State::Sold | State::Returned => return,
            State::Posted | State::Unknown => sale.state = State::Sold,
            State::Held | State::Void => return self.break_(BooksBalance, format!("{} was settled, and was {was:?}", settle.sale)),
        }
        sale.sold_at = Some(now);
        sale.found_sold = was == State::Unknown;
        if settle.disputed.is_some() {
            self.returns.insert(settle.sale, Returning::Requested);
        }
        let Some(sale) = self.sales.get(&settle.sale) else { return };
        let (lead, test, price, net, buyer) = (sale.lead, sale.test, sale.price, sale.net, sale.buyer.clone());
        self.check_settled(now, settle, test, books);
        if !test {
            let supplier = self.leads.get(&lead).map(|lead| lead.supplier.clone()).unwrap_or_default();
            self.book(buyer.parse().map(Account::Buyer).ok(), -price);
            self.book(supplier.parse().map(Account::Supplier).ok(), net);
            self.book(Some(Account::House), price - net);
        }
        let under_way = self.sales_of(lead).any(|sale| matches!(sale.state, State::Held | State::Posted));
        if settle.ends_lead && !under_way {
            self.end_run(lead, LeadStatus::Sold, false);
        }
    }

    /// Nobody is charged who hasn't said yes, or is bound by having confirmed.
    fn check_settled(&mut self, now: Timestamp, settle: &Settle, test: bool, books: &Books) {
        let receipt = books.posts.get(&settle.sale);
        let accepted = receipt.is_some_and(|receipt| receipt.said_accepted);
        let bound = settle.disputed.is_some() && receipt.is_some_and(|receipt| receipt.said_rejected) && books.confirmed.get(&settle.sale) == Some(&true);
        let given_up = self.is_given_up(settle.sale, now, true);
        let right = receipt.is_none_or(|receipt| receipt.test == test);
        self.must(accepted || bound || given_up, ChargedAsBid, || format!("{} is charged, and its buyer never accepted", settle.sale));
        self.must(right, BooksBalance, || format!("{}: a test and not a test", settle.sale));
    }

    pub(super) fn book(&mut self, account: Option<Account>, amount: Money) {
        if let Some(account) = account {
            *self.balances.entry(account).or_default() += amount;
        }
    }

    pub(super) fn voided(&mut self, now: Timestamp, void: &Void, outcome: &Outcome, books: &Books) {
        let Outcome::Done = outcome else { return };
        let Some(sale) = self.sales.get_mut(&void.sale) else { return self.break_(BooksBalance, format!("{} was voided and isn't there", void.sale)) };
        let was = sale.state;
        match was {
            State::Void => return,
            State::Sold | State::Returned => return self.break_(BooksBalance, format!("{} was voided, and was {was:?}", void.sale)),
            State::Held | State::Posted | State::Unknown => sale.state = State::Void,
        }
        sale.unsent = void.cause == VoidCause::Unsent;
        let receipt = books.posts.get(&void.sale);
        let right = match void.cause {
            VoidCause::Rejected => receipt.is_some_and(|receipt| receipt.said_rejected) && books.confirmed.get(&void.sale) != Some(&true),
            VoidCause::Unsent | VoidCause::NotConfirmed | VoidCause::Interrupted => receipt.is_none(),
            VoidCause::GivenUp => was == State::Unknown && self.is_given_up(void.sale, now, false),
        };
        self.must(right, DisclosedAfterPost, || format!("{} is void as {}, and its buyer's book says {receipt:?}", void.sale, void.cause.word()));
    }

    pub(super) fn marked_unknown(&mut self, sale: SaleId, outcome: &Outcome) {
        let Outcome::Done = outcome else { return };
        let Some(row) = self.sales.get_mut(&sale) else { return };
        let was = row.state;
        if was == State::Posted {
            row.state = State::Unknown;
        }
        self.must(matches!(was, State::Posted | State::Unknown), BooksBalance, || format!("{sale} became unknown, and was {was:?}"));
    }

    pub(super) fn ended(&mut self, end: &End, outcome: &Outcome) {
        let Outcome::Done = outcome else { return };
        let under_way = self.sales_of(end.lead).any(|sale| matches!(sale.state, State::Held | State::Posted));
        let Some(lead) = self.leads.get(&end.lead) else { return };
        if lead.runs {
            let held = lead.fence == end.fence;
            self.must(held, SoldOnce, || format!("{} was ended by a run that doesn't hold it", end.lead));
            self.must(!under_way, EverythingEnds, || format!("{} was ended with a sale under way", end.lead));
            let interrupted = end.reason.as_deref() == Some("interrupted");
            self.end_run(end.lead, end.status, interrupted);
        }
    }

    fn end_run(&mut self, lead: LeadId, status: LeadStatus, interrupted: bool) {
        let Some(row) = self.leads.get_mut(&lead) else { return };
        (row.runs, row.ended_as, row.interrupted) = (false, Some(status), interrupted);
        let ping = row.ping;
        if let Some(quote) = ping.and_then(|ping| self.quotes.get_mut(&ping)) {
            quote.holds.clear();
        }
    }
}
