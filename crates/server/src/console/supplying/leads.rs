//! `/console/supplying`: the supplier's leads, newest first, and what became of each.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use exchange::{command::LeadStatus, id::LeadId, ledger::Account, market::Market, money::Money};
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::{LeadFilter, ListedLead};

use super::supplier_of;
use crate::{
    console::{
        components::{Amount, Moment, Pager, Tab, Tabs, Tag},
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
};

const MOST: usize = 50;

#[derive(Template)]
#[template(path = "console/supplying/leads.html")]
struct View {
    frame: Frame,
    label: String,
    owed: Amount,
    tabs: Tabs,
    leads: Vec<Line>,
    pager: Pager,
}

struct Line {
    lead: LeadId,
    at: Moment,
    vertical: String,
    status: Tag,
    reason: String,
    net: Option<Amount>,
    is_test: bool,
}

#[derive(Default, Deserialize)]
pub struct Asked {
    status: Option<String>,
    before: Option<String>,
}

/// What a supplier tells apart.
const STATUSES: [&str; 5] = ["sold", "unsold", "pending", "duplicate", "returned"];

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Query(asked): Query<Asked>) -> Reply {
    let supplier = supplier_of(&visitor)?;
    let status = asked.status.as_deref().filter(|word| STATUSES.contains(word)).and_then(LeadStatus::of_word);
    let before = asked.before.as_deref().and_then(|id| id.parse::<LeadId>().ok());
    let filter = LeadFilter { supplier: Some(supplier.clone()), status, ..LeadFilter::default() };
    let account = Account::Supplier(supplier.clone());
    let (leads, owed) = node
        .page_readers
        .read(move |reader| {
            let owed = reader.balances()?.into_iter().find(|row| row.account == account).map_or(Money::ZERO, |row| row.balance);
            Ok((reader.find_leads(&filter, before, u32::try_from(MOST + 1).unwrap_or(u32::MAX))?, owed))
        })
        .await?;
    let market = node.market();
    let label = market.as_ref().and_then(|market| market.supplier(&supplier)).map_or_else(|| supplier.to_string(), |supplier| supplier.label.clone());
    let page = Found { label, owed: Amount::with_code(owed, node.currency()), leads, status, is_later: before.is_some() };
    reply::page(&view(Frame::of(&visitor, Place::Supplying), &page, market.as_deref(), &node.time_zone()))
}

struct Found {
    label: String,
    owed: Amount,
    leads: Vec<ListedLead>,
    status: Option<LeadStatus>,
    is_later: bool,
}

fn view(frame: Frame, found: &Found, market: Option<&Market>, zone: &TimeZone) -> View {
    let (path, status) = (Place::Supplying.path(), found.status.map(LeadStatus::word));
    let shown = &found.leads[..found.leads.len().min(MOST)];
    let of_status = status.map(|word| format!("status={word}")).unwrap_or_default();
    let older = shown.last().filter(|_| found.leads.len() > MOST).map(|last| format!("{path}?{of_status}&before={}", last.lead));
    let tab = |word: Option<&str>| Tab {
        label: word.unwrap_or("all").to_owned(),
        path: word.map_or_else(|| path.to_owned(), |word| format!("{path}?status={word}")),
        is_here: word == status,
        count: None,
    };
    View {
        frame,
        label: found.label.clone(),
        owed: found.owed.clone(),
        tabs: Tabs { label: "Status", tabs: std::iter::once(None).chain(STATUSES.map(Some)).map(tab).collect() },
        leads: shown.iter().map(|lead| Line::of(lead, market, zone)).collect(),
        pager: Pager::newest_first(found.is_later.then(|| format!("{path}?{of_status}")), older),
    }
}

impl Line {
    fn of(lead: &ListedLead, market: Option<&Market>, zone: &TimeZone) -> Self {
        Self {
            lead: lead.lead,
            at: Moment::of(lead.accepted_at, zone),
            vertical: market.and_then(|market| market.vertical(&lead.vertical)).map_or_else(|| lead.vertical.to_string(), |vertical| vertical.label.clone()),
            status: Tag::status(lead.status.word()),
            reason: lead.reason.clone().unwrap_or_default().replace('_', " "),
            net: (lead.net != Money::ZERO).then(|| Amount::of(lead.net)),
            is_test: lead.test,
        }
    }
}

#[cfg(test)]
mod tests {
    use exchange::{money::Currency, time::Timestamp};
    use store::{ListedSale, SaleStatus};

    use super::*;
    use crate::console::frame;

    pub fn listed(number: u8, status: LeadStatus, reason: Option<&str>) -> ListedLead {
        let sale = ListedSale {
            sale: exchange::id::SaleId::from_bytes([number; 16]),
            contract: "acme/west".parse().unwrap(),
            status: SaleStatus::Sold,
            price: Money::from_units(50),
        };
        ListedLead {
            lead: LeadId::from_bytes([number; 16]),
            supplier: "dreamy".parse().unwrap(),
            vertical: "mortgage".parse().unwrap(),
            test: number == 3,
            status,
            reason: reason.map(str::to_owned),
            net: if status == LeadStatus::Sold { Money::from_units(40) } else { Money::ZERO },
            accepted_at: Timestamp::from_micros(1_764_288_000_000_000),
            ended_at: None,
            sales: vec![sale],
        }
    }

    #[test]
    fn render() {
        let leads = vec![listed(1, LeadStatus::Sold, None), listed(2, LeadStatus::Unsold, Some("no_bid")), listed(3, LeadStatus::Pending, None)];
        let found = Found {
            label: "Dreamy Leads".into(),
            owed: Amount::with_code(Money::from_units(40), Currency::USD),
            leads,
            status: Some(LeadStatus::Sold),
            is_later: false,
        };
        let page = view(frame::sample("supplier:dreamy", Place::Supplying), &found, None, &TimeZone::UTC).render().unwrap();
        assert!(!page.contains("acme") && !page.contains("50.00"), "no buyer and no gross price");
        insta::assert_snapshot!(frame::inside(&page));
    }
}
