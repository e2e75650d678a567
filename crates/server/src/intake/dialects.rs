//! Requests in the words of other exchanges: heard and answered by a dialect, decided as native ones are.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
    routing::any,
};
use exchange::{
    flow::Limits,
    id::SupplierName,
    lead::Code,
    market::Market,
    supplier::{ContactInPing, Supplier},
};
use wire::dialect::{self, Heard, Hearing, Refusal, Said, Step, Told, Voice};

use super::{
    direct_post,
    mount::Mount,
    outcome::{Outcome, What},
    ping, quoted_post,
    request::{Incoming, body_if_room, idempotency_key, room_for, supplier_with, whole_body},
};
use crate::{admission::Class, metrics as figures, node::Node, problem::Problem};

/// In bytes: the most of a supplier's own id of a request.
const MOST_ID: usize = 200;

/// One of the routes of a dialect.
#[derive(Clone)]
struct Place {
    mount: Mount,
    /// Suppliers that were told of in the log for sending leads by GET.
    warned: Arc<Mutex<BTreeSet<SupplierName>>>,
}

/// What every dialect listens at.
pub fn routes(mounts: &[Mount]) -> Router<Arc<Node>> {
    let warned = Arc::default();
    let mut router = Router::new();
    for mount in mounts {
        for path in mount.dialect.paths {
            let place = Place { mount: mount.clone(), warned: Arc::clone(&warned) };
            let handler = any(move |State(node): State<Arc<Node>>, request: Request| async move { answer(&node, &place, request).await });
            router = router.route(&format!("{}{path}", mount.prefix), handler);
        }
    }
    router
}

