//! The audit log: who changed what, and when. An entry is written in the transaction of the change, and has nothing of a lead's contact.

use crate::{
    command::{Command, Erase, Operation, Outcome, Role},
    person::PersonCommand,
};

/// What an entry says, beside who and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A verb and its object: `apply market`.
    pub what: &'static str,
    /// The id or name of what was changed.
    pub subject: String,
    pub note: String,
}

impl Entry {
    fn new(what: &'static str, subject: impl ToString) -> Self {
        Self { what, subject: subject.to_string(), note: String::new() }
    }

    fn with_note(self, note: impl ToString) -> Self {
        Self { note: note.to_string(), ..self }
    }

    /// None for what has changed nothing, and for what nobody asks for: a lead's own life.
    #[must_use]
    pub fn of(command: &Command, outcome: &Outcome) -> Option<Self> {
        match (command, outcome) {
            (Command::Audited(_), _) => None,
            (_, Outcome::Conflict(_) | Outcome::StaleBase { .. } | Outcome::ReturnRefused(_) | Outcome::Revoked(false)) => None,
            (Command::Operate(operation), outcome) => Self::of_operation(operation, outcome),
            (Command::Settle(settle), _) => Some(Self::new("resolve sale", settle.sale).with_note("sold")),
            (Command::Void(void), _) => Some(Self::new("resolve sale", void.sale).with_note("void")),
            (Command::RequestReturn(request), _) => Some(Self::new("request return", request.sale).with_note(request.reason.word())),
            _ => None,
        }
    }

    fn of_operation(operation: &Operation, outcome: &Outcome) -> Option<Self> {
        Some(match (operation, outcome) {
            (Operation::ApplyMarket(market), Outcome::Applied(revision)) => Self::new("apply market", format!("revision {revision}")).with_note(&market.note),
            (Operation::ApplyMarket(_), _) => return None,
            (Operation::KeepDraft(draft), _) => Self::new("change draft", draft.id),
            (Operation::DropDraft { draft, .. }, _) => Self::new("discard draft", draft),
            (Operation::AddKey(key), _) => Self::new("make key", key.id).with_note(match &key.role {
                Role::Supplier(name) => format!("supplier {name}"),
                Role::Buyer(name) => format!("buyer {name}"),
                Role::Operator(name) => format!("operator {name}"),
            }),
            (Operation::RevokeKey { key }, _) => Self::new("revoke key", key),
            (Operation::Move(asked), Outcome::Moved { state, .. }) => {
                Self::new("move money", asked.id).with_note(format!("{} {}, {}", asked.party.account(), asked.amount, state.word()))
            }
            (Operation::DecideMove(decided), Outcome::Moved { state, .. }) => Self::new("decide money", decided.id).with_note(state.word()),
            (Operation::Move(_) | Operation::DecideMove(_), _) => return None,
            (Operation::Suppress { list, people }, _) => Self::new("suppress", list).with_note(format!("{} people", people.len())),
            (Operation::DecideReturn { sale, accept }, _) => Self::new("decide return", sale).with_note(if *accept { "accepted" } else { "refused" }),
            (Operation::RetryNotice(notice), _) => Self::new("retry notice", notice),
            (Operation::Erase(Erase::Lead(lead)), _) => Self::new("erase", lead),
            (Operation::Erase(Erase::Person(_)), Outcome::Erased { leads, .. }) => Self::new("erase", "a person").with_note(format!("{leads} leads")),
            (Operation::Erase(Erase::Person(_)), _) => return None,
            (Operation::Reveal { subject, .. }, _) => Self::new("reveal contact", subject),
            (Operation::Person(command), _) => return Self::of_person(command),
        })
    }

    fn of_person(command: &PersonCommand) -> Option<Self> {
        Some(match command {
            PersonCommand::Add { person, role, .. } => Self::new("add person", person).with_note(role),
            PersonCommand::Link { person, link } => Self::new("make link", person).with_note(link.kind.word()),
            PersonCommand::Enrol { .. } => Self::new("set password", ""),
            PersonCommand::Enter { .. } => Self::new("sign in", "").with_note("by link"),
            PersonCommand::SignIn { person, .. } => Self::new("sign in", person),
            PersonCommand::Seen { .. } => return None,
            PersonCommand::SignOut { .. } => Self::new("sign out", ""),
            PersonCommand::SignOutEverywhere { person } => Self::new("sign out everywhere", person),
            PersonCommand::SetRole { person, role } => Self::new("set role", person).with_note(role),
            PersonCommand::Disable { person } => Self::new("disable person", person),
            PersonCommand::Enable { person } => Self::new("enable person", person),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::ApplyMarket,
        id::{Revision, SaleId},
        person::{LinkKind, NewLink, TokenHash},
    };

    #[test]
    fn what_changed_is_written_and_what_did_not_is_not() {
        let apply = Command::Operate(Operation::ApplyMarket(ApplyMarket {
            bundle: Vec::new(),
            kept: Vec::new(),
            base: None,
            author: "ann".into(),
            note: "why".into(),
            draft: None,
        }));
        assert_eq!(Entry::of(&apply, &Outcome::Applied(Revision(4))), Some(Entry::new("apply market", "revision 4").with_note("why")));
        assert_eq!(Entry::of(&apply, &Outcome::StaleBase { newest: Revision(4) }), None);
        let link = NewLink { token: TokenHash([1; 32]), kind: LinkKind::Welcome, lives: std::time::Duration::ZERO };
        let add = PersonCommand::Add { person: "maria".parse().unwrap(), role: "buyer:acme".parse().unwrap(), email: Some("m@example.com".into()), link };
        let added = Entry::of(&Command::Operate(Operation::Person(add)), &Outcome::Done);
        assert_eq!(added, Some(Entry::new("add person", "maria").with_note("buyer:acme")), "and no address");
        let sale = SaleId::from_bytes([1; 16]);
        let decide = Command::Operate(Operation::DecideReturn { sale, accept: true });
        assert_eq!(Entry::of(&decide, &Outcome::Done), Some(Entry::new("decide return", sale).with_note("accepted")));
        assert_eq!(Entry::of(&decide, &Outcome::Conflict("decided".into())), None);
        assert_eq!(Entry::of(&Command::Sweep, &Outcome::Done), None);
    }
}
