//! All routes, in one list, and the OpenAPI document of those that take a key.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Json, Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use exchange::command::Role;
use futures_util::FutureExt;
use metrics_exporter_prometheus::PrometheusHandle;
use tower::ServiceExt;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_swagger_ui::SwaggerUi;
use wire::answer::Format;

use crate::{admin, console, figures, intake, node::Node, pages, problem::Problem, purchases, specs};

/// Declares every call that takes a key, once: for the router and for the document. The router wants one name for one place
/// of a path, whatever the document calls it.
macro_rules! calls_with_a_key {
    ($($method:ident $path:literal => $($handler:ident)::+;)*) => {
        #[derive(OpenApi)]
        #[openapi(
            info(title = "pingpost", description = "A ping-post lead exchange. Money is a decimal string; times are RFC 3339 in UTC; errors are RFC 9457 problems that name all mistakes at once.", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
            paths($($($handler)::+),*),
            tags(
                (name = "suppliers", description = "Who has leads sends them here"),
                (name = "buyers", description = "Who buys leads asks and reports here; pings and posts go to the buyer's own addresses"),
                (name = "operators", description = "Who runs the exchange looks and rules here"),
            ),
            modifiers(&BearerKey)
        )]
        struct Document;

        fn partners() -> Router<Arc<Node>> {
            Router::new()$(.route($path, $method($($handler)::+)))*
        }
    };
}

calls_with_a_key! {
    post "/v1/pings/{about}" => intake::ping::ping;
    post "/v1/pings/{about}/post" => intake::quoted_post::quoted_post;
    post "/v1/leads/{about}" => intake::direct_post::direct_post;
    get "/v1/leads/{about}" => intake::lead_status::lead_status;
    get "/v1/sales" => purchases::sales::sales;
    get "/v1/contracts" => purchases::contracts::contracts;
    post "/v1/contracts/{about}" => purchases::own_terms::own_terms;
    post "/v1/sales/{about}/return" => purchases::return_request::return_request;
    post "/v1/posts/{about}/outcome" => purchases::outcome::outcome;
    get "/v1/admin/unknown" => admin::unknown::unknown;
    post "/v1/admin/sales/{about}/resolve" => admin::resolve::resolve;
    get "/v1/admin/returns" => admin::returns::returns;
    post "/v1/admin/sales/{about}/return/decide" => admin::decide::decide;
    get "/v1/admin/leads" => admin::leads::leads;
    post "/v1/admin/leads/search" => admin::leads::search;
    get "/v1/admin/leads/{about}" => admin::lead::lead;
    get "/v1/admin/balances" => admin::balances::balances;
    get "/v1/admin/figures" => admin::figures::figures;
    get "/v1/admin/alerts" => admin::alerts::alerts;
}

struct BearerKey;

impl Modify for BearerKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key, made by `pingpost key new`")).build();
        document.components.get_or_insert_with(Default::default).add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}

pub fn routes(node: Arc<Node>, metrics: PrometheusHandle, dialects: &[intake::Mount]) -> Router {
    let document = Document::openapi();
    let documentation = Router::new()
        .merge(SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::new(["/openapi.json"])))
        .layer(middleware::map_response(with_csp_of_docs));
    let operations = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move |state, peer, headers| render_metrics(metrics, state, peer, headers)))
        .route("/problems/{kind}", get(|| async { ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], PROBLEMS) }))
        .route("/openapi.json", get(move || async move { Json(document) }))
        .route("/", get(|| async { Redirect::temporary("/docs/") }));
    Router::new()
        .merge(partners())
        .merge(intake::dialects::routes(dialects))
        .merge(specs::routes(dialects))
        .merge(pages::routes())
        .merge(console::routes(&node))
        .merge(operations)
        .fallback(|| async { Problem::not_found("nothing is here: see /docs").respond(Format::Json, "none") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed().respond(Format::Json, "none") })
        .with_state(node)
        .merge(documentation)
}

/// What each kind of problem means, and its mend.
const PROBLEMS: &str = include_str!("../../../docs/problems.md");

/// Nothing is loaded from anywhere; the documentation's own page says what it needs of itself.
const CSP: &str = "default-src 'none'; frame-ancestors 'none'";
const CSP_OF_DOCS: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// What every answer says to browsers, where it doesn't say otherwise itself.
const POLICY: [(HeaderName, &str); 3] =
    [(header::CONTENT_SECURITY_POLICY, CSP), (header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "no-referrer")];

/// All that holds for every answer: there is one even where the work on it panics. Around the router, since a layer inside of it is a
/// copy of each route for each request.
pub async fn answer(routes: Router, request: Request) -> Response {
    let answer = AssertUnwindSafe(routes.oneshot(request)).catch_unwind().await;
    let mut response = answer.map_or_else(|_| Problem::internal().respond(Format::Json, "none"), |answer| answer.unwrap_or_else(|never| match never {}));
    for (name, value) in POLICY {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn with_csp_of_docs(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_OF_DOCS));
    response
}

/// Ready for leads: there is a market, and the store answers.
async fn ready(State(node): State<Arc<Node>>) -> Response {
    if node.market().is_none() {
        return (StatusCode::SERVICE_UNAVAILABLE, "no market has been applied yet: `pingpost apply MARKET`").into_response();
    }
    if node.disk.is_short() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the disk is nearly full").into_response();
    }
    match node.readers.read(|reader| reader.newest_revision()).await {
        Ok(_) => "ready".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store can't be read").into_response(),
    }
}

/// Figures name buyers, so they are for this machine, or for an operator's key. A proxy's requests count as its clients'.
async fn render_metrics(metrics: PrometheusHandle, State(node): State<Arc<Node>>, ConnectInfo(peer): ConnectInfo<SocketAddr>, headers: HeaderMap) -> Response {
    let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
    let is_local = peer.ip().is_loopback() && !is_forwarded;
    if is_local || matches!(intake::role_of(&node, &headers).await, Ok(Role::Operator(_))) {
        figures::measure_today(&node).await;
        metrics::gauge!("pingpost_runs").set(node.runs.len() as f64);
        metrics::gauge!("pingpost_store_waiting").set(node.writer.waiting() as f64);
        metrics.run_upkeep();
        return ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response();
    }
    Problem::forbidden("figures are for an operator's key, or for requests from this machine").respond(Format::Json, "metrics")
}
