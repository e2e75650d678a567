//! `/console/enter/{token}`: a link that signs in once.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
};
use exchange::person::{LinkKind, PersonCommand};
use store::LinkRow;

use super::{
    cookie,
    failed::Failed,
    reply::{self, Reply},
    sessions,
    way::Way,
};
use crate::{clock, node::Node};

/// A browser sends a strict cookie only with requests that its own site has led to: the page that sets it leads on by itself.
#[derive(Template)]
#[template(path = "console/entered.html")]
struct Entered;

pub async fn enter(State(node): State<Arc<Node>>, way: Way, Path(link): Path<String>) -> Reply {
    let row = link_row(&node, &link, LinkKind::Entrance).await?;
    let (token, link) = (sessions::new_token(), sessions::hash_of(&link));
    sessions::change(&node, row.person.as_str(), PersonCommand::Enter { link, session: sessions::hash_of(&token) }).await?;
    with_session(reply::page(&Entered)?, &token, way)
}

/// Whose link it is, if it opens something of this kind.
pub async fn link_row(node: &Node, link: &str, kind: LinkKind) -> Result<LinkRow, Failed> {
    let (token, now) = (sessions::hash_of(link), clock::now());
    let row = node.page_readers.read(move |reader| reader.link(now, token)).await?.filter(|row| row.kind == kind);
    row.ok_or_else(|| Failed::not_found("This link was used before, or is too old. Ask an owner for a new one, or run: pingpost person link NAME"))
}

pub fn with_session(mut response: axum::response::Response, token: &str, way: Way) -> Reply {
    response.headers_mut().extend(cookie::set_session(token, way).map(|set| (header::SET_COOKIE, set)));
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
