//! A sold lead as rows of fields and texts, on its way to the sale's buyer.

use exchange::{
    call::PostTerms,
    id::PostId,
    schema::{Field, Part},
    seal::Contact,
};
use zeroize::Zeroizing;

use crate::native::PingContext;

/// The contact in clear: to be written for the sale's buyer, and nothing else to be done with it.
pub struct Bought<'a> {
    pub context: &'a PingContext<'a>,
    pub post: PostId,
    pub terms: &'a PostTerms,
    pub contact: &'a Contact,
    /// Who bought it, as people call it.
    pub buyer: &'a str,
}

impl std::fmt::Debug for Bought<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bought({})", self.post)
    }
}

pub(super) struct Row<'a> {
    pub field: &'a Field,
    pub text: Zeroizing<String>,
}

impl Row<'_> {
    pub fn label(&self) -> String {
        self.field.label.clone().unwrap_or_else(|| words_of(&self.field.name))
    }
}

fn words_of(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

impl<'a> Bought<'a> {
    /// What there is of a part, in the order of the vertical's fields: exact, and as the ping showed it where the supplier gave no more.
    pub(super) fn rows(&self, part: Part) -> impl Iterator<Item = Row<'a>> {
        let (context, contact) = (self.context, self.contact);
        context.vertical.indexed().filter(move |(_, field)| field.part() == part).filter_map(move |(index, field)| {
            let shown = || context.attributes.attribute(index).map(|attribute| Zeroizing::new(attribute.text(field)));
            let text = contact.value(&field.name).map(|value| value.text()).or_else(shown)?;
            Some(Row { field, text })
        })
    }

    /// All of it: who, what, and the proofs.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = Row<'a>> {
        [Part::Contact, Part::Attribute, Part::Evidence].into_iter().flat_map(|part| self.rows(part).collect::<Vec<_>>())
    }

    pub(super) fn price(&self) -> String {
        format!("{} {}", self.terms.price, self.context.market.currency().code())
    }
}

/// One line, whatever it was.
pub(super) fn in_a_line(text: &str, out: &mut String) {
    out.extend(text.chars().map(|character| if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') { ' ' } else { character }));
}
