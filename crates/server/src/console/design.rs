//! `/console/design`: every component as it looks, for those who build pages. No menu leads to it.

use askama::Template;
use exchange::{
    money::{Currency, Money},
    time::Timestamp,
};
use jiff::tz::TimeZone;

use super::{
    components::{Amount, Choice, Field, Meter, Moment, Pager, Sparkline, Tab, Tabs, Tag, Tone},
    failed::Failed,
    form::Form,
    frame::Frame,
    navigation::Place,
    reply::{self, Reply},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "console/design.html")]
struct View {
    frame: Frame,
    tabs: Tabs,
    tags: Vec<Tag>,
    rows: Vec<Row>,
    fields: Vec<Field>,
    choice: Choice,
    sparkline: Sparkline,
    pager: Pager,
}

struct Row {
    buyer: &'static str,
    status: Tag,
    used: Meter,
    balance: Amount,
    since: Moment,
    at: Moment,
}

pub async fn page(visitor: Visitor) -> Reply {
    reply::page(&view(Frame::of(&visitor, Place::Account)))
}

/// Sends what was typed back, and changes nothing: how a form of the console works.
pub async fn sent(form: Form) -> Reply {
    let mode = form.text("mode");
    if mode.is_empty() {
        return Err(Failed::Refused("The form has no mode. Open the page again.".into()));
    }
    let kinds: Vec<&str> = form.all("kind").collect();
    let kinds = if form.is_checked("kind") { kinds.join(" and ") } else { "nothing".into() };
    reply::done("/console/design", &format!("{mode}, {kinds}: nothing was changed."))
}

fn view(frame: Frame) -> View {
    let tab = |label: &str, is_here, count| Tab { label: label.into(), path: "/console/design".into(), is_here, count };
    let row = |buyer, status, used, cents: i64, seconds: i64| Row {
        buyer,
        status: Tag::status(status),
        used: Meter::new(format!("{used} of 100 today"), used, 100),
        balance: Amount::with_code(Money::from_micros(cents * 10_000), Currency::USD),
        since: Moment::day(Timestamp::from_micros(seconds * 1_000_000), &TimeZone::UTC),
        at: Moment::of(Timestamp::from_micros(seconds * 1_000_000), &TimeZone::UTC),
    };
    let named = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    View {
        frame,
        tabs: Tabs { label: "Components", tabs: vec![tab("All", true, Some(11)), tab("None", false, None)] },
        tags: [("plain", Tone::Plain), ("good", Tone::Good), ("warn", Tone::Warn), ("bad", Tone::Bad), ("info", Tone::Info)]
            .map(|(word, tone)| Tag::new(word, tone))
            .into(),
        rows: vec![
            row("harbor-lending", "live", 42, 12_345_678, 1_764_288_000),
            row("tidewater-mortgage", "paused", 85, -5_000, 1_764_201_600),
            row("summit", "failed", 100, 0, 1_764_115_200),
        ],
        fields: vec![
            Field::new("cap", "Cap per day").with_value("100").with_hint("A whole number; empty for none"),
            Field::new("price", "Price").with_value("12,5").with_error("Give digits with at most two decimals, such as 12.50").required(),
            Field::new("secret", "Password").of_kind("password").filled_by("current-password").required(),
        ],
        choice: Choice {
            name: "mode",
            label: "Mode".into(),
            options: vec![named("competitive", "Competitive: all at once"), named("sequential", "Sequential: one after the other")],
            chosen: "sequential".into(),
            hint: "How a tier asks its buyers".into(),
            error: String::new(),
        },
        sparkline: Sparkline::new("Leads a minute: from 3 to 12", &[3, 5, 4, 8, 12, 9, 10]),
        pager: Pager::newest_first(Some("/console/design".into()), Some("/console/design".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        insta::assert_snapshot!(frame::inside(&view(frame::sample("owner", Place::Account)).render().unwrap()));
    }
}
