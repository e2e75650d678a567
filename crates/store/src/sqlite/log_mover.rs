//! Moves the write-ahead log into the file beside the writer, on a thread and connection of its own: no batch waits for more than a
//! small part of it.

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
    sql::db::{Db, Row, params},
};

/// A log of so many pages is moved: pages that every batch writes are moved once for many.
const LONG: i64 = 4000;
/// So many pages are left to the thread; fewer are moved by whoever writes, who alone can come to the log's end.
const MANY: i64 = 500;

#[derive(Debug)]
pub(super) struct LogMover {
    /// Until it ends.
    asks: Option<SyncSender<()>>,
    is_moving: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl LogMover {
    pub fn start(path: &Path) -> Result<Self, OpenError> {
        let db = open::log_mover(path)?;
        // One at a time is asked for.
        let (asks, asked) = mpsc::sync_channel(1);
        let is_moving = Arc::new(AtomicBool::new(false));
        let of_thread = Arc::clone(&is_moving);
        let thread = thread::Builder::new().name("log".into()).spawn(move || move_whenever_asked(&db, &asked, &of_thread));
        let thread = thread.map_err(|error| OpenError::Sqlite(error.to_string()))?;
        Ok(Self { asks: Some(asks), is_moving, thread: Some(thread) })
    }

    /// After a batch. Of a long log the thread moves the bulk, while batches add to it. What is left after that the writer moves, batch by
    /// batch until nobody reads old pages: only then does the log begin anew.
    pub fn follow(&self, writer: &Connection) {
        let Some(log) = Log::of(writer).filter(|log| log.pages >= LONG) else { return };
        if !self.has_thread() || (log.waiting < MANY && !self.is_moving()) {
            move_log(writer);
        } else if !self.is_moving() {
            self.is_moving.store(true, Ordering::Release);
            // It takes what is asked as long as it runs, and nothing waits before.
            _ = self.asks.as_ref().map(|asks| asks.try_send(()));
        }
    }

    fn is_moving(&self) -> bool {
        self.is_moving.load(Ordering::Acquire)
    }

    fn has_thread(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn end(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // Whether it panicked is told already, and changes nothing here.
            drop(thread.join());
        }
    }
}

/// Its connection is closed before the engine's is, which is the last: that one leaves no log behind.
impl Drop for LogMover {
    fn drop(&mut self) {
        self.end();
    }
}

fn move_whenever_asked(db: &Connection, asked: &Receiver<()>, is_moving: &AtomicBool) {
    while asked.recv().is_ok() {
        move_log(db);
        is_moving.store(false, Ordering::Release);
    }
}

/// As much as nobody reads any more, and without waiting for anybody. What isn't moved now is with the next.
fn move_log(db: &Connection) {
    drop((db as &dyn Db).rows("PRAGMA wal_checkpoint(PASSIVE)", params![]));
}

/// The write-ahead log, in pages.
#[derive(Debug)]
struct Log {
    pages: i64,
    /// That aren't in the file yet.
    waiting: i64,
}

impl Log {
    fn of(db: &Connection) -> Option<Self> {
        let read = |row: &Row| {
            let (pages, moved) = (row.value(1)?, row.value::<i64>(2)?);
            Ok(Self { pages, waiting: pages - moved })
        };
        (db as &dyn Db).one("PRAGMA wal_checkpoint(NOOP)", params![], read).ok().flatten()
    }
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

    fn wait(mover: &LogMover) {
        while mover.is_moving() {
            thread::yield_now();
        }
    }

    #[track_caller]
    fn begins_anew(db: &Connection) {
        write(db, 1);
        assert!(Log::of(db).unwrap().pages < 10, "{:?}", Log::of(db));
    }

    #[test]
    fn the_thread_moves_the_bulk_and_the_writer_what_came_in_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let (db, mover) = store(folder.path());
        write(&db, LONG / 2);
        mover.follow(&db);
        assert!(!mover.is_moving(), "it isn't worth it yet");
        write(&db, LONG);
        mover.follow(&db);
        wait(&mover);
        assert_eq!(Log::of(&db).unwrap().waiting, 0, "by the thread alone");
        write(&db, 2 * MANY);
        // Whoever writes had to begin anew, and the next batches leave a short log alone.
        assert!(Log::of(&db).unwrap().pages < LONG);
    }

    #[test]
    fn who_reads_puts_the_end_off_to_the_next_batch_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let (db, mover) = store(folder.path());
        let reader = Connection::open(folder.path().join("store.db")).unwrap();
        write(&db, LONG);
        reader.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        mover.follow(&db);
        wait(&mover);
        for _ in 0..3 {
            write(&db, 1);
            mover.follow(&db);
            wait(&mover);
        }
        assert!(Log::of(&db).unwrap().waiting > 0, "the reader may still see what was before");
        reader.execute_batch("COMMIT").unwrap();
        mover.follow(&db);
        assert!(!mover.is_moving() && Log::of(&db).unwrap().waiting == 0, "by the writer itself: what is left is little");
        begins_anew(&db);
    }

    #[test]
    fn without_the_thread_the_writer_moves_all() {
        let folder = tempfile::tempdir().unwrap();
        let (db, mut mover) = store(folder.path());
        mover.end();
        write(&db, LONG);
        mover.follow(&db);
        begins_anew(&db);
    }
}
