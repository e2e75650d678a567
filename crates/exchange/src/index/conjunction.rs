//! A contract's terms as alternatives, each a set of segments per axis: the contract takes a lead if one of them has the
//! lead's segment on every axis.
//!
//! Any predicate over one field alone is such a set, exactly, whatever is nested in it and whatever is missing: within a
//! segment its truth is the same for all values. Predicates over several fields are multiplied out, as far as that stays small.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
    sync::Arc,
};

use super::{
    axes::{Axes, Axis, named},
    ranges::Ranges,
    segments::{MISSING, PRESENT, Segments, after_prefix},
};
use crate::{
    attribute::Attribute,
    contract::{Contract, Sources},
    filter::{Comparison, Filter, Predicate, ValueSet},
    schema::FieldIndex,
};

/// What one alternative asks of each axis. An axis that it doesn't name may have any value.
pub(super) type Conjunction = BTreeMap<Axis, Rc<Ranges>>;

/// Past so many alternatives of a contract, a clause is left to the filter itself.
const MOST_ALTERNATIVES: usize = 8;

pub(super) struct Alternatives {
    pub conjunctions: Vec<Conjunction>,
    /// The conjunctions say less than the filter: it must be asked too.
    pub asks_filter: bool,
}

/// Where a predicate over one field is true, and where it is false. Elsewhere it is unknown.
#[derive(Clone)]
struct Decided {
    yes: Rc<Ranges>,
    no: Rc<Ranges>,
}

impl Decided {
    fn new(yes: Ranges, no: Ranges) -> Self {
        Self { yes: Rc::new(yes), no: Rc::new(no) }
    }
}

/// Makes alternatives of contracts whose values are all cuts of `axes`.
pub(super) struct Compiler<'a> {
    axes: &'a Axes,
    /// A named list may be long, and many contracts name the same one.
    lists: HashMap<(FieldIndex, *const BTreeSet<Attribute>), Decided>,
}

impl<'a> Compiler<'a> {
    pub fn new(axes: &'a Axes) -> Self {
        Self { axes, lists: HashMap::new() }
    }

    pub fn alternatives(&mut self, contract: &Contract, takes_tests: bool) -> Alternatives {
        let mut all = Alternatives { conjunctions: vec![self.beside_the_filter(contract, takes_tests)], asks_filter: false };
        for clause in contract.filter.iter().flat_map(Filter::clauses) {
            match self.expand(clause, false).and_then(|alternatives| product(&all.conjunctions, &alternatives)) {
                Some(conjunctions) => all.conjunctions = conjunctions,
                None => all.asks_filter = true,
            }
        }
        all
    }

    fn beside_the_filter(&self, contract: &Contract, takes_tests: bool) -> Conjunction {
        let mut conjunction = Conjunction::new();
        if let Some(names) = named(&contract.sources) {
            let points = names.filter_map(|name| self.point(Axis::Supplier, &Attribute::Text(name.to_owned())));
            let points = Ranges::of_any(points.map(|point| (point, point + 1)).collect());
            let is_only = matches!(contract.sources, Sources::Only(_));
            conjunction.insert(Axis::Supplier, Rc::new(if is_only { points } else { points.complement(MISSING, self.end(Axis::Supplier)) }));
        }
        if let (false, Some(test)) = (takes_tests, self.point(Axis::Test, &Attribute::Boolean(true))) {
            conjunction.insert(Axis::Test, Rc::new(Ranges::of(test, test + 1).complement(MISSING, self.end(Axis::Test))));
        }
        conjunction
    }

    /// The alternatives in which a predicate is true, or false if it is `negated`; none if there are too many.
    fn expand(&mut self, predicate: &Predicate, negated: bool) -> Option<Vec<Conjunction>> {
        if let Some(axis) = only_field(predicate) {
            let decided = self.decided(predicate, axis)?;
            let accepted = if negated { decided.no } else { decided.yes };
            let is_possible = !accepted.is_empty();
            return Some(if is_possible { vec![Conjunction::from([(Axis::Field(axis), accepted)])] } else { Vec::new() });
        }
        match (predicate, negated) {
            (Predicate::Always(yes), _) => Some(if *yes != negated { vec![Conjunction::new()] } else { Vec::new() }),
            (Predicate::Not(inner), _) => self.expand(inner, !negated),
            (Predicate::All(parts), false) | (Predicate::Any(parts), true) => {
                let mut all = vec![Conjunction::new()];
                for part in parts {
                    all = product(&all, &self.expand(part, negated)?)?;
                }
                Some(all)
            }
            (Predicate::Any(parts), false) | (Predicate::All(parts), true) => {
                let mut any = Vec::new();
                for part in parts {
                    for alternative in self.expand(part, negated)? {
                        join(&mut any, alternative);
                    }
                    if any.len() > MOST_ALTERNATIVES {
                        return None;
                    }
                }
                Some(any)
            }
            // These have one field.
            (Predicate::Compare(..) | Predicate::In(..) | Predicate::StartsWith(..) | Predicate::Has(_), _) => None,
        }
    }

