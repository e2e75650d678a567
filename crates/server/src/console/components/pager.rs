//! The way to the other pages of a list.

use askama::Template;

#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "console/parts/pager.html")]
pub struct Pager {
    /// What the way back and the way on are called, and where they lead; none where there is nothing more.
    back: (&'static str, Option<String>),
    on: (&'static str, Option<String>),
}

impl Pager {
    /// By the addresses of the first page, where this isn't it, and of the next.
    pub fn newest_first(newest: Option<String>, older: Option<String>) -> Self {
        Self { back: ("Newest", newest), on: ("Older", older) }
    }

    /// The same of a list in the order of its entries, such as a statement.
    pub fn oldest_first(first: Option<String>, later: Option<String>) -> Self {
        Self { back: ("First", first), on: ("Next", later) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        let both = Pager::newest_first(Some("/console/leads".into()), Some("/console/leads?before=1&status=sold".into()));
        let next = Pager::oldest_first(None, Some("/console/money/statements/house?after=1".into()));
        insta::assert_snapshot!(format!("{both}\n{next}\n{}", Pager::default()));
    }
}
