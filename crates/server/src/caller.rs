//! Who calls with a buyer's or an operator's key: what is checked of every such request, and how it is answered.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, header},
    response::Response,
};
use exchange::{command::Role, id::BuyerName, raw::RawFields};
use wire::{
    answer::{Format, Node as Body},
    body,
};

use crate::{
    intake::{BODY_TIME, Refused, drain, format_of, role_of, whole_body},
    metrics as figures,
    node::Node,
    problem::Problem,
};

/// A request that has passed.
pub struct Asked<W> {
    pub who: W,
    pub query: Option<String>,
    /// Of the body; a GET has none.
    pub fields: RawFields,
}

/// Who may call: the owner of the key, or why it may not.
pub type Whose<W> = fn(Role) -> Result<W, Problem>;

pub struct Buyer(pub BuyerName);

/// By name.
pub struct Operator(pub String);

pub fn buyer(role: Role) -> Result<Buyer, Problem> {
    match role {
        Role::Buyer(name) => Ok(Buyer(name)),
        Role::Supplier(_) | Role::Operator(_) => Err(Problem::forbidden("this call takes a buyer's key")),
    }
}

pub fn operator(role: Role) -> Result<Operator, Problem> {
    match role {
        Role::Operator(name) => Ok(Operator(name)),
        Role::Supplier(_) | Role::Buyer(_) => Err(Problem::forbidden("this call takes an operator's key")),
    }
}

/// What an answer says: in either format, or in JSON alone.
pub enum Told {
    Either(Body),
    Json(Vec<u8>),
}

impl Told {
    /// Maps with text keys: it can't fail.
    pub fn json(value: &impl serde::Serialize) -> Self {
        Self::Json(serde_json::to_vec(value).unwrap_or_default())
    }

    fn respond(self, format: Format, route: &'static str) -> Response {
        let bytes = match (self, format) {
            (Self::Either(body), format) => body.render(format),
            (Self::Json(bytes), Format::Json) => bytes,
            (Self::Json(_), Format::Xml) => return Problem::not_acceptable().respond(format, route),
        };
        figures::requested(route, 200);
        let mut response = Response::new(bytes.into());
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        response
    }
}

impl From<Body> for Told {
    fn from(body: Body) -> Self {
        Self::Either(body)
    }
}

/// Answers a request in its own format, whatever comes of it.
pub async fn answered<W, T, F>(node: &Node, route: &'static str, request: Request, whose: Whose<W>, answer: impl FnOnce(Asked<W>) -> F) -> Response
where
    T: Into<Told>,
    F: Future<Output = Result<T, Problem>>,
{
    let (format, answer) = match asked(node, request, whose).await {
        Ok((format, asked)) => (format, answer(asked).await),
        Err((format, problem)) => (format, Err(problem)),
    };
    match answer {
        Ok(told) => told.into().respond(format, route),
        Err(problem) => problem.respond(format, route),
    }
}

/// The key is looked at first: who has none hears nothing else.
async fn asked<W>(node: &Node, request: Request, whose: Whose<W>) -> Result<(Format, Asked<W>), Refused> {
    let (parts, body) = request.into_parts();
    let format = format_of(&parts.headers).map_err(|problem| (Format::Json, problem));
    let passed = match format {
        Ok(format) => role_of(node, &parts.headers).await.and_then(whose).map(|who| (format, who)).map_err(|problem| (format, problem)),
        Err(refused) => Err(refused),
    };
    let (format, who) = match passed {
        Ok(passed) => passed,
        // A client that is still sending would not hear the answer.
        Err(refused) => {
            drop(tokio::time::timeout(BODY_TIME, drain(body, 0)).await);
            return Err(refused);
        }
    };
    let query = parts.uri.query().map(str::to_owned);
    if parts.method == Method::GET {
        return Ok((format, Asked { who, query, fields: RawFields::new() }));
    }
    let refuse = |problem| (format, problem);
    let bytes = whole_body(&parts.headers, body).await.map_err(refuse)?;
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let fields = body::read(content_type, &bytes).map_err(|error| refuse(error.into()))?.fields;
    Ok((format, Asked { who, query, fields }))
}
