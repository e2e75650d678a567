//! Pages for people: one template around all of them, one style sheet, nothing from any other host.

use askama::Template;
use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

const STYLE: &str = include_str!("../assets/style.css");

/// What a page may load: its own style sheet, and nothing else.
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let style = || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], STYLE) };
    Router::new().route("/assets/style.css", get(style))
}

/// A page, or a line that it couldn't be written.
pub fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (
            [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")), (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP))],
            html,
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, "this page could not be written").into_response()
        }
    }
}
