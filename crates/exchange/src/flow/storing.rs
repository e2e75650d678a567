//! Store requests of a run: what each was for, and what becomes of it when the store can't say.

use std::time::Duration;

use super::{
    Pending, Purpose, Run, Stage,
    effect::{Effect, LeadReply, QuoteReply, Reply, StoreRequest},
};
use crate::{
    command::{Command, Fence, LeadStatus, Outcome, StoreUnknown, TakeOver, TakenBy},
    record::RecordedEvent,
};

/// How often a request is tried again whose loss would leave something open.
const MOST_RETRIES: u32 = 5;
/// Doubled with each try.
const FIRST_RETRY: Duration = Duration::from_millis(100);

/// What a store request was for.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Claim,
    Accept,
    Quote(QuoteReply),
    Reserve {
        leg: usize,
    },
    StartPost {
        leg: usize,
    },
    Settle {
        leg: usize,
    },
    Void {
        leg: usize,
    },
    MarkUnknown {
        leg: usize,
    },
    End(LeadReply),
    /// What was taken on is given up: the supplier may try again at once.
    GiveBack,
    /// Nothing hangs on it.
    Nothing,
}

impl Wanted {
    /// Requests that the supplier can repeat itself are not retried; those of a sale are, by the same id.
    fn is_retried(&self) -> bool {
        match self {
            Self::Claim | Self::Accept | Self::Quote(_) | Self::Nothing => false,
            Self::Reserve { .. }
            | Self::StartPost { .. }
            | Self::Settle { .. }
            | Self::Void { .. }
            | Self::MarkUnknown { .. }
            | Self::End(_)
            | Self::GiveBack => true,
        }
    }
}

#[derive(Debug)]
pub(super) struct Stored {
    wanted: Wanted,
    /// None once it is under way and not to be tried again.
    request: Option<StoreRequest>,
    tries: u32,
}

impl Stored {
    pub(super) fn new(wanted: Wanted, request: StoreRequest) -> Self {
        Self { wanted, request: Some(request), tries: 0 }
    }

    pub(super) fn plain(wanted: Wanted, command: Command) -> Self {
        Self::new(wanted, StoreRequest::Plain(command))
    }
}

impl Run {
    pub(super) fn store(&mut self, mut stored: Stored) {
        let request = if stored.wanted.is_retried() { stored.request.clone() } else { stored.request.take() };
        if let Some(request) = request {
            self.emit(Effect::Store(Box::new(request)), Some(Pending::Stored(Box::new(stored))));
        }
    }

    pub(super) fn store_again(&mut self, stored: Stored) {
        self.store(stored);
    }

    pub(super) fn on_stored(&mut self, stored: Stored, result: Result<Outcome, StoreUnknown>) {
        match result {
            Ok(outcome) => self.on_outcome(stored.wanted, outcome),
            Err(_) if stored.wanted.is_retried() && stored.tries < MOST_RETRIES => {
                self.saw(RecordedEvent::StoreUnknown);
                let at = self.elapsed() + FIRST_RETRY * 2u32.pow(stored.tries);
                let again = Stored { tries: stored.tries + 1, ..stored };
                self.emit(Effect::Wake { at }, Some(Pending::Retry(Box::new(again))));
            }
            // Nothing hangs on it, and to note it in the record would make the record be written again, and again.
            Err(_) if matches!(stored.wanted, Wanted::Nothing) => {}
            // Nothing was taken on, so nothing is to be given back.
            Err(StoreUnknown::NotWritten(_)) if matches!(stored.wanted, Wanted::Claim | Wanted::Accept) => self.reply(Reply::Unavailable),
            Err(_) => {
                self.saw(RecordedEvent::StoreUnknown);
                self.give_up(stored.wanted);
            }
        }
    }

    fn on_outcome(&mut self, wanted: Wanted, outcome: Outcome) {
        match wanted {
            Wanted::Claim => self.on_claimed(outcome),
            Wanted::Accept => self.on_accepted(outcome),
            Wanted::Quote(reply) => self.on_quoted(reply, outcome),
            Wanted::Reserve { leg } => self.on_reserved(leg, outcome),
            Wanted::StartPost { leg } => self.on_post_started(leg, outcome),
            Wanted::Settle { leg } => self.on_settled(leg, outcome),
            Wanted::Void { leg } => self.on_voided(leg, outcome),
            Wanted::MarkUnknown { leg } => self.on_marked_unknown(leg),
            // Another run holds the lead, and may sell it yet: only the store can say how it ends.
            Wanted::End(reply) if !matches!(outcome, Outcome::Done) => {
                self.reply(if reply.status == LeadStatus::Unsold { Reply::Unavailable } else { Reply::Lead(reply) });
                self.leave_lead();
            }
            Wanted::End(reply) => self.reply(Reply::Lead(reply)),
            Wanted::GiveBack => self.reply(Reply::Unavailable),
            Wanted::Nothing => {}
        }
    }

    /// The run can't go on: what it took on ends at once, from what is durable, so that the supplier's repeat starts anew and
    /// needn't wait for a lease.
    pub(super) fn give_back_request(&mut self) {
        if self.stage == Stage::GivingBack || self.stage == Stage::Replied {
            return;
        }
        self.stage = Stage::GivingBack;
        let command = match &self.purpose {
            Purpose::Sale(lead) => {
                let fence = if lead.is_accepted { lead.fence } else { Fence::FIRST };
                Some(Command::TakeOver(TakeOver { lead: lead.id, by: TakenBy::Holder(fence) }))
            }
            Purpose::Quote { claim, .. } => claim.clone().map(Command::Unclaim),
        };
        match command {
            Some(command) => self.store(Stored::plain(Wanted::GiveBack, command)),
            None => self.reply(Reply::Unavailable),
        }
    }

    /// The store has a sale that this run could not end, since the store was away: the lead ends from what is durable, so that
    /// the sale is looked at again and needn't wait for a lease. Where another run has the lead, the store refuses.
    fn leave_lead(&mut self) {
        if let Some(lead) = self.lead() {
            let over = TakeOver { lead: lead.id, by: TakenBy::Holder(lead.fence) };
            self.store(Stored::plain(Wanted::GiveBack, Command::TakeOver(over)));
        }
    }

    /// The store stays silent. What was sent stays sent: recovery reads the durable rows and goes on from there.
    fn give_up(&mut self, wanted: Wanted) {
        match wanted {
            Wanted::Nothing => {}
            Wanted::Settle { leg } | Wanted::MarkUnknown { leg } => self.on_marked_unknown(leg),
            Wanted::End(reply) => {
                self.reply(if reply.status == LeadStatus::Sold { Reply::Lead(reply) } else { Reply::Unavailable });
                self.leave_lead();
            }
            // Of several legs the first to give up ends the run.
            Wanted::Claim | Wanted::Accept | Wanted::Quote(_) | Wanted::Reserve { .. } | Wanted::StartPost { .. } | Wanted::Void { .. } => {
                self.give_back_request();
            }
            Wanted::GiveBack => self.reply(Reply::Unavailable),
        }
    }
}
