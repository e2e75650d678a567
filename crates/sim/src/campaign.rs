//! Many worlds: on threads, each world twice, what came of them added up.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{
    invariant::{Broken, Invariant},
    setup::Setup,
    storage::{NoStorage, Stores},
    tally::Tally,
    world::{Ended, live},
};

/// The seeds to live through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Campaign {
    pub first_seed: u64,
    pub runs: u64,
    pub leads: u32,
    pub threads: usize,
}

/// A seed that broke an invariant.
#[derive(Clone, Debug)]
pub struct Failed {
    pub setup: Setup,
    pub broken: Broken,
    /// What happened just before.
    pub last: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Of one of the two lives of each world.
    pub tally: Tally,
    pub worlds: u64,
    pub failed: Vec<Failed>,
}

/// So many worlds must reach every row; fewer may miss one.
pub const ENOUGH_WORLDS: u64 = 100;

impl Report {
    /// Nothing broken, and in a long campaign every row reached.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.failed.is_empty() && (self.worlds < ENOUGH_WORLDS || self.tally.rows.never_reached().is_empty())
    }
}

/// Lives through a seed twice: the two event logs must be the same to the byte.
pub fn live_twice(stores: &Stores, setup: Setup, name: &str) -> Result<Ended, NoStorage> {
    let first = live(stores, setup, name)?;
    if first.broken.is_some() {
        return Ok(first);
    }
    let second = live(stores, setup, name)?;
    if first.hash == second.hash {
        return Ok(first);
    }
    let what = "the same seed gave two different event logs".to_owned();
    Ok(Ended { broken: Some(Broken { invariant: Invariant::SameEventsSameWinner, what }), ..second })
}

/// The fewest leads of a seed that still break something, found by halving.
pub fn shrink(stores: &Stores, failed: Failed) -> Result<Failed, NoStorage> {
    let mut best = failed;
    let (mut low, mut high) = (1, best.setup.leads);
    while low < high {
        let leads = low + (high - low) / 2;
        let setup = Setup { leads, ..best.setup };
        let ended = live(stores, setup, "shrink")?;
        match ended.broken {
            Some(broken) => {
                best = Failed { setup, broken, last: ended.last };
                high = leads;
            }
            None => low = leads + 1,
        }
    }
    Ok(best)
}

impl Campaign {
    /// Lives through all seeds. `progress` hears of each world that ended, from any thread.
    pub fn run(&self, progress: &(dyn Fn(&Ended) + Sync)) -> Result<Report, NoStorage> {
        let stores = Stores::open()?;
        let next = AtomicU64::new(0);
        let report: Mutex<Result<Report, NoStorage>> = Mutex::new(Ok(Report::default()));
        thread::scope(|scope| {
            for worker in 0..self.threads.max(1) {
                let (stores, next, report) = (&stores, &next, &report);
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= self.runs {
                            return;
                        }
                        let setup = Setup::new(self.first_seed.wrapping_add(number), self.leads);
                        let ended = live_twice(stores, setup, &format!("world-{worker}"));
                        if let Ok(ended) = &ended {
                            progress(ended);
                        }
                        take_in(&mut report.lock().unwrap_or_else(PoisonError::into_inner), setup, ended);
                    }
                });
            }
        });
        let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        report.failed.sort_by_key(|failed| failed.setup.seed);
        Ok(report)
    }
}

fn take_in(report: &mut Result<Report, NoStorage>, setup: Setup, ended: Result<Ended, NoStorage>) {
    match (report.as_mut(), ended) {
        (Ok(report), Ok(ended)) => {
            report.worlds += 1;
            report.tally.add(&ended.tally);
            if let Some(broken) = ended.broken {
                report.failed.push(Failed { setup, broken, last: ended.last });
            }
        }
        (Ok(_), Err(error)) => *report = Err(error),
        (Err(_), _) => {}
    }
}
