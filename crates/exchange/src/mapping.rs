//! How a buyer with an interface of its own is spoken to: what goes out to it, and how its answers are read.
//!
//! Data alone, compiled once from the market's files. Rendering and reading are the wire's: no format is known here.

mod answer;
mod request;
mod stretch;

pub use answer::{Answer, AnswerFormat, Bids, CodeMeans, Codes, How, Inside, Path, Pattern, Place, Price, Reference, Step, Test, Unit};
pub use request::{Condition, Constant, Escape, Format, From, Group, Header, Kind, Method, Part, Piece, Request, Said, Slot, Value};
pub use stretch::{Stretch, StretchName};

use serde::{Deserialize, Serialize};

use crate::id::VerticalName;

/// A buyer's own interface. What is asked of a lead depends on its vertical; answers are alike for all.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Mapping {
    pub requests: Vec<(VerticalName, Requests)>,
    pub ping: Answer,
    pub post: Answer,
    pub confirm: Option<Answer>,
    pub status: Option<Answer>,
}

/// What goes out for the leads of one vertical.
#[derive(Debug, Serialize, Deserialize)]
pub struct Requests {
    pub ping: Option<Request>,
    pub post: Request,
    pub confirm: Option<Request>,
    pub status: Option<Request>,
}

impl Mapping {
    #[must_use]
    pub fn of(&self, vertical: &VerticalName) -> Option<&Requests> {
        self.requests.iter().find(|(name, _)| name == vertical).map(|(_, requests)| requests)
    }
}
