//! How full something is: a cap, a credit.

use askama::Template;

/// Parts of a whole, drawn in thousandths.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<svg class="meter {{ tone }}" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="{{ label }}"><rect class="ground" width="1000" height="100" rx="50"/><rect class="fill" width="{{ filled }}" height="100" rx="50"/></svg>"#
)]
pub struct Meter {
    label: String,
    filled: u16,
    tone: &'static str,
}

impl Meter {
    /// `used` of `whole`, in any unit; what is over the whole is full. Warns from four fifths on.
    pub fn new(label: impl Into<String>, used: u64, whole: u64) -> Self {
        let thousandths = (u128::from(used) * 1000).checked_div(u128::from(whole)).unwrap_or(1000).min(1000);
        let filled = u16::try_from(thousandths).unwrap_or(1000);
        let tone = match filled {
            1000 => "bad",
            800.. => "warn",
            _ => "good",
        };
        Self { label: label.into(), filled, tone }
    }

    /// The same of what is neither good nor bad: a share, a rate.
    pub fn share(label: impl Into<String>, part: u64, whole: u64) -> Self {
        Self { tone: "share", ..Self::new(label, part, whole.max(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_full_at_the_whole_and_over_it() {
        let drawn = |used, whole| (Meter::new("m", used, whole).filled, Meter::new("m", used, whole).tone);
        assert_eq!(drawn(0, 10), (0, "good"));
        assert_eq!(drawn(8, 10), (800, "warn"));
        assert_eq!(drawn(10, 10), (1000, "bad"));
        assert_eq!(drawn(u64::MAX, 1), (1000, "bad"));
        assert_eq!(drawn(0, 0), (1000, "bad"), "nothing is allowed");
        assert_eq!((Meter::share("m", 10, 10).tone, Meter::share("m", 0, 0).filled), ("share", 0), "of a share all is not too much");
    }
}
