//! Sides of one page, each with an address of its own.

use askama::Template;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub path: String,
    pub is_here: bool,
    /// How many entries stand there, if that is known.
    pub count: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "console/parts/tabs.html")]
pub struct Tabs {
    /// Of what they are the sides, for who doesn't see them.
    pub label: &'static str,
    pub tabs: Vec<Tab>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        let tab = |label: &str, is_here, count| Tab { label: label.into(), path: format!("/console/{label}"), is_here, count };
        insta::assert_snapshot!(Tabs { label: "Returns", tabs: vec![tab("open", true, Some(3)), tab("decided", false, None)] }.to_string());
    }
}
