//! Pages for people: one template around all of them, one style sheet, nothing from any other host.

use askama::Template;
use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

/// Each file of `assets/` that pages load: its address, type and text.
const ASSETS: [(&str, &str, &str); 4] = [
    ("/assets/style.css", "text/css; charset=utf-8", include_str!("../assets/style.css")),
    ("/assets/console.css", "text/css; charset=utf-8", include_str!("../assets/console.css")),
    ("/assets/console.js", "text/javascript; charset=utf-8", include_str!("../assets/console.js")),
    ("/assets/icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")),
];

/// What a page may load: its own style sheet, and nothing else.
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    ASSETS.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        let tag = format!("\"{:.16}\"", hex(&Sha256::digest(text)));
        router.route(path, get(move |headers: HeaderMap| async move { asset(&headers, &tag, kind, text) }))
    })
}

/// A browser asks each time whether it changed, so that a new version's pages never meet an old one's style.
fn asset(headers: &HeaderMap, tag: &str, kind: &'static str, text: &'static str) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [(header::ETAG, tag.to_owned()), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if known { (StatusCode::NOT_MODIFIED, about).into_response() } else { (about, [(header::CONTENT_TYPE, kind)], text).into_response() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
