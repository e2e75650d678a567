//! What is around every page: the menu, who has signed in, what the last change has to say.

use super::{navigation::Place, visitor::Visitor};

/// Every view has one, as `frame`; its template extends `console/frame.html`.
#[derive(Debug)]
pub struct Frame {
    pub here: Place,
    pub groups: Vec<Group>,
    pub person: String,
    pub role: String,
    /// Stands in every form: `{% include "console/csrf.html" %}`.
    pub csrf: String,
    pub notice: Option<String>,
}

#[derive(Debug)]
pub struct Group {
    pub label: &'static str,
    pub places: Vec<Place>,
}

impl Frame {
    pub fn of(visitor: &Visitor, here: Place) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for place in Place::of(&visitor.role) {
            match groups.last_mut().filter(|group| group.label == place.group()) {
                Some(group) => group.places.push(place),
                None => groups.push(Group { label: place.group(), places: vec![place] }),
            }
        }
        Self { here, groups, person: visitor.person.to_string(), role: visitor.role.to_string(), csrf: visitor.csrf.clone(), notice: visitor.notice.clone() }
    }
}

/// For tests of pages.
#[cfg(test)]
pub fn sample(role: &str, here: Place) -> Frame {
    Frame::of(&sample_visitor(role), here)
}

#[cfg(test)]
pub fn sample_visitor(role: &str) -> Visitor {
    use super::visitor::Signed;
    Visitor::new(Signed {
        person: "maria".parse().unwrap(),
        role: role.parse().unwrap(),
        session: exchange::person::TokenHash([7; 32]),
        csrf: "CSRF".into(),
        notice: None,
    })
}
