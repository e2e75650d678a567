//! Questions on standard error, answers from standard input: a person's, a script's, or none, where the likeliest is taken.

use std::io::BufRead;

use crate::{
    commands::Failure,
    screen::{notice, plain, plain_line},
};

pub struct Questions {
    takes_defaults: bool,
}

impl Questions {
    pub fn new(takes_defaults: bool) -> Self {
        Self { takes_defaults }
    }

    /// None at the end of the input.
    pub fn line(&mut self) -> Option<String> {
        if self.takes_defaults {
            return None;
        }
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// What a flag says, or an answer.
    pub fn said(&mut self, said: Option<&str>, question: &str, flag: &str) -> Result<String, Failure> {
        said.map_or_else(|| self.ask(question, None, flag), |said| Ok(said.to_owned()))
    }

    /// An empty answer, or none, is the default.
    pub fn ask(&mut self, question: &str, default: Option<&str>, flag: &str) -> Result<String, Failure> {
        if !self.takes_defaults {
            notice(&format!("{question}{}", default.map(|default| format!(" [{default}]")).unwrap_or_default()));
        }
        let answer = self.line().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
        answer.or_else(|| default.map(str::to_owned)).ok_or_else(|| Failure(format!("{flag} is missing")))
    }

    /// The place of the chosen one; the first where nothing is said.
    pub fn choose(&mut self, question: &str, options: &[String]) -> Result<usize, Failure> {
        if !self.takes_defaults {
            notice(&plain(question));
            // Some have a partner's own words in them.
            options.iter().enumerate().for_each(|(number, option)| notice(&format!("  {}. {}", number + 1, plain_line(option))));
        }
        let Some(answer) = self.line().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()) else { return Ok(0) };
        let by_number = answer.parse::<usize>().ok().filter(|number| (1..=options.len()).contains(number)).map(|number| number - 1);
        let chosen = by_number.or_else(|| options.iter().position(|option| *option == answer));
        chosen.ok_or_else(|| Failure(format!("{answer:?} is none of them: write a number from 1 to {}", options.len())))
    }

    /// What is likely, where nobody is asked and for an empty answer. None where the input has ended.
    pub fn agrees(&mut self, question: &str, is_likely: bool) -> Option<bool> {
        if self.takes_defaults {
            return Some(is_likely);
        }
        notice(&format!("{} {}", plain(question), if is_likely { "[Y/n]" } else { "[y/N]" }));
        self.line().map(|line| if line.trim().is_empty() { is_likely } else { line.trim().to_lowercase().starts_with('y') })
    }
}
