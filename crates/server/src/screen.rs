//! What people look at: headings, tables, notices. Results go to standard output, notices to standard error.

use std::{
    fmt,
    io::{IsTerminal, Write},
};

use comfy_table::{Cell, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};

/// Prints a line of a result.
macro_rules! say {
    ($($line:tt)*) => { $crate::screen::write_line(format_args!($($line)*)) };
}

pub(crate) use say;

/// A reader that has seen enough, such as `head`, ends the command quietly.
pub fn write_line(line: fmt::Arguments<'_>) {
    if writeln!(std::io::stdout().lock(), "{line}").is_err() {
        std::process::exit(0);
    }
}

/// What others wrote, as a terminal may be given it: its lines and tabs, and pictures of all other characters that would command it.
pub fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(|letter| if matches!(letter, '\n' | '\t') { letter } else { picture(letter) }).collect()
}

/// The same on one line, for a row of a table.
pub fn plain_line(text: &str) -> String {
    text.chars().map(picture).collect()
}

/// Of a control character (Unicode's Control Pictures, U+2400); there is none of the second kind.
fn picture(letter: char) -> char {
    match letter {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        other if other.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// Bold where the terminal can.
pub fn heading(text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if !header.is_empty() {
        table.set_header(header.iter().map(|name| Cell::new(name).fg(Color::Cyan)));
    }
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
    say!("{}", serde_json::to_string_pretty(value).unwrap_or_default());
}
