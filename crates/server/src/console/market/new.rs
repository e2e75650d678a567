//! `/console/market/new/{what}`: the form of a buyer, a contract or a tier that isn't there yet. What it adds becomes a draft.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
};
use exchange::{id::ContractKey, market::Market};
use serde::Deserialize;
use wire::market::{Addition, Bundle, NotAdded, Problem, Term, Thing, enlist};

use super::{
    super::{
        components::{Choice, Field},
        failed::Failed,
        form::Form,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    desk::{self, LookedAt},
    thing::{Control, check, control, nothing, path},
};
use crate::node::Node;

#[derive(Template)]
#[template(path = "console/market/new.html")]
struct View {
    frame: Frame,
    title: String,
    says: String,
    path: String,
    hidden: Vec<(&'static str, String)>,
    controls: Vec<Control>,
    problems: Vec<String>,
}

/// What is asked for: of which buyer or tree, and like which contract.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    of: String,
    #[serde(default)]
    like: String,
}

/// Which form it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Buyer,
    Contract { buyer: String },
    Copy { of: ContractKey },
    Tier { tree: Thing, tiers: usize },
}

impl What {
    fn of(what: &str, asked: &Asked, looked_at: &LookedAt, files: &Bundle) -> Result<Self, Failed> {
        let is_in = |thing: &Thing| looked_at.thing(thing, files).is_some();
        match what {
            "buyer" => Ok(Self::Buyer),
            "contract" if !asked.like.is_empty() => {
                let of: ContractKey = asked.like.parse().map_err(|_| nothing())?;
                is_in(&Thing::Contract(of.clone())).then_some(Self::Copy { of }).ok_or_else(nothing)
            }
            "contract" => {
                let buyer = asked.of.parse().map_err(|_| nothing())?;
                is_in(&Thing::Buyer(buyer)).then(|| Self::Contract { buyer: asked.of.clone() }).ok_or_else(nothing)
            }
            "tier" => {
                let tree = Thing::Tree(asked.of.parse().map_err(|_| nothing())?);
                let tiers = (0..).take_while(|place| Self::tier(&tree, *place).is_some_and(|tier| is_in(&tier))).count();
                is_in(&tree).then_some(Self::Tier { tree, tiers }).ok_or_else(nothing)
            }
            _ => Err(nothing()),
        }
    }

