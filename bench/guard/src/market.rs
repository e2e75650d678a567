//! A market of any size: verticals of 15 attributes, contracts with filters over some of them. About one contract of a hundred
//! takes a lead.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use exchange::{
    attribute::{Attribute, PingPart},
    buyer::{Buyer, Endpoint, Protocol},
    contract::{Contract, DisclosurePolicy, Pricing, SaleKinds, Sources},
    filter::{Comparison, Filter, Predicate, ValueSet},
    hours::OpenHours,
    id::{BuyerIndex, ContractIndex, ContractKey, ParentName},
    market::MarketParts,
    money::{Currency, Margin, Money, Percent},
    schema::{Bands, Field, FieldIndex, FieldType, PingShows, Required, Vertical},
    self_service::SelfService,
    supplier::{Inbound, QuotePolicy, Supplier},
    tree::{Mode, Order, Tier, TierSale, Tree},
};
use jiff::tz::TimeZone;

use crate::random::Random;

/// How an attribute looks: its name, how many values it has, how many percent of the contracts ask about it, and its form.
const ATTRIBUTES: [(&str, usize, usize, Form); 15] = [
    ("a_state", 50, 100, Form::Text),
    ("b_zip", 900, 8, Form::Text),
    ("c_age", 8, 20, Form::Band),
    ("d_income", 8, 20, Form::Band),
    ("e_amount", 10, 20, Form::Band),
    ("f_property", 6, 15, Form::Text),
    ("g_credit", 5, 15, Form::Text),
    ("h_home_owner", 2, 15, Form::Boolean),
    ("i_employed", 2, 10, Form::Boolean),
    ("j_purpose", 8, 10, Form::Text),
    ("k_timeframe", 5, 10, Form::Text),
    ("l_education", 6, 5, Form::Text),
    ("m_vehicles", 5, 8, Form::Integer),
    ("n_down_payment", 20, 8, Form::Money),
    ("o_language", 4, 5, Form::Text),
];

/// Of the verticals, which share the contracts among them.
const VERTICALS: u32 = 8;
const CONTRACTS_OF_A_BUYER: u32 = 10;

#[derive(Clone, Copy)]
enum Form {
    Text,
    Boolean,
    Integer,
    Money,
    Band,
}

/// A name that isn't one is no error here: every name below is one.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the sample of a market is made of something that no market has")]
pub struct NoMarket;

fn named<N: std::str::FromStr>(name: &str) -> Result<N, NoMarket> {
    name.parse().map_err(|_| NoMarket)
}

fn value(form: Form, value: usize) -> Attribute {
    match form {
        Form::Text => Attribute::Text(format!("value-{value}")),
        Form::Boolean => Attribute::Boolean(value == 1),
        Form::Integer => Attribute::Integer(value as i64),
        Form::Money => Attribute::Money(Money::from_units(value as i64 * 5_000)),
        Form::Band => Attribute::Band(value as u16),
    }
}

/// Lower bounds of what has an order, flags, and sets of up to a third of the values; 60 at most.
#[must_use]
pub fn filter(random: &mut Random) -> Filter {
    let mut clauses = Vec::new();
    for (field, (_, values, asked, form)) in ATTRIBUTES.iter().enumerate() {
        let index = FieldIndex(field as u16);
        if !random.percent(*asked) {
            continue;
        }
        clauses.push(match form {
            Form::Band | Form::Integer | Form::Money => Predicate::Compare(index, Comparison::AtLeast, value(*form, random.below(values / 2 + 1))),
            Form::Boolean => Predicate::Compare(index, Comparison::Equal, Attribute::Boolean(true)),
            Form::Text => {
                let count = 1 + random.below((values / 3).clamp(1, 60));
                let values: BTreeSet<Attribute> = (0..count).map(|_| value(*form, random.below(*values))).collect();
                Predicate::In(index, ValueSet { list: None, values: Arc::new(values) })
            }
        });
    }
    Filter::new(Predicate::All(clauses))
}

/// A lead, as its ping shows it.
#[must_use]
pub fn ping(random: &mut Random) -> PingPart {
    let shown = ATTRIBUTES.iter().enumerate().map(|(field, (_, values, _, form))| (FieldIndex(field as u16), value(*form, random.below(*values))));
    PingPart::new(shown.collect())
}

/// The fields of a ping's request, in a state that no filter names.
#[must_use]
pub fn fields_of_ping() -> serde_json::Value {
    let field = |(name, _, _, form): &(&str, usize, usize, Form)| {
        let value = match form {
            Form::Text => "somewhere else".into(),
            Form::Boolean => true.into(),
            Form::Integer | Form::Money => 3.into(),
            Form::Band => 25.into(),
        };
        ((*name).to_owned(), value)
    };
    serde_json::Value::Object(ATTRIBUTES.iter().map(field).collect())
}

fn vertical(number: u32) -> Result<Vertical, NoMarket> {
    let mut fields = Vec::new();
    for (name, values, _, form) in &ATTRIBUTES {
        let (kind, shows) = match form {
            Form::Text => (FieldType::Text { max_length: 40 }, PingShows::Value),
            Form::Boolean => (FieldType::Boolean, PingShows::Value),
            Form::Integer => (FieldType::Integer { min: 0, max: 100 }, PingShows::Value),
            Form::Money => (FieldType::Money, PingShows::Value),
            Form::Band => {
                let edges = (0..*values as i64).map(|edge| edge * 10).collect();
                (FieldType::Integer { min: 0, max: 1_000_000 }, PingShows::Bands(Bands::new(edges).ok_or(NoMarket)?))
            }
        };
        fields.push(Field { name: (*name).to_owned(), label: None, kind, required: Required::No, shows, evidence: false, aliases: Vec::new() });
    }
    Vertical::new(named(&format!("v{number}"))?, String::new(), fields).map_err(|_| NoMarket)
}

