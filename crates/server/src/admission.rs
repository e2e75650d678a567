//! Whether a node takes on another request, by what it carries: new pings go first, posts of quotes last.
//!
//! A delay counts where it stands: a single late look is the machine's affair, a row of them is too much work. Where tasks are late
//! most of the time, new pings lose room, span by span, until what was taken has its time again; calm gives the room back. A slow
//! store takes no room: fewer pings make no disk faster.

use std::time::Duration;

/// What a request would start, the most dispensable first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Ping,
    DirectPost,
    QuotedPost,
}

impl Class {
    pub const ALL: [Self; 3] = [Self::Ping, Self::DirectPost, Self::QuotedPost];

    /// As routes and metrics call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::DirectPost => "direct_post",
            Self::QuotedPost => "quoted_post",
        }
    }

    /// In per cent of a limit: from there on it is shed.
    fn most(self) -> u64 {
        match self {
            Self::Ping => 100,
            Self::DirectPost => 125,
            Self::QuotedPost => 150,
        }
    }

    /// Once shed, it is taken again below four fifths of that.
    fn enough(self) -> u64 {
        self.most() * 4 / 5
    }
}

/// What a node carries at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    /// Runs under way.
    pub runs: usize,
    /// Commands that wait for the writer.
    pub waiting: usize,
    /// How long the oldest of them has waited.
    pub age: Duration,
    /// How late a task comes to run that should run now.
    pub lag: Duration,
}

/// Where new pings are shed; other classes have more room.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub runs: usize,
    pub waiting: usize,
    pub age: Duration,
    /// From here on, pings lose room; at [`STALLED`] times as much, all of them are shed.
    pub lag: Duration,
}

/// Looks that a delay must outlast to count.
const LOOKS: usize = 10;
/// Room that delays take from no ping: so many runs are carried on any machine, and the tests of a slow one are no overload.
const LEAST_ROOM: usize = 32;
/// So many times the lag's limit, there is no keeping up: other classes are shed, too.
const STALLED: u32 = 10;

/// What is taken on until the next look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub shed: Shed,
    /// Runs under way that leave no room for a new ping.
    pub room: usize,
}

/// The classes that are shed, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shed(pub u8);

impl Shed {
    pub fn has(self, class: Class) -> bool {
        self.0 & 1 << class as u8 != 0
    }
}

#[derive(Debug)]
pub struct Admission {
    limits: Limits,
    shed: Shed,
    room: usize,
    /// The last looks' delays, the newest at any place.
    delays: [(Duration, Duration); LOOKS],
    looks: usize,
}

impl Admission {
    pub fn new(limits: Limits) -> Self {
        Self { limits, shed: Shed::default(), room: limits.runs, delays: [(Duration::ZERO, Duration::ZERO); LOOKS], looks: 0 }
    }

    /// To be called at even intervals.
    pub fn look(&mut self, load: Load) -> Verdict {
        self.delays[self.looks % LOOKS] = (load.age, load.lag);
        self.looks += 1;
        let (age, lag) = (self.nth(0, |delays| delays.0), self.nth(0, |delays| delays.1));
        let pressure = [
            per_cent(load.runs as u128, self.limits.runs as u128),
            per_cent(load.waiting as u128, self.limits.waiting as u128),
            per_cent(age.as_micros(), self.limits.age.as_micros()),
            per_cent(lag.as_micros(), (self.limits.lag * STALLED).as_micros()),
        ];
        let pressure = pressure.into_iter().max().unwrap_or_default();
        let bits = Class::ALL.into_iter().filter(|class| pressure >= if self.shed.has(*class) { class.enough() } else { class.most() });
        self.shed = Shed(bits.fold(0, |bits, class| bits | 1 << class as u8));
        if self.looks.is_multiple_of(LOOKS) {
            self.adapt(load.runs);
        }
        Verdict { shed: self.shed, room: self.room }
    }

    /// Of the last looks' delays, the one that so many are below: with none below it, it stands.
    fn nth(&self, below: usize, of: fn(&(Duration, Duration)) -> Duration) -> Duration {
        let mut delays = self.delays.each_ref().map(of);
        delays.sort_unstable();
        delays.get(below).copied().unwrap_or_default()
    }

    /// Halves the room where half of a span's looks were late, and widens it by an eighth once they were half as late.
    fn adapt(&mut self, runs: usize) {
        let lag = self.nth(LOOKS / 2, |delays| delays.1);
        if lag >= self.limits.lag {
            self.room = (self.room.min(runs) / 2).max(LEAST_ROOM).min(self.limits.runs);
        } else if lag < self.limits.lag / 2 {
            self.room = (self.room + self.room / 8 + 1).min(self.limits.runs);
        }
    }
}

/// Whether so many runs, between two looks, leave room for one more.
pub fn is_room(class: Class, runs: usize, most: usize) -> bool {
    per_cent(runs as u128, most as u128) < class.most()
}

