//! A buyer's circuit: closed while its calls mostly succeed, open for a while when they mostly fail, then tried by one call.
//!
//! Time is an argument, counted from any beginning.

use std::time::Duration;

/// Calls are judged over so long, in steps of a tenth.
const WINDOW: Duration = Duration::from_secs(30);
const SLOTS: usize = 10;
/// Fewer calls than this say nothing.
const LEAST_CALLS: u32 = 10;
/// The buyer is left alone for so long at first, and twice as long after each probe that failed.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const MOST_PAUSE: Duration = Duration::from_secs(60);
/// A probe that hasn't reported by then is given up, and another one goes.
const PROBE_TIME: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub struct Circuit {
    state: State,
    /// Counts changes of state: a report of a call from an earlier one is no news.
    era: u64,
}

#[derive(Debug)]
enum State {
    Closed(Window),
    Open { until: Duration, pause: Duration },
    Probing { since: Duration, pause: Duration },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(Window::default())
    }
}

/// What a call that was let through reports under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Opened,
    Closed,
}

impl Circuit {
    /// None: the buyer is left alone now. The time is asked for only where it matters.
    pub fn enter(&mut self, at: impl FnOnce() -> Duration) -> Option<Pass> {
        let (due, pause) = match self.state {
            State::Closed(_) => return Some(Pass(self.era)),
            State::Open { until, pause } => (until, pause),
            State::Probing { since, pause } => (since + PROBE_TIME, pause),
        };
        let at = at();
        (at >= due).then(|| {
            self.turn(State::Probing { since: at, pause });
            Pass(self.era)
        })
    }

    pub fn report(&mut self, pass: Pass, at: Duration, failed: bool) -> Option<Change> {
        if pass.0 != self.era {
            return None;
        }
        match (&mut self.state, failed) {
            (State::Closed(window), _) => {
                window.count(at, failed);
                let opens = failed && window.mostly_failed(at);
                opens.then(|| self.open(at, FIRST_PAUSE))
            }
            (State::Probing { pause, .. }, true) => {
                let pause = (*pause * 2).min(MOST_PAUSE);
                self.open(at, pause);
                None
            }
            (State::Probing { .. }, false) => {
                self.turn(State::default());
                Some(Change::Closed)
            }
            (State::Open { .. }, _) => None,
        }
    }

    fn open(&mut self, at: Duration, pause: Duration) -> Change {
        self.turn(State::Open { until: at + pause, pause });
        Change::Opened
    }

    fn turn(&mut self, state: State) {
        self.state = state;
        self.era += 1;
    }
}

/// How many calls ended lately, and how many of them failed.
#[derive(Debug, Default)]
struct Window([Slot; SLOTS]);

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    number: u64,
    calls: u32,
    failed: u32,
}

impl Window {
    fn count(&mut self, at: Duration, failed: bool) {
        let number = number_at(at);
        let slot = &mut self.0[(number % SLOTS as u64) as usize];
        if slot.number != number {
            *slot = Slot { number, ..Slot::default() };
        }
        slot.calls += 1;
        slot.failed += u32::from(failed);
    }

    fn mostly_failed(&self, at: Duration) -> bool {
        let recent = self.0.iter().filter(|slot| slot.number + SLOTS as u64 > number_at(at));
        let (calls, failed) = recent.fold((0, 0), |(calls, failed), slot| (calls + slot.calls, failed + slot.failed));
        calls >= LEAST_CALLS && failed * 2 >= calls
    }
}

