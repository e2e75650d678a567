//! A lead's contact: masked, until somebody who may says why it must be seen. The journal is written first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use exchange::{
    command::{Command, Operation, Outcome},
    id::{LeadId, Subject},
    seal::{ContactPart, Opener},
};
use store::{ReturnRow, RevealRow};

use super::{
    super::{
        failed::Failed,
        form::Form,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    unknown,
};
use crate::{audited::audited, node::Node, ruling::NOTE};

/// What is kept of a lead's contact, sealed, and who has looked.
#[derive(Default)]
pub struct Sealed {
    pub fields: Vec<String>,
    pub reveals: Vec<RevealRow>,
    pub returns: Vec<ReturnRow>,
}

pub async fn read(node: &Node, lead: LeadId) -> Result<Sealed, Failed> {
    let read = node.page_readers.read(move |reader| {
        let ping = reader.lead(lead)?.and_then(|row| row.ping);
        let mut fields: Vec<String> = reader.contact_parts(lead, ping)?.iter().flat_map(names).collect();
        fields.sort();
        fields.dedup();
        Ok(Sealed { fields, reveals: reader.reveals_of(Subject::Lead(lead))?, returns: reader.returns_of(lead)? })
    });
    Ok(read.await?)
}

fn names(part: &ContactPart) -> Vec<String> {
    part.values.names().map(str::to_owned).collect()
}

/// In characters: a reason is a few words at least.
const SHORTEST_REASON: usize = 8;
const LONGEST_REASON: usize = 200;

#[derive(Template)]
#[template(path = "console/lead_contact.html")]
struct View {
    frame: Frame,
    lead: String,
    why: String,
    values: Vec<(String, String)>,
}

/// `POST /console/leads/{id}/reveal`: the contact in clear, in this one answer.
pub async fn reveal(State(node): State<Arc<Node>>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Reply {
    let lead: LeadId = id.parse().map_err(|_| unknown())?;
    let why = form.text("why");
    if why.chars().count() < SHORTEST_REASON || why.chars().count() > LONGEST_REASON || why.chars().any(char::is_control) {
        return Err(Failed::Refused(format!("Say in {SHORTEST_REASON} to {LONGEST_REASON} characters why the contact must be seen: the journal keeps it.")));
    }
    let subject = Subject::Lead(lead);
    let revealing = Operation::Reveal { subject, who: visitor.person.to_string(), why: why.to_owned() };
    let permission = match node.writer.apply(audited(visitor.person.as_str(), Command::Operate(revealing))).await? {
        Outcome::Revealed(permission) => permission,
        _ => return Err(unknown()),
    };
    let (parts, returns) = node.page_readers.read(move |reader| Ok((reader.contact_parts(lead, None)?, reader.returns_of(lead)?))).await?;
    let open = |part: &ContactPart| part.open(Opener::Reveal(&permission), &node.master).ok();
    let mut values: Vec<(String, String)> = Vec::new();
    for part in &parts {
        let contact = open(part).ok_or(Failed::Unavailable)?;
        values.extend(part.values.names().filter_map(|name| Some((name.to_owned(), contact.value(name)?.text().to_string()))));
    }
    let notes = returns.iter().filter_map(|returned| returned.note.as_ref().and_then(open));
    values.extend(notes.filter_map(|note| Some(("note of a return".to_owned(), note.value(NOTE)?.text().to_string()))));
    reply::page(&View { frame: Frame::of(&visitor, Place::Leads), lead: id, why: why.to_owned(), values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let values = vec![("phone".to_owned(), "+16465550142".to_owned()), ("first_name".to_owned(), "<Thessaly>".to_owned())];
        let view =
            View { frame: frame::sample("owner", Place::Leads), lead: "lead_01kz5h2v7qe0gr3m5w8x9y2c4d".into(), why: "asked for by the person".into(), values };
        insta::assert_snapshot!(frame::inside(&view.render().unwrap()));
    }
}
