//! What suppliers hear in the native protocol: what came of a request, as an answer.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use exchange::money::{Currency, Money};
use store::LeadRow;
use wire::answer::{Format, Node as Body};

use super::outcome::{Lead, Outcome, Quoted, What};
use crate::metrics as figures;

/// A 200 with its body.
pub struct Answer(Vec<(&'static str, Body)>);

impl Answer {
    fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.0.push((name, Body::of(value)));
        self
    }

    fn with_some(self, name: &'static str, value: Option<impl std::fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn with_yes_or_no(mut self, name: &'static str, yes: bool) -> Self {
        self.0.push((name, Body::Boolean(yes)));
        self
    }

    fn with_list(mut self, name: &'static str, entry: &'static str, entries: Vec<Body>) -> Self {
        if !entries.is_empty() {
            self.0.push((name, Body::list(entry, entries)));
        }
        self
    }

    fn with_ignored(self, ignored: Vec<String>) -> Self {
        self.with_list("ignored", "field", ignored.into_iter().map(Body::text).collect())
    }

    /// When it was accepted and decided.
    pub fn with_times(self, row: &LeadRow) -> Self {
        self.with("accepted_at", row.accepted_at.to_string()).with_some("decided_at", row.ended_at.map(|at| at.to_string()))
    }

    pub fn respond(self, format: Format, route: &'static str) -> Response {
        figures::requested(route, 200);
        let mut response = Response::new(Body::Object(self.0).render(format).into());
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        response
    }
}

fn legs(nets: &[Money]) -> Vec<Body> {
    nets.iter().map(|net| Body::object([("price", Some(Body::of(net)))])).collect()
}

pub fn of(outcome: Outcome) -> Answer {
    let Outcome { what, currency, ignored } = outcome;
    let answer = match what {
        What::Quoted(quote) => matched(&quote, currency),
        What::Unmatched { ping, reason } => Answer(Vec::new()).with("ping_id", ping).with("status", "unmatched").with("reason", reason),
        What::Lead(lead) => of_lead(lead, currency),
    };
    answer.with_ignored(ignored)
}

fn matched(quote: &Quoted, currency: Currency) -> Answer {
    Answer(Vec::new())
        .with("ping_id", quote.ping)
        .with("status", "matched")
        .with("price", quote.net)
        .with("currency", currency.code())
        .with_yes_or_no("firm", quote.firm)
        .with("expires_at", quote.expires_at)
        .with_list("legs", "leg", legs(&quote.legs))
}

pub fn of_lead(lead: Lead, currency: Currency) -> Answer {
    Answer(Vec::new())
        .with("lead_id", lead.lead)
        .with("status", lead.status.word())
        .with("price", lead.net)
        .with("currency", currency.code())
        .with_some("reason", lead.reason)
        .with_some("redirect_url", lead.redirect_url)
        .with_some("duplicate_of", lead.duplicate_of)
        .with_list("legs", "leg", legs(&lead.legs))
}
