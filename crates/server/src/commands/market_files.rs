//! A market directory on disk, as a bundle; and which revision it was applied as.

use std::path::Path;

use exchange::{id::Revision, market::MarketParts};
use serde::{Deserialize, Serialize};
use wire::market::{Bundle, MAX_BYTES, Place, Problem};

use super::Failure;
use crate::screen::notice;

/// Remembers which revision the files were last applied as, so that they can't undo what was changed elsewhere since.
const BASE_FILE: &str = ".pingpost-revision.json";
/// `verticals/NAME.toml`.
const MOST_DEPTH: usize = 2;

pub fn read(directory: &Path) -> Result<Bundle, Failure> {
    if !directory.is_dir() {
        return Err(Failure(format!("{} is no directory: name one with a market.toml in it", directory.display())));
    }
    let mut bundle = Bundle::default();
    add(&mut bundle, directory, "", MOST_DEPTH)?;
    Ok(bundle)
}

fn add(bundle: &mut Bundle, directory: &Path, prefix: &str, depth: usize) -> Result<(), Failure> {
    let failed = |path: &Path, error: std::io::Error| Failure(format!("{}: {error}", path.display()));
    for entry in std::fs::read_dir(directory).map_err(|error| failed(directory, error))? {
        let path = entry.map_err(|error| failed(directory, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let relative = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if matches!(Place::of(&relative), Place::Skipped) {
            continue;
        }
        if path.is_dir() && depth > 1 {
            add(bundle, &path, &relative, depth - 1)?;
        } else if !path.is_file() {
            // Passed over, it would be taken out of the market without a word.
            return Err(Failure(format!("{}: isn't a file that can be read: take it away, or put a plain file there", path.display())));
        } else {
            let size = path.metadata().map_err(|error| failed(&path, error))?.len();
            if size > MAX_BYTES as u64 {
                return Err(Failure(format!("{}: a market has at most {MAX_BYTES} bytes", path.display())));
            }
            let bytes = std::fs::read(&path).map_err(|error| failed(&path, error))?;
            let text = String::from_utf8(bytes).map_err(|_| Failure(format!("{}:1: is not UTF-8: save it as UTF-8", path.display())))?;
            bundle.files.insert(relative, text);
        }
    }
    Ok(())
}

/// Reads the market; prints warnings, and gives all that is wrong.
pub fn parse(bundle: &Bundle) -> Result<MarketParts, Vec<Problem>> {
    let (parts, warnings) = wire::market::read(bundle)?;
    for warning in &warnings {
        notice(&warning.to_string());
    }
    Ok(parts)
}

/// A revision of one certain store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    pub store: String,
    pub revision: u64,
}

/// The revision that the files were last applied as to this store; none if they never were.
pub fn base(directory: &Path, store: &str) -> Option<Revision> {
    let text = std::fs::read_to_string(directory.join(BASE_FILE)).ok()?;
    let base: Base = serde_json::from_str(&text).ok()?;
    (base.store == store).then_some(Revision(base.revision))
}

pub fn remember_base(directory: &Path, store: &str, revision: Revision) {
    let base = Base { store: store.to_owned(), revision: revision.0 };
    let path = directory.join(BASE_FILE);
    if let Err(error) = std::fs::write(&path, serde_json::to_string(&base).unwrap_or_default()) {
        notice(&format!("{} could not be written ({error}): the next apply from here can't tell what was changed elsewhere", path.display()));
    }
}
