//! What forms add to a market and take out of it: buyers, contracts, tiers.

use exchange::{
    id::{BuyerName, ContractKey, TreeName},
    tree::Mode,
};

use super::{
    bundle::Bundle,
    edit::{Given, NotEdited, Step, add, exists, remove, set, value_at},
    terms::{ORDERS, Term, TermKind, Thing, term},
};

/// What can be added. Its terms are those that it can't be without, and the first that people ask for; its own form has the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addition {
    Buyer(BuyerName),
    Contract(ContractKey),
    /// One with all terms of another.
    Copy {
        of: ContractKey,
        to: ContractKey,
    },
    /// At this place, from 0; those from there on come after it.
    Tier(TreeName, usize),
}

const BUYER: &[Term] = &[
    term("label", "Label", "What people call the buyer", TermKind::Line),
    term("credit", "Credit", "How far below zero the balance may go; empty is prepaid", TermKind::Line),
    endpoint("protocol", "Protocol", "How it is spoken to; other interfaces are set up by pingpost connect", TermKind::Words(&["native", "webhook", "email"])),
    endpoint("ping_url", "Address for pings", "Asked for bids; empty where its prices are fixed", TermKind::Line),
    endpoint("post_url", "Address for posts", "Gets the full record of a lead that it bought; mailto: for e-mails", TermKind::Line),
    endpoint("test_ping_url", "Address for test pings", "Empty for none", TermKind::Line),
    endpoint("test_post_url", "Address for test posts", "Empty for none: test leads skip it", TermKind::Line),
    endpoint("secret", "Secret", "env:NAME, read from the exchange's environment: it signs every call", TermKind::Line),
];

const CONTRACT: &[Term] = &[
    term("vertical", "Vertical", "The kind of leads that it buys", TermKind::Line),
    term("price", "Price", "bid, or a fixed price like 14.00", TermKind::Line),
    term("max_bid", "Highest bid", "Where the price is bid; empty for 10,000", TermKind::Line),
    term("filter", "Filter", "CEL over what a ping shows; empty for every lead", TermKind::Text),
    term("caps", "Caps", "Each a line: 100 per day, or 2000.00 spend per month", TermKind::Caps),
    term("tags", "Tags", "Trees take in contracts by tag; with commas", TermKind::Names),
];

const TIER: &[Term] = &[
    term("name", "Name", "What traces call the tier; empty for its number", TermKind::Line),
    term("mode", "Mode", "All asked at once, or one after the other", TermKind::Words(&[Mode::Competitive.word(), Mode::Sequential.word()])),
    term("contracts", "Contracts", "buyer/contract, or tag:NAME for all of the vertical with that tag; with commas", TermKind::Names),
    term("order", "Order", "Who comes first; not said is by price", TermKind::Words(ORDERS)),
    term("floor", "Floor", "Gross, per offer; empty for none", TermKind::Line),
    term("sale", "Sold", "exclusive, shared:3 or best:3; empty is exclusive", TermKind::Line),
    term("deadline_ms", "Deadline", "Milliseconds of the tier, or of each ping of a sequential one", TermKind::Whole),
];

const fn endpoint(key: &'static str, label: &'static str, help: &'static str, kind: TermKind) -> Term {
    Term { within: Some("endpoint"), ..term(key, label, help, kind) }
}

