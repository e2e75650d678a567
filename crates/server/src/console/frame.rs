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

/// What pages have in their frames: the frame itself has tests of its own, and no page's snapshot changes with the menu.
#[cfg(test)]
pub fn inside(pages: &str) -> String {
    let mains = pages.split("<main").skip(1).filter_map(|page| page.split_once("</main>"));
    mains.map(|(main, _)| format!("<main{main}</main>\n")).collect()
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::*;

    #[derive(Template)]
    #[template(ext = "html", source = r#"{% extends "console/frame.html" %}{% block main %}<h1>A page</h1>{% endblock %}"#)]
    struct View {
        frame: Frame,
    }

    #[test]
    fn what_is_around_every_page() {
        let frame = Frame { notice: Some("It was <done>.".into()), ..sample("supplier:dreamy", Place::Payouts) };
        insta::assert_snapshot!(View { frame }.render().unwrap());
    }

    #[test]
    fn each_role_has_a_menu_of_its_own() {
        let menu = |role: &str| {
            let groups = sample(role, Place::Account).groups.into_iter().map(|group| {
                let places: Vec<String> = group.places.iter().map(|place| format!("{} {}", place.label(), place.path())).collect();
                format!("  {}\n    {}\n", group.label, places.join("\n    "))
            });
            format!("{role}\n{}", groups.collect::<String>())
        };
        let roles = ["owner", "operations", "finance", "read-only", "buyer:acme", "supplier:dreamy"];
        insta::assert_snapshot!(roles.map(menu).concat());
    }
}
