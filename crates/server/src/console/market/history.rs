//! `/console/market/history`: who changed what and why, and the way back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use exchange::{command::Outcome, id::Revision, permission::Permission};
use store::RevisionRow;
use wire::market::Bundle;

use super::{
    super::{
        components::Moment,
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
use crate::{market_bundle, node::Node};

#[derive(Template)]
#[template(path = "console/market/history.html")]
struct View {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    revision: Revision,
    at: Moment,
    author: String,
    note: String,
    is_in_force: bool,
}

#[derive(Template)]
#[template(path = "console/market/revision.html")]
struct RevisionView {
    frame: Frame,
    row: Row,
    may_change: bool,
    /// What it changed.
    diff: Diff,
    /// What a roll back to it would change, of the revision in force.
    back: Diff,
    in_force: Revision,
}

fn row(row: &RevisionRow, newest: Revision, zone: &jiff::tz::TimeZone) -> Row {
    let author = if row.author.is_empty() { "not kept" } else { &row.author };
    Row { revision: row.revision, at: Moment::of(row.applied_at, zone), author: author.into(), note: row.note.clone(), is_in_force: row.revision == newest }
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let market = desk::market(&node)?;
    let rows = node.page_readers.read(|reader| reader.revisions()).await?;
    let newest = rows.first().map(|row| row.revision).unwrap_or_default();
    let rows = rows.iter().map(|found| row(found, newest, &market.parts().time_zone)).collect();
    reply::page(&View { frame: Frame::of(&visitor, Place::Market), rows })
}

fn number(text: &str) -> Result<Revision, Failed> {
    text.parse().map(Revision).map_err(|_| Failed::not_found("There is no such revision."))
}

pub async fn revision(State(node): State<Arc<Node>>, visitor: Visitor, Path(text): Path<String>) -> Reply {
    let (market, wanted) = (desk::market(&node)?, number(&text)?);
    let files = desk::files_of(&node, wanted).await?;
    let before = if wanted.0 > 1 { Some(desk::files_of(&node, Revision(wanted.0 - 1)).await?) } else { None };
    let in_force = desk::in_force(&node).await?;
    let rows = node.page_readers.read(|reader| reader.revisions()).await?;
    let found = rows.iter().find(|row| row.revision == wanted).ok_or_else(|| Failed::not_found("There is no such revision."))?;
    reply::page(&RevisionView {
        frame: Frame::of(&visitor, Place::Market),
        row: row(found, in_force.revision, &market.parts().time_zone),
        may_change: visitor.may(Permission::ChangeMarket),
        diff: Diff::between(before.as_ref().map_or(&Bundle::default(), |before| &before.files), &files.files),
        back: Diff::between(&in_force.files, &files.files),
        in_force: in_force.revision,
    })
}

/// An old market becomes the newest one, as a revision of its own: over the revision that whoever asks was shown, and no later one.
pub async fn roll_back(State(node): State<Arc<Node>>, visitor: Visitor, Path(text): Path<String>, form: Form) -> Reply {
    let wanted = number(&text)?;
    let shown = form.text("in_force").parse().map(Revision).map_err(|_| Failed::Refused("The page is out of date: open it again.".into()))?;
    let files = desk::files_of(&node, wanted).await?;
    let (parts, _) = check(files.files.clone()).await?.map_err(|_| {
        Failed::Refused(format!("This release doesn't take revision {wanted} as it is. Export it with `pingpost export`, correct it, and apply it."))
    })?;
    let note = market_bundle::rollback_note(wanted, form.text("note"));
    let application = market_bundle::application(&files.files, parts, Some(shown), visitor.person.to_string(), note);
    match desk::operate(&node, &visitor, application).await? {
        Outcome::Applied(revision) => {
            reply::done("/console/market/history", &format!("Revision {revision} is applied: the market of revision {wanted} is in force again."))
        }
        Outcome::Stays(_) => reply::done("/console/market/history", &format!("Nothing changes: the market of revision {wanted} is in force.")),
        Outcome::StaleBase { newest } => Err(Failed::Refused(format!(
            "Revision {newest} has been applied since you looked at it, and a roll back would undo that, too. Look at what it changes now, then roll back again."
        ))),
        _ => Err(Failed::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use exchange::time::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::console::frame;

    fn sample(revision: u64, author: &str, note: &str) -> Row {
        let found = RevisionRow {
            revision: Revision(revision),
            applied_at: Timestamp::from_micros(1_795_435_200_000_000),
            bytes: 9,
            author: author.into(),
            note: note.into(),
        };
        row(&found, Revision(3), &TimeZone::UTC)
    }

    #[test]
    fn render() {
        let rows = vec![sample(3, "maria", "rolled back to revision 1"), sample(2, "ann", "<b>"), sample(1, "", "")];
        insta::assert_snapshot!(frame::inside(&View { frame: frame::sample("read-only", Place::Market), rows }.render().unwrap()));
        let before = crate::demo::sample::market(9001);
        let mut after = before.clone();
        after.files.remove("lists/sunbelt.txt");
        let view = RevisionView {
            frame: frame::sample("operations", Place::Market),
            row: sample(2, "ann", "without a list"),
            may_change: true,
            diff: Diff::between(&before, &after),
            back: Diff::between(&after, &before),
            in_force: Revision(3),
        };
        insta::assert_snapshot!(frame::inside(&view.render().unwrap()));
    }
}
