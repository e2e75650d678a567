//! A bundle to the market's parts: file after file, each kind after those that it refers to.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use exchange::{
    buyer::Buyer,
    id::{BuyerIndex, BuyerName, SupplierName, TreeName, VerticalName},
    market::MarketParts,
    supplier::Supplier,
    tree::Tree,
};

use super::{
    bundle::{Bundle, MAX_TOML_BYTES, Place},
    buyer::{BuyerDraft, buyer},
    context::Context,
    keys::Keys,
    list::Lists,
    problem::Problem,
    settings::{Settings, settings},
    source::Source,
    supplier::supplier,
    tree::{TreeDraft, tree},
    vertical::{VerticalDraft, vertical},
};

/// Reads a market. Gives its parts and the warnings, or else everything that is wrong in all files, sorted by file and line.
pub fn read(bundle: &Bundle) -> Result<(MarketParts, Vec<Problem>), Vec<Problem>> {
    let mut reader = Reader { bundle, problems: bundle.problems() };
    let parts = if reader.problems.iter().any(|problem| Place::of(&problem.file) == Place::Settings) { None } else { reader.market() };
    let mut problems = reader.problems;
    problems.sort();
    problems.dedup();
    match parts {
        Some(parts) if !problems.iter().any(Problem::is_error) => Ok((parts, problems)),
        _ => Err(problems),
    }
}

struct Reader<'a> {
    bundle: &'a Bundle,
    problems: Vec<Problem>,
}

/// What was read of one file; no text of it where it isn't TOML.
struct File<N, T> {
    path: String,
    name: N,
    read: Option<T>,
}

impl<'a> Reader<'a> {
    /// None where something is wrong.
    fn market(&mut self) -> Option<MarketParts> {
        let mut context = Context { settings: self.settings(), ..Context::default() };
        let mut lists = self.lists();
        let verticals = self.files(vertical_name, |keys, name: &VerticalName| vertical(keys, Some(name.clone())));
        context.verticals = verticals.into_iter().map(|file| (file.name, file.read.unwrap_or_default())).collect();
        context.suppliers = self.names(supplier_name);
        let suppliers = self.files(supplier_name, |keys, name: &SupplierName| supplier(keys, Some(name.clone()), &context));
        let buyers = self.files(buyer_name, |keys, name| buyer(keys, Some(name), &context, &mut lists));
        self.problems.extend(lists.into_problems());
        context.unread_buyers = buyers.iter().filter(|file| file.read.is_none()).map(|file| file.name.clone()).collect();
        let (buyers, files) = take_contracts(buyers, &mut context);
        let trees = self.files(tree_name, |keys, name: &TreeName| tree(keys, Some(name.clone()), &context));
        self.compare_trees(&trees);
        self.find_unused(&context, &trees, &files);
        assemble(context, suppliers, buyers, trees)
    }

    fn settings(&mut self) -> Settings {
        const PATH: &str = "market.toml";
        match self.bundle.files.get(PATH) {
            Some(text) => self.file(PATH, text, settings).unwrap_or_else(Settings::unread),
            None => {
                self.problems.push(Problem::error(PATH, 1, "the file is missing", "write one with currency = \"USD\""));
                Settings::unread()
            }
        }
    }

    fn lists(&self) -> Lists {
        let mut lists = Lists::default();
        for (path, text) in &self.bundle.files {
            if let Place::List(name) = Place::of(path) {
                lists.add(name, text);
            }
        }
        lists
    }

