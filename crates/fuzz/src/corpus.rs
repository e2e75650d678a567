//! A target's files: good inputs to start from, and those that once failed.

use std::{fs, path::Path};

/// All files of a directory, in the order of their names.
pub fn read(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let file = |path: &Path| Some((path.file_name()?.to_string_lossy().into_owned(), fs::read(path).ok()?));
    let mut files: Vec<_> = entries.filter_map(|entry| file(&entry.path())).collect();
    files.sort();
    files
}

/// Keeps an input that failed, under a name of its own, and says where.
pub fn keep(directory: &Path, input: &[u8]) -> String {
    let path = directory.join(format!("found-{:016x}", crate::seen(input)));
    match fs::create_dir_all(directory).and_then(|()| fs::write(&path, input)) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("{} (not written: {error})", path.display()),
    }
}