    fn tier(tree: &Thing, place: usize) -> Option<Thing> {
        if let Thing::Tree(name) = tree { Some(Thing::Tier(name.clone(), place)) } else { None }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Contract { .. } | Self::Copy { .. } => "contract",
            Self::Tier { .. } => "tier",
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Buyer => "New buyer".into(),
            Self::Contract { buyer } => format!("New contract of {buyer}"),
            Self::Copy { of } => format!("New contract like {of}"),
            Self::Tier { tree, .. } => format!("New tier in {}", tree.file()),
        }
    }

    fn says(&self) -> &'static str {
        match self {
            Self::Buyer => "A company that buys leads, and where it is reached. Its contracts come next",
            Self::Contract { .. } => "What it can't be without; its own form has the other terms",
            Self::Copy { .. } => "All terms of the other, under another name; change them in its own form then",
            Self::Tier { .. } => "Tiers are tried in order; the first that sells ends the run",
        }
    }

    /// What the address of the form said, said again by the form.
    fn hidden(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Buyer => Vec::new(),
            Self::Contract { buyer } => vec![("of", buyer.clone())],
            Self::Copy { of } => vec![("of", of.buyer.to_string()), ("like", of.to_string())],
            Self::Tier { tree: Thing::Tree(name), .. } => vec![("of", name.to_string())],
            Self::Tier { .. } => Vec::new(),
        }
    }

    /// The terms, whatever its name will be.
    fn terms(&self) -> &'static [Term] {
        self.addition("new", "").map(|addition| addition.terms()).unwrap_or_default()
    }

    /// What a form with this name and place adds; or the field that is wrong.
    fn addition(&self, name: &str, place: &str) -> Result<Addition, (&'static str, String)> {
        let no_name = || ("name", "Write 1 to 64 of a-z, A-Z, 0-9, - and _".to_owned());
        match self {
            Self::Buyer => name.parse().map(Addition::Buyer).map_err(|_| no_name()),
            Self::Contract { buyer } => format!("{buyer}/{name}").parse().map(Addition::Contract).map_err(|_| no_name()),
            Self::Copy { of } => {
                let to = format!("{}/{name}", of.buyer).parse().map_err(|_| no_name())?;
                Ok(Addition::Copy { of: of.clone(), to })
            }
            Self::Tier { tree, tiers } => {
                let number = if place.is_empty() { Some(*tiers) } else { place.parse::<usize>().ok().and_then(|place| place.checked_sub(1)) };
                match (number.filter(|place| place <= tiers), tree) {
                    (Some(place), Thing::Tree(tree)) => Ok(Addition::Tier(tree.clone(), place)),
                    _ => Err(("place", format!("Write a number from 1 to {}", tiers + 1))),
                }
            }
        }
    }

    /// Fields that are no terms of it come first.
    fn controls(&self, market: &Market, files: &Bundle, said: &dyn Fn(&str) -> String, wrong: &[(&'static str, String)]) -> Vec<Control> {
        let error = |name: &str| wrong.iter().filter(|(field, _)| *field == name).map(|(_, why)| why.as_str()).collect::<Vec<_>>().join(" ");
        let mut controls = Vec::new();
        match self {
            Self::Tier { tiers, .. } => {
                let hint = format!("1 is tried first; empty for {}, after all others", tiers + 1);
                controls.push(Control::Line(Field::new("place", "Place").with_value(said("place")).with_hint(hint).with_error(error("place"))));
            }
            _ => controls.push(Control::Line(
                Field::new("name", "Name").with_value(said("name")).with_hint("1 to 64 of a-z, A-Z, 0-9, - and _").with_error(error("name")).required(),
            )),
        }
        for term in self.terms() {
            controls.push(match (term.key, self) {
                ("vertical", _) => {
                    let options = market.parts().verticals.iter().map(|vertical| (vertical.name.to_string(), vertical.label.clone())).collect();
                    Control::Choice(Choice {
                        name: term.key,
                        label: term.label.into(),
                        options,
                        chosen: said(term.key),
                        hint: term.help.into(),
                        error: error(term.key),
                    })
                }
                _ => control(term, Some(said(term.key)), error(term.key)),
            });
        }
        if matches!(self, Self::Contract { .. } | Self::Copy { .. }) {
            let named = |tier: &Thing| (path(tier).replace("/console/market/tier/", ""), tier_label(tier));
            let options = std::iter::once((String::new(), "none: its tags say".to_owned())).chain(tiers(files).iter().map(named)).collect();
            let hint = "Which tier it is put into, by its name".into();
            controls.push(Control::Choice(Choice { name: "tier", label: "Tier".into(), options, chosen: said("tier"), hint, error: error("tier") }));
        }
        controls
    }
}

fn tier_label(tier: &Thing) -> String {
    if let Thing::Tier(tree, place) = tier { format!("{tree}, tier {}", place + 1) } else { String::new() }
}

/// All tiers of the files.
fn tiers(files: &Bundle) -> Vec<Thing> {
    let trees = files.files.keys().filter_map(|path| path.strip_prefix("trees/")?.strip_suffix(".toml")?.parse().ok());
    trees
        .map(Thing::Tree)
        .flat_map(|tree| (0..).map_while(move |place| What::tier(&tree, place)).take_while(|tier| tier.is_in(files)).collect::<Vec<_>>())
        .collect()
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(what): Path<String>, Query(asked): Query<Asked>) -> Reply {
    let (market, draft) = (desk::market(&node)?, desk::draft_or_new(&node, &visitor).await?);
    let what = What::of(&what, &asked, &node.looked_at, &draft.files)?;
    let controls = what.controls(&market, &draft.files, &|_| String::new(), &[]);
    reply::page(&view(&visitor, &what, controls, Vec::new()))
}

fn view(visitor: &Visitor, what: &What, controls: Vec<Control>, problems: Vec<String>) -> View {
    View {
        frame: Frame::of(visitor, Place::Market),
        title: what.title(),
        says: what.says().into(),
        path: format!("/console/market/new/{}", what.word()),
        hidden: what.hidden(),
        controls,
        problems,
    }
}

/// The files with what the form adds; or what is wrong, with the field that it is of.
fn added(what: &What, files: &Bundle, form: &Form) -> Result<(Bundle, Thing), NotAdded> {
    let of_field = |(field, why): (&'static str, String)| vec![(Some(field), why)];
    let addition = what.addition(form.text("name"), form.text("place")).map_err(of_field)?;
    let mut files = files.clone();
    addition.add(&mut files, &|term| form.text(term.key).to_owned())?;
    if let Thing::Contract(contract) = addition.thing()
        && !form.text("tier").is_empty()
    {
        let known = tiers(&files).into_iter().find(|tier| path(tier).ends_with(&format!("/tier/{}", form.text("tier"))));
        let tier = known.ok_or_else(|| of_field(("tier", "There is no such tier any more".into())))?;
        enlist(&mut files, &contract, &tier).map_err(|error| of_field(("tier", error.to_string())))?;
    }
    Ok((files, addition.thing()))
}

pub async fn add(State(node): State<Arc<Node>>, visitor: Visitor, Path(what): Path<String>, form: Form) -> Reply {
    let mut draft = desk::draft_or_new(&node, &visitor).await?;
    let asked = Asked { of: form.text("of").into(), like: form.text("like").into() };
    let what = What::of(&what, &asked, &node.looked_at, &draft.files)?;
    let (mut wrong, mut problems) = (Vec::new(), Vec::new());
    match added(&what, &draft.files, &form) {
        Ok((files, thing)) => match check(files.clone()).await? {
            Ok(_) => {
                draft.files = files;
                desk::keep(&node, &visitor, &draft).await?;
                return reply::done(&path(&thing), "It is in your draft. Nothing is in force yet.");
            }
            Err(all) => problems.extend(all.iter().filter(|problem| problem.is_error()).map(told)),
        },
        Err(all) => all.into_iter().for_each(|(field, why)| match field {
            Some(field) => wrong.push((field, why)),
            None => problems.push(why),
        }),
    }
    let controls = what.controls(&*desk::market(&node)?, &draft.files, &|name| form.text(name).to_owned(), &wrong);
    reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &view(&visitor, &what, controls, problems))
}

fn told(problem: &Problem) -> String {
    format!("{}: {}.", problem.what.replace('`', ""), problem.mend.replace('`', ""))
}

#[cfg(test)]
mod tests {
    use exchange::id::Revision;

    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let files = crate::demo::sample::market(9001);
        let market = Market::new(Revision(1), wire::market::read(&files).unwrap().0);
        let page = |what: &str, of: &str, like: &str, form: &[u8]| {
            let what = What::of(what, &Asked { of: of.into(), like: like.into() }, &LookedAt::default(), &files).unwrap();
            let form = Form::read(form);
            let (wrong, problems) = match added(&what, &files, &form) {
                Ok((files, _)) => (Vec::new(), wire::market::read(&files).err().unwrap_or_default().iter().map(told).collect()),
                Err(all) => (all.into_iter().filter_map(|(field, why)| Some((field?, why))).collect(), Vec::new()),
            };
            let controls = what.controls(&market, &files, &|name| form.text(name).to_owned(), &wrong);
            frame::inside(&view(&frame::sample_visitor("operations"), &what, controls, problems).render().unwrap())
        };
        insta::assert_snapshot!(page("buyer", "", "", b"name=summit&post_url=nowhere"));
        insta::assert_snapshot!(page("contract", "harbor-lending", "", b"name=a+b"));
        insta::assert_snapshot!(page("contract", "harbor-lending", "harbor-lending/west", b"name=west"));
        insta::assert_snapshot!(page("tier", "mortgage", "", b"place=9"));
        let none = |what: &str, of: &str| What::of(what, &Asked { of: of.into(), like: String::new() }, &LookedAt::default(), &files).is_err();
        assert!(none("supplier", "") && none("contract", "nobody") && none("tier", "nothing"));
    }
}
