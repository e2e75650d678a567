//! Errors as RFC 9457 problems: the one place where a refusal becomes a status and a body that says what to do.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use exchange::{
    command::{NotAccepted, StoreUnknown},
    id::LeadId,
    lead::FieldError,
    returns::ReturnRefusal,
};
use wire::{
    answer::{self, FieldProblem, Format},
    body::BodyError,
    dialect::Refusal,
};

use crate::{market_bundle::NoMarket, metrics as figures, readers::ReadFailed};

#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    /// The last part of the problem's type, an address that says more: `/problems/KIND`.
    kind: &'static str,
    detail: String,
    errors: Vec<FieldProblem>,
    retry_after: Option<Duration>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    pub fn bad_request(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", detail)
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "send your key as `Authorization: Bearer KEY`; an operator makes one with `pingpost key new`")
    }

    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub fn not_acceptable() -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", "ask for application/json or application/xml in `Accept`")
    }

    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address takes another method: see /docs")
    }

    /// A GET, from a supplier that the operator takes none from.
    pub fn by_get() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "send it by POST: what stands in an address ends in the logs of others")
    }

    pub fn too_large(most: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("a body has at most {most} bytes"))
    }

    pub fn too_many_requests(retry_after: Duration) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "you send faster than your rate limit: wait as `Retry-After` says");
        Self { retry_after: Some(retry_after), ..problem }
    }

    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "a mistake of the exchange: send the same request again, with the same Idempotency-Key")
    }

    /// Nothing was, or can be, made durable. The same request may be sent again.
    pub fn unavailable(detail: &str) -> Self {
        let problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", format!("{detail}: send the same request again, with the same Idempotency-Key"));
        Self { retry_after: Some(Duration::from_secs(1)), ..problem }
    }

    /// The node carries all it can.
    pub fn overloaded() -> Self {
        let problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "the exchange carries all it can: send the same request again when `Retry-After` is over, with the same Idempotency-Key",
        );
        Self { retry_after: Some(Duration::from_secs(2)), ..problem }
    }

    pub fn store(error: ReadFailed) -> Self {
        tracing::error!(%error, "the store could not be read for a request");
        Self::unavailable("the store can't be read")
    }

    pub fn market(error: NoMarket) -> Self {
        tracing::error!(%error, "a market could not be had for a request");
        Self::unavailable("the market can't be read")
    }

    pub fn fields(errors: &[FieldError]) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", "correct all fields named in `errors`, and send again");
        let errors = errors.iter().map(|error| FieldProblem { field: error.field.clone(), code: error.code.word().into(), message: error.message.clone() });
        Self { errors: errors.collect(), ..problem }
    }

    fn conflict(kind: &'static str, detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, kind, detail)
    }

    pub fn in_flight(lead: Option<LeadId>) -> Self {
        let about = lead.map(|lead| format!(" ({lead})")).unwrap_or_default();
        let problem = Self::conflict("in_flight", format!("this request is still being worked on{about}: ask again in a second"));
        Self { retry_after: Some(Duration::from_secs(1)), ..problem }
    }

    /// The same was ruled or reported before, with the other result.
    pub fn decided_otherwise(detail: &str) -> Self {
        Self::conflict("decided_otherwise", detail.to_owned())
    }

    /// A contract's terms aren't those that a change was made of.
    pub fn terms_changed() -> Self {
        Self::conflict("terms_changed", "the terms of this contract were changed meanwhile: look at them, and send your change with their `version`".into())
    }

    pub fn return_refused(refusal: ReturnRefusal) -> Self {
        let detail = match refusal {
            ReturnRefusal::UnknownSale => "no sale of yours has this id",
            ReturnRefusal::NotSold => "nothing was charged for this sale: there is nothing to give back",
            ReturnRefusal::NoReturns => "this contract takes nothing back: ask the operator",
            ReturnRefusal::TooLate => "the contract's days for returns are over: ask the operator",
            ReturnRefusal::TooMany => "the contract's share of returns is used up: ask the operator",
            ReturnRefusal::AlreadyRequested => "its return was requested before, for another reason",
            ReturnRefusal::AlreadyRefused => "its return was requested before, and refused",
        };
        Self::conflict("return_refused", detail.to_owned())
    }

    /// A command was not, or perhaps not, made durable.
    pub fn not_stored(error: &StoreUnknown) -> Self {
        tracing::error!(%error, "a request could not be stored");
        Self::unavailable("the exchange can't store this durably")
    }

    /// What stands in the store's way of taking a request on. A repeat is no problem, and is answered elsewhere.
    pub fn not_accepted(standing: &NotAccepted) -> Self {
        match standing {
            NotAccepted::InFlight(lead) | NotAccepted::Repeat(lead) => Self::in_flight(Some(*lead)),
            NotAccepted::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "this Idempotency-Key was used for another request: repeat that one unchanged, or take a new key",
            ),
            NotAccepted::PostedOtherwise(lead) => Self::conflict("posted_otherwise", format!("this ping was posted with another payload, as {lead}")),
            NotAccepted::QuoteUnknown => Self::not_found("no quote of yours has this id: ping first"),
            NotAccepted::QuoteExpired => Self::new(StatusCode::GONE, "quote_expired", "the quote has expired: ping again"),
            NotAccepted::Erased => Self::new(StatusCode::GONE, "erased", "this person's data was erased on request"),
            NotAccepted::Duplicate { .. } => Self::conflict("duplicate", "this person was sent before".into()),
        }
    }

    /// As a dialect hears it, which has a place of its own for the key: the fields that are wrong, or what is.
    pub fn refusal(&self) -> Refusal {
        if self.status == StatusCode::UNAUTHORIZED {
            return Refusal { status: 401, messages: vec!["this key is not known: ask the operator for one".into()] };
        }
        let of_fields: Vec<String> = self.errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
        Refusal { status: self.status.as_u16(), messages: if of_fields.is_empty() { vec![self.detail.clone()] } else { of_fields } }
    }

    /// Of the fields that are wrong, as a form shows them.
    pub fn field_errors(&self) -> &[FieldProblem] {
        &self.errors
    }

    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub fn respond(self, format: Format, route: &'static str) -> Response {
        figures::requested(route, self.status.as_u16());
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = answer::Problem::new(self.status.as_u16(), self.kind, title).with_detail(self.detail).with_errors(self.errors);
        let mut response = Response::new(body.render(format).into());
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.problem_type()));
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Unreadable { .. } => Self::new(StatusCode::BAD_REQUEST, "unreadable", error.to_string()),
            BodyError::UnsupportedType => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_type", error.to_string()),
        }
    }
}