fn per_cent(part: u128, whole: u128) -> u64 {
    u64::try_from(part * 100 / whole.max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { runs: 100, waiting: 1000, age: Duration::from_secs(1), lag: Duration::from_millis(10) };

    fn runs(runs: usize) -> Load {
        Load { runs, ..Load::default() }
    }

    fn shed(admission: &mut Admission, load: Load) -> Vec<&'static str> {
        let shed = admission.look(load).shed;
        Class::ALL.into_iter().filter(|class| shed.has(*class)).map(Class::word).collect()
    }

    #[test]
    fn pings_go_first_and_posts_of_quotes_last_and_come_back_the_other_way_round() {
        let mut admission = Admission::new(LIMITS);
        for (load, expected) in [
            (99, &[] as &[_]),
            (100, &["ping"]),
            (124, &["ping"]),
            (125, &["ping", "direct_post"]),
            (150, &["ping", "direct_post", "quoted_post"]),
            (120, &["ping", "direct_post", "quoted_post"]),
            (119, &["ping", "direct_post"]),
            (99, &["ping"]),
            (80, &["ping"]),
            (79, &[]),
            (99, &[]),
        ] {
            assert_eq!(shed(&mut admission, runs(load)), expected, "{load}");
        }
    }

    #[test]
    fn a_delay_counts_once_it_stands_and_is_over_with_the_first_look_without() {
        for late in [Load { lag: Duration::from_millis(130), ..Load::default() }, Load { age: Duration::from_millis(1300), ..Load::default() }] {
            let mut admission = Admission::new(LIMITS);
            for _ in 1..LOOKS {
                assert!(shed(&mut admission, late).is_empty());
            }
            assert_eq!(shed(&mut admission, late), ["ping", "direct_post"]);
            assert!(shed(&mut admission, Load::default()).is_empty());
            assert!(shed(&mut admission, late).is_empty());
        }
    }

    /// The room after a span of so many runs and such a lag.
    fn span(admission: &mut Admission, runs: usize, lag_ms: u64) -> usize {
        let load = Load { runs, lag: Duration::from_millis(lag_ms), ..Load::default() };
        (0..LOOKS).map(|_| admission.look(load).room).last().unwrap_or_default()
    }

    #[test]
    fn a_delay_that_stands_takes_room_from_pings_and_calm_gives_it_back() {
        let mut admission = Admission::new(Limits { runs: 4000, ..LIMITS });
        assert_eq!([400, 200, 100, 50, 40].map(|runs| span(&mut admission, runs, 10)), [200, 100, 50, LEAST_ROOM, LEAST_ROOM]);
        assert_eq!(admission.shed, Shed::default(), "nobody else loses any");
        assert_eq!([9, 5, 4, 0].map(|lag| span(&mut admission, 32, lag)), [32, 32, 37, 42]);
        let spans = (0..60).take_while(|_| span(&mut admission, 4000, 0) < 4000).count();
        assert!((20..60).contains(&spans), "{spans}");
    }

    #[test]
    fn late_looks_now_and_then_take_no_room_and_early_ones_now_and_then_give_none() {
        let room_where = |late: usize| {
            let mut admission = Admission::new(LIMITS);
            let lag = |look: usize| Duration::from_millis(if look < late { 400 } else { 1 });
            (0..LOOKS).map(|look| admission.look(Load { runs: 99, lag: lag(look), ..Load::default() }).room).last()
        };
        assert_eq!([1, 4, 5, 9].map(room_where), [Some(100), Some(100), Some(49), Some(49)]);
    }

    #[test]
    fn a_slow_store_takes_no_room() {
        let mut admission = Admission::new(LIMITS);
        let load = Load { age: Duration::from_millis(999), ..Load::default() };
        assert!((0..5 * LOOKS).all(|_| admission.look(load) == Verdict { shed: Shed::default(), room: 100 }));
    }

    #[test]
    fn a_node_that_may_carry_little_gets_no_more_room_by_it() {
        let mut admission = Admission::new(Limits { runs: 4, ..LIMITS });
        assert_eq!([20, 0].map(|lag| span(&mut admission, 3, lag)), [4, 4]);
    }

    #[test]
    fn a_burst_between_two_looks_is_bounded_too() {
        let room = |runs| Class::ALL.map(|class| is_room(class, runs, 4));
        assert_eq!((room(3), room(4), room(5), room(6)), ([true; 3], [false, true, true], [false, false, true], [false; 3]));
    }

    proptest! {
        #[test]
        fn whoever_is_shed_everybody_more_dispensable_is_too(loads in prop::collection::vec((0_usize..300, 0_usize..3000, 0_u64..3000, 0_u64..300), 1..200)) {
            let mut admission = Admission::new(LIMITS);
            for (runs, waiting, age, lag) in loads {
                let load = Load { runs, waiting, age: Duration::from_millis(age), lag: Duration::from_millis(lag) };
                let Verdict { shed, room } = admission.look(load);
                prop_assert!((LEAST_ROOM..=LIMITS.runs).contains(&room));
                prop_assert!(shed.has(Class::Ping) || !shed.has(Class::DirectPost));
                prop_assert!(shed.has(Class::DirectPost) || !shed.has(Class::QuotedPost));
                prop_assert!(!shed.has(Class::Ping) || runs >= 80 || waiting >= 800 || age >= 800 || lag >= 80, "shed for nothing");
                prop_assert!(shed.has(Class::Ping) || (runs < 100 && waiting < 1000), "not shed");
            }
        }
    }
}
