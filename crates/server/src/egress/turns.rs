//! The answers of one connection, each given to whoever asked in that turn.
//!
//! Pure: bytes in, answers out. Nothing in an answer says whose it is but its place in the order, so a place stays until its
//! answer was read, wanted or not, and any doubt about the order ends the connection.

use std::{collections::VecDeque, time::Duration};

use exchange::call::CallFailure;
use tokio::{sync::oneshot, time::Instant};

use super::{Answered, answer::AnswerReader, connection::REST_TIME, fault::Fault};

/// A connection that owes an answer for so long past its time is closed.
pub const GRACE: Duration = Duration::from_secs(1);

/// Why one of a connection's askers has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The connection ended before its turn came: nothing of an answer to it was on its way.
    Unanswered,
    Failed(CallFailure),
}

pub type Asker = oneshot::Sender<Result<Answered, Lost>>;

/// A request's place in the order.
#[derive(Debug)]
pub struct Turn {
    /// None once nobody waits any more.
    asker: Option<Asker>,
    /// Waits until then.
    until: Instant,
    keeps_headers: bool,
    /// Of all that is sent over the connection, where the request ends.
    end: u64,
    is_late: bool,
}

impl Turn {
    pub fn new(asker: Asker, until: Instant, keeps_headers: bool, end: u64) -> Self {
        Self { asker: Some(asker), until, keeps_headers, end, is_late: false }
    }

    pub fn until(&self) -> Instant {
        self.until
    }

    /// Of a request that was never sent.
    pub fn lose(mut self) {
        self.give(Err(Lost::Unanswered));
    }

    /// Whoever has gone away meanwhile wants nothing.
    fn give(&mut self, result: Result<Answered, Lost>) {
        if let Some(asker) = self.asker.take() {
            drop(asker.send(result));
        }
    }
}

/// The connection is of no use any more, and nobody waits for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Over;

#[derive(Debug, Default)]
pub struct Turns {
    waiting: VecDeque<Turn>,
    /// Of the first one's answer, once something of it came.
    reader: Option<AnswerReader>,
    /// Waiting ones whose time has passed.
    late: usize,
}

impl Turns {
    pub fn extend(&mut self, turns: impl Iterator<Item = Turn>) {
        self.waiting.extend(turns);
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn is_late(&self) -> bool {
        self.late > 0
    }

    /// The next bytes of the connection, over which so many had been sent. When to look at the time again, where that is sooner now.
    pub fn read(&mut self, bytes: &[u8], sent: u64, now: Instant) -> Result<Option<Instant>, Over> {
        let (mut rest, mut sooner) = (bytes, None);
        while !rest.is_empty() {
            // What comes before its request was sent answers something else. What that was can't be told, nor what the next is.
            let Some(turn) = self.waiting.front_mut().filter(|turn| turn.end <= sent) else { return Err(self.end_all(&Lost::Unanswered)) };
            let reader = self.reader.get_or_insert_with(|| AnswerReader::new(turn.keeps_headers));
            match reader.take(rest) {
                Ok(taken) => rest = &rest[taken..],
                Err(fault) => {
                    let answered = self.reader.take().and_then(|mut reader| reader.refusal());
                    self.next(answered.ok_or(Lost::Failed(fault.into())));
                    // What follows is not to be trusted either.
                    return Err(self.end_all(&Lost::Failed(CallFailure::Reset)));
                }
            }
            if reader.is_whole() {
                let keeps = reader.is_clean();
                let answered = self.reader.take().and_then(AnswerReader::into_answered);
                self.next(answered.ok_or(Lost::Failed(CallFailure::Reset)));
                if !keeps {
                    return Err(self.end_all(&Lost::Unanswered));
                }
            } else if reader.status_says_all() {
                // The rest is for the connection's sake alone.
                turn.until = turn.until.min(now + REST_TIME);
                sooner = Some(turn.until);
            }
        }
        Ok(sooner)
    }

    /// The connection has ended.
    pub fn end(&mut self) -> Over {
        if let Some(mut reader) = self.reader.take() {
            let answered = if reader.end().is_ok() { reader.into_answered() } else { reader.refusal() };
            self.next(answered.ok_or(Lost::Failed(Fault::CutOff.into())));
        }
        self.end_all(&Lost::Unanswered)
    }

    /// Lets go of those whose time has passed. Their places stay.
    pub fn pass(&mut self, now: Instant) -> Result<(), Over> {
        let mut is_over = false;
        for (place, turn) in self.waiting.iter_mut().enumerate() {
            is_over |= turn.until + GRACE <= now;
            if turn.until <= now && !turn.is_late {
                turn.is_late = true;
                self.late += 1;
                let refused = if place == 0 { self.reader.as_mut().and_then(AnswerReader::refusal) } else { None };
                turn.give(refused.ok_or(Lost::Failed(CallFailure::Timeout)));
            }
        }
        if is_over { Err(self.end_all(&Lost::Unanswered)) } else { Ok(()) }
    }

    /// When `pass` has something to do next.
    pub fn next_pass(&self) -> Option<Instant> {
        self.waiting.iter().map(|turn| if turn.is_late { turn.until + GRACE } else { turn.until }).min()
    }

    fn next(&mut self, result: Result<Answered, Lost>) {
        if let Some(mut turn) = self.waiting.pop_front() {
            self.late -= usize::from(turn.is_late);
            turn.give(result);
        }
    }

    fn end_all(&mut self, why: &Lost) -> Over {
        self.reader = None;
        while !self.waiting.is_empty() {
            self.next(Err(why.clone()));
        }
        Over
    }
}
