//! The terms of a market that people change every day, as fields of a form: their words, and how their texts become values.

use std::sync::Arc;

use exchange::{
    cap::Period,
    id::{BuyerName, ContractKey, SupplierName, TreeName},
    market::MarketParts,
    money::{Currency, Money},
    self_service::{Change, PriceKey},
    tree::Order,
};

use super::{
    bundle::Bundle,
    edit::{Document, Given, NotEdited, Step, set, value_at},
    problem::Problem,
    source::Source,
};

/// What a form is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    Contract(ContractKey),
    Buyer(BuyerName),
    Supplier(SupplierName),
    Tree(TreeName),
    /// By its place, from 0.
    Tier(TreeName, usize),
}

/// One field of a form.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// Its key in the file, and in the form.
    pub key: &'static str,
    pub label: &'static str,
    /// What to write.
    pub help: &'static str,
    pub kind: TermKind,
    /// The small table that it stands in.
    pub(super) within: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// A text of one line; amounts too, which market files have in quotes.
    Line,
    /// A text of any length.
    Text,
    Whole,
    Flag,
    /// Names, with commas between them.
    Names,
    /// A list of texts, each a line.
    Lines,
    /// Each a line: `100 per day`, `2000.00 spend per month`.
    Caps,
    /// `allow a, b` or `deny a, b`.
    Sources,
    /// What a buyer may change, each a line: `pause`, `price 5.00 to 40.00`.
    Leave,
    /// A percentage: whole, or with decimals.
    Percent,
    /// One of these, or none.
    Words(&'static [&'static str]),
}

pub(super) const fn term(key: &'static str, label: &'static str, help: &'static str, kind: TermKind) -> Term {
    Term { key, label, help, kind, within: None }
}

pub(super) const ORDERS: &[&str] = &{
    let mut words = [""; Order::WORDS.len()];
    let mut place = 0;
    while place < words.len() {
        words[place] = Order::WORDS[place].0;
        place += 1;
    }
    words
};

const CONTRACT: &[Term] = &[
    term("paused", "Paused", "It stays in its trees, but is offered nothing", TermKind::Flag),
    term("paused_by_buyer", "Paused by its buyer", "The buyer's own switch, where it is left to it", TermKind::Flag),
    term("price", "Price", "bid, or a fixed price like 14.00", TermKind::Line),
    term("shared_price", "Price of a share", "Where the price is fixed; empty for none", TermKind::Line),
    term("max_bid", "Highest bid", "Where the price is bid; empty for 10,000", TermKind::Line),
    term("filter", "Filter", "CEL over what a ping shows; empty for every lead", TermKind::Text),
    term("caps", "Caps", "Each a line: 100 per day, or 2000.00 spend per month", TermKind::Caps),
    term("hours", "Hours", "Each a line: mon-fri 08:00-18:00; empty for always", TermKind::Lines),
    term("suppliers", "Suppliers", "allow a, b or deny a, b; empty for all", TermKind::Sources),
    term("priority", "Priority", "1 is first; empty is last", TermKind::Whole),
    term("weight", "Weight", "Its part of draws by weight; empty for 1", TermKind::Whole),
    term("tags", "Tags", "Trees take in contracts by tag; with commas", TermKind::Names),
    term(
        "self_service",
        "Left to the buyer",
        "Each a line: pause, or a price with its bounds: price 5.00 to 40.00, or shared_price, or max_bid; empty for nothing",
        TermKind::Leave,
    ),
];

const BUYER: &[Term] = &[
    term("credit", "Credit", "How far below zero the balance may go; 0 is prepaid", TermKind::Line),
    term("suspended", "Suspended", "None of its contracts is offered anything", TermKind::Flag),
];

const SUPPLIER: &[Term] = &[
    Term { within: Some("margin"), ..term("percent", "Margin in percent", "Of each sale, rounded up to the cent", TermKind::Percent) },
    Term { within: Some("margin"), ..term("min", "Margin at least", "An amount per sale; empty for none", TermKind::Line) },
    term("min_price", "Lowest price", "Net, per lead: below it a lead isn't sold; empty for none", TermKind::Line),
    term("suspended", "Suspended", "Its keys are refused", TermKind::Flag),
];

const TREE: &[Term] = &[
    term("deadline_ms", "Deadline", "Milliseconds of the auction, all tiers together", TermKind::Whole),
    term("max_disclosures", "Disclosures", "How many buyers may get the contact at most", TermKind::Whole),
    term("show_winning_price", "Show the winning price", "Buyers that lost a lead see what it was sold at, never to whom", TermKind::Flag),
];

