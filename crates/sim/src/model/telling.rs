//! What suppliers are told must be so.

use exchange::{
    command::LeadStatus,
    flow::effect::{LeadReply, QuoteReply, Reply},
};

use super::{Model, State};
use crate::invariant::Invariant::{AcknowledgedSurvives, ChargedAsBid, OneEffectPerRequest};

impl Model {
    /// `is_sure` where no command of the run's lead was left unanswered.
    pub fn told(&mut self, reply: &Reply, is_sure: bool) {
        match reply {
            Reply::Quoted(quote) => self.told_quote(quote),
            Reply::Lead(lead) => self.told_lead(lead, is_sure),
            Reply::AlreadyPinged(_) | Reply::Unmatched { .. } | Reply::NotAccepted(_) | Reply::Unavailable => {}
        }
    }

    fn told_quote(&mut self, told: &QuoteReply) {
        let Some(quote) = self.quotes.get(&told.ping) else {
            return self.break_(AcknowledgedSurvives, format!("{} was quoted, and isn't kept", told.ping));
        };
        let (net, firm, expires_at) = (quote.net, quote.firm, quote.expires_at);
        self.must(net == told.net, ChargedAsBid, || format!("{} was told {} and is kept with {net}", told.ping, told.net));
        self.must(firm == told.firm, ChargedAsBid, || format!("{} was told firm {}, and is {firm}", told.ping, told.firm));
        self.must(expires_at == told.expires_at, ChargedAsBid, || format!("{} was told another end than it has", told.ping));
    }

    fn told_lead(&mut self, told: &LeadReply, is_sure: bool) {
        if !self.leads.contains_key(&told.lead) {
            return self.break_(AcknowledgedSurvives, format!("{} was acknowledged, and isn't kept", told.lead));
        }
        let states: Vec<State> = self.sales_of(told.lead).map(|sale| sale.state).collect();
        let any = |wanted: &[State]| states.iter().any(|state| wanted.contains(state));
        let right = match told.status {
            LeadStatus::Sold => any(&[State::Sold, State::Returned]),
            LeadStatus::Unsold => !any(&[State::Held, State::Posted, State::Unknown, State::Sold]),
            LeadStatus::Pending => any(&[State::Posted, State::Unknown, State::Sold]) || !is_sure,
            LeadStatus::Duplicate => self.status(told.lead) == LeadStatus::Duplicate,
            LeadStatus::Open | LeadStatus::Returned => false,
        };
        if let Some(row) = self.leads.get_mut(&told.lead).filter(|_| is_sure) {
            row.answered = Some((told.status, told.net));
        }
        self.must(right, OneEffectPerRequest, || format!("{} was told {:?}, and its sales are {states:?}", told.lead, told.status));
        if told.status == LeadStatus::Sold && !any(&[State::Returned]) {
            let net = self.net(told.lead);
            // A leg that was decided elsewhere meanwhile is not in the run's answer; the lead's current state has it.
            let is_sure = is_sure && !self.sales_of(told.lead).any(|sale| sale.found_sold);
            self.must(told.net == net || (!is_sure && told.net <= net), ChargedAsBid, || format!("{} was told {} and gets {net}", told.lead, told.net));
        }
    }
}