/// Why it wasn't added: the term, and what is wrong with what was said of it; no term where it isn't one's.
pub type NotAdded = Vec<(Option<&'static str>, String)>;

impl Addition {
    #[must_use]
    pub fn terms(&self) -> &'static [Term] {
        match self {
            Self::Buyer(_) => BUYER,
            Self::Contract(_) => CONTRACT,
            Self::Copy { .. } => &[],
            Self::Tier(..) => TIER,
        }
    }

    /// What it is once it was added.
    #[must_use]
    pub fn thing(&self) -> Thing {
        match self {
            Self::Buyer(name) => Thing::Buyer(name.clone()),
            Self::Contract(key) | Self::Copy { to: key, .. } => Thing::Contract(key.clone()),
            Self::Tier(tree, place) => Thing::Tier(tree.clone(), *place),
        }
    }

    /// Adds it with what a form says of each term.
    pub fn add(&self, bundle: &mut Bundle, said: &dyn Fn(&Term) -> String) -> Result<(), NotAdded> {
        let (mut values, mut wrong) = (Vec::new(), Vec::new());
        for term in self.terms() {
            match term.value_of(said(term).replace("\r\n", "\n").trim()) {
                Ok(value) => values.extend(value.map(|value| (term, value))),
                Err(unfit) => wrong.push((Some(term.key), unfit.to_string())),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let of_it = |why: String| vec![(None, why)];
        match self {
            Self::Buyer(name) => add_buyer(bundle, name, &values),
            Self::Copy { of, to } => copied(bundle, of).and_then(|values| add_table(bundle, &Thing::Contract(to.clone()), &values)),
            Self::Contract(_) | Self::Tier(..) => {
                let values: Vec<_> = values.into_iter().map(|(term, value)| (term.key.to_owned(), value)).collect();
                add_table(bundle, &self.thing(), &values)
            }
        }
        .map_err(of_it)
    }
}

fn add_buyer(bundle: &mut Bundle, name: &BuyerName, values: &[(&Term, Given)]) -> Result<(), String> {
    let file = Thing::Buyer(name.clone()).file();
    if bundle.files.contains_key(&file) {
        return Err(format!("there is a buyer {name} already: take another name"));
    }
    let path = |term: &Term| term.within.into_iter().chain([term.key]).map(|key| Step::Key(key.into())).collect::<Vec<_>>();
    let filled = |text: String, (term, value): &(&Term, Given)| set(&text, &path(term), Some(value));
    let text = values.iter().try_fold("\n[endpoint]\n".to_owned(), filled).map_err(|error| error.to_string())?;
    bundle.files.insert(file, text.trim_start().to_owned());
    Ok(())
}

fn add_table(bundle: &mut Bundle, thing: &Thing, values: &[(String, Given)]) -> Result<(), String> {
    let file = thing.file();
    let text = bundle.files.get_mut(&file).ok_or_else(|| format!("there is no {file}"))?;
    if matches!(thing, Thing::Contract(_)) && exists(text, &thing.place()) {
        return Err("the buyer has a contract of this name already: take another".into());
    }
    *text = add(text, &thing.place(), values).map_err(|error| error.to_string())?;
    Ok(())
}

/// The values of a contract. That its buyer has paused it isn't one of them.
fn copied(bundle: &Bundle, of: &ContractKey) -> Result<Vec<(String, Given)>, String> {
    let thing = Thing::Contract(of.clone());
    match bundle.files.get(&thing.file()).and_then(|text| value_at(text, &thing.place())) {
        Some(Given::Table(values)) => Ok(values.into_iter().filter(|(key, _)| key != "paused_by_buyer").collect()),
        _ => Err(format!("there is no contract {of} to copy")),
    }
}

/// Puts a contract into a tier, by its own name.
pub fn enlist(bundle: &mut Bundle, contract: &ContractKey, tier: &Thing) -> Result<(), NotEdited> {
    let file = tier.file();
    let text = bundle.files.get_mut(&file).ok_or(NotEdited::NoSuchPlace(file))?;
    let path = contracts_of(tier);
    let Some(Given::List(mut entries)) = value_at(text, &path) else { return Err(NotEdited::NoSuchPlace("contracts".into())) };
    let entry = Given::Text(contract.to_string());
    if !entries.contains(&entry) {
        entries.push(entry);
    }
    *text = set(text, &path, Some(&Given::List(entries)))?;
    Ok(())
}

fn contracts_of(tier: &Thing) -> Vec<Step> {
    let mut path = tier.place();
    path.push(Step::Key("contracts".into()));
    path
}

/// Takes a contract out, of the tiers that name it too; or a tier.
pub fn take_out(bundle: &mut Bundle, thing: &Thing) -> Result<(), NotEdited> {
    let file = thing.file();
    let text = bundle.files.get_mut(&file).ok_or(NotEdited::NoSuchPlace(file))?;
    *text = remove(text, &thing.place())?;
    if let Thing::Contract(contract) = thing {
        let entry = Given::Text(contract.to_string());
        for (_, text) in bundle.files.iter_mut().filter(|(path, _)| path.starts_with("trees/")) {
            let tiers = (0..).map(|place| vec![Step::Key("tiers".into()), Step::Place(place), Step::Key("contracts".into())]);
            for path in tiers {
                let Some(Given::List(mut entries)) = value_at(text, &path) else { break };
                let before = entries.len();
                entries.retain(|known| *known != entry);
                if entries.len() < before {
                    *text = set(text, &path, Some(&Given::List(entries)))?;
                }
            }
        }
    }
    Ok(())
}
