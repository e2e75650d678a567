//! `/console/market/drafts/{id}`: a draft with its changes, its check, and what it would have changed; applied or discarded.

use std::{convert::Infallible, sync::Arc};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Sse, sse::Event},
};
use exchange::{
    command::{Operation, Outcome},
    id::{DraftId, Revision},
    permission::Permission,
};
use futures_util::stream;
use wire::market::Problem;

use super::{
    super::{
        failed::Failed,
        form::Form,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    desk,
    diff::Diff,
    thing::check,
};
use crate::{market_bundle, market_draft::Draft, node::Node, replay::ReplayView};

#[derive(Template)]
#[template(path = "console/market/draft.html")]
struct View {
    frame: Frame,
    id: DraftId,
    /// What is looked at here: no other is applied or discarded.
    version: u64,
    author: String,
    note: String,
    base: Revision,
    newest: Revision,
    may_change: bool,
    diff: Diff,
    problems: Vec<Problem>,
    /// What would have changed, where that is known already.
    replay: Option<Replay>,
}

/// What would have changed, for the page and for the event that brings it later.
#[derive(Template)]
#[template(path = "console/market/replay.html")]
struct Replay {
    view: Arc<ReplayView>,
}

impl askama::filters::HtmlSafe for Replay {}

fn id(text: &str) -> Result<DraftId, Failed> {
    text.parse().map_err(|_| Failed::not_found("There is no such draft."))
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(text): Path<String>) -> Reply {
    let draft = desk::draft(&node, id(&text)?).await?;
    let newest = desk::in_force(&node).await?.revision;
    let (is_right, problems) = match check(draft.files.clone()).await? {
        Ok((_, warnings)) => (true, warnings),
        Err(problems) => (false, problems),
    };
    let known = node.replays.known((draft.id, draft.version, newest)).filter(|_| is_right);
    reply::page(&View {
        frame: Frame::of(&visitor, Place::Market),
        id: draft.id,
        version: draft.version,
        newest,
        may_change: visitor.may(Permission::ChangeMarket),
        diff: Diff::between(&draft.before, &draft.files),
        problems,
        replay: known.map(|view| Replay { view }),
        author: draft.author,
        note: draft.note,
        base: draft.base,
    })
}

async fn replayed(node: &Arc<Node>, draft: &Draft) -> Result<Replay, Failed> {
    let market = desk::market(node)?;
    let (parts, _) = check(draft.files.clone()).await?.map_err(|_| Failed::Refused("The draft has mistakes: correct them first.".into()))?;
    let key = (draft.id, draft.version, market.revision());
    match node.replays.of(key, &node.readers, market, parts).await {
        Ok(view) => Ok(Replay { view }),
        Err(error) => {
            tracing::error!(%error, "a draft could not be replayed");
            Err(Failed::Unavailable)
        }
    }
}

/// The replay as one event, once it is there. A browser that asks again after it has had it is told to stop.
pub async fn events(State(node): State<Arc<Node>>, Path(text): Path<String>, headers: HeaderMap) -> Reply {
    if headers.contains_key("last-event-id") {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let draft = desk::draft(&node, id(&text)?).await?;
    let shown = replayed(&node, &draft).await?.render().map_err(|_| Failed::Unavailable)?;
    // A line of an event's data is a line.
    let event = Event::default().id(draft.version.to_string()).data(shown.replace('\r', ""));
    Ok(Sse::new(stream::iter([Ok::<_, Infallible>(event)])).into_response())
}

/// Waits for the replay: for browsers without a script.
pub async fn wait(State(node): State<Arc<Node>>, visitor: Visitor, Path(text): Path<String>) -> Reply {
    let draft = desk::draft(&node, id(&text)?).await?;
    replayed(&node, &draft).await?;
    page(State(node), visitor, Path(text)).await
}

/// The draft, as the form was made of it.
async fn looked_at(node: &Node, text: &str, form: &Form) -> Result<Draft, Failed> {
    let draft = desk::draft(node, id(text)?).await?;
    if form.text("version").parse() == Ok(draft.version) {
        Ok(draft)
    } else {
        Err(Failed::Refused("The draft was changed since you looked at it: look again.".into()))
    }
}

pub async fn apply(State(node): State<Arc<Node>>, visitor: Visitor, Path(text): Path<String>, form: Form) -> Reply {
    let draft = looked_at(&node, &text, &form).await?;
    let (parts, _) = check(draft.files.clone()).await?.map_err(|_| Failed::Refused("The draft has mistakes: correct them first.".into()))?;
    let application = market_bundle::application(&draft.files, parts, Some(draft.base), visitor.person.to_string(), market_bundle::note(form.text("note")));
    let application = match application {
        Operation::ApplyMarket(market) => Operation::ApplyMarket(exchange::command::ApplyMarket { draft: Some((draft.id, draft.version)), ..market }),
        other => other,
    };
    match desk::operate(&node, &visitor, application).await? {
        Outcome::Applied(revision) => reply::done("/console/market/history", &format!("Revision {revision} is applied: new leads run under it.")),
        Outcome::Stays(revision) => {
            reply::done("/console/market/history", &format!("Nothing changes: revision {revision} is that market already, so the draft is gone."))
        }
        Outcome::StaleBase { newest } => Err(stale(draft.base, newest)),
        _ => Err(Failed::Unavailable),
    }
}

fn stale(base: Revision, newest: Revision) -> Failed {
    Failed::Refused(format!(
        "The draft was made from revision {base}, and revision {newest} has been applied since. Bring the draft up to it, and look at it again."
    ))
}

/// The same changes on the revision that is in force by now.
pub async fn bring_up(State(node): State<Arc<Node>>, visitor: Visitor, Path(text): Path<String>) -> Reply {
    let draft = desk::draft(&node, id(&text)?).await?;
    let in_force = desk::in_force(&node).await?;
    let revision = in_force.revision;
    let moved = draft.moved_to(revision, in_force.files.clone()).map_err(|files| {
        Failed::Refused(format!("Revision {revision} has changed {} too, in another way. Discard the draft, and make its changes again.", files.join(", ")))
    })?;
    desk::operate(&node, &visitor, Operation::KeepDraft(moved.to_keep())).await?;
    reply::done(&format!("/console/market/drafts/{}", moved.id), &format!("The draft is made from revision {revision} now."))
}

pub async fn discard(State(node): State<Arc<Node>>, visitor: Visitor, Path(text): Path<String>, form: Form) -> Reply {
    let draft = looked_at(&node, &text, &form).await?;
    desk::operate(&node, &visitor, Operation::DropDraft { draft: draft.id, version: draft.version }).await?;
    reply::done("/console/market", "The draft is discarded. Nothing was changed.")
}

#[cfg(test)]
mod tests {
    use exchange::replay::Comparison;

    use super::*;
    use crate::{console::frame, replay::Report};

    #[test]
    fn render() {
        let before = crate::demo::sample::market(9001);
        let mut after = before.clone();
        let text = after.files.get_mut("trees/mortgage.toml").unwrap();
        *text = text.replace("floor = \"30.00\"", "floor = \"32.00\"");
        let report = Report {
            comparison: Comparison { auctions: 4812, same: 4700, ..Comparison::default() },
            oldest: Some(exchange::time::Timestamp::from_micros(1_795_435_200_000_000)),
            is_whole: false,
        };
        let problems = wire::market::read(&after).map(|(_, warnings)| warnings).unwrap_or_default();
        let view = View {
            frame: frame::sample("operations", Place::Market),
            id: DraftId::from_bytes([1; 16]),
            version: 3,
            author: "maria".into(),
            note: String::new(),
            base: Revision(4),
            newest: Revision(5),
            may_change: true,
            diff: Diff::between(&before, &after),
            problems,
            replay: Some(Replay { view: Arc::new(ReplayView::of(&report)) }),
        };
        insta::assert_snapshot!(frame::inside(&view.render().unwrap()));
    }
}