    fn file<T>(&mut self, path: &str, text: &str, body: impl FnOnce(&mut Keys<'_>) -> T) -> Option<T> {
        if text.len() > MAX_TOML_BYTES {
            return None;
        }
        let source = match Source::parse(path, text) {
            Ok(source) => source,
            Err(problems) => {
                self.problems.extend(problems);
                return None;
            }
        };
        let (value, problems) = Keys::read_file(&source, body);
        self.problems.extend(problems);
        Some(value)
    }

    /// The names of all files of one kind.
    fn names<N: FromStr + Ord>(&self, name_of: fn(Place<'_>) -> Option<&str>) -> BTreeSet<N> {
        self.bundle.files.keys().filter_map(|path| name_of(Place::of(path))?.parse().ok()).collect()
    }

    /// All files of one kind in the order of their names. That isn't the order of paths: `a-b.toml` stands before `a.toml`.
    fn files<N: FromStr + Ord + Clone, T>(&mut self, name_of: fn(Place<'_>) -> Option<&str>, mut body: impl FnMut(&mut Keys<'_>, &N) -> T) -> Vec<File<N, T>> {
        let bundle = self.bundle;
        let named = bundle.files.iter().filter_map(|(path, text)| Some((name_of(Place::of(path))?.parse::<N>().ok()?, (path, text))));
        let named: BTreeMap<N, (&String, &String)> = named.collect();
        let mut files = Vec::with_capacity(named.len());
        for (name, (path, text)) in named {
            let read = self.file(path, text, |keys| body(keys, &name));
            files.push(File { path: path.clone(), name, read });
        }
        files
    }

    /// A vertical has one tree for everybody, and a supplier at most one of its own.
    fn compare_trees(&mut self, files: &[File<TreeName, TreeDraft>]) {
        let mut taken: BTreeMap<(&VerticalName, Option<&SupplierName>), &str> = BTreeMap::new();
        for file in files {
            let Some(TreeDraft { vertical: Some(vertical), suppliers, .. }) = &file.read else { continue };
            let own = suppliers.iter().map(|at| (Some(&at.value), at.line));
            let everybodys = suppliers.is_empty().then_some((None, vertical.line));
            for (supplier, line) in own.chain(everybodys) {
                let Some(first) = taken.insert((&vertical.value, supplier), &file.path) else { continue };
                let whose = supplier.map_or_else(|| "everybody".to_owned(), |name| format!("`{name}`"));
                let what = format!("{first} is a tree of {} for {whose} already", vertical.value);
                self.problems.push(Problem::error(&file.path, line, what, "merge the two, or name other `suppliers`"));
            }
        }
    }

    fn find_unused(&mut self, context: &Context, trees: &[File<TreeName, TreeDraft>], files: &BTreeMap<BuyerName, String>) {
        // A tree with a fault may be the one that uses them.
        if self.problems.iter().any(|problem| problem.is_error() && problem.file.starts_with("trees/")) {
            return;
        }
        let made: Vec<&Tree> = trees.iter().filter_map(|file| file.read.as_ref()?.tree.as_ref()).collect();
        for name in context.verticals.keys().filter(|name| !made.iter().any(|tree| &tree.vertical == *name)) {
            let what = format!("no tree takes leads of {name}, so none is sold");
            self.problems.push(Problem::warning(&format!("verticals/{name}.toml"), 1, what, format!("add a tree with vertical = \"{name}\"")));
        }
        let used: BTreeSet<usize> = made.iter().flat_map(|tree| &tree.tiers).flat_map(|tier| &tier.contracts).map(|index| index.0 as usize).collect();
        for (place, draft) in context.contracts.iter().enumerate().filter(|(place, _)| !used.contains(place)) {
            let Some(file) = files.get(&draft.key.buyer) else { continue };
            let what = format!("no tree has the contract `{}`, so it is offered nothing", context.contracts[place].key);
            self.problems.push(Problem::warning(file, draft.line, what, "add it to a tier's `contracts`, by name or by tag"));
        }
    }
}

fn vertical_name(place: Place<'_>) -> Option<&str> {
    if let Place::Vertical(name) = place { Some(name) } else { None }
}

fn supplier_name(place: Place<'_>) -> Option<&str> {
    if let Place::Supplier(name) = place { Some(name) } else { None }
}

fn buyer_name(place: Place<'_>) -> Option<&str> {
    if let Place::Buyer(name) = place { Some(name) } else { None }
}

fn tree_name(place: Place<'_>) -> Option<&str> {
    if let Place::Tree(name) = place { Some(name) } else { None }
}

/// The contracts in the order of their keys, each with its buyer's place; the buyers; and each buyer's file.
fn take_contracts(files: Vec<File<BuyerName, BuyerDraft>>, context: &mut Context) -> (Vec<Option<Buyer>>, BTreeMap<BuyerName, String>) {
    let mut buyers = Vec::with_capacity(files.len());
    let mut paths = BTreeMap::new();
    for (place, file) in files.into_iter().enumerate() {
        let draft = file.read.unwrap_or_default();
        for mut contract in draft.contracts {
            if let Some(contract) = &mut contract.contract {
                contract.buyer = BuyerIndex(u32::try_from(place).unwrap_or(u32::MAX));
            }
            context.contracts.push(contract);
        }
        buyers.push(draft.buyer);
        paths.insert(file.name, file.path);
    }
    // Files come by name, but tables in whatever order the parser keeps them.
    context.contracts.sort_by(|a, b| a.key.cmp(&b.key));
    (buyers, paths)
}

fn assemble(
    context: Context,
    suppliers: Vec<File<SupplierName, Option<Supplier>>>,
    buyers: Vec<Option<Buyer>>,
    trees: Vec<File<TreeName, TreeDraft>>,
) -> Option<MarketParts> {
    let Settings { currency, time_zone, quote, firm_share, duplicates_window_days, egress_allow, approvals_above, alerts } = context.settings;
    Some(MarketParts {
        currency,
        time_zone,
        quote,
        firm_share,
        duplicates_window_days,
        egress_allow,
        approvals_above,
        alerts,
        verticals: context.verticals.into_values().map(VerticalDraft::whole).collect::<Option<_>>()?,
        suppliers: suppliers.into_iter().map(|file| file.read.flatten()).collect::<Option<_>>()?,
        buyers: buyers.into_iter().collect::<Option<_>>()?,
        contracts: context.contracts.into_iter().map(|draft| draft.contract).collect::<Option<_>>()?,
        trees: trees.into_iter().map(|file| file.read?.tree).collect::<Option<_>>()?,
    })
}
