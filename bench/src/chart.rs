//! The chart of the documents: processor time for each auction, by server, the kernel's part apart.

use std::fmt::Write as _;

pub struct Bar {
    pub name: String,
    pub user: f64,
    pub kernel: f64,
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 70.0;
const TOP: f64 = 62.0;
const BAR: f64 = 24.0;
const PITCH: f64 = 38.0;
/// Readable on white and on dark grounds alike.
const INK: &str = "#7a828e";
const USER: &str = "#2f6fde";
const KERNEL: &str = "#a9bfe6";

/// Bars from zero, at one scale. `limit` is drawn as a line over all of them.
pub fn svg(bars: &[Bar], limit: (&str, f64)) -> Result<String, std::fmt::Error> {
    let most = bars.iter().map(|bar| bar.user + bar.kernel).fold(limit.1, f64::max);
    let scale = (WIDTH - LEFT - RIGHT) / most;
    let bottom = TOP + PITCH * f64::from(u32::try_from(bars.len()).unwrap_or(0));
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13" fill="{INK}" role="img">"#,
        height = bottom + 30.0
    )?;
    writeln!(svg, "<title>Processor time for each auction, in microseconds</title>")?;
    writeln!(svg, r#"<text x="0" y="18" font-size="15">CPU µs for each auction: 10 instant buyers, 32 connections</text>"#)?;
    for (x, colour, name) in [(0.0, USER, "the server's own"), (150.0, KERNEL, "the kernel's for it")] {
        writeln!(svg, r#"<rect x="{x}" y="32" width="12" height="12" fill="{colour}"/><text x="{}" y="43">{name}</text>"#, x + 18.0)?;
    }
    for (number, bar) in (0_u32..).zip(bars) {
        let y = TOP + PITCH * f64::from(number);
        let (user, kernel) = (bar.user * scale, bar.kernel * scale);
        writeln!(svg, r#"<text x="{}" y="{}" text-anchor="end">{}</text>"#, LEFT - 10.0, y + 17.0, escaped(&bar.name))?;
        writeln!(svg, r#"<rect x="{LEFT}" y="{y}" width="{user:.1}" height="{BAR}" fill="{USER}"/>"#)?;
        writeln!(svg, r#"<rect x="{:.1}" y="{y}" width="{kernel:.1}" height="{BAR}" fill="{KERNEL}"/>"#, LEFT + user)?;
        writeln!(svg, r#"<text x="{:.1}" y="{}">{:.0}</text>"#, LEFT + user + kernel + 8.0, y + 17.0, bar.user + bar.kernel)?;
    }
    let at = LEFT + limit.1 * scale;
    writeln!(svg, r#"<line x1="{at:.1}" x2="{at:.1}" y1="{}" y2="{bottom}" stroke="{INK}" stroke-dasharray="4 4"/>"#, TOP - 6.0)?;
    writeln!(svg, r#"<text x="{at:.1}" y="{}" text-anchor="middle">{}: {:.0}</text>"#, bottom + 14.0, escaped(limit.0), limit.1)?;
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_one_scale_and_names_are_text() {
        let bar = |name: &str, user, kernel| Bar { name: name.into(), user, kernel };
        let drawn = svg(&[bar("a < b & c", 50.0, 50.0), bar("long", 250.0, 250.0)], ("goal", 125.0)).unwrap();
        assert!(drawn.contains("a &lt; b &amp; c"), "{drawn}");
        // 500 µs take the whole width; 50 µs a tenth of it.
        assert!(drawn.contains(r#"width="250.0""#) && drawn.contains(r#"width="50.0""#), "{drawn}");
    }
}
