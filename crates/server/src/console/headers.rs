//! What every page of the console says of itself to a browser.

use axum::http::{HeaderMap, HeaderValue, header};

/// A page loads its own style sheet and script, listens to its own events, and nothing else.
const CSP: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Pages are for one person at one moment: they are kept nowhere. The referrer stays within the console, so that a browser
/// says where a form comes from.
pub fn of_page() -> HeaderMap {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}
