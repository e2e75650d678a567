//! A contract's terms as alternatives, each a set of segments per axis: the contract takes a lead if one of them has the
//! lead's segment on every axis.
//!
//! Any predicate over one field alone is such a set, exactly, whatever is nested in it and whatever is missing: within a
//! segment its truth is the same for all values. Predicates over several fields are multiplied out, as far as that stays small.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use super::{
    axes::{Axes, Axis, named},
    hashing::HashMap,
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
pub(super) type Conjunction = Vec<(Axis, Rc<Ranges>)>;

/// Past so many alternatives of a contract, a clause is left to the filter itself.
const MOST_ALTERNATIVES: usize = 8;

pub(super) struct Alternatives {
    pub conjunctions: Vec<Conjunction>,
    /// The conjunctions say less than the filter: it must be asked too.
    pub asks_filter: bool,
}

/// Makes alternatives of contracts whose values are all cuts of `axes`.
pub(super) struct Compiler<'a> {
    axes: &'a Axes,
    /// A named list may be long, and many contracts name the same one.
    lists: HashMap<(FieldIndex, *const BTreeSet<Attribute>), Rc<Ranges>>,
}

impl<'a> Compiler<'a> {
    pub fn new(axes: &'a Axes) -> Self {
        Self { axes, lists: HashMap::default() }
    }

    pub fn alternatives(&mut self, contract: &Contract, takes_tests: bool) -> Alternatives {
        let mut all = Alternatives { conjunctions: vec![self.beside_the_filter(contract, takes_tests)], asks_filter: false };
        for clause in contract.filter.iter().flat_map(Filter::clauses) {
            let done = match only_field(clause) {
                Some(field) => {
                    self.accepted(clause, field, false).map(|accepted| all.conjunctions.retain_mut(|one| narrow(one, Axis::Field(field), &accepted)))
                }
                None => self.expand(clause, false).and_then(|others| product(&all.conjunctions, &others)).map(|product| all.conjunctions = product),
            };
            all.asks_filter |= done.is_none();
        }
        all
    }

    fn beside_the_filter(&self, contract: &Contract, takes_tests: bool) -> Conjunction {
        let mut conjunction = Conjunction::new();
        if let Some(names) = named(&contract.sources) {
            let points = names.filter_map(|name| self.point(Axis::Supplier, &Attribute::Text(name.to_owned())));
            let points = Ranges::of_any(points.map(|point| (point, point + 1)).collect());
            let is_only = matches!(contract.sources, Sources::Only(_));
            conjunction.push((Axis::Supplier, Rc::new(if is_only { points } else { points.complement(MISSING, self.end(Axis::Supplier)) })));
        }
        if let (false, Some(test)) = (takes_tests, self.point(Axis::Test, &Attribute::Boolean(true))) {
            conjunction.push((Axis::Test, Rc::new(Ranges::of(test, test + 1).complement(MISSING, self.end(Axis::Test)))));
        }
        conjunction
    }

    /// The alternatives in which a predicate is true, or false if it is `negated`; none if there are too many.
    fn expand(&mut self, predicate: &Predicate, negated: bool) -> Option<Vec<Conjunction>> {
        if let Some(field) = only_field(predicate) {
            let accepted = self.accepted(predicate, field, negated)?;
            return Some(if accepted.is_empty() { Vec::new() } else { vec![vec![(Axis::Field(field), accepted)]] });
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
                    self.expand(part, negated)?.into_iter().for_each(|alternative| join(&mut any, alternative));
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

    /// Where a predicate over one field is true, or false if it is `negated`. Elsewhere it is the other, or unknown.
    /// None if a value is no cut, which a caller has to see to.
    fn accepted(&mut self, predicate: &Predicate, field: FieldIndex, negated: bool) -> Option<Rc<Ranges>> {
        let axis = Axis::Field(field);
        let end = self.end(axis);
        let everywhere = |yes: bool| if yes != negated { Ranges::of(MISSING, end) } else { Ranges::default() };
        let of_present = |yes: Ranges| if negated { yes.complement(PRESENT, end) } else { yes };
        Some(Rc::new(match predicate {
            Predicate::Compare(_, comparison, value) => of_present(compared(*comparison, self.point(axis, value)?, end)),
            Predicate::In(_, set) if negated => self.in_set(field, set)?.complement(PRESENT, end),
            Predicate::In(_, set) => return self.in_set(field, set),
            Predicate::StartsWith(_, prefix) => {
                let (from, to) = (self.point(axis, &Attribute::Text(prefix.clone()))?, self.point(axis, &after_prefix(prefix))?);
                of_present(Ranges::of(from, to))
            }
            Predicate::Has(_) if negated => Ranges::of(MISSING, PRESENT),
            Predicate::Has(_) => Ranges::of(PRESENT, end),
            Predicate::Always(yes) => everywhere(*yes),
            Predicate::Not(inner) => return self.accepted(inner, field, !negated),
            Predicate::All(parts) | Predicate::Any(parts) => {
                // True in all parts or false in all, or else in one of them.
                let in_all = matches!(predicate, Predicate::All(_)) != negated;
                let mut joined = if in_all { Ranges::of(MISSING, end) } else { Ranges::default() };
                for part in parts {
                    let of_part = self.accepted(part, field, negated)?;
                    joined = if in_all { joined.intersection(&of_part) } else { joined.union(&of_part) };
                }
                joined
            }
        }))
    }

    fn in_set(&mut self, field: FieldIndex, set: &ValueSet) -> Option<Rc<Ranges>> {
        let key = (field, Arc::as_ptr(&set.values));
        if let Some(known) = self.lists.get(&key) {
            return Some(Rc::clone(known));
        }
        let points: Option<Vec<_>> = set.values.iter().map(|value| self.point(Axis::Field(field), value).map(|point| (point, point + 1))).collect();
        let accepted = Rc::new(Ranges::of_any(points?));
        if set.list.is_some() {
            self.lists.insert(key, Rc::clone(&accepted));
        }
        Some(accepted)
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
    other.iter().all(|(axis, accepted)| narrow(&mut both, *axis, accepted)).then_some(both)
}

/// Asks for this, too. False if nothing can satisfy it any more.
fn narrow(conjunction: &mut Conjunction, axis: Axis, accepted: &Rc<Ranges>) -> bool {
    match conjunction.iter_mut().find(|(known, _)| *known == axis) {
        Some((_, known)) => {
            *known = Rc::new(known.intersection(accepted));
            !known.is_empty()
        }
        None => {
            conjunction.push((axis, Rc::clone(accepted)));
            !accepted.is_empty()
        }
    }
}

/// Alternatives that differ on their one axis alone are one.
fn join(any: &mut Vec<Conjunction>, alternative: Conjunction) {
    if let [(axis, accepted)] = &alternative[..]
        && let Some([(_, known)]) = any.iter_mut().map(|known| &mut known[..]).find(|known| matches!(known, [(other, _)] if other == axis))
    {
        *known = Rc::new(known.union(accepted));
    } else {
        any.push(alternative);
    }
}