    /// None if a value is no cut, which a caller has to see to.
    fn decided(&mut self, predicate: &Predicate, field: FieldIndex) -> Option<Decided> {
        let axis = Axis::Field(field);
        let end = self.end(axis);
        let of_present = |yes: Ranges| {
            let no = yes.complement(PRESENT, end);
            Decided::new(yes, no)
        };
        Some(match predicate {
            Predicate::Compare(_, comparison, value) => of_present(compared(*comparison, self.point(axis, value)?, end)),
            Predicate::In(_, set) => return self.in_set(field, set),
            Predicate::StartsWith(_, prefix) => {
                let (from, to) = (self.point(axis, &Attribute::Text(prefix.clone()))?, self.point(axis, &after_prefix(prefix))?);
                of_present(Ranges::of(from, to))
            }
            Predicate::Has(_) => Decided::new(Ranges::of(PRESENT, end), Ranges::of(MISSING, PRESENT)),
            Predicate::Always(true) => Decided::new(Ranges::of(MISSING, end), Ranges::default()),
            Predicate::Always(false) => Decided::new(Ranges::default(), Ranges::of(MISSING, end)),
            Predicate::Not(inner) => {
                let Decided { yes, no } = self.decided(inner, field)?;
                Decided { yes: no, no: yes }
            }
            Predicate::All(parts) => {
                let (mut yes, mut no) = (Ranges::of(MISSING, end), Ranges::default());
                for part in parts {
                    let of_part = self.decided(part, field)?;
                    (yes, no) = (yes.intersection(&of_part.yes), no.union(&of_part.no));
                }
                Decided::new(yes, no)
            }
            Predicate::Any(parts) => {
                let (mut yes, mut no) = (Ranges::default(), Ranges::of(MISSING, end));
                for part in parts {
                    let of_part = self.decided(part, field)?;
                    (yes, no) = (yes.union(&of_part.yes), no.intersection(&of_part.no));
                }
                Decided::new(yes, no)
            }
        })
    }

    fn in_set(&mut self, field: FieldIndex, set: &ValueSet) -> Option<Decided> {
        let key = (field, Arc::as_ptr(&set.values));
        if let Some(known) = self.lists.get(&key) {
            return Some(known.clone());
        }
        let axis = Axis::Field(field);
        let points: Option<Vec<_>> = set.values.iter().map(|value| self.point(axis, value).map(|point| (point, point + 1))).collect();
        let yes = Ranges::of_any(points?);
        let no = yes.complement(PRESENT, self.end(axis));
        let decided = Decided::new(yes, no);
        if set.list.is_some() {
            self.lists.insert(key, decided.clone());
        }
        Some(decided)
    }

    fn point(&self, axis: Axis, value: &Attribute) -> Option<u32> {
        self.axes.segments(axis)?.at_cut(value)
    }

    fn end(&self, axis: Axis) -> u32 {
        self.axes.segments(axis).map_or(PRESENT, Segments::end)
    }
}

fn compared(comparison: Comparison, point: u32, end: u32) -> Ranges {
    match comparison {
        Comparison::Equal => Ranges::of(point, point + 1),
        Comparison::NotEqual => Ranges::of(point, point + 1).complement(PRESENT, end),
        Comparison::Less => Ranges::of(PRESENT, point),
        Comparison::AtMost => Ranges::of(PRESENT, point + 1),
        Comparison::More => Ranges::of(point + 1, end),
        Comparison::AtLeast => Ranges::of(point, end),
    }
}

/// The one field that a predicate is about; none if it is about several or none.
fn only_field(predicate: &Predicate) -> Option<FieldIndex> {
    fn look(predicate: &Predicate, found: &mut Option<FieldIndex>) -> bool {
        match predicate {
            Predicate::Compare(field, ..) | Predicate::In(field, _) | Predicate::StartsWith(field, _) | Predicate::Has(field) => {
                *found.get_or_insert(*field) == *field
            }
            Predicate::Always(_) => true,
            Predicate::Not(inner) => look(inner, found),
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().all(|part| look(part, found)),
        }
    }
    let mut found = None;
    look(predicate, &mut found).then_some(found)?
}

/// Every pair of alternatives at once, without those that nothing can satisfy; none if there are too many.
fn product(some: &[Conjunction], others: &[Conjunction]) -> Option<Vec<Conjunction>> {
    let mut all = Vec::with_capacity(some.len() * others.len());
    for one in some {
        for other in others {
            if let Some(both) = both(one, other) {
                all.push(both);
            }
            if all.len() > MOST_ALTERNATIVES {
                return None;
            }
        }
    }
    Some(all)
}

fn both(one: &Conjunction, other: &Conjunction) -> Option<Conjunction> {
    let mut both = one.clone();
    for (axis, accepted) in other {
        let accepted = match both.get(axis) {
            Some(known) => Rc::new(known.intersection(accepted)),
            None => Rc::clone(accepted),
        };
        if accepted.is_empty() {
            return None;
        }
        both.insert(*axis, accepted);
    }
    Some(both)
}

/// Alternatives that differ on their one axis alone are one.
fn join(any: &mut Vec<Conjunction>, alternative: Conjunction) {
    let single = |conjunction: &Conjunction| if conjunction.len() == 1 { conjunction.keys().next().copied() } else { None };
    if let Some(axis) = single(&alternative)
        && let Some(known) = any.iter_mut().find(|known| single(known) == Some(axis))
    {
        for (axis, accepted) in alternative {
            known.entry(axis).and_modify(|known| *known = Rc::new(known.union(&accepted)));
        }
    } else {
        any.push(alternative);
    }
}
