//! A field of a form, with its label, a hint, and what is wrong with what was typed.

use std::borrow::Cow;

use askama::Template;

/// Text in one line.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "console/parts/field.html")]
pub struct Field {
    pub name: Cow<'static, str>,
    pub label: String,
    pub value: String,
    pub hint: String,
    /// What is wrong, and the mend; empty for nothing.
    pub error: String,
    /// The input's `type`; `text` where empty.
    pub kind: &'static str,
    /// What a browser may fill in: the value of `autocomplete`; `off` where empty.
    pub autocomplete: &'static str,
    pub is_required: bool,
}

impl Field {
    pub fn new(name: impl Into<Cow<'static, str>>, label: &str) -> Self {
        Self { name: name.into(), label: label.to_owned(), ..Self::default() }
    }

    #[must_use]
    pub fn with_value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    #[must_use]
    pub fn with_error(self, error: impl Into<String>) -> Self {
        Self { error: error.into(), ..self }
    }

    #[must_use]
    pub fn of_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    #[must_use]
    pub fn filled_by(self, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..self }
    }

    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }
}

/// One of a few values.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "console/parts/choice.html")]
pub struct Choice {
    pub name: &'static str,
    pub label: String,
    /// Value and what is read of it.
    pub options: Vec<(String, String)>,
    pub chosen: String,
    pub hint: String,
    pub error: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        let plain = Field::new("cap", "Cap per day").with_value("100\"").with_hint("A whole number").required();
        let wrong = Field::new("password", "Password").of_kind("password").filled_by("new-password").with_error("Too short: at least 12 characters");
        let options = vec![("owner".into(), "Owner".into()), ("finance".into(), "Finance".into())];
        let choice = Choice { name: "role", label: "Role".into(), options, chosen: "finance".into(), ..Choice::default() };
        insta::assert_snapshot!(format!("{plain}\n{wrong}\n{choice}"));
    }
}