const TIER: &[Term] = &[
    term("floor", "Floor", "Gross, per offer; empty for none", TermKind::Line),
    term("deadline_ms", "Deadline", "Milliseconds of the tier, or of each ping of a sequential one", TermKind::Whole),
    term("order", "Order", "Who comes first", TermKind::Words(ORDERS)),
];

impl Thing {
    #[must_use]
    pub fn file(&self) -> String {
        match self {
            Self::Contract(key) => format!("buyers/{}.toml", key.buyer),
            Self::Buyer(name) => format!("buyers/{name}.toml"),
            Self::Supplier(name) => format!("suppliers/{name}.toml"),
            Self::Tree(name) | Self::Tier(name, _) => format!("trees/{name}.toml"),
        }
    }

    #[must_use]
    pub fn terms(&self) -> &'static [Term] {
        match self {
            Self::Contract(_) => CONTRACT,
            Self::Buyer(_) => BUYER,
            Self::Supplier(_) => SUPPLIER,
            Self::Tree(_) => TREE,
            Self::Tier(..) => TIER,
        }
    }

    /// The way to it in its file.
    pub(super) fn place(&self) -> Vec<Step> {
        match self {
            Self::Contract(key) => vec![Step::Key("contracts".into()), Step::Key(key.name.to_string())],
            Self::Tier(_, place) => vec![Step::Key("tiers".into()), Step::Place(*place)],
            Self::Buyer(_) | Self::Supplier(_) | Self::Tree(_) => Vec::new(),
        }
    }

    fn path(&self, term: &Term) -> Vec<Step> {
        let mut path = self.place();
        path.extend(term.within.map(|within| Step::Key(within.into())));
        path.push(Step::Key(term.key.into()));
        path
    }

    fn path_of(&self, key: &str) -> Vec<Step> {
        let mut path = self.place();
        path.push(Step::Key(key.into()));
        path
    }

    /// Whether the files have it.
    #[must_use]
    pub fn is_in(&self, bundle: &Bundle) -> bool {
        let Some(text) = bundle.files.get(&self.file()) else { return false };
        let place = self.place();
        place.is_empty() || super::edit::exists(text, &place)
    }

    /// The thing as its file has it; none where the files don't have it.
    #[must_use]
    pub fn in_file(&self, bundle: &Bundle) -> Option<InFile<'_>> {
        self.in_document(Arc::new(Document::of(bundle.files.get(&self.file())?)?))
    }

    /// The same of its file when that was read before.
    #[must_use]
    pub fn in_document(&self, document: Arc<Document>) -> Option<InFile<'_>> {
        let place = self.place();
        (place.is_empty() || document.has(&place)).then_some(InFile { thing: self, document })
    }

    /// Sets a term to what a form says. Nothing changes where that is what the form was shown.
    pub fn set(&self, bundle: &mut Bundle, term: &Term, said: &str) -> Result<(), Unfit> {
        let said = said.replace("\r\n", "\n");
        let said = said.trim();
        if self.in_file(bundle).and_then(|found| found.shown(term)).as_deref() == Some(said) {
            return Ok(());
        }
        let file = self.file();
        let Some(text) = bundle.files.get_mut(&file) else { return Err(NotEdited::NoSuchPlace(file).into()) };
        *text = set(text, &self.path(term), term.value_of(said)?.as_ref())?;
        Ok(())
    }

    /// The term that a problem is about.
    #[must_use]
    pub fn term_of(&self, bundle: &Bundle, problem: &Problem) -> Option<&'static Term> {
        let file = self.file();
        let text = bundle.files.get(&file).filter(|_| problem.file == file)?;
        let source = Source::parse(&file, text).ok()?;
        // What is missing has no line of its own: it is told at the table's.
        let own_line = match self {
            Self::Contract(key) => lines_of(&source, &[Step::Key("contracts".into()), Step::Key(key.name.to_string())]).map_or(1, |(first, _)| first),
            _ => 1,
        };
        let is_missing = |term: &&Term| problem.line == own_line && problem.what.contains(&format!("{}` is missing", term.key));
        let missing = self.terms().iter().find(is_missing);
        missing.or_else(|| self.at_line(&source, problem.line))
    }

    fn at_line(&self, source: &Source<'_>, line: usize) -> Option<&'static Term> {
        self.terms().iter().find(|term| lines_of(source, &self.path(term)).is_some_and(|(first, last)| (first..=last).contains(&line)))
    }
}

