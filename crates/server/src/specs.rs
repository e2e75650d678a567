//! `/specs/{supplier}`: what a supplier needs to know to send, made of the market in force; as a page, as Markdown, as OpenAPI.

mod example;
mod field;
mod markdown;
mod openapi;
mod spec;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use exchange::id::SupplierName;
use wire::answer::Format;

use self::spec::Spec;
use crate::{intake::Mount, node::Node, pages, problem::Problem};

#[derive(Template)]
#[template(path = "specs.html")]
struct Page<'a> {
    spec: &'a Spec,
}

pub fn routes(mounts: &[Mount]) -> Router<Arc<Node>> {
    let mounts: Arc<[Mount]> = mounts.into();
    Router::new().route(
        "/specs/{supplier}",
        get(move |State(node): State<Arc<Node>>, Path(name): Path<String>, headers: HeaderMap| async move { answer(&node, &mounts, &name, &headers) }),
    )
}

/// Nothing in it is secret, so it takes no key: it says what fields there are, and no word of what anybody pays.
fn answer(node: &Node, mounts: &[Mount], name: &str, headers: &HeaderMap) -> Response {
    let unknown = || Problem::not_found("no supplier has this name").respond(Format::Json, "specs");
    let (name, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let Some(market) = node.market() else { return Problem::unavailable("no market has been applied yet").respond(Format::Json, "specs") };
    let supplier = name.parse::<SupplierName>().ok().and_then(|name| market.supplier(&name));
    let Some(supplier) = supplier else { return unknown() };
    let spec = Spec::of(&market, supplier, mounts, &address(headers));
    match ending {
        "" => pages::page(&Page { spec: &spec }),
        "md" => ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], markdown::of(&spec)).into_response(),
        "json" => ([(header::CONTENT_TYPE, "application/json")], openapi::of(&spec).to_string()).into_response(),
        _ => unknown(),
    }
}

/// Where the reader has reached the exchange: what stands in the examples.
pub fn address(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_host = |host: &&str| !host.is_empty() && host.len() <= 255 && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let host = text("host").filter(is_host).unwrap_or("exchange.example");
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    format!("{scheme}://{host}")
}
