//! `/console/market/{kind}/…`: the form of a contract, a buyer, a supplier, a tree or one of its tiers. What it changes becomes a draft.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use exchange::{
    id::ContractKey,
    market::{Market, MarketParts},
    permission::Permission,
};
use wire::market::{Bundle, InFile, Problem, Term, TermKind, Thing, take_out};

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
    area::{Area, Flag},
    card::Card,
    desk, meters,
};
use crate::{clock, market_draft::Draft, node::Node};

#[derive(Template)]
#[template(path = "console/market/thing.html")]
struct View {
    frame: Frame,
    title: String,
    path: String,
    file: String,
    /// The draft that is being worked on.
    draft: Option<String>,
    may_change: bool,
    /// What the form shows of each term before anything is typed: what is sent as it was shown isn't changed.
    was: Shown,
    controls: Vec<Control>,
    /// What is wrong beside the fields.
    problems: Vec<String>,
    card: Option<Card>,
    trees: Vec<String>,
    /// What is made of it: a label and a path.
    makes: Option<(&'static str, String)>,
    /// Where it is taken out, if it can be.
    remove: Option<String>,
}

pub(super) enum Control {
    Line(Field),
    Area(Area),
    Flag(Flag),
    Choice(Choice),
    /// What no form can show.
    Fixed {
        label: String,
        hint: String,
    },
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path((kind, name)): Path<(String, String)>) -> Reply {
    show(&node, &visitor, &named(&kind, &name)?).await
}

pub async fn page_of_part(State(node): State<Arc<Node>>, visitor: Visitor, Path((kind, name, part)): Path<(String, String, String)>) -> Reply {
    show(&node, &visitor, &named_part(&kind, &name, &part)?).await
}

pub async fn change(State(node): State<Arc<Node>>, visitor: Visitor, Path((kind, name)): Path<(String, String)>, form: Form) -> Reply {
    keep(&node, &visitor, named(&kind, &name)?, &form).await
}

pub async fn change_part(State(node): State<Arc<Node>>, visitor: Visitor, Path((kind, name, part)): Path<(String, String, String)>, form: Form) -> Reply {
    keep(&node, &visitor, named_part(&kind, &name, &part)?, &form).await
}

pub(super) fn nothing() -> Failed {
    Failed::not_found("The market has nothing of this name.")
}

fn named(kind: &str, name: &str) -> Result<Thing, Failed> {
    let thing = match kind {
        "buyer" => name.parse().ok().map(Thing::Buyer),
        "supplier" => name.parse().ok().map(Thing::Supplier),
        "tree" => name.parse().ok().map(Thing::Tree),
        _ => None,
    };
    thing.ok_or_else(nothing)
}

fn named_part(kind: &str, name: &str, part: &str) -> Result<Thing, Failed> {
    let thing = match kind {
        "contract" => format!("{name}/{part}").parse::<ContractKey>().ok().map(Thing::Contract),
        // From 1, as people count.
        "tier" => name.parse().ok().zip(part.parse::<usize>().ok().and_then(|place| place.checked_sub(1))).map(|(tree, place)| Thing::Tier(tree, place)),
        _ => None,
    };
    thing.ok_or_else(nothing)
}

pub(super) fn path(thing: &Thing) -> String {
    match thing {
        Thing::Contract(key) => format!("/console/market/contract/{key}"),
        Thing::Buyer(name) => format!("/console/market/buyer/{name}"),
        Thing::Supplier(name) => format!("/console/market/supplier/{name}"),
        Thing::Tree(name) => format!("/console/market/tree/{name}"),
        Thing::Tier(tree, place) => format!("/console/market/tier/{tree}/{}", place + 1),
    }
}

fn title(thing: &Thing) -> String {
    match thing {
        Thing::Contract(key) => format!("Contract {key}"),
        Thing::Buyer(name) => format!("Buyer {name}"),
        Thing::Supplier(name) => format!("Supplier {name}"),
        Thing::Tree(name) => format!("Tree {name}"),
        Thing::Tier(tree, place) => format!("Tier {} of {tree}", place + 1),
    }
}

async fn show(node: &Arc<Node>, visitor: &Visitor, thing: &Thing) -> Reply {
    let market = desk::market(node)?;
    let draft = desk::draft_of(node, visitor).await?;
    let found = match &draft {
        Some(draft) => node.looked_at.thing(thing, &draft.files),
        None => node.looked_at.thing(thing, &desk::in_force(node).await?.files),
    };
    let found = found.ok_or_else(nothing)?;
    let (card, trees) = as_it_is(node, &market, thing).await;
    let controls = controls(thing, &|term| found.shown(term), &|_| String::new());
    reply::page(&view(visitor, thing, draft.as_ref(), (shown(thing, &found), controls), Vec::new(), (card, trees)))
}

fn view(
    visitor: &Visitor,
    thing: &Thing,
    draft: Option<&Draft>,
    (was, controls): (Shown, Vec<Control>),
    problems: Vec<String>,
    (card, trees): (Option<Card>, Vec<String>),
) -> View {
    View {
        frame: Frame::of(visitor, Place::Market),
        title: title(thing),
        path: path(thing),
        file: thing.file(),
        draft: draft.filter(|draft| draft.version > 0).map(|draft| draft.id.to_string()),
        may_change: visitor.may(Permission::ChangeMarket),
        was,
        controls,
        problems,
        card,
        trees,
        makes: makes(thing),
        remove: matches!(thing, Thing::Contract(_) | Thing::Tier(..)).then(|| path(thing).replace("/console/market/", "/console/market/remove/")),
    }
}

/// What a form shows of each term, by its key.
type Shown = Vec<(&'static str, String)>;

fn shown(thing: &Thing, found: &InFile<'_>) -> Shown {
    thing.terms().iter().filter_map(|term| Some((term.key, found.shown(term)?))).collect()
}

fn makes(thing: &Thing) -> Option<(&'static str, String)> {
    match thing {
        Thing::Contract(key) => Some(("Copy", format!("/console/market/new/contract?of={}&like={key}", key.buyer))),
        Thing::Buyer(name) => Some(("New contract", format!("/console/market/new/contract?of={name}"))),
        Thing::Tree(name) => Some(("New tier", format!("/console/market/new/tier?of={name}"))),
        Thing::Supplier(_) | Thing::Tier(..) => None,
    }
}

/// A contract or a tier is taken out of the draft.
pub async fn remove(State(node): State<Arc<Node>>, visitor: Visitor, Path((kind, name, part)): Path<(String, String, String)>) -> Reply {
    let thing = named_part(&kind, &name, &part)?;
    let mut draft = desk::draft_or_new(&node, &visitor).await?;
    if !thing.is_in(&draft.files) {
        return Err(nothing());
    }
    take_out(&mut draft.files, &thing).map_err(|error| Failed::Refused(format!("It can't be taken out here: {error}. Change it in its file.")))?;
    if let Err(problems) = check(draft.files.clone()).await? {
        let told: Vec<String> = problems.iter().filter(|problem| problem.is_error()).map(ToString::to_string).collect();
        return Err(Failed::Refused(format!("It can't be taken out: {}", told.join(" "))));
    }
    desk::keep(&node, &visitor, &draft).await?;
    reply::done(&format!("/console/market/drafts/{}", draft.id), "It is taken out of your draft. Nothing is in force yet.")
}

/// A contract as it is in force, and the trees that it is in.
async fn as_it_is(node: &Arc<Node>, market: &Arc<Market>, thing: &Thing) -> (Option<Card>, Vec<String>) {
    match thing {
        Thing::Contract(key) => {
            let Some(index) = market.contract_index(key) else { return (None, Vec::new()) };
            let facts = meters::facts(node, market, &[index]).await;
            let trees = market.parts().trees.iter().filter(|tree| tree.tiers.iter().any(|tier| tier.contracts.contains(&index)));
            (Some(Card::of(market, index, &facts, clock::now())), trees.map(|tree| tree.name.to_string()).collect())
        }
        Thing::Tree(name) | Thing::Tier(name, _) => (None, vec![name.to_string()]),
        Thing::Buyer(_) | Thing::Supplier(_) => (None, Vec::new()),
    }
}

fn controls(thing: &Thing, shown: &dyn Fn(&Term) -> Option<String>, error: &dyn Fn(&Term) -> String) -> Vec<Control> {
    thing.terms().iter().map(|term| control(term, shown(term), error(term))).collect()
}

pub(super) fn control(term: &Term, shown: Option<String>, error: String) -> Control {
    let (label, hint) = (term.label.to_owned(), term.help.to_owned());
    let Some(value) = shown else { return Control::Fixed { label, hint: "Written in a way that no form has: change it in its file".into() } };
    match term.kind {
        TermKind::Line | TermKind::Whole | TermKind::Names | TermKind::Sources | TermKind::Percent => {
            Control::Line(Field { name: term.key.into(), label, value, hint, error, ..Field::default() })
        }
        TermKind::Text | TermKind::Lines | TermKind::Caps | TermKind::Leave => Control::Area(Area { name: term.key, label, value, hint, error }),
        TermKind::Flag => Control::Flag(Flag { name: term.key, label, is_checked: value == "true", hint, error }),
        TermKind::Words(words) => {
            let named = |word: &&str| ((*word).to_owned(), word.replace('_', " "));
            let options = std::iter::once((String::new(), "not said".to_owned())).chain(words.iter().map(named)).collect();
            Control::Choice(Choice { name: term.key, label, options, chosen: value, hint, error })
        }
    }
}

/// The files with what the form says, and what is wrong with it.
struct Said {
    files: Bundle,
    unfit: Vec<(&'static str, String)>,
}

fn said(thing: &Thing, files: &Bundle, found: &InFile<'_>, form: &Form) -> Said {
    let mut said = Said { files: files.clone(), unfit: Vec::new() };
    for term in thing.terms() {
        // What the form could not show, it doesn't change; nor what was sent as it was shown.
        let Some(now) = found.shown(term).map(|now| in_lines(&now)) else { continue };
        let (typed, was) = (in_lines(form.text(term.key)), was(form, term).unwrap_or_else(|| now.clone()));
        if typed == was {
            continue;
        }
        if was != now && typed != now {
            said.unfit.push((term.key, changed_meanwhile(&now)));
            continue;
        }
        if let Err(wrong) = thing.set(&mut said.files, term, form.text(term.key)) {
            said.unfit.push((term.key, wrong.to_string()));
        }
    }
    said
}

/// What the form showed of a term, if it says so.
fn was(form: &Form, term: &Term) -> Option<String> {
    let name = format!("was:{}", term.key);
    form.all(&name).next().map(in_lines)
}

/// A browser ends lines in its own way.
fn in_lines(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

fn changed_meanwhile(now: &str) -> String {
    let what = if now.is_empty() { "taken out".to_owned() } else { format!("changed to {now:?}") };
    format!("It was {what} since this form was shown: look at it again.")
}

/// Checks the whole market with the change; keeps it in the person's draft if it is in order.
async fn keep(node: &Arc<Node>, visitor: &Visitor, thing: Thing, form: &Form) -> Reply {
    let mut draft = desk::draft_or_new(node, visitor).await?;
    let found = node.looked_at.thing(&thing, &draft.files).ok_or_else(nothing)?;
    let said = said(&thing, &draft.files, &found, form);
    if said.unfit.is_empty() && said.files == draft.files {
        return reply::done(&path(&thing), "Nothing was changed.");
    }
    let problems = match check(said.files.clone()).await? {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().filter(Problem::is_error).collect(),
    };
    if !problems.is_empty() || !said.unfit.is_empty() {
        return again(node, visitor, (&thing, &found), &draft, &said, &problems, form).await;
    }
    draft.files = said.files;
    desk::keep(node, visitor, &draft).await?;
    reply::done(&format!("/console/market/drafts/{}", draft.id), "The change is in your draft. Nothing is in force yet.")
}

/// Takes long where the market is large: off the async threads.
pub async fn check(files: Bundle) -> Result<Result<(MarketParts, Vec<Problem>), Vec<Problem>>, Failed> {
    tokio::task::spawn_blocking(move || wire::market::read(&files)).await.map_err(|_| Failed::Unavailable)
}

/// The form once more, each mistake beside its field.
async fn again(
    node: &Arc<Node>,
    visitor: &Visitor,
    (thing, found): (&Thing, &InFile<'_>),
    draft: &Draft,
    said: &Said,
    problems: &[Problem],
    form: &Form,
) -> Reply {
    let of_term = |term: &Term| {
        let of_check = problems.iter().filter(|problem| thing.term_of(&said.files, problem).is_some_and(|found| found.key == term.key));
        let told = of_check.map(|problem| format!("{}: {}.", problem.what.replace('`', ""), problem.mend.replace('`', "")));
        let unfit = said.unfit.iter().filter(|(key, _)| *key == term.key).map(|(_, wrong)| wrong.clone());
        unfit.chain(told).collect::<Vec<_>>().join(" ")
    };
    let elsewhere = problems.iter().filter(|problem| thing.term_of(&said.files, problem).is_none()).map(ToString::to_string).collect();
    let typed = |term: &Term| {
        let (now, typed) = (found.shown(term)?, form.text(term.key));
        Some(if was(form, term).is_some_and(|was| was == in_lines(typed)) { now } else { typed.to_owned() })
    };
    let market = desk::market(node)?;
    let (card, trees) = as_it_is(node, &market, thing).await;
    let fields = (shown(thing, found), controls(thing, &typed, &of_term));
    let view = view(visitor, thing, Some(draft), fields, elsewhere, (card, trees));
    reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    fn rendered(thing: &Thing, form: Option<&Form>) -> String {
        let files = crate::demo::sample::market(9001);
        let found = thing.in_file(&files).unwrap();
        let said = form.map(|form| said(thing, &files, &found, form));
        let problems = said.as_ref().map(|said| wire::market::read(&said.files).err().unwrap_or_default()).unwrap_or_default();
        let error = |term: &Term| {
            let of_term =
                said.iter().flat_map(|said| problems.iter().filter(|problem| thing.term_of(&said.files, problem).is_some_and(|found| found.key == term.key)));
            of_term.map(|problem| problem.what.clone()).collect::<Vec<_>>().join(" ")
        };
        let controls = controls(thing, &|term| found.shown(term), &error);
        let fields = (shown(thing, &found), controls);
        view(&frame::sample_visitor("operations"), thing, None, fields, Vec::new(), (None, vec!["mortgage".into()])).render().unwrap()
    }

    #[test]
    fn render() {
        insta::assert_snapshot!(frame::inside(&rendered(&Thing::Contract("harbor-lending/west".parse().unwrap()), None)));
        insta::assert_snapshot!(frame::inside(&rendered(&Thing::Tier("debt-relief".parse().unwrap(), 1), None)));
        let form = Form::read(b"min_price=much&percent=200&min=1.00");
        insta::assert_snapshot!(frame::inside(&rendered(&Thing::Supplier("dreamy-leads".parse().unwrap()), Some(&form))));
    }

    #[test]
    fn every_thing_has_its_own_path() {
        for thing in [
            Thing::Contract("a/b".parse().unwrap()),
            Thing::Buyer("a".parse().unwrap()),
            Thing::Supplier("a".parse().unwrap()),
            Thing::Tree("a".parse().unwrap()),
            Thing::Tier("a".parse().unwrap(), 2),
        ] {
            let path = path(&thing);
            let steps: Vec<&str> = path.split('/').skip(3).collect();
            let found = match steps[..] {
                [kind, name] => named(kind, name),
                [kind, name, part] => named_part(kind, name, part),
                _ => Err(nothing()),
            };
            assert_eq!(found.ok(), Some(thing), "{path}");
        }
        assert!(named("contract", "a").is_err() && named_part("tier", "a", "0").is_err() && named_part("buyer", "a", "b").is_err());
    }
}