async fn answer(node: &Arc<Node>, place: &Place, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let dialect = place.mount.dialect;
    let (voice, decided) = match whole(node, &parts, body).await {
        Ok(bytes) => {
            let Hearing { voice, heard } = dialect.hear(&asked(place, &parts, &bytes));
            let decided = match heard.and_then(|heard| by_method(&parts.method).map(|()| heard)) {
                Ok(heard) => decide(node, place, &parts, heard).await.map_err(Refused::Problem),
                Err(refusal) => Err(Refused::Unheard(refusal)),
            };
            (voice, decided)
        }
        Err(problem) => (dialect.hear(&asked(place, &parts, &[])).voice, Err(Refused::Problem(problem))),
    };
    let mut response = respond(say(dialect, &voice, &decided));
    if let Err(Refused::Problem(problem)) = &decided
        && let Some(wait) = problem.retry_after()
    {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    figures::requested(dialect.name, response.status().as_u16());
    response
}

enum Refused {
    /// The dialect makes nothing of it.
    Unheard(Refusal),
    Problem(Problem),
}

/// The body, where there is room for a request of any kind: what it is for stands in it.
async fn whole(node: &Node, parts: &Parts, body: Body) -> Result<Vec<u8>, Problem> {
    let body = body_if_room(node, Class::QuotedPost, body).await?;
    whole_body(&parts.headers, body).await
}

fn asked<'a>(place: &Place, parts: &'a Parts, body: &'a [u8]) -> dialect::Request<'a> {
    let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let path = parts.uri.path();
    dialect::Request {
        is_get: parts.method == Method::GET,
        path: path.strip_prefix(place.mount.prefix.as_str()).unwrap_or(path),
        query: parts.uri.query(),
        content_type: text(header::CONTENT_TYPE),
        accept: text(header::ACCEPT),
        body,
    }
}

fn by_method(method: &Method) -> Result<(), Refusal> {
    if matches!(*method, Method::GET | Method::POST) { Ok(()) } else { Err(Refusal { status: 405, messages: vec!["send it by POST".into()] }) }
}

async fn decide(node: &Arc<Node>, place: &Place, parts: &Parts, heard: Heard) -> Result<Outcome, Problem> {
    let supplier = supplier_with(node, heard.key.as_ref().map(|key| key.as_str()), &parts.headers).await?;
    let market = node.market().ok_or_else(|| Problem::unavailable("no market has been applied yet"))?;
    let terms = market.supplier(&supplier).ok_or_else(|| Problem::forbidden("this supplier is not in the market: ask the operator"))?;
    if parts.method == Method::GET {
        by_get(place, terms)?;
    }
    let class = match heard.step {
        Step::Ping => Class::Ping,
        Step::Direct => Class::DirectPost,
        Step::Post(_) => Class::QuotedPost,
    };
    room_for(node, class)?;
    let step = heard.step.clone();
    let vertical = vertical_of(&heard.campaign, &market, terms)?;
    let incoming = incoming(parts, heard, &market, terms, &vertical)?;
    match step {
        Step::Ping => ping::decide(node, &vertical, incoming).await,
        Step::Direct => direct_post::decide(node, &vertical, incoming).await,
        Step::Post(ping) => quoted_post::decide(node, &ping, incoming).await,
    }
}

/// By the supplier's own table, or by our name.
fn vertical_of(campaign: &str, market: &Market, terms: &Supplier) -> Result<String, Problem> {
    let unknown = || Problem::not_found("this campaign or type of lead is not known: ask the operator which vertical it is");
    let named = || campaign.parse().ok().filter(|name| market.vertical(name).is_some());
    terms.inbound.campaigns.get(campaign).cloned().or_else(named).map(|name| name.to_string()).ok_or_else(unknown)
}

/// What stands in an address ends in the logs of whoever carries it.
fn by_get(place: &Place, terms: &Supplier) -> Result<(), Problem> {
    if terms.inbound.refuses_get {
        return Err(Problem::by_get());
    }
    figures::requested_by_get(&terms.name);
    if place.warned.lock().unwrap_or_else(PoisonError::into_inner).insert(terms.name.clone()) {
        tracing::warn!(supplier = %terms.name, "sends by GET: contact data in an address ends in the logs of others; `inbound.get = false` refuses it");
    }
    Ok(())
}

fn incoming(parts: &Parts, heard: Heard, market: &Market, terms: &Supplier, vertical: &str) -> Result<Incoming, Problem> {
    let Heard { step, test, min_price, max_disclosures, mut fields, .. } = heard;
    let named = idempotency_key(&parts.headers)?;
    let own = terms.inbound.request_id.as_ref().and_then(|name| fields.iter().find(|(known, _)| known == name)).and_then(|(_, value)| value.as_text());
    // One id is that of a ping and of its post.
    let own = own.map(str::trim).filter(|id| !id.is_empty()).map(|id| format!("{} {id}", if step == Step::Ping { "ping" } else { "post" }));
    let is_too_long = own.as_ref().is_some_and(|id| id.len() > MOST_ID);
    if step == Step::Ping && terms.inbound.contact_in_ping == ContactInPing::Dropped {
        drop_contact(&mut fields, market, terms, vertical);
    }
    let mut incoming = Incoming::new(terms.name.clone(), wire::answer::Format::Json, fields, test, named.or(own));
    incoming.limits = Limits { min_price, max_disclosures };
    if is_too_long {
        incoming.mistaken(terms.inbound.request_id.as_deref().unwrap_or_default(), Code::TooLong, "an id of a request has at most 200 bytes");
    }
    Ok(incoming)
}

fn drop_contact(fields: &mut exchange::raw::RawFields, market: &Market, terms: &Supplier, vertical: &str) {
    let Some(vertical) = vertical.parse().ok().and_then(|name| market.vertical(&name)) else { return };
    fields.retain(|(name, _)| {
        let ours = terms.inbound.fields.get(name).unwrap_or(name);
        vertical.find(ours).is_none_or(|index| !vertical.field(index).kind.is_refused_in_ping())
    });
}

fn say(dialect: &dialect::Dialect, voice: &Voice, decided: &Result<Outcome, Refused>) -> Said {
    let refused = |refusal: &Refusal| dialect.say(voice, &Told::Refused(refusal));
    match decided {
        Err(Refused::Unheard(refusal)) => refused(refusal),
        Err(Refused::Problem(problem)) => refused(&problem.refusal()),
        Ok(outcome) => match &outcome.what {
            What::Quoted(quote) => dialect.say(voice, &Told::Quoted { ping: quote.ping, net: quote.net, legs: &quote.legs }),
            What::Unmatched { ping, reason } => dialect.say(voice, &Told::Unmatched { ping: *ping, reason }),
            What::Lead(lead) => {
                let (reason, redirect_url) = (lead.reason.as_deref(), lead.redirect_url.as_deref());
                dialect.say(voice, &Told::Lead { lead: lead.lead, status: lead.status, net: lead.net, reason, redirect_url })
            }
        },
    }
}

fn respond(said: Said) -> Response {
    let mut response = Response::new(Body::from(said.body));
    *response.status_mut() = StatusCode::from_u16(said.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(said.content_type));
    if let Some(location) = said.location.as_deref().and_then(|url| HeaderValue::from_str(url).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
