//! Moves the write-ahead log into the file beside the writer, on a thread and connection of its own: a batch never waits for all of it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread::{self, JoinHandle},
};

use rusqlite::Connection;

use super::open;
use crate::{
    open_error::OpenError,
    sql::db::{Db, params},
};

/// So many pages of the log are moved at once: pages that every batch writes are moved once for many.
const ENOUGH: i64 = 4000;
/// Who writes moves so many by itself: the thread can't keep up, or has ended.
const TOO_MANY: i64 = 8 * ENOUGH;

#[derive(Debug)]
pub(super) struct LogMover {
    /// Until it ends.
    asks: Option<SyncSender<()>>,
    is_done: Arc<AtomicBool>,
    is_asked: bool,
    thread: Option<JoinHandle<()>>,
}

impl LogMover {
    pub fn start(path: &Path) -> Result<Self, OpenError> {
        let db = open::log_mover(path)?;
        // One at a time is asked for.
        let (asks, asked) = mpsc::sync_channel(1);
        let is_done = Arc::new(AtomicBool::new(false));
        let of_thread = Arc::clone(&is_done);
        let thread = thread::Builder::new().name("log".into()).spawn(move || move_whenever_asked(&db, &asked, &of_thread));
        let thread = thread.map_err(|error| OpenError::Sqlite(error.to_string()))?;
        Ok(Self { asks: Some(asks), is_done, is_asked: false, thread: Some(thread) })
    }

    /// After a batch. The thread moves the bulk of a long log; the batch after that moves what came in meanwhile, which is little, and
    /// with that the log begins anew: it can't while somebody writes.
    pub fn follow(&mut self, writer: &Connection) {
        if self.is_asked && self.is_done.swap(false, Ordering::AcqRel) {
            self.is_asked = false;
            move_log(writer);
            return;
        }
        let waiting = waiting_pages(writer);
        if waiting >= TOO_MANY {
            move_log(writer);
        } else if waiting >= ENOUGH && !self.is_asked {
            self.is_asked = self.asks.as_ref().is_some_and(|asks| asks.try_send(()).is_ok());
        }
    }
}

/// Its connection is closed before the engine's is, which is the last: that one leaves no log behind.
impl Drop for LogMover {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // Whether it panicked is told already, and changes nothing here.
            drop(thread.join());
        }
    }
}

fn move_whenever_asked(db: &Connection, asked: &Receiver<()>, is_done: &AtomicBool) {
    while asked.recv().is_ok() {
        move_log(db);
        is_done.store(true, Ordering::Release);
    }
}

/// As much as nobody reads any more, and without waiting for anybody. What isn't moved now is with the next.
fn move_log(db: &Connection) {
    drop((db as &dyn Db).rows("PRAGMA wal_checkpoint(PASSIVE)", params![]));
}

/// Pages in the log that aren't in the file.
fn waiting_pages(db: &Connection) -> i64 {
    let waiting = (db as &dyn Db).one("PRAGMA wal_checkpoint(NOOP)", params![], |row| Ok(row.value::<i64>(1)? - row.value::<i64>(2)?));
    waiting.ok().flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &Path) -> (Connection, LogMover) {
        let path = folder.join("store.db");
        let db = Connection::open(&path).unwrap();
        for (pragma, value) in [("page_size", "512"), ("journal_mode", "WAL"), ("wal_autocheckpoint", "0"), ("synchronous", "OFF")] {
            db.pragma_update(None, pragma, value).unwrap();
        }
        db.execute_batch("CREATE TABLE t (bytes)").unwrap();
        let mover = LogMover::start(&path).unwrap();
        (db, mover)
    }

    fn write(db: &Connection, pages: i64) {
        db.execute("INSERT INTO t VALUES (zeroblob(?1))", [pages * 512]).unwrap();
    }

    #[test]
    fn the_thread_moves_the_bulk_and_the_writer_what_came_in_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let (db, mut mover) = store(folder.path());
        write(&db, ENOUGH / 2);
        mover.follow(&db);
        assert!(!mover.is_asked, "it isn't worth it yet");
        write(&db, ENOUGH);
        mover.follow(&db);
        while !mover.is_done.load(Ordering::Acquire) {
            thread::yield_now();
        }
        assert_eq!(waiting_pages(&db), 0, "by the thread alone");
        write(&db, 10);
        assert!(waiting_pages(&db) >= 10);
        mover.follow(&db);
        assert_eq!(waiting_pages(&db), 0);
        assert!(!mover.is_asked && !mover.is_done.load(Ordering::Acquire), "it may be asked again");
        let log = folder.path().join("store.db-wal");
        let before = std::fs::metadata(&log).unwrap().len();
        write(&db, ENOUGH / 2);
        assert_eq!(std::fs::metadata(&log).unwrap().len(), before, "it began anew");
    }

    #[test]
    fn without_the_thread_the_writer_moves_a_log_that_got_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let (db, mut mover) = store(folder.path());
        mover.asks = None;
        write(&db, TOO_MANY / 2);
        mover.follow(&db);
        assert!(waiting_pages(&db) >= TOO_MANY / 2);
        write(&db, TOO_MANY / 2);
        mover.follow(&db);
        assert_eq!(waiting_pages(&db), 0);
    }
}
