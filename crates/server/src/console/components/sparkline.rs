//! A line of values over time, small enough to stand in a table.

use askama::Template;

/// Drawn in a box of 100 by 24, the largest value at its top, nothing at its foot.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<svg class="sparkline" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label="{{ label }}"><polygon points="0,24 {{ points }} 100,24"/><polyline points="{{ points }}"/></svg>"#
)]
pub struct Sparkline {
    label: String,
    points: String,
}

impl Sparkline {
    /// `label` says in words what the line shows.
    pub fn new(label: impl Into<String>, values: &[u64]) -> Self {
        let largest = u128::from(values.iter().copied().max().unwrap_or(0).max(1));
        let last = values.len().saturating_sub(1).max(1);
        let point = |(place, value): (usize, &u64)| {
            // In hundredths, so that no fraction is needed: 22 units of height, one kept free at either end.
            let down = 2300 - u128::from(*value) * 2200 / largest;
            format!("{},{}.{:02}", place * 100 / last, down / 100, down % 100)
        };
        let points: Vec<String> = values.iter().enumerate().map(point).collect();
        Self { label: label.into(), points: points.join(" ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_at_the_top_and_nothing_at_the_foot() {
        assert_eq!(Sparkline::new("x", &[0, 5, 10]).points, "0,23.00 50,12.00 100,1.00");
        assert_eq!(Sparkline::new("x", &[u64::MAX]).points, "0,1.00");
        assert_eq!(Sparkline::new("x", &[0, 0]).points, "0,23.00 100,23.00");
        assert_eq!(Sparkline::new("x", &[]).points, "");
    }
}
