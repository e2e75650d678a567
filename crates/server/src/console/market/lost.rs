//! `/console/trees/{name}/lost`: the leads behind a loss of the tree's picture.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use exchange::{
    course::{MOST_EXAMPLES, Step},
    id::Subject,
};
use serde::Deserialize;

use super::{
    super::{
        components::Amount,
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    desk,
    tree::{coverage, named, sample},
};
use crate::{courses::Sample, node::Node};

#[derive(Template)]
#[template(path = "console/market/lost.html")]
struct View {
    frame: Frame,
    tree: String,
    step: &'static str,
    reasons: Vec<ReasonView>,
    coverage: String,
    most: usize,
}

struct ReasonView {
    word: String,
    leads: u64,
    worth: Amount,
    ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Wanted {
    step: Option<String>,
    /// All of the step's where it isn't said.
    reason: Option<String>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>, Query(wanted): Query<Wanted>) -> Reply {
    let market = desk::market(&node)?;
    let tree = named(&market, &name)?;
    let step = wanted.step.as_deref().and_then(Step::of_word).ok_or_else(|| Failed::not_found("There is no such step."))?;
    let sample = sample(&node, &market).await?;
    let reasons = reasons(&sample, tree, step, wanted.reason.as_deref());
    reply::page(&View {
        frame: Frame::of(&visitor, Place::Market),
        tree: tree.name.to_string(),
        step: step.word(),
        reasons,
        coverage: coverage(&sample, &market),
        most: MOST_EXAMPLES,
    })
}

fn reasons(sample: &Sample, tree: &exchange::tree::Tree, step: Step, wanted: Option<&str>) -> Vec<ReasonView> {
    let Some(courses) = sample.trees.get(&tree.name) else { return Vec::new() };
    let view = |(word, lost): (&str, &exchange::course::Lost)| ReasonView {
        word: word.replace('_', " "),
        leads: lost.leads,
        worth: Amount::of(lost.worth),
        ids: lost.examples.iter().map(id).collect(),
    };
    courses.lost_at(step).into_iter().filter(|(word, _)| wanted.is_none_or(|wanted| wanted == *word)).map(view).collect()
}

fn id(subject: &Subject) -> String {
    match subject {
        Subject::Ping(ping) => ping.to_string(),
        Subject::Lead(lead) => lead.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let reason = ReasonView {
            word: "below floor".into(),
            leads: 2,
            worth: Amount::of(exchange::money::Money::from_units(30)),
            ids: vec!["lead_1".into(), "ping_2".into()],
        };
        let view = View {
            frame: frame::sample("operations", Place::Market),
            tree: "mortgage".into(),
            step: "bid",
            reasons: vec![reason],
            coverage: "Of all.".into(),
            most: MOST_EXAMPLES,
        };
        insta::assert_snapshot!(frame::inside(&view.render().unwrap()));
    }
}
