//! A walker that writes down what it meets, for the formats' own tests.

use std::borrow::Cow;

use super::walk::Walker;

#[derive(Default)]
pub(super) struct Noting {
    said: Vec<String>,
    entered: Vec<String>,
    texted: bool,
}

impl<'a> Walker<'a> for Noting {
    fn entry(&mut self) {
        self.said.push("|".into());
    }

    fn enter(&mut self, name: &str) {
        self.said.push(format!("{name}("));
        self.entered.push(name.to_owned());
    }

    fn text(&mut self, text: Cow<'a, str>) {
        match (self.said.last_mut(), self.entered.last()) {
            (Some(last), Some(name)) if *last == format!("{name}(") => {
                *last = format!("{name}={text}");
                self.texted = true;
            }
            _ => self.said.push(text.into_owned()),
        }
    }

    fn leave(&mut self) {
        self.entered.pop();
        if !std::mem::take(&mut self.texted) {
            self.said.push(")".into());
        }
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn wants_attributes(&self) -> bool {
        true
    }

    fn attribute(&mut self, name: &str, text: Cow<'a, str>) {
        self.said.push(format!("@{name}={text}"));
    }
}

pub(super) fn walked(walk: impl FnOnce(&mut Noting) -> Result<(), &'static str>) -> Result<String, &'static str> {
    let mut noting = Noting::default();
    walk(&mut noting)?;
    Ok(noting.said.join(" "))
}
