//! Power loss: the machine goes dark, and what was written and not synced is gone, all of it or any part.
//!
//! kill -9 can't show this: what a killed process has written stays with the kernel. So the exchange runs on a disk that
//! remembers what was synced (`power/unsynced.c`), is killed, and comes back on that.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    books::Books,
    draw::{Draw, times},
    world::{World, alone},
};

/// What a power cut leaves of writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Left {
    Nothing,
    /// Of each file any of its sectors, drawn.
    AnySectors,
}

const SECTOR: usize = 512;
/// So many cuts in a row that all cut nothing are the test's fault.
const MOST_CUTS: u64 = 40;

/// The disk between the exchange and its store.
struct Disk {
    data: PathBuf,
    synced: PathBuf,
}

impl Disk {
    /// Builds the library, and has the exchange's next processes preload it. All that is there now counts as synced.
    fn under(world: &mut World, lies: bool) -> Self {
        let library = world.exchange.path("unsynced.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/power/unsynced.c");
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"]).args([&library, &source]).args(["-ldl", "-lpthread"]).status();
        assert!(built.expect("cc is needed").success());
        let disk = Self { data: world.exchange.data().canonicalize().unwrap(), synced: world.exchange.path("synced") };
        std::fs::create_dir(&disk.synced).unwrap();
        disk.all_is_synced();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        world.exchange.set_environment("LD_PRELOAD", text(&library));
        world.exchange.set_environment("POWER_DATA", text(&disk.data));
        world.exchange.set_environment("POWER_SYNCED", text(&disk.synced));
        // As slow as a real disk: at any moment something waits to be synced.
        world.exchange.set_environment("POWER_SLOW_US", "4000");
        if lies {
            world.exchange.set_environment("POWER_LIES", "1");
        }
        disk
    }

    fn all_is_synced(&self) {
        for name in names(&self.data) {
            std::fs::copy(self.data.join(&name), self.synced.join(&name)).unwrap();
        }
        std::fs::write(self.synced.join(".names"), names(&self.data).join("\n")).unwrap();
    }

    /// After the kill: puts on the disk what the cut left. Gives how many bytes were lost.
    fn cut(&self, left: Left, draw: &mut Draw) -> usize {
        let stay = std::fs::read_to_string(self.synced.join(".names")).unwrap();
        let mut lost = 0;
        for name in names(&self.data) {
            let path = self.data.join(&name);
            // The shared memory of a log is rebuilt from it; a lock is no data.
            if name.ends_with("-shm") || name.ends_with(".lock") {
                std::fs::remove_file(&path).unwrap();
                continue;
            }
            let written = std::fs::read(&path).unwrap();
            // Its name was never synced: the file is gone. Its bytes were not: it is empty.
            let synced = std::fs::read(self.synced.join(&name)).unwrap_or_default();
            let stays = stay.lines().any(|known| known == name);
            let left_of_it = if left == Left::AnySectors { any_sectors(&synced, &written, draw) } else { synced };
            lost += written.len().abs_diff(left_of_it.len()) + written.iter().zip(&left_of_it).filter(|(a, b)| a != b).count();
            if stays { std::fs::write(&path, left_of_it).unwrap() } else { std::fs::remove_file(&path).unwrap() }
        }
        // What is on the disk after the cut is what was synced before the next.
        self.all_is_synced();
        lost
    }
}

fn names(directory: &Path) -> Vec<String> {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Each sector as it was synced or as it was written since, and the file as long as what is left of it.
fn any_sectors(synced: &[u8], written: &[u8], draw: &mut Draw) -> Vec<u8> {
    let mut left = synced.to_vec();
    for (number, sector) in written.chunks(SECTOR).enumerate() {
        let at = number * SECTOR;
        let is_changed = synced.get(at..(at + sector.len()).min(synced.len())) != Some(sector);
        if is_changed && draw.percent(50) {
            left.resize(left.len().max(at + sector.len()), 0);
            left[at..at + sector.len()].copy_from_slice(sector);
        }
    }
    left
}

fn cut_the_power(what: &str, left: Left, lies: bool, cuts: u64) -> Books {
    let mut world = World::new(what);
    let disk = Disk::under(&mut world, lies);
    world.start();
    let mut lost: Vec<usize> = Vec::new();
    // On a machine that is slow the power may go while nothing waits for a sync: such a cut shows nothing, and others follow.
    while (lost.len() as u64) < cuts || (lost.iter().all(|lost| *lost == 0) && (lost.len() as u64) < MOST_CUTS) {
        world.sleep_ms(300..1200);
        let killed = world.exchange.kill(0);
        lost.push(disk.cut(left, &mut world.draw));
        world.exchange.start_node(0);
        world.first_sold_after(killed);
    }
    println!("  the power went {cuts} times; bytes lost each time: {lost:?}");
    assert!(lost.iter().any(|lost| *lost > 0), "nothing was ever unsynced: the cuts cut nothing");
    world.end()
}

fn cuts() -> u64 {
    times("PINGPOST_TEST_POWER_CUTS", 4)
}

#[test]
fn the_power_goes_and_all_that_was_not_synced_is_gone() {
    let _alone = alone();
    cut_the_power("power loss", Left::Nothing, false, cuts()).must_agree();
}

#[test]
fn the_power_goes_and_any_part_of_it_is_gone() {
    let _alone = alone();
    cut_the_power("power loss, torn", Left::AnySectors, false, cuts()).must_agree();
}

/// A disk that lies about its syncs loses what was acknowledged: were the exchange to acknowledge first, this is what it would look like.
#[test]
fn a_disk_that_lies_is_found_out() {
    let _alone = alone();
    let books = cut_the_power("power loss, lying disk", Left::Nothing, true, 1);
    books.print();
    assert!(!books.lost.is_empty(), "a test that sees nothing here sees nothing at all");
}
