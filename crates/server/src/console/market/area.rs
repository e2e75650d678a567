//! A field of several lines, and a box to check.

use askama::Template;

#[derive(Clone, Debug, Default, Template)]
#[template(path = "console/market/area.html")]
pub struct Area {
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub hint: String,
    pub error: String,
}

#[derive(Clone, Debug, Default, Template)]
#[template(path = "console/market/flag.html")]
pub struct Flag {
    pub name: &'static str,
    pub label: String,
    pub is_checked: bool,
    pub hint: String,
    pub error: String,
}

impl askama::filters::HtmlSafe for Area {}
impl askama::filters::HtmlSafe for Flag {}
