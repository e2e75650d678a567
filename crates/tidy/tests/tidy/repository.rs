//! The files of a repository, as text.

use std::{collections::BTreeMap, path::Path, process::Command};

pub struct Repository {
    /// By path from the root, with `/`.
    pub files: BTreeMap<String, String>,
    /// Paths of all files, text or not.
    pub paths: Vec<String>,
}

impl Repository {
    /// This repository: what Git knows of it, and what it would if it were added.
    pub fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let arguments = ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"];
        let listed = Command::new("git").current_dir(&root).args(arguments).output().expect("git is needed, to know which files are the project's");
        assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
        let paths = String::from_utf8(listed.stdout).unwrap();
        let paths: Vec<String> = paths.split('\0').filter(|path| root.join(path).is_file()).map(str::to_owned).collect();
        let read = |path: &String| std::fs::read_to_string(root.join(path)).ok().map(|text| (path.clone(), text));
        Self { files: paths.iter().filter_map(read).collect(), paths }
    }

    /// A repository of a few files, to be checked in a test.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files: BTreeMap<String, String> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { paths: files.keys().cloned().collect(), files }
    }

    pub fn text(&self, path: &str) -> &str {
        self.files.get(path).map_or("", String::as_str)
    }

    /// Rust files of one crate, or of all but this one.
    pub fn rust(&self, under: &str) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(move |(path, _)| path.starts_with(under) && path.ends_with(".rs") && !path.starts_with("crates/tidy/"))
    }

    /// The same, without what only tests are made of.
    pub fn product(&self, under: &str) -> impl Iterator<Item = (&str, &str)> {
        self.rust(under).filter(|(path, _)| !is_test(path)).map(|(path, text)| (path, without_tests(text)))
    }

    /// The manifest of each crate, by the crate's name.
    pub fn manifests(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_crate = |path: &'_ str| path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml").map(str::len);
        self.files.iter().filter_map(move |(path, text)| of_crate(path).map(|length| (&path["crates/".len()..][..length], text.as_str())))
    }
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs" || part == "benches") || path.contains("/conformance")
}

/// A file's inline tests stand at its end.
fn without_tests(text: &str) -> &str {
    let inline = ["#[cfg(test)]\nmod ", "#[cfg(test)]\npub mod "];
    let starts = inline.iter().flat_map(|start| text.match_indices(start));
    let blocks = starts.filter(|(at, start)| text[at + start.len()..].lines().next().is_some_and(|line| line.ends_with('{')));
    blocks.map(|(at, _)| at).min().map_or(text, |at| &text[..at])
}

/// The names under `[dependencies]` and its like; `kind` is the end of the heading, such as `dev-dependencies`.
pub fn dependencies_in<'a>(manifest: &'a str, kind: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut is_inside = false;
    for line in manifest.lines() {
        if let Some(heading) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_inside = heading == kind || (heading.ends_with(&format!(".{kind}")) && heading.starts_with("target."));
            if let Some((_, name)) = heading.rsplit_once('.').filter(|(before, _)| *before == kind) {
                names.push(name);
            }
        } else if is_inside && line.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            names.push(line.split(['.', '=', ' ']).next().unwrap_or_default());
        }
    }
    names
}
