//! What was looked for and found: the walker that knows an answer's paths.

use std::borrow::Cow;

use exchange::mapping::{Path, Place, Step};

use super::walk::Walker;

/// Values kept of one answer; one with more is malformed, rather than read in part.
const MOST_FOUND: usize = 512;
/// Most answers have fewer.
const USUAL: usize = 8;
/// A path that isn't followed in this entry of an outermost list.
const OFF: usize = usize::MAX;

pub(super) struct Finder<'a, 'm> {
    followed: Vec<Followed<'m>>,
    depth: usize,
    entries: u32,
    /// The row of bids that is being walked, from 1; 0 before the first.
    row: u32,
    found: Vec<Found<'a>>,
    is_too_much: bool,
}

/// A path, and how many of its steps lead to where the walk is.
struct Followed<'m> {
    path: &'m Path,
    what: What,
    steps: usize,
    /// Of the step that comes next: how many of its name have been met.
    met: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Place(usize),
    Row,
}

pub(super) struct Found<'a> {
    pub place: usize,
    pub row: u32,
    pub text: Cow<'a, str>,
}

impl<'a, 'm> Finder<'a, 'm> {
    pub(super) fn new(places: &'m [Place], rows: Option<&'m Path>) -> Self {
        let follow = |path: &'m Path, what| Followed { path, what, steps: OFF, met: vec![0; path.steps.iter().filter(|step| step.index.is_some()).count()] };
        let places = places.iter().enumerate().filter_map(|(number, place)| match place {
            Place::Path(path) | Place::Part(path, _) => Some(follow(path, What::Place(number))),
            Place::Header(_) | Place::Pattern(_) | Place::Body => None,
        });
        // Rows first, so that what stands in a row is of it.
        let followed = rows.map(|path| follow(path, What::Row)).into_iter().chain(places).collect();
        Self { followed, depth: 0, entries: 0, row: 0, found: Vec::with_capacity(USUAL), is_too_much: false }
    }

    pub(super) fn looks_for_anything(&self) -> bool {
        !self.followed.is_empty()
    }

    pub(super) fn found(self) -> Result<(Vec<Found<'a>>, u32), &'static str> {
        if self.is_too_much { Err("too many values") } else { Ok((self.found, self.row)) }
    }

    fn keep(&mut self, place: usize, text: Cow<'a, str>, once: bool) {
        if once && self.found.iter().any(|found| found.place == place && found.row == self.row) {
            return;
        }
        if self.found.len() == MOST_FOUND {
            self.is_too_much = true;
            return;
        }
        self.found.push(Found { place, row: self.row, text });
    }
}

impl Followed<'_> {
    fn next(&self) -> Option<&Step> {
        self.path.steps.get(self.steps)
    }

    fn is_whole(&self) -> bool {
        self.steps == self.path.steps.len()
    }

    /// Whether a text at this depth of the walk stands at the path, or inside of it where that counts.
    fn is_here(&self, depth: usize) -> bool {
        self.is_whole() && (self.steps == depth || (self.path.below && self.steps < depth))
    }

    /// The counter of a step that has an index.
    fn counter(&self, step: usize) -> usize {
        self.path.steps[..step].iter().filter(|step| step.index.is_some()).count()
    }

    /// Where a step with an index comes next, its count begins anew.
    fn begin(&mut self, steps: usize) {
        self.steps = steps;
        if self.next().is_some_and(|step| step.index.is_some()) {
            let counter = self.counter(steps);
            self.met[counter] = 0;
        }
    }

    fn takes(&mut self, name: &str) -> bool {
        let Some(step) = self.path.steps.get(self.steps) else { return false };
        if step.is_attribute || !step.is_named(name) {
            return false;
        }
        let Some(index) = step.index else { return true };
        let counter = self.counter(self.steps);
        self.met[counter] += 1;
        self.met[counter] == index + 1
    }
}

impl<'a> Walker<'a> for Finder<'a, '_> {
    fn entry(&mut self) {
        let entry = self.entries;
        self.entries += 1;
        self.depth = 0;
        for followed in &mut self.followed {
            if followed.path.entry.is_none_or(|wanted| wanted == entry) {
                followed.begin(0);
                if followed.what == What::Row && followed.is_whole() {
                    self.row += 1;
                }
            } else {
                followed.steps = OFF;
            }
        }
    }

    fn enter(&mut self, name: &str) {
        for followed in &mut self.followed {
            if followed.steps == self.depth && followed.takes(name) {
                followed.begin(self.depth + 1);
                if followed.what == What::Row && followed.is_whole() {
                    self.row += 1;
                }
            }
        }
        self.depth += 1;
        for number in 0..self.followed.len() {
            let followed = &self.followed[number];
            let is_name = followed.steps == self.depth && followed.next().is_some_and(|step| step.is_attribute && &*step.name == Step::NAME);
            if let What::Place(place) = followed.what
                && is_name
            {
                self.keep(place, Cow::Owned(name.to_owned()), false);
            }
        }
    }

    fn text(&mut self, text: Cow<'a, str>) {
        for number in 0..self.followed.len() {
            let followed = &self.followed[number];
            if let What::Place(place) = followed.what
                && followed.is_here(self.depth)
                && !(followed.path.below && text.trim().is_empty())
            {
                self.keep(place, text.clone(), followed.path.below);
            }
        }
    }

    fn leave(&mut self) {
        for followed in &mut self.followed {
            if followed.steps == self.depth {
                followed.steps -= 1;
            }
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn wants_text(&self) -> bool {
        self.followed.iter().any(|followed| followed.is_here(self.depth) && followed.what != What::Row)
    }

    fn wants_attributes(&self) -> bool {
        let wants = |followed: &Followed<'_>| followed.steps == self.depth && followed.next().is_some_and(|step| step.is_attribute);
        self.followed.iter().any(|followed| wants(followed) || (followed.path.below && followed.is_here(self.depth)))
    }

    fn attribute(&mut self, name: &str, text: Cow<'a, str>) {
        if text.trim().is_empty() {
            return;
        }
        for number in 0..self.followed.len() {
            let followed = &self.followed[number];
            let is_it = followed.steps == self.depth && followed.next().is_some_and(|step| step.is_attribute && step.is_named(name));
            let is_below = followed.path.below && followed.is_here(self.depth);
            if let What::Place(place) = followed.what
                && (is_it || is_below)
            {
                self.keep(place, text.clone(), followed.path.below);
            }
        }
    }
}
