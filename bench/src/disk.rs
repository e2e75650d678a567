//! What a durable write costs on the disk that the store is on, without a store.

use std::{fs::File, io::Write as _, path::Path, time::Duration};

use crate::{Failure, clock, statistics::percentile};

/// About as much as a quote writes.
const RECORD: [u8; 1024] = [0x5a; 1024];

/// In milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Sync {
    pub p50: f64,
    pub p99: f64,
}

/// Appends small records to a file, each synced before the next, for so long.
pub fn sync(folder: &Path, time: Duration) -> Result<Sync, Failure> {
    let path = folder.join("synced");
    let mut file = File::create(&path)?;
    let (began, mut took) = (clock::now(), Vec::new());
    while began.elapsed() < time {
        let start = clock::now();
        file.write_all(&RECORD)?;
        file.sync_data()?;
        took.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    std::fs::remove_file(path)?;
    Ok(Sync { p50: percentile(&took, 50.0), p99: percentile(&took, 99.0) })
}
