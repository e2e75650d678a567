//! What people look at: headings, tables, notices. Results go to standard output, notices to standard error.

use std::io::IsTerminal;

use comfy_table::{Cell, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};

/// Bold where the terminal can.
pub fn heading(text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(|name| Cell::new(name).fg(Color::Cyan)));
    if std::env::var_os("NO_COLOR").is_some() {
        table.force_no_tty();
    }
    table
}

pub fn notice(text: &str) {
    eprintln!("{text}");
}

/// A result for programs.
pub fn print_json(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string_pretty(value).unwrap_or_default());
}
