//! A lead for people to read: a line for each field, none of which can make another.

use exchange::schema::Part;
use zeroize::Zeroizing;

use super::bought::{Bought, in_a_line};

#[must_use]
pub fn text(bought: &Bought<'_>) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(1024));
    if bought.context.test {
        out.push_str("This is a test: nobody is behind it, and nothing is charged.\n\n");
    }
    out.push_str(&format!("Lead {} ({}, {}, {})\n", bought.post, bought.context.vertical.name, bought.terms.kind.word(), bought.price()));
    for (title, part) in [("Contact", Part::Contact), ("Details", Part::Attribute), ("Consent", Part::Evidence)] {
        let mut rows = bought.rows(part).peekable();
        if rows.peek().is_some() {
            out.push_str(&format!("\n{title}\n"));
        }
        for row in rows {
            out.push_str(&format!("  {}: ", row.label()));
            in_a_line(&row.text, &mut out);
            out.push('\n');
        }
    }
    out
}
