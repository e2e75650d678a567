//! Leads on their way through a tree, drawn: a bar for each step, and what is lost on the way to the next.

use askama::Template;
use exchange::{
    course::{Courses, Step},
    money::Money,
};

use super::super::components::{Amount, grouped};

/// Drawn in a box of 1000 by 320.
#[derive(Debug, Template)]
#[template(path = "console/market/sankey.html")]
pub struct Sankey {
    label: String,
    bars: Vec<Bar>,
    losses: Vec<Loss>,
}

#[derive(Debug)]
struct Bar {
    x: u32,
    y: u32,
    height: u32,
    word: &'static str,
    count: u64,
    share: String,
    /// To the next bar.
    band: Option<u32>,
}

#[derive(Debug)]
pub struct Loss {
    pub step: Step,
    /// Where the loss is drawn.
    flow: String,
    text_x: u32,
    pub count: u64,
    pub share: String,
    worth: String,
    pub reasons: Vec<Reason>,
    pub path: String,
}

#[derive(Debug)]
pub struct Reason {
    pub word: String,
    pub count: u64,
    pub worth: Amount,
    pub path: String,
}

impl askama::filters::HtmlSafe for Sankey {}

/// The height of all leads, the way between two bars, a bar's width, and where things stand.
const HEIGHT: u64 = 150;
const APART: u32 = 175;
const WIDTH: u32 = 14;
const LEFT: u32 = 10;
const TOP: u32 = 50;
/// Where what is lost ends.
const FLOOR: u32 = 250;

impl Sankey {
    /// `path` of the page that lists what was lost.
    pub fn of(courses: &Courses, path: &str) -> Self {
        let all = courses.reached[0].max(1);
        let height = |count: u64| u32::try_from(count * HEIGHT / all).unwrap_or(0).max(u32::from(count > 0));
        let mut sankey = Self { label: String::new(), bars: Vec::new(), losses: Vec::new() };
        for step in Step::ALL {
            let count = courses.reached[step.place()];
            let next = courses.reached.get(step.place() + 1).copied();
            let x = LEFT + APART * step.place() as u32;
            sankey.bars.push(Bar {
                x,
                y: TOP,
                height: height(count),
                word: step.word(),
                count,
                share: share(count, all),
                band: next.map(height).filter(|band| *band > 0),
            });
            let lost = count.saturating_sub(next.unwrap_or(count));
            if lost > 0 {
                sankey.losses.push(loss(courses, step, (x + WIDTH, TOP + height(next.unwrap_or(0)), height(lost)), (lost, all), path));
            }
        }
        let told = sankey.bars.iter().map(|bar| format!("{} {}", bar.count, bar.word)).collect::<Vec<_>>();
        sankey.label = format!("Leads through the tree: {}", told.join(", "));
        sankey
    }

    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }
}

/// A flow that leaves a bar at a place with a height, and falls to the floor.
fn loss(courses: &Courses, step: Step, (x, y, height): (u32, u32, u32), (lost, all): (u64, u64), path: &str) -> Loss {
    let (turn, width) = (x + 40, height.min(APART / 3));
    let flow = format!(
        "M{x},{y} C{turn},{y} {right},{y} {right},{FLOOR} L{left},{FLOOR} C{left},{foot} {turn},{foot} {x},{foot} Z",
        right = x + 50 + width,
        left = x + 50,
        foot = y + height,
    );
    let query = |reason: Option<&str>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("step", step.word());
        reason.map(|reason| query.append_pair("reason", reason));
        format!("{path}?{}", query.finish())
    };
    let reasons: Vec<Reason> = courses
        .lost_at(step)
        .into_iter()
        .map(|(word, lost)| Reason { word: word.replace('_', " "), count: lost.leads, worth: Amount::of(lost.worth), path: query(Some(word)) })
        .collect();
    let worth: Money = courses.lost_at(step).into_iter().map(|(_, lost)| lost.worth).sum();
    Loss { step, flow, text_x: x + 50, count: lost, share: share(lost, all), worth: grouped(&worth.to_string()), reasons, path: query(None) }
}

/// In percent with one decimal.
pub fn share(count: u64, all: u64) -> String {
    let thousandths = (count * 1000 + all / 2).checked_div(all).unwrap_or(0);
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_one_decimal() {
        for (count, all, told) in [(1, 3, "33.3 %"), (3, 3, "100.0 %"), (0, 0, "0.0 %"), (1, 1000, "0.1 %"), (2, 3, "66.7 %")] {
            assert_eq!(share(count, all), told);
        }
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let sankey = Sankey::of(&Courses::default(), "/x");
        assert!(sankey.losses().is_empty() && sankey.bars.iter().all(|bar| bar.height == 0 && bar.band.is_none()));
    }
}
