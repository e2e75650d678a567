//! What pages are made of: each is a value that a view holds and its template writes with `{{ … }}`.
//!
//! For what has no value of its own there are the classes of `assets/style.css`: `card`, `grid`, `facts` (a list of keys and
//! values), `wide` (around a table), `empty` (nothing is here yet, and what to do), `bar` (a row of filters or buttons).

mod amount;
mod field;
mod meter;
mod moment;
mod pager;
mod sparkline;
mod tabs;
mod tag;

pub use self::{
    amount::{Amount, grouped},
    field::{Choice, Field},
    meter::Meter,
    moment::Moment,
    pager::Pager,
    sparkline::Sparkline,
    tabs::{Tab, Tabs},
    tag::{Tag, Tone},
};

/// Writes its own markup, with everything in it escaped by its template.
macro_rules! writes_markup {
    ($($component:ty),*) => {$(impl askama::filters::HtmlSafe for $component {})*};
}

writes_markup!(Amount, Choice, Field, Meter, Moment, Pager, Sparkline, Tabs, Tag);
