//! A word in a frame: a status, a kind. Its tone is said by the word too, never by colour alone.

use askama::Template;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Warn,
    Bad,
    Info,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(ext = "html", source = r#"<span class="tag {{ tone.class() }}">{{ word }}</span>"#)]
pub struct Tag {
    word: String,
    tone: Tone,
}

impl Tag {
    pub fn new(word: impl Into<String>, tone: Tone) -> Self {
        Self { word: word.into(), tone }
    }

    pub fn is_word(&self, word: &str) -> bool {
        self.word == word
    }

    /// Of a lead, a sale, a return, a movement or a notice, by its word.
    pub fn status(word: &str) -> Self {
        let tone = match word {
            "sold" | "accepted" | "booked" | "delivered" | "live" | "matched" | "won" => Tone::Good,
            "pending" | "unknown" | "requested" | "waiting" | "reserved" | "posted" | "paused" | "time_out" => Tone::Warn,
            "returned" | "refused" | "void" | "rejected" | "failed" | "undelivered" | "withdrawn" | "disabled" => Tone::Bad,
            _ => Tone::Plain,
        };
        Self::new(word.replace('_', " "), tone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        assert_eq!(Tag::status("time_out").to_string(), r#"<span class="tag warn">time out</span>"#);
        assert_eq!(Tag::new("<b>", Tone::Plain).to_string(), r#"<span class="tag plain">&#60;b&#62;</span>"#);
    }
}
