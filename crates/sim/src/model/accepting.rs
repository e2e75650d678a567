//! Requests taken on: one effect for each, duplicates named, and whatever was cut off makes room.

use exchange::{
    command::{Accept, Claim, LeadStatus, NotAccepted, Outcome},
    id::{LeadId, PingId},
    time::Timestamp,
};

use super::{Key, KeyOf, Lead, Model, State, Touched};
use crate::invariant::Invariant::{ChargedAsBid, DisclosedAfterPost, OneEffectPerRequest};

/// So long an idempotency key answers for its first request, in seconds.
const KEY_KEPT_S: u64 = 7 * 24 * 3600;
/// A ping's key is free again after this, in seconds, if its auction left nothing.
const CLAIM_KEPT_S: u64 = 120;

impl Model {
    fn key(&self, supplier: &str, key: &str, now: Timestamp) -> Option<&Key> {
        self.keys.get(&(supplier.to_owned(), key.to_owned())).filter(|used| now.since(used.used_at).as_secs() < KEY_KEPT_S)
    }

    /// Whether the auction of a claimed key's ping may be going on: its time isn't over, and its node lives.
    fn may_be_auctioned(&self, key: &Key, now: Timestamp) -> bool {
        let lives = key.node.and_then(|node| self.nodes.get(&node)).is_some_and(|until| now < *until);
        lives && now.since(key.used_at).as_secs() < CLAIM_KEPT_S
    }

    pub(super) fn claimed(&mut self, now: Timestamp, claim: &Claim, outcome: &Outcome) {
        let (supplier, key) = (claim.supplier.as_str(), claim.idempotency.key.as_str());
        let known = self.key(supplier, key, now).map(|known| (known.fingerprint == claim.idempotency.fingerprint, known.of, self.may_be_auctioned(known, now)));
        match outcome {
            Outcome::Claimed => {
                if let Some((same, of, goes_on)) = known {
                    let again = of == KeyOf::Ping(claim.ping);
                    let cut_off = matches!(of, KeyOf::Ping(ping) if !self.quotes.contains_key(&ping)) && !goes_on;
                    self.must(same && (again || cut_off), OneEffectPerRequest, || format!("a key was claimed twice, for {}", claim.ping));
                    if again {
                        return;
                    }
                }
                let used = Key { fingerprint: claim.idempotency.fingerprint, of: KeyOf::Ping(claim.ping), used_at: now, node: Some(claim.node) };
                self.keys.insert((supplier.to_owned(), key.to_owned()), used);
            }
            Outcome::AlreadyPinged(ping) => {
                let right = known.is_some_and(|(same, of, _)| same && of == KeyOf::Ping(*ping));
                self.must(right, OneEffectPerRequest, || format!("{ping} doesn't answer this request"));
            }
            Outcome::KeyReused => {
                let right = known.is_some_and(|(same, of, _)| !same || matches!(of, KeyOf::Lead(_)));
                self.must(right, OneEffectPerRequest, || "a key was called reused that wasn't".into());
            }
            _ => {}
        }
    }

    pub(super) fn unclaimed(&mut self, claim: &Claim) {
        let place = (claim.supplier.to_string(), claim.idempotency.key.clone());
        if !self.quotes.contains_key(&claim.ping) && self.keys.get(&place).is_some_and(|known| known.of == KeyOf::Ping(claim.ping)) {
            self.keys.remove(&place);
        }
    }

