//! Medians and the like.

pub fn median(figures: &[f64]) -> f64 {
    percentile(figures, 50.0)
}

/// The figure that so many percent of all are no greater than.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index of a slice")]
pub fn percentile(figures: &[f64], percent: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let index = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted.get(index.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_figures_that_occurred() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert!((percentile(&hundred, 99.0) - 99.0).abs() < 1e-9);
        assert!((percentile(&hundred, 99.9) - 100.0).abs() < 1e-9);
        assert!(percentile(&[], 50.0).is_nan());
    }
}
