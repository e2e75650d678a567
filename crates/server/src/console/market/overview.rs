//! `/console/market`: everything in the market, trees as pictures, the rest as lists.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use exchange::{
    id::{ContractIndex, DraftId, Revision},
    market::Market,
    permission::Permission,
    time::Timestamp,
    tree::TierSale,
};

use super::{
    super::{
        components::{Amount, Moment, Tag, Tone},
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    card::Card,
    desk, meters,
};
use crate::{clock, node::Node};

#[derive(Template)]
#[template(path = "console/market/overview.html")]
struct View {
    frame: Frame,
    revision: Revision,
    may_change: bool,
    drafts: Vec<DraftLine>,
    trees: Vec<TreePicture>,
    contracts: Vec<Card>,
    /// So many are not shown.
    contracts_more: usize,
    buyers: Vec<BuyerLine>,
    buyers_more: usize,
    suppliers: Vec<SupplierLine>,
    verticals: Vec<VerticalLine>,
}

struct DraftLine {
    id: DraftId,
    author: String,
    note: String,
    base: Revision,
    at: Moment,
}

struct TreePicture {
    name: String,
    vertical: String,
    suppliers: String,
    tiers: Vec<TierPicture>,
}

struct TierPicture {
    name: String,
    mode: &'static str,
    sale: String,
    floor: String,
    contracts: usize,
    open: usize,
}

struct BuyerLine {
    name: String,
    label: String,
    parent: String,
    credit: Amount,
    contracts: usize,
    is_suspended: Option<Tag>,
}

struct SupplierLine {
    name: String,
    label: String,
    verticals: String,
    margin: String,
    min_price: Amount,
    is_suspended: Option<Tag>,
}

struct VerticalLine {
    name: String,
    label: String,
    fields: usize,
    shown: usize,
    contracts: usize,
}

/// Longer lists are cut: a page that nobody can read helps nobody.
const MOST_ROWS: usize = 300;

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let market = desk::market(&node)?;
    let rows = node.page_readers.read(|reader| reader.drafts()).await?;
    let drafts = rows.into_iter().map(|row| DraftLine {
        id: row.id,
        author: row.author,
        note: row.note,
        base: row.base,
        at: Moment::of(row.changed_at, &market.parts().time_zone),
    });
    let indices: Vec<ContractIndex> = (0..market.parts().contracts.len().min(MOST_ROWS) as u32).map(ContractIndex).collect();
    let facts = meters::facts(&node, &market, &indices).await;
    let now = clock::now();
    let contracts = indices.iter().map(|index| Card::of(&market, *index, &facts, now)).collect();
    let may_change = visitor.may(Permission::ChangeMarket);
    reply::page(&view(Frame::of(&visitor, Place::Market), &market, may_change, drafts.collect(), contracts, now))
}

fn view(frame: Frame, market: &Market, may_change: bool, drafts: Vec<DraftLine>, contracts: Vec<Card>, now: Timestamp) -> View {
    let parts = market.parts();
    let suspended = |is: bool| is.then(|| Tag::new("suspended", Tone::Bad));
    let count = |of: &dyn Fn(&exchange::contract::Contract) -> bool| parts.contracts.iter().filter(|contract| of(contract)).count();
    View {
        frame,
        may_change,
        revision: market.revision(),
        drafts,
        trees: parts.trees.iter().map(|tree| picture(market, tree, now)).collect(),
        contracts_more: parts.contracts.len() - contracts.len(),
        contracts,
        buyers: parts
            .buyers
            .iter()
            .take(MOST_ROWS)
            .map(|buyer| BuyerLine {
                name: buyer.name.to_string(),
                label: buyer.label.clone(),
                parent: buyer.parent.to_string(),
                credit: Amount::of(buyer.credit),
                contracts: count(&|contract| market.buyer(contract.buyer).name == buyer.name),
                is_suspended: suspended(buyer.suspended),
            })
            .collect(),
        buyers_more: parts.buyers.len().saturating_sub(MOST_ROWS),
        suppliers: parts
            .suppliers
            .iter()
            .map(|supplier| SupplierLine {
                name: supplier.name.to_string(),
                label: supplier.label.clone(),
                verticals: supplier.verticals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                margin: format!("{}, at least {}", supplier.margin.percent, supplier.margin.min),
                min_price: Amount::of(supplier.min_price),
                is_suspended: suspended(supplier.suspended),
            })
            .collect(),
        verticals: parts
            .verticals
            .iter()
            .map(|vertical| VerticalLine {
                name: vertical.name.to_string(),
                label: vertical.label.clone(),
                fields: vertical.fields().len(),
                shown: vertical.fields().iter().filter(|field| field.shows != exchange::schema::PingShows::Never).count(),
                contracts: count(&|contract| contract.vertical == vertical.name),
            })
            .collect(),
    }
}

fn picture(market: &Market, tree: &exchange::tree::Tree, now: Timestamp) -> TreePicture {
    let is_open = |index: &&ContractIndex| market.refusal_of(**index).is_none() && market.contract(**index).is_open(now);
    TreePicture {
        name: tree.name.to_string(),
        vertical: tree.vertical.to_string(),
        suppliers: tree.suppliers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        tiers: tree
            .tiers
            .iter()
            .map(|tier| TierPicture {
                name: tier.name.clone(),
                mode: tier.mode.word(),
                sale: sale(tier.sale),
                floor: tier.floor.to_string(),
                contracts: tier.contracts.len(),
                open: tier.contracts.iter().filter(is_open).count(),
            })
            .collect(),
    }
}

pub fn sale(sale: TierSale) -> String {
    match sale {
        TierSale::Exclusive => "exclusive".into(),
        TierSale::Shared(most) => format!("shared by {most}"),
        TierSale::Best(most) => format!("exclusive, or shared by {most}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{frame, market::tree::tests::sample};

    #[test]
    fn render() {
        let market = sample();
        let now = Timestamp::from_micros(1_795_435_200_000_000);
        let none = std::collections::BTreeMap::new();
        let contracts = (0..3).map(|index| Card::of(&market, ContractIndex(index), &none, now)).collect();
        let draft = DraftLine {
            id: DraftId::from_bytes([1; 16]),
            author: "maria".into(),
            note: "higher floor".into(),
            base: Revision(4),
            at: Moment::of(now, &market.parts().time_zone),
        };
        insta::assert_snapshot!(frame::inside(&view(frame::sample("owner", Place::Market), &market, true, vec![draft], contracts, now).render().unwrap()));
    }
}
