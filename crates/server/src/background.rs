//! Threads for what no lead waits for: pages, figures, alerts. They give way to those that leads wait for.

use std::{cell::RefCell, io, thread, time::Duration};

use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::clock::Stopwatch;

/// What blocks at the same time: as many reads as pages have, and the checks and replays beside them.
const MOST_BLOCKING: usize = 8;
/// How much they give way, of 19: a processor that all want is theirs for a tenth (`sched(7)`).
const NICENESS: i32 = 10;

/// There is no more.
const LEAST_URGENT: i32 = 19;

/// The threads, as long as it is there.
pub struct Background {
    handle: Handle,
    /// Until it is dropped.
    runtime: Option<Runtime>,
}

impl Background {
    pub fn start() -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).max_blocking_threads(MOST_BLOCKING).thread_name("background").enable_all();
        // A thread that another of them starts begins with its niceness: it is set, not added to. Where it can't be known or isn't granted,
        // they work as all others do.
        let niceness = getpriority_process(None).map(|ours| (ours + NICENESS).min(LEAST_URGENT));
        builder.on_thread_start(move || {
            // Of the thread alone, on Linux.
            _ = niceness.and_then(|niceness| setpriority_process(None, niceness));
            TURNS.set(Some(Turns::start()));
        });
        builder.build().map(|runtime| Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

/// What is under way is not waited for: it can be where nothing may block.
impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

thread_local! {
    /// Of the threads here alone.
    static TURNS: RefCell<Option<Turns>> = const { RefCell::new(None) };
}

/// Lets those that leads wait for have the processor, if this is a thread for what no lead waits for. What takes longer than a moment calls it
/// again and again. Niceness alone has auctions wait: Linux lets a thread that was given the processor keep it for some milliseconds.
pub fn give_way() {
    TURNS.with_borrow_mut(|turns| turns.as_mut().map(Turns::give_way));
}

/// A thread's turns at the processor.
struct Turns {
    watch: Stopwatch,
    /// Since the watch was started.
    keeps_until: Duration,
}

/// Short, beside what an auction takes: it waits for its end each time that it wakes up, a dozen times.
const TURN: Duration = Duration::from_micros(5);

impl Turns {
    fn start() -> Self {
        Self { watch: Stopwatch::start(), keeps_until: TURN }
    }

    /// If the others want the processor all the time, a tenth of it is still this thread's: people can look at an exchange that is overloaded.
    fn give_way(&mut self) {
        let began = self.watch.elapsed();
        if began < self.keeps_until {
            return;
        }
        thread::yield_now();
        let ended = self.watch.elapsed();
        self.keeps_until = ended + TURN.max(ended.saturating_sub(began) / 9);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn its_threads_give_way_and_ours_do_not() {
        let background = Background::start().unwrap();
        let niceness = || getpriority_process(None).unwrap();
        let ours = niceness();
        let handle = background.handle();
        // The first that blocks, so that one of them starts its thread.
        let from_one_of_them = handle.spawn(async move { tokio::task::spawn_blocking(niceness).await.unwrap() }).await.unwrap();
        let (asynchronous, blocking) = (handle.spawn(async move { niceness() }).await.unwrap(), handle.spawn_blocking(niceness).await.unwrap());
        assert_eq!([asynchronous, blocking, from_one_of_them], [(ours + NICENESS).min(LEAST_URGENT); 3]);
        assert_eq!(niceness(), ours);
    }

    #[tokio::test]
    async fn its_end_waits_for_nobody() {
        let background = Background::start().unwrap();
        let forever = background.handle().spawn(std::future::pending::<()>());
        drop(background);
        assert!(forever.await.unwrap_err().is_cancelled());
    }
}
