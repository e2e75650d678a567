//! `pingpost master-key new`, and finding the key that a store needs.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Subcommand;
use exchange::seal::MasterKey;
use zeroize::Zeroizing;

use super::{Done, Failure};
use crate::{
    entropy,
    screen::{notice, say},
};

const VARIABLE: &str = "PINGPOST_MASTER_KEY";

#[derive(Debug, Subcommand)]
pub enum MasterKeyCommand {
    /// Make a new master key: without it the store's contacts can't be read by anybody
    New {
        /// Write it to a new file that only its owner can read, instead of printing it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

pub fn master_key(command: MasterKeyCommand) -> Done {
    let MasterKeyCommand::New { out } = command;
    let text = new_text();
    match out {
        None => say!("{}", text.as_str()),
        Some(path) => {
            write_new(&path, &text)?;
            notice(&format!("wrote a new master key to {}: keep a copy apart from the data", path.display()));
        }
    }
    Ok(())
}

fn new_text() -> Zeroizing<String> {
    let bytes = Zeroizing::new(entropy::bytes::<32>());
    Zeroizing::new(STANDARD.encode(bytes.as_slice()))
}

/// The key of a file that was named, or of the environment.
pub fn given(named: Option<&Path>) -> Result<Option<MasterKey>, Failure> {
    if let Some(path) = named {
        return read(path).map(Some);
    }
    let Ok(text) = std::env::var(VARIABLE) else { return Ok(None) };
    let wrong = || Failure(format!("{VARIABLE} is no master key: make one with `pingpost master-key new`"));
    parse(&Zeroizing::new(text)).ok_or_else(wrong).map(Some)
}

/// The key that is given, or of the data directory, where it is made if it is missing.
pub fn find(named: Option<&Path>, directory: &Path, is_told: bool) -> Result<MasterKey, Failure> {
    if let Some(master) = given(named)? {
        return Ok(master);
    }
    let path = directory.join("master.key");
    if !path.exists() {
        if directory.join("exchange.db").exists() {
            return Err(Failure(format!("the master key of this store is missing: put it back at {}, or name it with --master-key", path.display())));
        }
        match write_new(&path, &new_text()) {
            Ok(()) if !is_told => {}
            Ok(()) => notice(&format!("made {}: keep a copy apart from the data; without it no contact can be read", path.display())),
            // Another command of the same moment made it.
            Err(_) if path.exists() => {}
            Err(failure) => return Err(failure),
        }
    }
    read(&path)
}

fn read(path: &Path) -> Result<MasterKey, Failure> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    parse(&text).ok_or_else(|| Failure(format!("{} holds no master key: make one with `pingpost master-key new`", path.display())))
}

fn parse(text: &str) -> Option<MasterKey> {
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    Some(MasterKey::from_bytes(bytes.as_slice().try_into().ok()?))
}

fn write_new(path: &Path, text: &str) -> Done {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()
    });
    written.map_err(|error| Failure(format!("{} can't be made: {error}", path.display())))
}
