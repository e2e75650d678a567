//! The timeline of a run as a waterfall: each call a bar from when it was sent to when its answer came.
//!
//! A bar is a drawing of a thousand units that stretches with the page; its words stand beside it, so that they never shrink.

use super::{super::components::Tag, names::Names};
use crate::trace::Trace;

pub struct Waterfall {
    pub title: String,
    /// The times at the quarters of every bar.
    pub ticks: Vec<String>,
    pub rows: Vec<Bar>,
    /// Of what lies beyond the picture, the latest.
    pub far_deadline: Option<String>,
    /// How many pings more there are than rows.
    pub more: usize,
}

impl Waterfall {
    pub fn has_deadlines(&self) -> bool {
        self.rows.iter().any(|bar| bar.deadline.is_some())
    }
}

pub struct Bar {
    pub contract: String,
    pub call: &'static str,
    pub tier: String,
    /// In thousandths of the width.
    pub start: u32,
    pub width: u32,
    /// Until when an answer counts.
    pub deadline: Option<u32>,
    pub tone: &'static str,
    pub time: String,
    pub price: String,
    pub outcome: Tag,
    pub reason: String,
    /// Its text, for who doesn't see it.
    pub label: String,
}

/// More pings than this are told by their number: those with the highest bids stay.
const MOST_ROWS: usize = 60;
/// A deadline is in the picture up to so many times the time that all calls took.
const DEADLINE_DRAWN: f64 = 2.5;

/// One of each run that called anybody: the ping's, and the lead's.
pub fn of(trace: &Trace, names: &Names) -> Vec<Waterfall> {
    [("ping", "The ping"), ("lead", "The lead")].into_iter().filter_map(|(run, title)| of_run(trace, names, run, title)).collect()
}

/// What is drawn before it has its place.
struct Span {
    bar: Bar,
    sent: f64,
    took: Option<f64>,
    answer_by: Option<f64>,
    weight: f64,
}

fn of_run(trace: &Trace, names: &Names, run: &str, title: &str) -> Option<Waterfall> {
    let mut spans = pings(trace, names, run);
    let more = spans.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        spans.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        spans.truncate(MOST_ROWS);
        spans.sort_by(|a, b| a.sent.total_cmp(&b.sent));
    }
    spans.extend(calls(trace, names, run));
    if spans.is_empty() {
        return None;
    }
    let ends = spans.iter().map(|span| span.took.map(|took| span.sent + took).or(span.answer_by).unwrap_or(span.sent)).fold(0.0, f64::max);
    let deadline = spans.iter().filter_map(|span| span.answer_by).fold(0.0, f64::max);
    // Calls that ended long before their deadline would be too small to see beside it.
    let whole = rounded(if deadline <= ends * DEADLINE_DRAWN { ends.max(deadline) } else { ends });
    let rows = spans.into_iter().map(|span| placed(span, whole)).collect();
    let ticks = (0..=4).map(|quarter| in_time(whole * f64::from(quarter) / 4.0)).collect();
    let far_deadline = (deadline > whole).then(|| in_time(deadline));
    Some(Waterfall { title: title.to_owned(), ticks, rows, far_deadline, more })
}

fn placed(span: Span, whole: f64) -> Bar {
    let place = |at: f64| (at / whole * 1000.0).clamp(0.0, 1000.0) as u32;
    let end = span.took.map(|took| span.sent + took).or(span.answer_by).unwrap_or(whole);
    let start = place(span.sent).min(994);
    Bar {
        start,
        width: (place(end) - place(span.sent).min(place(end))).clamp(6, 1000 - start),
        deadline: span.answer_by.filter(|by| *by <= whole).map(place),
        ..span.bar
    }
}

/// Up to a length whose quarters are round.
fn rounded(longest: f64) -> f64 {
    let mut step = 1.0;
    loop {
        for factor in [4.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0, 32.0] {
            if step * factor >= longest {
                return step * factor;
            }
        }
        step *= 10.0;
    }
}

