//! Dialects: a supplier's system that was built for another exchange speaks to this one as it stands.
//!
//! A dialect is one module: where it listens, what it hears in a request, and how it says what came of it. Everything between
//! is the intake of native requests. What each hears and says is in the fixtures of its folder in `tests/dialect/`.

mod boberdoo;
mod heard;
mod lead_conduit;
mod lead_prosper;
mod leads_pedia;
mod told;

#[cfg(test)]
mod tests;

pub use heard::{Heard, Hearing, Request, Step};
pub use told::{Refusal, Said, Told, Voice};

/// One way to speak.
#[derive(Debug)]
pub struct Dialect {
    /// As operators write it.
    pub name: &'static str,
    /// Where it listens, below its prefix; `{…}` is one part of the path.
    pub paths: &'static [&'static str],
    pub ping: Example,
    /// None where a ping has no post of its own.
    pub post: Option<Example>,
    pub direct: Example,
    /// Makes a request a test.
    pub test: (&'static str, &'static str),
    hear: fn(&Request<'_>) -> Hearing,
    say: fn(&Voice, &Told<'_>) -> Said,
}

/// How a request is made: its path, and the words of the dialect beside the lead's fields. `KEY`, `CAMPAIGN` and `PING` stand for what a
/// supplier puts there.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    pub path: &'static str,
    pub words: &'static [(&'static str, &'static str)],
}

/// All that there are.
pub static DIALECTS: [Dialect; 4] = [boberdoo::DIALECT, leads_pedia::DIALECT, lead_prosper::DIALECT, lead_conduit::DIALECT];

impl Dialect {
    #[must_use]
    pub fn of_name(name: &str) -> Option<&'static Self> {
        DIALECTS.iter().find(|dialect| dialect.name == name)
    }

    /// What a request says, and how it wants to be answered, whatever it says.
    #[must_use]
    pub fn hear(&self, request: &Request<'_>) -> Hearing {
        (self.hear)(request)
    }

    #[must_use]
    pub fn say(&self, voice: &Voice, told: &Told<'_>) -> Said {
        (self.say)(voice, told)
    }
}