fn number_at(at: Duration) -> u64 {
    at.as_secs() / (WINDOW.as_secs() / SLOTS as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn call(circuit: &mut Circuit, at: Duration, failed: bool) -> Option<Change> {
        let pass = circuit.enter(|| at).expect("let through");
        circuit.report(pass, at, failed)
    }

    fn opened(at: Duration) -> Circuit {
        let mut circuit = Circuit::default();
        let changes: Vec<_> = (0..10).map(|_| call(&mut circuit, at, true)).collect();
        assert_eq!((&changes[..9], changes[9]), ([None; 9].as_slice(), Some(Change::Opened)));
        circuit
    }

    #[test]
    fn ten_calls_of_which_half_failed_open_it() {
        let mut circuit = Circuit::default();
        for failed in [false, false, false, false, false, true, true, true, true] {
            assert_eq!(call(&mut circuit, s(1), failed), None);
        }
        assert_eq!(call(&mut circuit, s(1), true), Some(Change::Opened));
        assert_eq!(circuit.enter(|| s(1)), None);
    }

    #[test]
    fn what_failed_half_a_minute_ago_is_forgotten() {
        let mut circuit = Circuit::default();
        for _ in 0..9 {
            assert_eq!(call(&mut circuit, s(1), true), None);
        }
        assert_eq!(call(&mut circuit, s(31), true), None);
        assert_eq!(call(&mut circuit, s(32), true), None);
    }

    #[test]
    fn one_call_probes_and_its_success_closes() {
        let mut circuit = opened(s(0));
        assert_eq!(circuit.enter(|| s(4)), None);
        let probe = circuit.enter(|| s(5)).unwrap();
        assert_eq!(circuit.enter(|| s(6)), None, "one at a time");
        assert_eq!(circuit.report(probe, s(7), false), Some(Change::Closed));
        assert_eq!(call(&mut circuit, s(7), true), None, "and counts anew");
    }

    #[test]
    fn each_probe_that_fails_doubles_the_pause_up_to_a_minute() {
        let mut circuit = opened(s(0));
        let mut at = s(0);
        for pause in [5, 10, 20, 40, 60, 60] {
            assert_eq!(circuit.enter(|| at + s(pause - 1)), None, "{pause}");
            at += s(pause);
            assert_eq!(call(&mut circuit, at, true), None);
        }
    }

    #[test]
    fn a_probe_that_is_lost_is_replaced_and_reports_of_before_are_no_news() {
        let mut circuit = Circuit::default();
        let slow = circuit.enter(|| s(0)).unwrap();
        for _ in 0..10 {
            call(&mut circuit, s(0), true);
        }
        assert_eq!(circuit.report(slow, s(2), false), None);
        assert_eq!(circuit.enter(|| s(2)), None);
        let lost = circuit.enter(|| s(5)).unwrap();
        assert_eq!(circuit.enter(|| s(34)), None);
        let second = circuit.enter(|| s(35)).unwrap();
        assert_eq!(circuit.report(lost, s(36), true), None);
        assert_eq!(circuit.report(second, s(36), false), Some(Change::Closed));
    }

    proptest! {
        /// Whatever happens: it opens after failures alone, at most one call goes out each pause while it isn't closed, and a
        /// buyer that works again is called again within the longest pause.
        #[test]
        fn it_holds_back_and_always_comes_back(steps in prop::collection::vec((0_u64..4_000, any::<bool>(), 0_u64..3_000), 1..400)) {
            let mut circuit = Circuit::default();
            let (mut at, mut open, mut ended) = (Duration::ZERO, false, 0_u32);
            let mut last_probe: Option<Duration> = None;
            for (wait, failed, took) in steps {
                at += Duration::from_millis(wait);
                let Some(pass) = circuit.enter(|| at) else {
                    prop_assert!(open, "held back while closed");
                    continue;
                };
                if open {
                    prop_assert!(last_probe.is_none_or(|last| at >= last + FIRST_PAUSE), "two probes within one pause");
                    last_probe = Some(at);
                }
                at += Duration::from_millis(took);
                let change = circuit.report(pass, at, failed);
                ended += 1;
                match change {
                    Some(Change::Opened) => {
                        prop_assert!(!open && failed && ended >= LEAST_CALLS);
                        (open, last_probe) = (true, None);
                    }
                    Some(Change::Closed) => {
                        prop_assert!(open && !failed);
                        (open, ended) = (false, 0);
                    }
                    None => {}
                }
            }
            let pass = circuit.enter(|| at + MOST_PAUSE + PROBE_TIME);
            prop_assert!(pass.is_some());
        }
    }
}