fn buyer(number: u32) -> Result<Buyer, NoMarket> {
    let name = format!("buyer-{number:06}");
    let url = |path: &str| format!("http://{name}.example/{path}").parse().map_err(|_| NoMarket);
    Ok(Buyer {
        name: named(&name)?,
        label: String::new(),
        parent: ParentName::of_company(&name).ok_or(NoMarket)?,
        credit: Money::from_units(1_000_000),
        consent_names: Vec::new(),
        endpoint: Endpoint {
            protocol: Protocol::Native,
            ping_url: Some(url("ping")?),
            post_url: url("post")?,
            confirm_url: None,
            status_url: None,
            test_ping_url: None,
            test_post_url: None,
            secret: None,
            idempotent: true,
            post_timeout: Duration::from_secs(15),
            max_in_flight: 256,
            pipelining: 1,
        },
        suspended: false,
    })
}

/// Every third contract has hours, one of three kinds in one of four zones; every fiftieth doesn't take all suppliers' leads.
fn contract(number: u32, filter: Option<Filter>, zones: &[TimeZone], hours: &[OpenHours]) -> Result<Contract, NoMarket> {
    let sources = if number.is_multiple_of(50) { Sources::AllBut(BTreeSet::from([named("cheap")?])) } else { Sources::All };
    let opening = number.is_multiple_of(3) && filter.is_some();
    Ok(Contract {
        key: ContractKey { buyer: named(&format!("buyer-{:06}", number / CONTRACTS_OF_A_BUYER))?, name: format!("c{}", number % CONTRACTS_OF_A_BUYER).into() },
        buyer: BuyerIndex(number / CONTRACTS_OF_A_BUYER),
        vertical: named(&format!("v{}", number % VERTICALS))?,
        filter,
        requires: Vec::new(),
        pricing: Pricing::Bid { max_bid: Money::from_units(100) },
        kinds: SaleKinds::EXCLUSIVE,
        caps: Vec::new(),
        hours: if opening { vec![hours[number as usize / 3 % hours.len()].clone()] } else { Vec::new() },
        time_zone: zones[number as usize % zones.len()].clone(),
        disclosure: DisclosurePolicy::Post,
        unknown: None,
        duplicate_days: None,
        lists: Vec::new(),
        sources,
        priority: None,
        weight: 1,
        tags: BTreeSet::new(),
        return_days: None,
        return_percent: Percent::ZERO,
        paused: number % 100 == 7,
        paused_by_buyer: false,
        self_service: SelfService::default(),
        agreed_price: None,
    })
}

fn tree(number: u32, contracts: u32) -> Result<Tree, NoMarket> {
    let tier = Tier {
        name: "all".into(),
        mode: Mode::Competitive,
        order: Order::Price,
        contracts: (0..contracts).filter(|contract| contract % VERTICALS == number).map(ContractIndex).collect(),
        floor: Money::from_units(1),
        deadline: None,
        sale: TierSale::Exclusive,
    };
    let name = format!("v{number}");
    Ok(Tree {
        name: named(&name)?,
        vertical: named(&name)?,
        suppliers: Vec::new(),
        deadline: Duration::from_secs(1),
        max_disclosures: 1,
        shows_winning_price: false,
        tiers: vec![tier],
    })
}

/// The supplier `source`, and `contracts` in all. The first `takers` of the first vertical take every lead.
pub fn parts(contracts: u32, takers: u32) -> Result<MarketParts, NoMarket> {
    let mut random = Random::of(1);
    let zone = |name: &str| TimeZone::get(name).map_err(|_| NoMarket);
    let zones = [zone("America/New_York")?, zone("America/Chicago")?, zone("America/Denver")?, zone("America/Los_Angeles")?];
    let hours = [named("daily 06:00-22:00")?, named("daily 00:00-24:00")?, named("mon-fri 06:00-21:00")?];
    let takes_all = |number: u32| number.is_multiple_of(VERTICALS) && number / VERTICALS < takers;
    let mut each = |number: u32| {
        let drawn = filter(&mut random);
        contract(number, (!takes_all(number)).then_some(drawn), &zones, &hours)
    };
    let source = Supplier {
        name: named("source")?,
        label: String::new(),
        verticals: vec![named("v0")?],
        margin: Margin { percent: Percent::of_whole(10).ok_or(NoMarket)?, min: Money::ZERO },
        min_price: Money::from_units(1),
        rate_limit_per_s: None,
        accept_requote: false,
        accept_lower: false,
        max_disclosures: None,
        quote: None,
        notify_url: None,
        notify_secret: None,
        inbound: Inbound::default(),
        suspended: false,
    };
    Ok(MarketParts {
        currency: Currency::USD,
        time_zone: TimeZone::UTC,
        quote: QuotePolicy::DEFAULT,
        firm_share: Percent::ZERO,
        duplicates_window_days: 30,
        egress_allow: Vec::new(),
        approvals_above: None,
        alerts: Default::default(),
        verticals: (0..VERTICALS).map(vertical).collect::<Result<_, _>>()?,
        suppliers: vec![source],
        buyers: (0..contracts.div_ceil(CONTRACTS_OF_A_BUYER)).map(buyer).collect::<Result<_, _>>()?,
        contracts: (0..contracts).map(&mut each).collect::<Result<_, _>>()?,
        trees: (0..VERTICALS).map(|number| tree(number, contracts)).collect::<Result<_, _>>()?,
    })
}
