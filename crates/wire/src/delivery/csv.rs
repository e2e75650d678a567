//! A lead as CSV (RFC 4180): a line of names, and one of values.

use exchange::schema::FieldType;
use zeroize::Zeroizing;

use super::bought::{Bought, Row, in_a_line};

/// Every field of the vertical has its column, filled or not, so that all files of one vertical are alike.
#[must_use]
pub fn csv(bought: &Bought<'_>) -> Zeroizing<String> {
    let rows: Vec<Row<'_>> = bought.all_rows().collect();
    let context = bought.context;
    let mut names = vec!["post_id", "vertical", "sale", "price", "currency", "test"];
    let (post, price) = (bought.post.to_string(), bought.terms.price.to_string());
    let test = context.test.to_string();
    let mut values = [post.as_str(), context.vertical.name.as_str(), bought.terms.kind.word(), &price, context.market.currency().code(), &test]
        .map(|value| Zeroizing::new(value.to_owned()))
        .to_vec();
    for field in context.vertical.fields() {
        names.push(&field.name);
        values.push(rows.iter().find(|row| row.field.name == field.name).map_or_else(Zeroizing::default, cell));
    }
    let mut out = Zeroizing::new(String::with_capacity(1024));
    line(names.iter().copied(), &mut out);
    line(values.iter().map(|value| value.as_str()), &mut out);
    out
}

fn line<'a>(cells: impl Iterator<Item = &'a str>, out: &mut String) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(',');
        }
        if cell.contains(['"', ',', ' ', '\'']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

/// A spreadsheet runs a text that begins like a formula: an apostrophe before it keeps it a text. A type that has nothing but a number,
/// a date or a telephone number needs none.
fn cell(row: &Row<'_>) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(row.text.len() + 1));
    let is_plain = matches!(row.field.kind, FieldType::Integer { .. } | FieldType::Decimal | FieldType::Money | FieldType::Date | FieldType::Phone);
    let begins = |text: &str| text.trim_start().starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠']) || text.starts_with(['\t', '\r', '\n']);
    if !is_plain && begins(&row.text) {
        out.push('\'');
    }
    in_a_line(&row.text, &mut out);
    out
}
