//! All figures of a period: together, by vertical, and of each buyer.

use std::collections::BTreeMap;

use exchange::{
    figures::{BuyerCounts, BuyerFigure, Figure, Figures, Measure},
    id::{BuyerName, VerticalName},
    money::Currency,
};
use store::{ReadError, Reader};
use wire::answer::Node as Body;

use super::period::Period;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub period: Period,
    pub together: Figures,
    pub verticals: BTreeMap<VerticalName, Figures>,
    /// A buyer's calls are of all its verticals: none where one vertical alone is asked for.
    pub buyers: BTreeMap<BuyerName, BuyerCounts>,
}

impl Report {
    /// Of one vertical, or of all.
    pub fn read(reader: &mut dyn Reader, period: Period, only: Option<&VerticalName>) -> Result<Self, ReadError> {
        let is_asked = |vertical: &VerticalName| only.is_none_or(|only| only == vertical);
        let mut verticals: BTreeMap<VerticalName, Figures> = BTreeMap::new();
        for row in reader.figures(period.from, period.until)?.into_iter().filter(|row| is_asked(&row.vertical)) {
            verticals.entry(row.vertical).or_default().booked += row.booked;
        }
        let tallies = reader.tallies(period.from, period.until)?;
        for ((_, vertical), auctions) in tallies.verticals.into_iter().filter(|((_, vertical), _)| is_asked(vertical)) {
            verticals.entry(vertical).or_default().auctions += &auctions;
        }
        let mut buyers: BTreeMap<BuyerName, BuyerCounts> = BTreeMap::new();
        for ((_, buyer), counts) in tallies.buyers.into_iter().filter(|_| only.is_none()) {
            *buyers.entry(buyer).or_default() += &counts;
        }
        let mut together = Figures::default();
        verticals.values().for_each(|figures| together += figures);
        Ok(Self { period, together, verticals, buyers })
    }

    pub fn body(&self, currency: Currency) -> Body {
        let verticals = self.verticals.iter().map(|(name, figures)| Body::object([("vertical", Some(Body::of(name))), ("figures", Some(of(figures)))]));
        let buyers = self.buyers.iter().map(|(name, counts)| Body::object([("buyer", Some(Body::of(name))), ("figures", Some(of_buyer(counts)))]));
        Body::object([
            ("from", Some(Body::of(self.period.from))),
            ("until", Some(Body::of(self.period.until))),
            ("time_zone", self.period.zone.iana_name().map(|name| Body::text(name.to_owned()))),
            ("currency", Some(Body::of(currency.code()))),
            ("figures", Some(of(&self.together))),
            ("verticals", Some(Body::list("vertical", verticals))),
            ("buyers", Some(Body::list("buyer", buyers))),
        ])
    }
}

fn of(figures: &Figures) -> Body {
    Body::object(Figure::ALL.map(|figure| (figure.name(), Some(number(figure.of(figures))))))
}

fn of_buyer(counts: &BuyerCounts) -> Body {
    Body::object(BuyerFigure::ALL.map(|figure| (figure.name(), Some(number(figure.of(counts))))))
}

/// Money is a text, as everywhere; what there is no figure of is null.
fn number(measure: Measure) -> Body {
    match (measure, measure.number()) {
        (_, None) => Body::Null,
        (Measure::Money(money), _) => Body::of(money),
        (_, Some(number)) => Body::Decimal(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_defines_every_figure() {
        let documentation = include_str!("../../../../docs/figures.md");
        let rows = Figure::ALL.map(|figure| (figure.label(), figure.name(), figure.definition())).into_iter();
        for (label, name, definition) in rows.chain(BuyerFigure::ALL.map(|figure| (figure.label(), figure.name(), figure.definition()))) {
            assert!(documentation.contains(&format!("| {label} | `{name}` | {definition} |")), "{label}");
        }
    }
}
