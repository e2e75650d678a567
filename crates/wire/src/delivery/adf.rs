//! A lead in ADF 1.0, the Auto-lead Data Format that dealers' systems take from their mailboxes.
//!
//! Fields find their places by type and name; what has no place there goes into the comments, a line each.

use exchange::{
    schema::{Field, FieldType, Part},
    time::Timestamp,
};
use zeroize::Zeroizing;

use super::bought::{Bought, Row, in_a_line};

/// Where a field goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Name(&'static str),
    Email,
    Phone,
    Street,
    City,
    Region,
    PostalCode,
    Vehicle(&'static str),
    Comments,
}

#[must_use]
pub fn adf(bought: &Bought<'_>, at: Timestamp) -> Zeroizing<String> {
    let rows: Vec<(Place, Row<'_>)> = bought.all_rows().map(|row| (place(row.field), row)).collect();
    let mut out = Document(Zeroizing::new(String::with_capacity(2048)));
    let second = at.to_jiff().round(jiff::Unit::Second).unwrap_or(at.to_jiff());
    out.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?adf version=\"1.0\"?>\n<adf>\n<prospect>\n");
    out.element("id sequence=\"1\" source=\"pingpost\"", &bought.post.to_string());
    out.element("requestdate", &second.to_string());
    vehicle(&rows, &mut out);
    out.raw("<customer>\n<contact>\n");
    contact(&rows, &mut out);
    out.raw("</contact>\n");
    let mut comments = Zeroizing::new(format!("{} lead, {}", bought.context.vertical.name, bought.price()));
    if bought.context.test {
        comments.push_str(", a test: nobody is behind it");
    }
    for (_, row) in rows.iter().filter(|(place, _)| *place == Place::Comments) {
        comments.push_str(&format!("\n{}: ", row.label()));
        in_a_line(&row.text, &mut comments);
    }
    out.element("comments", &comments);
    out.raw("</customer>\n<vendor>\n<contact>\n");
    out.element("name part=\"full\"", bought.buyer);
    out.raw("</contact>\n</vendor>\n<provider>\n");
    out.element("name part=\"full\"", "pingpost");
    out.raw("</provider>\n</prospect>\n</adf>\n");
    out.0
}

/// Year, make and model, in this order, be they there or not: the format wants them.
fn vehicle(rows: &[(Place, Row<'_>)], out: &mut Document) {
    let of = |part: &'static str| rows.iter().find(|(place, _)| *place == Place::Vehicle(part)).map_or("", |(_, row)| row.text.as_str());
    let word = |part, known: &'static [&'static str]| known.iter().find(|word| word.eq_ignore_ascii_case(of(part))).copied().unwrap_or(known[0]);
    let interest = word("interest", &["buy", "lease", "sell", "trade-in", "test-drive"]);
    let status = word("status", &["used", "new"]);
    out.raw(&format!("<vehicle interest=\"{interest}\" status=\"{status}\">\n"));
    for part in ["year", "make", "model"] {
        out.element(part, of(part));
    }
    out.raw("</vehicle>\n");
}

fn contact(rows: &[(Place, Row<'_>)], out: &mut Document) {
    let has_name = rows.iter().any(|(place, _)| matches!(place, Place::Name(_)));
    if !has_name {
        out.element("name part=\"full\"", "");
    }
    for (place, row) in rows {
        if let Place::Name(part) = place {
            out.element(&format!("name part=\"{part}\""), &row.text);
        }
    }
    for (wanted, name) in [(Place::Email, "email"), (Place::Phone, "phone")] {
        rows.iter().filter(|(place, _)| *place == wanted).for_each(|(_, row)| out.element(name, &row.text));
    }
    let is_address = |place: &Place| matches!(place, Place::Street | Place::City | Place::Region | Place::PostalCode);
    if !rows.iter().any(|(place, _)| is_address(place)) {
        return;
    }
    out.raw("<address>\n");
    let mut line = 0;
    for (wanted, name) in [(Place::Street, "street"), (Place::City, "city"), (Place::Region, "regioncode"), (Place::PostalCode, "postalcode")] {
        for (_, row) in rows.iter().filter(|(place, _)| *place == wanted) {
            line += 1;
            if wanted == Place::Street { out.element(&format!("street line=\"{line}\""), &row.text) } else { out.element(name, &row.text) }
        }
    }
    out.raw("</address>\n");
}

fn place(field: &Field) -> Place {
    let name = field.name.to_ascii_lowercase().replace('-', "_");
    let of_vehicle = || {
        let parts = ["year", "make", "model", "status", "interest"];
        parts.into_iter().find(|part| name == format!("vehicle_{part}") || name == format!("vehicle_1_{part}") || (name == *part && *part != "status"))
    };
    match (&field.kind, field.part()) {
        (FieldType::Name, _) if name.contains("first") => Place::Name("first"),
        (FieldType::Name, _) if name.contains("last") || name.contains("surname") => Place::Name("last"),
        (FieldType::Name, _) if name.contains("middle") => Place::Name("middle"),
        (FieldType::Name, _) => Place::Name("full"),
        (FieldType::Email, _) => Place::Email,
        (FieldType::Phone, _) => Place::Phone,
        (FieldType::Street, _) => Place::Street,
        (FieldType::Zip, _) => Place::PostalCode,
        (FieldType::State, _) => Place::Region,
        (_, Part::Evidence) => Place::Comments,
        _ if name == "city" => Place::City,
        _ => of_vehicle().map_or(Place::Comments, Place::Vehicle),
    }
}

struct Document(Zeroizing<String>);

impl Document {
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// The tag's attributes are ours.
    fn element(&mut self, tag: &str, text: &str) {
        let name = tag.split(' ').next().unwrap_or(tag);
        self.raw(&format!("<{tag}>"));
        for character in text.chars() {
            match character {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '\n' => self.raw("\n"),
                '\0'..' ' | '\u{fffe}' | '\u{ffff}' => self.raw(" "),
                character => self.0.push(character),
            }
        }
        self.raw(&format!("</{name}>\n"));
    }
}
