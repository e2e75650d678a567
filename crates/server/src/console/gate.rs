//! Before every page: who asks, whether it may, and whether what it sends was typed into a page of its own session.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use exchange::permission::Permission;
use futures_util::StreamExt;
use subtle::ConstantTimeEq;

use super::{cookie, failed::Failed, form::Form, reply, sessions, visitor::Visitor, way::Way};
use crate::node::Node;

/// In bytes: the most that a form may have.
const MOST_FORM: usize = 256 * 1024;
const FORM_TIME: Duration = Duration::from_secs(10);

/// Lets those through whose role has the permission; their handler finds a [`Visitor`], and the [`Form`] of a POST.
pub async fn gate(State((node, permission)): State<(Arc<Node>, Permission)>, request: Request, next: Next) -> Response {
    match passed(&node, permission, request).await {
        Ok((request, visitor)) => {
            let mut response = next.run(request).await;
            if visitor.notice.is_some() && response.status().is_success() {
                response.headers_mut().append(header::SET_COOKIE, cookie::end_notice());
            }
            while_signed_in(&node, &visitor, response)
        }
        Err(Refused { failed: Failed::SignedOut, to }) => signed_out(to.as_deref()),
        Err(Refused { failed, .. }) => failed.into_response(),
    }
}

struct Refused {
    failed: Failed,
    /// The page that was asked for, to go on to after signing in.
    to: Option<String>,
}

impl From<Failed> for Refused {
    fn from(failed: Failed) -> Self {
        Self { failed, to: None }
    }
}

async fn passed(node: &Arc<Node>, permission: Permission, request: Request) -> Result<(Request, Visitor), Refused> {
    let (mut parts, body) = request.into_parts();
    let visitor = visitor_of(node, &parts).await.map_err(|failed| {
        // A stream of events has no page to go to.
        let is_page = parts.method == Method::GET && parts.headers.get(header::ACCEPT).is_none_or(|accept| accept != "text/event-stream");
        Refused { failed, to: is_page.then(|| parts.uri.path_and_query().map_or(String::new(), ToString::to_string)) }
    })?;
    if !visitor.may(permission) {
        return Err(Failed::NotAllowed.into());
    }
    let body = if parts.method == Method::POST {
        let form = form_of(body).await?;
        if !bool::from(form.raw("csrf").as_bytes().ct_eq(visitor.csrf.as_bytes())) {
            return Err(Failed::CrossSite.into());
        }
        parts.extensions.insert(form);
        Body::empty()
    } else {
        body
    };
    parts.extensions.insert(visitor.clone());
    Ok((Request::from_parts(parts, body), visitor))
}

/// A stream of events ends with its session.
fn while_signed_in(node: &Arc<Node>, visitor: &Visitor, response: Response) -> Response {
    let is_stream = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if !is_stream {
        return response;
    }
    let (parts, body) = response.into_parts();
    let events = body.into_data_stream().take_until(Box::pin(sessions::over(Arc::clone(node), visitor.session, visitor.role.clone())));
    Response::from_parts(parts, Body::from_stream(events))
}

async fn form_of(body: Body) -> Result<Form, Failed> {
    let bytes = tokio::time::timeout(FORM_TIME, to_bytes(body, MOST_FORM)).await.ok().and_then(Result::ok).ok_or(Failed::TooLarge)?;
    Ok(Form::read(&bytes))
}

/// For pages that are open to anybody: a form without a session's token.
pub async fn with_form(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if parts.method != Method::POST {
        return next.run(Request::from_parts(parts, body)).await;
    }
    match form_of(body).await {
        Ok(form) => {
            parts.extensions.insert(form);
            next.run(Request::from_parts(parts, Body::empty())).await
        }
        Err(failed) => failed.into_response(),
    }
}

async fn visitor_of(node: &Arc<Node>, parts: &axum::http::request::Parts) -> Result<Visitor, Failed> {
    let token = cookie::session(&parts.headers, Way::of(parts)).ok_or(Failed::SignedOut)?;
    let signed = sessions::signed(node, token, cookie::notice(&parts.headers)).await?;
    signed.map(Visitor::new).ok_or(Failed::SignedOut)
}

/// To the page where one signs in, and from there back to what was asked for.
fn signed_out(to: Option<&str>) -> Response {
    match to {
        Some(to) => {
            let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("to", to).finish();
            reply::go_to(&format!("/console/sign-in?{query}")).into_response()
        }
        None => Failed::SignedOut.respond(),
    }
}

/// Whatever is answered under `/console`.
pub async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