fn in_time(ms: f64) -> String {
    if ms >= 10_000.0 {
        format!("{:.0} s", ms / 1000.0)
    } else if ms >= 1000.0 {
        format!("{:.1} s", ms / 1000.0)
    } else if ms == 0.0 {
        "0".into()
    } else if ms < 10.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

fn pings(trace: &Trace, names: &Names, run: &str) -> Vec<Span> {
    let of_run = trace.pings.iter().filter(|ping| ping.run == run);
    let span = |ping: &crate::trace::PingView| {
        let price = [ping.bid.clone(), ping.shared_bid.as_ref().map(|bid| format!("{bid} shared"))].into_iter().flatten().collect::<Vec<_>>().join(" / ");
        let contract = names.contract_called(&ping.contract);
        let time = ping.elapsed_ms.map_or_else(|| "no answer".into(), in_time);
        let label = format!("{contract}: pinged after {}, {time}", in_time(ping.sent_ms));
        let tone = match ping.outcome.as_str() {
            "won" | "quoted" => "won",
            "lost" => "bid",
            "no_bid" => "none",
            _ => "failed",
        };
        let bid = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        Span {
            sent: ping.sent_ms,
            took: ping.elapsed_ms,
            answer_by: Some(ping.answer_by_ms),
            weight: bid(&ping.bid).max(bid(&ping.shared_bid)) + if tone == "won" { 1e12 } else { 0.0 },
            bar: Bar {
                contract,
                call: "ping",
                tier: ping.tier.clone(),
                start: 0,
                width: 0,
                deadline: None,
                tone,
                time,
                price,
                outcome: Tag::status(&ping.outcome),
                reason: ping.reason.clone().unwrap_or_default(),
                label,
            },
        }
    };
    of_run.map(span).collect()
}

fn calls(trace: &Trace, names: &Names, run: &str) -> Vec<Span> {
    let of_run = trace.calls.iter().filter(|call| call.run == run);
    let span = |call: &crate::trace::CallView| {
        let contract = names.contract_called(&call.contract);
        let time = call.elapsed_ms.map_or_else(|| "no answer".into(), in_time);
        let label = format!("{contract}: {} after {}, {time}", call.call, in_time(call.sent_ms));
        let tone = match call.outcome.as_str() {
            "held" => "hold",
            "accepted" | "confirmed" => "won",
            _ => "failed",
        };
        Span {
            sent: call.sent_ms,
            took: call.elapsed_ms,
            answer_by: None,
            weight: 0.0,
            bar: Bar {
                contract,
                call: call.call,
                tier: String::new(),
                start: 0,
                width: 0,
                deadline: None,
                tone,
                time,
                price: String::new(),
                outcome: Tag::status(&call.outcome),
                reason: call.reason.clone().unwrap_or_default(),
                label,
            },
        }
    };
    of_run.map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::lead::sample;

    #[test]
    fn a_bar_is_where_its_call_was_and_never_too_small_to_see() {
        let trace = sample::sold();
        let drawn = of(&trace, &Names::default());
        let bars: Vec<_> = drawn[0].rows.iter().map(|bar| (bar.call, bar.start, bar.width, bar.deadline, bar.tone)).collect();
        assert_eq!(drawn[0].ticks, ["0", "100 ms", "200 ms", "300 ms", "400 ms"]);
        assert_eq!(
            bars,
            [
                ("ping", 0, 100, Some(750), "won"),
                ("ping", 0, 250, Some(750), "bid"),
                ("ping", 0, 750, Some(750), "failed"),
                ("hold", 750, 6, None, "hold"),
                ("post", 755, 100, None, "won"),
            ]
        );
    }

    #[test]
    fn a_deadline_long_after_everything_is_told_and_not_drawn() {
        let mut trace = sample::sold();
        for ping in &mut trace.pings {
            (ping.elapsed_ms, ping.answer_by_ms) = (Some(ping.elapsed_ms.unwrap_or(90.0)), 3000.0);
        }
        trace.calls.clear();
        let drawn = of(&trace, &Names::default());
        assert_eq!((drawn[0].ticks[4].as_str(), drawn[0].has_deadlines(), drawn[0].far_deadline.as_deref()), ("120 ms", false, Some("3.0 s")));
    }

    #[test]
    fn a_length_is_rounded_up_to_one_with_round_quarters() {
        for (longest, whole) in [(0.0, 4.0), (3.9, 4.0), (5.0, 8.0), (41.0, 80.0), (300.0, 320.0), (800.2, 1000.0), (3000.0, 3200.0), (15_000.0, 16_000.0)] {
            assert_eq!(rounded(longest), whole, "{longest}");
        }
        assert_eq!(["0", "2.5 ms", "100 ms", "1.5 s", "15 s"], [0.0, 2.5, 100.0, 1500.0, 15_000.0].map(in_time).as_slice());
    }
}