/// Sets in a contract what its buyer has changed of it.
pub fn set_changes(bundle: &mut Bundle, contract: &ContractKey, changes: &[Change], currency: Currency) -> Result<(), NotEdited> {
    let thing = Thing::Contract(contract.clone());
    let file = thing.file();
    let Some(text) = bundle.files.get_mut(&file) else { return Err(NotEdited::NoSuchPlace(file)) };
    for change in changes {
        let (key, value) = match change {
            // Resumed, it says nothing of a pause any more.
            Change::Paused(paused) => ("paused_by_buyer", paused.then_some(Given::Truth(true))),
            Change::Price { key, to, .. } => (key.word(), Some(Given::Text(amount(*to, currency)))),
        };
        *text = set(text, &thing.path_of(key), value.as_ref())?;
    }
    Ok(())
}

/// What a buyer may change by itself of a contract that both have, and that `after` has otherwise than `before`, the market in force.
#[must_use]
pub fn of_buyers(in_force: &MarketParts, before: &Bundle, after: &Bundle) -> Vec<(ContractKey, &'static str)> {
    let left = in_force.contracts.iter().filter(|contract| contract.self_service.is_any());
    let changed = left.filter_map(|contract| {
        let thing = Thing::Contract(contract.key.clone());
        let (old, new) = (before.files.get(&thing.file())?, after.files.get(&thing.file())?);
        let keys = contract.self_service.pause.then_some("paused_by_buyer").into_iter().chain(contract.self_service.prices.keys().map(|key| key.word()));
        let differs = |key: &&str| value_at(old, &thing.path_of(key)) != value_at(new, &thing.path_of(key));
        (old != new && thing.is_in(after)).then(|| keys.filter(differs).map(|key| (contract.key.clone(), key)).collect::<Vec<_>>())
    });
    changed.flatten().collect()
}

/// As market files have it: with no more decimals than the currency.
fn amount(money: Money, currency: Currency) -> String {
    let text = money.to_string();
    if currency.decimals() == 0 { text.trim_end_matches(".00").to_owned() } else { text }
}

/// Why a text can't be a term's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("{0}")]
    NotRead(String),
    #[error(transparent)]
    NotEdited(#[from] NotEdited),
}

impl Term {
    fn text_of(&self, value: &Given) -> Option<String> {
        let texts = |entries: &[Given], between: &str| {
            let text = |entry: &Given| if let Given::Text(text) = entry { Some(text.clone()) } else { None };
            entries.iter().map(text).collect::<Option<Vec<_>>>().map(|texts| texts.join(between))
        };
        match (self.kind, value) {
            (TermKind::Line | TermKind::Text | TermKind::Percent | TermKind::Words(_) | TermKind::Whole, Given::Text(text)) => Some(text.trim().to_owned()),
            (TermKind::Whole | TermKind::Percent, Given::Whole(number)) => Some(number.to_string()),
            (TermKind::Flag, Given::Truth(truth)) => Some(if *truth { "true".into() } else { String::new() }),
            (TermKind::Names, Given::List(entries)) => texts(entries, ", "),
            (TermKind::Lines, Given::List(entries)) => texts(entries, "\n"),
            (TermKind::Caps, Given::List(caps)) => caps.iter().map(cap_text).collect::<Option<Vec<_>>>().map(|caps| caps.join("\n")),
            (TermKind::Sources, Given::Table(pairs)) => match &pairs[..] {
                [(way, Given::List(names))] if way == "allow" || way == "deny" => Some(format!("{way} {}", texts(names, ", ")?)),
                _ => None,
            },
            (TermKind::Leave, Given::Table(pairs)) => left_text(pairs),
            _ => None,
        }
    }

    /// What a text says, none for nothing. What is no number stays a text: the check of the market says what it should be.
    pub(super) fn value_of(&self, said: &str) -> Result<Option<Given>, Unfit> {
        let names = |said: &str| said.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| Given::Text(name.into())).collect();
        Ok(match self.kind {
            TermKind::Flag => Some(Given::Truth(said == "true")),
            _ if said.is_empty() => None,
            TermKind::Line | TermKind::Text | TermKind::Words(_) => Some(Given::Text(said.into())),
            TermKind::Whole | TermKind::Percent => Some(said.parse().map_or_else(|_| Given::Text(said.into()), Given::Whole)),
            TermKind::Names => Some(Given::List(names(said))),
            TermKind::Lines => Some(Given::List(lines(said).map(|line| Given::Text(line.into())).collect())),
            TermKind::Caps => Some(Given::List(lines(said).map(cap_of).collect::<Result<_, _>>()?)),
            TermKind::Leave => Some(left_of(said)?),
            TermKind::Sources => {
                let wrong = || Unfit::NotRead(format!("{said:?} names no suppliers: write allow a, b or deny a, b"));
                let (way, named) = said.split_once(char::is_whitespace).ok_or_else(wrong)?;
                if !["allow", "deny"].contains(&way) {
                    return Err(wrong());
                }
                Some(Given::Table(vec![(way.into(), Given::List(names(named)))]))
            }
        })
    }
}

