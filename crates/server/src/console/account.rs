//! `/console/account`: one's own name, role and session.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::header};

use super::{
    cookie,
    frame::Frame,
    navigation::Place,
    reply::{self, Reply},
    sessions,
    visitor::{Visitor, Way},
};
use crate::node::Node;

#[derive(Template)]
#[template(path = "console/account.html")]
struct View {
    frame: Frame,
}

pub async fn page(visitor: Visitor) -> Reply {
    reply::page(&View { frame: Frame::of(&visitor, Place::Account) })
}

pub async fn sign_out(State(node): State<Arc<Node>>, visitor: Visitor, way: Way) -> Reply {
    sessions::end(&node, visitor.session).await?;
    let mut response = reply::go_to("/console/sign-in")?;
    response.headers_mut().extend(cookie::end_session(way).map(|set| (header::SET_COOKIE, set)));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        insta::assert_snapshot!(View { frame: frame::sample("owner", Place::Account) }.render().unwrap());
    }
}
