//! `trees/NAME.toml`: a vertical's tiers.

use std::{collections::BTreeSet, time::Duration};

use exchange::{
    contract::SaleKind,
    id::{SupplierName, TreeName, VerticalName},
    tree::{Tier, Tree},
};

use super::{
    context::Context,
    keys::{At, Found, Key, Keys},
    tier::tier,
    values::{name_schema, read_name},
};

/// At most this many buyers may get one contact.
pub(super) const MOST_DISCLOSURES: i64 = 20;
const MOST_TIERS: usize = 100;

/// A tree with the lines that other trees are compared at.
#[derive(Debug)]
pub(super) struct TreeDraft {
    pub vertical: Option<At<VerticalName>>,
    pub suppliers: Vec<At<SupplierName>>,
    pub tree: Option<Tree>,
}

pub(super) fn tree(keys: &mut Keys<'_>, name: Option<TreeName>, context: &Context) -> TreeDraft {
    let vertical = Key::required("vertical", "The kind of leads that run through it.", "vertical = \"NAME\"");
    let vertical = keys.value(vertical, None, name_schema, |found| context.check_vertical(read_name(found)?));
    let suppliers = Key::optional("suppliers", "Whose own tree this is. Default: everybody's who has none of their own.");
    let suppliers = keys.list(suppliers, None, 1..=10_000, name_schema, |found: Found<'_>| context.check_supplier(read_name(found)?));
    let suppliers = suppliers.map_or_else(Vec::new, |list| list.value);
    let deadline = Key::optional("deadline_ms", "Milliseconds of the auction, all tiers together; posts have their own time.");
    let deadline = keys.integer_or(deadline, 50..=60_000, i64::try_from(Tree::DEFAULT_DEADLINE.as_millis()).unwrap_or_default());
    let disclosures =
        Key::optional("max_disclosures", "Buyers that may get the contact: sold, rejected and unknown counted. Default: 1, or N where a tier sells shared.");
    let disclosures = keys.integer(disclosures, 1..=MOST_DISCLOSURES);
    let shows = Key::optional("show_winning_price", "Buyers that lost a lead see in the console what it was sold at, never to whom.");
    let shows_winning_price = keys.boolean(shows, false);
    let tiers = tiers(keys, vertical.as_ref().map(|at| &at.value), context);
    let most_shares = tiers.iter().map(|tier| tier.sale.most(SaleKind::Shared)).max().unwrap_or(0).max(1);
    let made = name.zip(vertical.clone()).map(|(name, vertical)| Tree {
        name,
        vertical: vertical.value,
        suppliers: suppliers.iter().map(|at| at.value.clone()).collect(),
        deadline: Duration::from_millis(deadline.unsigned_abs()),
        max_disclosures: disclosures.and_then(|at| u32::try_from(at.value).ok()).unwrap_or(most_shares),
        shows_winning_price,
        tiers,
    });
    TreeDraft { vertical, suppliers, tree: made }
}

fn tiers(keys: &mut Keys<'_>, vertical: Option<&VerticalName>, context: &Context) -> Vec<Tier> {
    let mut number = 0;
    let rows = keys.rows(Key::required("tiers", "Tried in order; the first that sells ends the run.", "a table [[tiers]]"), 1..=MOST_TIERS, |keys| {
        number += 1;
        tier(keys, number, vertical, context)
    });
    let mut names = BTreeSet::new();
    for row in &rows {
        if !names.insert(row.value.name.as_str()) {
            keys.problem(row.line, format!("a tier before this one is named \"{}\" too", row.value.name), "give each its own `name`");
        }
    }
    rows.into_iter().map(|at| at.value).collect()
}
