//! `/console/enter/{token}`: a link that signs in once.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
};

use super::{
    cookie,
    failed::Failed,
    reply::{self, Reply},
    sessions,
    visitor::Way,
};
use crate::node::Node;

/// A browser sends a strict cookie only with requests that its own site has led to: the page that sets it leads on by itself.
#[derive(Template)]
#[template(path = "console/entered.html")]
struct Entered;

pub async fn enter(State(node): State<Arc<Node>>, way: Way, Path(link): Path<String>) -> Reply {
    let token = sessions::enter(&node, &link).await?;
    let token = token.ok_or_else(|| Failed::not_found("This link was used before, or is too old. Ask for a new one: pingpost person link NAME"))?;
    let mut response = reply::page(&Entered)?;
    response.headers_mut().extend(cookie::set_session(&token, way).map(|set| (header::SET_COOKIE, set)));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        insta::assert_snapshot!(Entered.render().unwrap());
    }
}
