//! Why a contract was not asked: put in words where somebody reads them, since a page tells a few of ten thousand.

use std::{borrow::Cow, fmt, sync::Arc};

use exchange::{
    id::ContractIndex,
    matching::{Untold, WhyNot},
};
use serde::{Serialize, Serializer};

use super::told::Told;

pub enum Reason {
    Said(WhyNot),
    /// Worked out again, of this run.
    Found {
        run: Arc<Told>,
        contract: ContractIndex,
        untold: Untold,
    },
}

impl Reason {
    /// What it begins with, which reasons of one kind have in common.
    pub fn kind(&self) -> Cow<'static, str> {
        match self {
            Self::Found { untold: untold @ Untold::Filter(_), .. } => Cow::Borrowed(untold.word()),
            Self::Said(why) | Self::Found { untold: Untold::Other(why), .. } => {
                let told = why.to_string();
                Cow::Owned(told.split_once(':').map_or(told.as_str(), |(kind, _)| kind).to_owned())
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(why) => why.fmt(f),
            Self::Found { run, contract, untold } => match run.offered() {
                Some(offered) => offered.told(*contract, untold.clone()).fmt(f),
                None => f.write_str(untold.word()),
            },
        }
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
