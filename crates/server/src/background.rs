//! Threads for what no lead waits for: pages, figures, alerts. They give way to those that leads wait for.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// What blocks at the same time: as many reads as pages have, and the checks and replays beside them.
const MOST_BLOCKING: usize = 8;
/// How much they give way, of 19: a processor that all want is theirs for a tenth (`sched(7)`).
const NICENESS: i32 = 10;

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
        // Of the thread alone, on Linux. Where it isn't granted, they work as all others do.
        builder.on_thread_start(|| _ = rustix::process::nice(NICENESS));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn its_threads_give_way_and_ours_do_not() {
        let background = Background::start().unwrap();
        let niceness = || rustix::process::nice(0).unwrap();
        let ours = niceness();
        let handle = background.handle();
        let (asynchronous, blocking) = (handle.spawn(async move { niceness() }).await.unwrap(), handle.spawn_blocking(niceness).await.unwrap());
        assert_eq!([asynchronous, blocking], [(ours + NICENESS).min(19); 2]);
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
