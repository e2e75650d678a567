//! Lengths, names and words.

use crate::{Wrong, repository::Repository};

const MOST_LINES: usize = 600;

pub fn short_files(repository: &Repository) -> Wrong {
    let files = repository.files.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(path, text)| (path, text.lines().count()));
    files.filter(|(_, lines)| *lines > MOST_LINES).map(|(path, lines)| format!("{path}: {lines} lines; past {MOST_LINES}, look for the second noun")).collect()
}

/// What a name or a comment isn't made of, and what to do about it.
const BANNED: [(&str, &str); 12] = [
    ("fn get_", "a reader is called by what it gives, without get_"),
    ("Manager", "name what it does"),
    ("Helper", "name what it does"),
    ("_helper", "name what it does"),
    ("mod utils", "name what is in it"),
    ("mod util;", "name what is in it"),
    ("todo!", "do it, or write an issue"),
    ("TODO", "do it, or write an issue"),
    ("FIXME", "mend it, or write an issue"),
    ("XXX", "mend it, or write an issue"),
    ("for now", "say what holds; what is planned is an issue's"),
    ("unsafe ", "there is no unsafe code here"),
];

pub fn banned(repository: &Repository) -> Wrong {
    let mut wrong = Wrong::new();
    for (path, text) in repository.rust("crates/") {
        for (number, line) in text.lines().enumerate() {
            for (word, mend) in BANNED.iter().filter(|(word, _)| line.contains(word)) {
                wrong.push(format!("{path}:{}: {word}: {mend}", number + 1));
            }
        }
    }
    wrong
}

/// Paths of somebody's own machine. Put together here, so that this file doesn't hold them.
fn local() -> [String; 5] {
    ["/wo rk/", "/ho me/", "/ro ot/", ".. /sha red", "/Us ers/"].map(|parts| parts.replace(' ', ""))
}

pub fn local_paths(repository: &Repository) -> Wrong {
    let mut wrong = Wrong::new();
    for (path, text) in &repository.files {
        for (number, line) in text.lines().enumerate() {
            for local in local().iter().filter(|local| line.contains(*local)) {
                wrong.push(format!("{path}:{}: {local}: a path that only one machine has", number + 1));
            }
        }
    }
    wrong
}
