//! All pages of the console, in one list: method, path, the permission that it takes, handler.

use std::{panic::resume_unwind, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::{get, post},
};
use exchange::permission::Permission;
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;
use tower_http::csrf::CsrfLayer;

use super::{
    account, alerts, audit, buying, design, entrance, failed::Failed, gate, lead, leads, live, market, money, navigation, people, sign_in, supplying, welcome,
};
use crate::node::Node;

/// Puts the gate before each page: no handler runs for whom its permission is not given.
macro_rules! pages {
    ($($method:ident $path:literal $permission:ident => $($handler:ident)::+;)*) => {
        fn pages(node: &Arc<Node>) -> Router<Arc<Node>> {
            Router::new()$(.route($path, $method($($handler)::+).layer(from_fn_with_state((Arc::clone(node), Permission::$permission), gate::gate))))*
        }
    };
}

pages! {
    get "/console" OwnAccount => navigation::home;
    get "/console/live" SeeFigures => live::page;
    get "/console/live/events" SeeFigures => live::events;
    get "/console/alerts" SeeFigures => alerts::page;
    get "/console/money" SeeMoney => money::balances::page;
    post "/console/money/move" MoveMoney => money::balances::ask;
    get "/console/money/statements/{account}" SeeMoney => money::statement::page;
    get "/console/money/statements/{account}/csv" SeeMoney => money::statement::csv;
    get "/console/money/movements" SeeMoney => money::movements::page;
    post "/console/money/movements/{id}/approve" MoveMoney => money::movements::approve;
    post "/console/money/movements/{id}/refuse" MoveMoney => money::movements::refuse;
    get "/console/money/returns" SeeMoney => money::returns::page;
    post "/console/money/returns/{sale}/accept" Decide => money::returns::accept;
    post "/console/money/returns/{sale}/refuse" Decide => money::returns::refuse;
    get "/console/money/unknown" SeeMoney => money::unknown::page;
    post "/console/money/unknown/{sale}/sold" Decide => money::unknown::as_sold;
    post "/console/money/unknown/{sale}/void" Decide => money::unknown::as_void;
    get "/console/market" SeeMarket => market::overview::page;
    get "/console/trees/{name}" SeeMarket => market::tree::page;
    get "/console/trees/{name}/lost" SeeMarket => market::lost::page;
    get "/console/market/new/{what}" ChangeMarket => market::new::page;
    post "/console/market/new/{what}" ChangeMarket => market::new::add;
    post "/console/market/remove/{kind}/{name}/{part}" ChangeMarket => market::thing::remove;
    get "/console/market/{kind}/{name}" SeeMarket => market::thing::page;
    get "/console/market/{kind}/{name}/{part}" SeeMarket => market::thing::page_of_part;
    post "/console/market/{kind}/{name}" ChangeMarket => market::thing::change;
    post "/console/market/{kind}/{name}/{part}" ChangeMarket => market::thing::change_part;
    get "/console/market/drafts/{id}" SeeMarket => market::drafts::page;
    get "/console/market/drafts/{id}/replay" SeeMarket => market::drafts::wait;
    get "/console/market/drafts/{id}/replay/events" SeeMarket => market::drafts::events;
    post "/console/market/drafts/{id}/apply" ChangeMarket => market::drafts::apply;
    post "/console/market/drafts/{id}/bring-up" ChangeMarket => market::drafts::bring_up;
    post "/console/market/drafts/{id}/discard" ChangeMarket => market::drafts::discard;
    get "/console/market/history" SeeMarket => market::history::page;
    get "/console/market/history/{revision}" SeeMarket => market::history::revision;
    post "/console/market/history/{revision}/roll-back" ChangeMarket => market::history::roll_back;
    get "/console/leads" SeeLeads => leads::page;
    post "/console/leads" SeeLeads => leads::search;
    get "/console/leads/{lead_id}" SeeLeads => lead::page;
    get "/console/leads/{lead_id}/contracts" SeeLeads => lead::contracts;
    post "/console/leads/{lead_id}/reveal" RevealContact => lead::reveal;
    get "/console/pings/{ping_id}" SeeLeads => lead::ping;
    get "/console/pings/{ping_id}/contracts" SeeLeads => lead::contracts;
    get "/console/buying" OwnPurchases => buying::overview::page;
    get "/console/buying/contracts/{contract}" OwnPurchases => buying::contract::page;
    post "/console/buying/contracts/{contract}" OwnPurchases => buying::contract::change;
    get "/console/buying/bids" OwnPurchases => buying::bids::page;
    get "/console/buying/sales" OwnPurchases => buying::sales::page;
    get "/console/buying/sales/{sale_id}" OwnPurchases => buying::sale::page;
    post "/console/buying/sales/{sale_id}/contact" OwnPurchases => buying::sale::open;
    post "/console/buying/sales/{sale_id}/return" OwnPurchases => buying::sale::give_back;
    get "/console/buying/statement" OwnPurchases => buying::statement::page;
    get "/console/buying/statement/csv" OwnPurchases => buying::statement::csv;
    get "/console/supplying" OwnLeads => supplying::leads::page;
    get "/console/supplying/leads/{lead_id}" OwnLeads => supplying::lead::page;
    get "/console/supplying/statement" OwnLeads => supplying::statement::page;
    get "/console/supplying/statement/csv" OwnLeads => supplying::statement::csv;
    get "/console/supplying/posting" OwnLeads => supplying::posting::first;
    get "/console/supplying/posting/{vertical}" OwnLeads => supplying::posting::page;
    post "/console/supplying/posting/{vertical}" OwnLeads => supplying::posting::try_it;
    get "/console/account" OwnAccount => account::page;
    post "/console/account/sign-out" OwnAccount => account::sign_out;
    post "/console/account/sign-out-everywhere" OwnAccount => account::sign_out_everywhere;
    post "/console/account/renew" OwnAccount => account::renew;
    get "/console/people" ManagePeople => people::page;
    post "/console/people" ManagePeople => people::add;
    get "/console/people/{name}" ManagePeople => people::person;
    post "/console/people/{name}/role" ManagePeople => people::set_role;
    post "/console/people/{name}/link" ManagePeople => people::link;
    post "/console/people/{name}/disable" ManagePeople => people::disable;
    post "/console/people/{name}/enable" ManagePeople => people::enable;
    get "/console/audit" SeeAudit => audit::page;
    get "/console/design" OwnAccount => design::page;
    post "/console/design" OwnAccount => design::sent;
}

/// What is open to anybody.
fn entrances() -> Router<Arc<Node>> {
    Router::new()
        .route("/console/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/console/enter/{token}", get(entrance::enter))
        .route("/console/welcome/{token}", get(welcome::page).post(welcome::enrol))
        .layer(from_fn(gate::with_form))
}

pub fn routes(node: &Arc<Node>) -> Router<Arc<Node>> {
    Router::new()
        .merge(pages(node))
        .merge(entrances())
        .route("/console/{*nothing}", get(|| async { Failed::not_found("There is no such page.") }))
        .layer(from_fn_with_state(Arc::clone(node), in_the_background))
        .layer(CsrfLayer::new().with_rejection_response(|_| Failed::CrossSite.respond()))
        .layer(from_fn(gate::with_headers))
}

/// A page may take a while to be written. Whoever closes it before that has it stopped.
async fn in_the_background(State(node): State<Arc<Node>>, request: Request, next: Next) -> Response {
    let page = AbortOnDropHandle::new(node.background.spawn(next.run(request)));
    match page.await.map_err(JoinError::try_into_panic) {
        Ok(page) => page,
        Err(Ok(panic)) => resume_unwind(panic),
        // The process ends.
        Err(Err(_)) => Failed::Unavailable.respond(),
    }
}
