//! The way to older and newer entries of a list.

use askama::Template;

#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "console/parts/pager.html")]
pub struct Pager {
    /// Addresses; none where there is nothing more.
    pub newest: Option<String>,
    pub older: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        let both = Pager { newest: Some("/console/leads".into()), older: Some("/console/leads?before=1&status=sold".into()) };
        insta::assert_snapshot!(format!("{both}\n{}", Pager::default()));
    }
}