    pub(super) fn accepted(&mut self, now: Timestamp, accept: &Accept, outcome: &Outcome, touched: &mut Touched) {
        if self.leads.contains_key(&accept.lead) {
            return;
        }
        match outcome {
            Outcome::Accepted { fence, quote } => {
                let replaced = self.replaced(now, accept);
                self.check_accepted(now, accept, quote.is_some(), &replaced);
                for lead in replaced {
                    self.interrupt(lead);
                    touched.leads.insert(lead);
                    touched.sales.extend(self.leads[&lead].sales.iter().copied());
                }
                self.take_on(now, accept, None);
                if let Some(lead) = self.leads.get_mut(&accept.lead) {
                    (lead.fence, lead.quoted) = (*fence, quote.is_some());
                }
                if let Some(quote) = accept.ping.filter(|_| quote.is_none()).and_then(|ping| self.quotes.get_mut(&ping)) {
                    quote.holds.clear();
                }
            }
            Outcome::NotAccepted(NotAccepted::Duplicate { .. }) => {
                let replaced = self.replaced(now, accept);
                let first = self.duplicate_of(now, accept, &replaced);
                self.must(first.is_some(), OneEffectPerRequest, || format!("{} is called a duplicate, and is none", accept.lead));
                for lead in replaced {
                    let cut_off = self.is_cut_off(lead, now);
                    self.must(cut_off, OneEffectPerRequest, || format!("{} repeats the request of {lead}, which stands", accept.lead));
                    self.interrupt(lead);
                    touched.leads.insert(lead);
                }
                self.take_on(now, accept, Some(LeadStatus::Duplicate));
                self.release_quote(accept.ping);
            }
            Outcome::NotAccepted(answer) => self.check_not_accepted(now, accept, answer),
            _ => {}
        }
    }

    fn take_on(&mut self, now: Timestamp, accept: &Accept, ended_as: Option<LeadStatus>) {
        let lead = Lead {
            supplier: accept.supplier.to_string(),
            vertical: accept.vertical.to_string(),
            revision: accept.revision,
            test: accept.test,
            ping: accept.ping,
            quoted: false,
            people: accept.people.clone(),
            fingerprint: accept.fingerprint,
            fence: exchange::command::Fence::default(),
            runs: ended_as.is_none(),
            lease_until: now.plus(accept.lease),
            node: accept.node,
            accepted_at: now,
            ended_as,
            interrupted: false,
            erased: false,
            sales: Vec::new(),
            answered: None,
        };
        self.leads.insert(accept.lead, lead);
        if let Some(idempotency) = &accept.idempotency {
            let used = Key { fingerprint: idempotency.fingerprint, of: KeyOf::Lead(accept.lead), used_at: now, node: None };
            self.keys.insert((accept.supplier.to_string(), idempotency.key.clone()), used);
        }
        if let Some(quote) = accept.ping.and_then(|ping| self.quotes.get_mut(&ping)) {
            quote.lead = Some(accept.lead);
        }
    }

    /// Earlier leads of the same request, whose runs were cut off before anything was sent.
    fn replaced(&self, now: Timestamp, accept: &Accept) -> Vec<LeadId> {
        let by_key = accept.idempotency.as_ref().and_then(|used| self.key(accept.supplier.as_str(), &used.key, now)).map(|key| key.of);
        let by_key = by_key.and_then(|of| if let KeyOf::Lead(lead) = of { Some(lead) } else { None });
        let by_ping = accept.ping.and_then(|ping| self.quotes.get(&ping)).and_then(|quote| quote.lead);
        let mut leads: Vec<LeadId> = by_key.into_iter().chain(by_ping).collect();
        leads.dedup();
        leads
    }

    fn is_cut_off(&self, lead: LeadId, now: Timestamp) -> bool {
        let Some(row) = self.leads.get(&lead) else { return true };
        let nothing_sent = self.sales_of(lead).all(|sale| sale.started_at.is_none());
        nothing_sent && !row.erased && if row.runs { !self.is_alive(lead, now) } else { row.interrupted }
    }

    fn check_accepted(&mut self, now: Timestamp, accept: &Accept, quoted: bool, replaced: &[LeadId]) {
        for lead in replaced {
            let cut_off = self.is_cut_off(*lead, now);
            self.must(cut_off, OneEffectPerRequest, || format!("{} repeats the request of {lead}, which stands", accept.lead));
        }
        if let Some(used) = &accept.idempotency {
            let same = self.key(accept.supplier.as_str(), &used.key, now).is_none_or(|known| known.fingerprint == used.fingerprint);
            self.must(same, OneEffectPerRequest, || format!("{} was taken under a key that was used for another payload", accept.lead));
        }
        if let Some(first) = self.duplicate_of(now, accept, replaced) {
            self.break_(DisclosedAfterPost, format!("{} is a duplicate of {first} and was taken on", accept.lead));
        }
        let Some(ping) = accept.ping else { return };
        let Some(quote) = self.quotes.get(&ping) else {
            return self.break_(OneEffectPerRequest, format!("{} is the post of {ping}, which was never quoted", accept.lead));
        };
        let in_time = now < quote.expires_at;
        // What was cut off had been posted in time.
        let stands = in_time || !replaced.is_empty();
        let (erased, own) = (quote.erased, quote.supplier == accept.supplier.as_str());
        self.must(!quoted || stands, ChargedAsBid, || format!("{} is sold at the price of {ping}, whose time is over", accept.lead));
        self.must(quoted || !stands || !replaced.is_empty(), ChargedAsBid, || format!("{} lost the quote of {ping}, which stands", accept.lead));
        self.must(quoted || accept.requote || !replaced.is_empty(), ChargedAsBid, || format!("{} was auctioned again unasked", accept.lead));
        self.must(!erased, DisclosedAfterPost, || format!("{} posts an erased ping", accept.lead));
        self.must(own, OneEffectPerRequest, || format!("{} posts somebody else's ping", accept.lead));
    }

