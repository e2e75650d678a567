//! What a node drives: runs, and looks at sales that nobody knows of.

use std::sync::Arc;

use exchange::{
    attribute::PingPart,
    call::PostReply,
    flow::{
        Run,
        effect::{Event, NumberedEffect},
        reconcile::Look,
    },
    id::VerticalName,
    market::Market,
    time::Now,
};

pub(crate) enum Machine {
    Run(Box<Run>),
    /// With what the buyer reported by itself, if that is why it is looked at.
    Look(Box<Look>, Option<PostReply>),
}

impl Machine {
    pub fn step(&mut self, now: Now, event: Event) -> Vec<NumberedEffect> {
        match self {
            Self::Run(run) => run.step(now, event),
            Self::Look(look, _) => look.step(now, event),
        }
    }

    pub fn is_finished(&self) -> bool {
        match self {
            Self::Run(run) => run.is_finished(),
            Self::Look(look, _) => look.is_finished(),
        }
    }

    pub fn market(&self) -> &Arc<Market> {
        match self {
            Self::Run(run) => run.market(),
            Self::Look(look, _) => look.market(),
        }
    }

    pub fn vertical(&self) -> &VerticalName {
        match self {
            Self::Run(run) => run.vertical(),
            Self::Look(look, _) => look.vertical(),
        }
    }

    pub fn attributes(&self) -> &PingPart {
        match self {
            Self::Run(run) => run.attributes(),
            Self::Look(look, _) => look.attributes(),
        }
    }

    pub fn is_test(&self) -> bool {
        match self {
            Self::Run(run) => run.is_test(),
            Self::Look(look, _) => look.is_test(),
        }
    }

    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Run(run) => Some(run),
            Self::Look(..) => None,
        }
    }
}
