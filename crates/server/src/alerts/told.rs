//! The alerts that stand and those there were, as page, command line and API tell them.

use store::{AlertRow, ReadError, Reader};
use wire::answer::Node as Body;

/// Alerts of before that are told.
const MOST_CLEARED: u32 = 100;

pub struct AlertsTold {
    pub standing: Vec<AlertRow>,
    /// Newest first.
    pub cleared: Vec<AlertRow>,
}

impl AlertsTold {
    pub fn read(reader: &mut dyn Reader) -> Result<Self, ReadError> {
        Ok(Self { standing: reader.standing_alerts()?, cleared: reader.cleared_alerts(MOST_CLEARED)? })
    }

    pub fn body(&self) -> Body {
        let list = |rows: &[AlertRow]| Some(Body::list("alert", rows.iter().map(entry)));
        Body::object([("standing", list(&self.standing)), ("cleared", list(&self.cleared))])
    }
}

fn entry(row: &AlertRow) -> Body {
    Body::object([
        ("alert", Some(Body::text(row.key.kind.word()))),
        ("about", Some(Body::text(row.key.about.clone()))),
        ("says", Some(Body::text(row.says.clone()))),
        ("raised_at", Some(Body::of(row.raised_at))),
        ("cleared_at", row.cleared_at.map(Body::of)),
    ])
}