    /// The first lead that makes this one a duplicate.
    fn duplicate_of(&self, now: Timestamp, accept: &Accept, replaced: &[LeadId]) -> Option<LeadId> {
        if accept.test {
            return None;
        }
        let is_first = |id: &LeadId, lead: &Lead| {
            let same =
                lead.vertical == accept.vertical.as_str() && !lead.test && !lead.erased && lead.people.iter().any(|person| accept.people.contains(person));
            let recent = lead.accepted_at > now.minus(accept.duplicates_window);
            let stands = matches!(self.status(*id), LeadStatus::Sold | LeadStatus::Pending | LeadStatus::Returned) || (lead.runs && lead.lease_until > now);
            same && recent && !replaced.contains(id) && (stands || self.sales_of(*id).any(super::Sale::is_disclosed))
        };
        self.leads.iter().find(|(id, lead)| is_first(id, lead)).map(|(id, _)| *id)
    }

    fn check_not_accepted(&mut self, now: Timestamp, accept: &Accept, answer: &NotAccepted) {
        let known = accept.idempotency.as_ref().and_then(|used| self.key(accept.supplier.as_str(), &used.key, now).map(|known| (known.fingerprint, known.of)));
        let same_key = known.filter(|(fingerprint, _)| *fingerprint == accept.fingerprint).map(|(_, of)| of);
        let of_ping = accept.ping.and_then(|ping| self.quotes.get(&ping)).and_then(|quote| quote.lead);
        let same_ping = of_ping.filter(|lead| self.leads.get(lead).is_some_and(|row| row.fingerprint == accept.fingerprint));
        let right = match answer {
            NotAccepted::Repeat(lead) | NotAccepted::InFlight(lead) => same_key == Some(KeyOf::Lead(*lead)) || same_ping == Some(*lead),
            NotAccepted::KeyReused => known.is_some() && !matches!(same_key, Some(KeyOf::Lead(_))),
            NotAccepted::PostedOtherwise(lead) => of_ping == Some(*lead) && same_ping.is_none(),
            NotAccepted::QuoteExpired => accept.ping.and_then(|ping| self.quotes.get(&ping)).is_some_and(|quote| now >= quote.expires_at),
            NotAccepted::QuoteUnknown | NotAccepted::Erased | NotAccepted::Duplicate { .. } => true,
        };
        self.must(right, OneEffectPerRequest, || format!("{} was answered with {answer:?}", accept.lead));
        if *answer == NotAccepted::QuoteExpired {
            self.release_quote(accept.ping);
        }
    }

    fn release_quote(&mut self, ping: Option<PingId>) {
        if let Some(quote) = ping.and_then(|ping| self.quotes.get_mut(&ping)) {
            quote.holds.clear();
        }
    }

    /// Its quote's holds stay: they are the new lead's.
    fn interrupt(&mut self, lead: LeadId) {
        let Some(row) = self.leads.get_mut(&lead) else { return };
        if row.runs {
            (row.runs, row.interrupted, row.ended_as) = (false, true, Some(LeadStatus::Unsold));
        }
        for sale in row.sales.clone() {
            if let Some(sale) = self.sales.get_mut(&sale).filter(|sale| sale.state == State::Held) {
                sale.state = State::Void;
            }
        }
    }
}
