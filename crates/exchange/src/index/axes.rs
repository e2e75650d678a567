//! What contracts may ask of a lead: one axis for each thing that a lead has one value of.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    hashing::HashSet,
    segments::{MISSING, Segment, Segments, after_prefix},
};
use crate::{
    attribute::{Attribute, PingPart},
    contract::{Contract, Sources},
    filter::{Filter, Predicate, ValueSet},
    id::SupplierName,
    schema::FieldIndex,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Axis {
    Field(FieldIndex),
    /// The supplier's name.
    Supplier,
    /// Whether the lead is a test.
    Test,
}

/// The axes that some contract asks about, by number. A number stays what it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Axes {
    order: Vec<(Axis, Arc<Segments>)>,
    numbers: BTreeMap<Axis, u16>,
}

impl Axes {
    /// The axis that most contracts ask about is the first.
    pub fn of(cuts: Cuts) -> Self {
        let mut order: Vec<(Axis, CutsOfAxis)> = cuts.by_axis.into_iter().collect();
        order.sort_by_key(|(axis, cuts)| (std::cmp::Reverse(cuts.asked), *axis));
        let order: Vec<(Axis, Arc<Segments>)> =
            order.into_iter().map(|(axis, cuts)| (axis, Arc::new(Segments::new(cuts.values.into_iter().collect())))).collect();
        let numbers = order.iter().enumerate().map(|(number, (axis, _))| (*axis, number as u16)).collect();
        Self { order, numbers }
    }

    /// These and what `cuts` adds. Tells of each axis that was cut further its number, its end and where segments moved to.
    pub fn add(&mut self, cuts: Cuts, mut recut: impl FnMut(u16, Segment, &dyn Fn(Segment) -> Segment)) {
        for (axis, cuts) in cuts.by_axis {
            let number = *self.numbers.entry(axis).or_insert_with(|| {
                self.order.push((axis, Arc::default()));
                (self.order.len() - 1) as u16
            });
            let known = &mut self.order[usize::from(number)].1;
            if let Some((segments, moved)) = known.with(cuts.values.into_iter().collect()) {
                recut(number, segments.end(), &moved);
                *known = Arc::new(segments);
            }
        }
    }

    pub fn number(&self, axis: Axis) -> Option<u16> {
        self.numbers.get(&axis).copied()
    }

    pub fn segments(&self, axis: Axis) -> Option<&Segments> {
        self.number(axis).map(|number| &*self.order[usize::from(number)].1)
    }

    pub fn ends(&self) -> Vec<Segment> {
        self.order.iter().map(|(_, segments)| segments.end()).collect()
    }

    /// The segment of a lead on each axis.
    pub fn of_lead(&self, ping: &PingPart, supplier: &SupplierName, test: bool) -> Vec<Segment> {
        let of = |(axis, segments): &(Axis, Arc<Segments>)| match axis {
            Axis::Field(field) => ping.attribute(*field).map_or(MISSING, |value| segments.of(value)),
            Axis::Supplier => segments.of_text(supplier.as_str()),
            Axis::Test => segments.of(&Attribute::Boolean(test)),
        };
        self.order.iter().map(of).collect()
    }
}

/// The values that contracts name, by axis.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    by_axis: BTreeMap<Axis, CutsOfAxis>,
    /// Lists that were seen: many contracts name the same.
    lists: HashSet<(FieldIndex, *const BTreeSet<Attribute>)>,
}

#[derive(Debug, Default)]
struct CutsOfAxis {
    /// How often something was asked of it.
    asked: usize,
    values: HashSet<Attribute>,
}

impl Cuts {
    pub fn add(&mut self, contract: &Contract, takes_tests: bool) {
        contract.filter.iter().flat_map(Filter::clauses).for_each(|clause| self.add_predicate(clause));
        if let Some(names) = named(&contract.sources) {
            self.on(Axis::Supplier).values.extend(names.map(|name| Attribute::Text(name.to_owned())));
        }
        if !takes_tests {
            self.on(Axis::Test).values.insert(Attribute::Boolean(true));
        }
    }

    fn add_predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Compare(field, _, value) => self.add_value(*field, value),
            Predicate::In(field, set) => self.add_set(*field, set),
            Predicate::StartsWith(field, prefix) => self.on(Axis::Field(*field)).values.extend([Attribute::Text(prefix.clone()), after_prefix(prefix)]),
            Predicate::Has(field) => drop(self.on(Axis::Field(*field))),
            Predicate::Always(_) => {}
            Predicate::Not(inner) => self.add_predicate(inner),
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| self.add_predicate(part)),
        }
    }

    fn add_set(&mut self, field: FieldIndex, set: &ValueSet) {
        if set.list.is_none() || self.lists.insert((field, Arc::as_ptr(&set.values))) {
            set.values.iter().for_each(|value| self.add_value(field, value));
        }
        self.on(Axis::Field(field)).asked += 1;
    }

    fn add_value(&mut self, field: FieldIndex, value: &Attribute) {
        let values = &mut self.on(Axis::Field(field)).values;
        if !values.contains(value) {
            values.insert(value.clone());
        }
    }

    fn on(&mut self, axis: Axis) -> &mut CutsOfAxis {
        let of_axis = self.by_axis.entry(axis).or_default();
        of_axis.asked += 1;
        of_axis
    }
}

/// The suppliers that sources name.
pub(super) fn named(sources: &Sources) -> Option<impl Iterator<Item = &str>> {
    match sources {
        Sources::All => None,
        Sources::Only(names) | Sources::AllBut(names) => Some(names.iter().map(SupplierName::as_str)),
    }
}