fn lines(said: &str) -> impl Iterator<Item = &str> {
    said.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn cap_text(cap: &Given) -> Option<String> {
    let Given::Table(pairs) = cap else { return None };
    let at = |key: &str| pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value);
    let Given::Text(per) = at("per")? else { return None };
    match (at("count"), at("spend"), pairs.len()) {
        (Some(Given::Whole(count)), None, 2) => Some(format!("{count} per {per}")),
        (None, Some(Given::Text(spend)), 2) => Some(format!("{spend} spend per {per}")),
        _ => None,
    }
}

fn cap_of(line: &str) -> Result<Given, Unfit> {
    let periods = Period::WORDS.map(|(word, _)| word).join(", ");
    let wrong = || Unfit::NotRead(format!("{line:?} is no cap: write 100 per day, or 2000.00 spend per month (per {periods})"));
    let words: Vec<&str> = line.split_whitespace().collect();
    let (limit, per) = match words[..] {
        [count, "per", per] => (("count".to_owned(), Given::Whole(count.parse().map_err(|_| wrong())?)), per),
        [spend, "spend", "per", per] => (("spend".to_owned(), Given::Text(spend.into())), per),
        _ => return Err(wrong()),
    };
    Ok(Given::Table(vec![limit, ("per".into(), Given::Text(per.into()))]))
}

fn left_text(pairs: &[(String, Given)]) -> Option<String> {
    let line = |(key, value): &(String, Given)| match (key.as_str(), value) {
        ("pause", Given::Truth(pause)) => Some(if *pause { key.clone() } else { String::new() }),
        (_, Given::Table(bounds)) => {
            let at = |name: &str| bounds.iter().find_map(|(key, value)| if let Given::Text(text) = value { (key == name).then(|| text.trim()) } else { None });
            (bounds.len() == 2).then(|| Some(format!("{key} {} to {}", at("min")?, at("max")?))).flatten()
        }
        _ => None,
    };
    let told: Vec<String> = pairs.iter().map(line).collect::<Option<_>>()?;
    Some(told.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
}

fn left_of(said: &str) -> Result<Given, Unfit> {
    let left = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["pause"] => Ok(("pause".to_owned(), Given::Truth(true))),
            [key, min, "to", max] if PriceKey::of_word(key).is_some() => {
                Ok((key.to_owned(), Given::Table(vec![("min".into(), Given::Text(min.into())), ("max".into(), Given::Text(max.into()))])))
            }
            _ => Err(Unfit::NotRead(format!("{line:?} leaves nothing to anybody: write pause, or price 5.00 to 40.00 (or shared_price, or max_bid)"))),
        }
    };
    let mut table: Vec<(String, Given)> = Vec::new();
    for line in lines(said) {
        let (key, value) = left(line)?;
        if table.iter().any(|(known, _)| *known == key) {
            return Err(Unfit::NotRead(format!("{key} stands here twice: keep one line of it")));
        }
        table.push((key, value));
    }
    Ok(Given::Table(table))
}

/// The first and last line of what stands at a path.
fn lines_of(source: &Source<'_>, path: &[Step]) -> Option<(usize, usize)> {
    let mut table = &source.table;
    let mut steps = path.iter().peekable();
    while let Some(step) = steps.next() {
        let Step::Key(key) = step else { return None };
        let (key, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
        let value = match steps.peek() {
            None => return Some((source.lines.at(key.span().start), source.lines.at(value.span().end.saturating_sub(1)))),
            Some(Step::Place(place)) => {
                steps.next();
                value.get_ref().as_array()?.get(*place)?.get_ref()
            }
            Some(Step::Key(_)) => value.get_ref(),
        };
        table = value.as_table()?;
    }
    None
}

/// A thing in its file, which is read once for all of its terms.
#[derive(Debug)]
pub struct InFile<'t> {
    thing: &'t Thing,
    document: Arc<Document>,
}

impl InFile<'_> {
    /// What a form shows of a term: empty where the file says nothing. None where it says something that no form can.
    #[must_use]
    pub fn shown(&self, term: &Term) -> Option<String> {
        let path = self.thing.path(term);
        match self.document.value_at(&path) {
            Some(value) => term.text_of(&value),
            None => (!self.document.has(&path)).then(String::new),
        }
    }
}
