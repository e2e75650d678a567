//! Room on the disk: new leads are refused before the last of it is used, so that outcomes of running posts can still be booked.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use exchange::alerts::DiskInputs;

/// How often the room is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// In bytes: what is kept free, within a twentieth of the disk. A lead and its sales take some 20 KB.
const MOST_RESERVE: u64 = 64 << 20;
const LEAST_RESERVE: u64 = 1 << 20;

pub struct Disk {
    /// None where the store is a database elsewhere, whose operator watches its disk.
    directory: Option<PathBuf>,
    is_short: AtomicBool,
}

impl Disk {
    pub fn of(store: Option<&Path>) -> Self {
        let directory = store.map(|store| store.parent().unwrap_or(store).to_owned());
        let disk = Self { directory, is_short: AtomicBool::new(false) };
        disk.look();
        disk
    }

    /// Whether what is left is for running posts alone.
    pub fn is_short(&self) -> bool {
        self.is_short.load(Ordering::Relaxed)
    }

    /// None where the disk is another's, or doesn't say.
    pub fn room(&self) -> Option<DiskInputs> {
        let directory = self.directory.as_ref()?;
        Some(DiskInputs { free: fs4::available_space(directory).ok()?, total: fs4::total_space(directory).ok()? })
    }

    /// A disk that doesn't say how full it is counts as having room.
    fn look(&self) {
        let Some(directory) = &self.directory else { return };
        let (Ok(free), Ok(total)) = (fs4::available_space(directory), fs4::total_space(directory)) else { return };
        let is_short = free < (total / 20).clamp(LEAST_RESERVE, MOST_RESERVE);
        if is_short != self.is_short.swap(is_short, Ordering::Relaxed) {
            match is_short {
                true => tracing::error!(free_bytes = free, "the disk is nearly full: new leads are refused until there is room"),
                false => tracing::info!(free_bytes = free, "there is room on the disk again: new leads are taken"),
            }
        }
    }
}

pub async fn watch(disk: Arc<Disk>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        disk.look();
    }
}
