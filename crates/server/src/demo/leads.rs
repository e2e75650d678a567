//! Leads whose attributes are real and whose contacts are made up: 555-01xx numbers and example.com.

use std::collections::BTreeMap;

use exchange::{geography::state_of_zip, money::Money};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{draw::Draw, sample::rows};

/// What a row of each data file is, and which places people live in.
pub struct Leads {
    insured: Vec<Vec<String>>,
    mortgages: Vec<Vec<String>>,
    loans: Vec<Vec<String>>,
    places: Places,
    made: u64,
}

/// One lead: what a ping shows of it, and everything.
pub struct Lead {
    pub vertical: &'static str,
    pub ping: Map<String, Value>,
    pub post: Map<String, Value>,
}

pub const VERTICALS: [&str; 3] = ["auto-insurance", "mortgage", "debt-relief"];

const FIRST_NAMES: [&str; 12] = ["Alex", "Blair", "Casey", "Devon", "Elliot", "Frankie", "Gray", "Harper", "Indigo", "Jules", "Kerry", "Logan"];
const LAST_NAMES: [&str; 12] = ["Ashdown", "Birch", "Calder", "Dunmore", "Elder", "Fenwick", "Garland", "Hollis", "Ives", "Juniper", "Kestrel", "Larch"];
const STREETS: [&str; 6] = ["Example Street", "Sample Avenue", "Fiction Road", "Placeholder Lane", "Demo Drive", "Specimen Court"];

impl Leads {
    pub fn load() -> Self {
        Self {
            insured: rows("auto_insured.csv"),
            mortgages: rows("mortgage_applications.csv"),
            loans: rows("personal_loans.csv"),
            places: Places::load(),
            made: 0,
        }
    }

    pub fn next(&mut self, draw: &mut Draw, today: Date) -> Option<Lead> {
        self.made += 1;
        match draw.below(VERTICALS.len() as u64) {
            0 => self.auto_insurance(draw, today),
            1 => self.mortgage(draw),
            _ => self.debt_relief(draw),
        }
    }

    fn auto_insurance(&mut self, draw: &mut Draw, today: Date) -> Option<Lead> {
        let age: i64 = draw.one_of(&self.insured)?.first()?.parse().ok()?;
        let born = today.checked_sub(jiff::Span::new().years(age).days(i64::try_from(draw.below(365)).ok()?)).ok()?;
        let mut ping = object(json!({
            "zip": self.places.anywhere(draw)?,
            "coverage_type": draw.one_of(&["state_minimum", "basic", "standard", "superior"])?,
            "birth_date": born.to_string(),
            "currently_insured": draw.percent(85),
            "home_owner": draw.percent(65),
            "vehicle_count": 1 + draw.below(3),
        }));
        if draw.percent(70) {
            ping.insert("prior_claims".into(), json!(draw.below(3)));
        }
        Some(self.lead("auto-insurance", ping.clone(), ping, draw))
    }

    fn mortgage(&mut self, draw: &mut Draw) -> Option<Lead> {
        let row = draw.one_of(&self.mortgages)?.clone();
        // In thousands, some with a fraction: micros of a thousand are whole units of a thousandth.
        let thousands = |column: usize| row.get(column).and_then(|text| Money::parse(text, 3).ok()).map(|thousands| thousands.micros() / 1000);
        let property_value = thousands(1)?;
        let zip = self.places.anywhere(draw)?;
        let ping = object(json!({ "state": state_of_zip(&zip)?, "loan_amount": thousands(0)? }));
        let mut post = ping.clone();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                post.insert(name.into(), value);
            }
        };
        let number = |column: usize| row.get(column).and_then(|text| text.parse::<i64>().ok()).map(|number| json!(number));
        add("zip", Some(json!(zip)));
        // A row that doesn't know it makes no lead: a post needs it.
        add("property_value", Some(json!(property_value)));
        add("income", thousands(2).map(|amount| json!(amount)));
        add("housing_expense", number(3));
        add("self_employed", row.get(4).map(|text| json!(text == "1")));
        add("units", number(5));
        add("term_months", number(6));
        Some(self.lead("mortgage", ping, post, draw))
    }

    fn debt_relief(&mut self, draw: &mut Draw) -> Option<Lead> {
        let row = draw.one_of(&self.loans)?.clone();
        let [state, home_ownership, income, delinquencies, debt, purpose, _] = row.as_slice() else { return None };
        let mut ping = object(json!({
            "state": state,
            "debt_amount": debt,
            "behind_on_payments": delinquencies != "0",
            "home_ownership": home_ownership,
            "zip": self.places.in_state(state, draw)?,
        }));
        let mut post = ping.clone();
        post.insert("income".into(), json!(income));
        post.insert("debt_purpose".into(), json!(purpose));
        if draw.percent(80) {
            ping.insert("income".into(), json!(income));
        }
        Some(self.lead("debt-relief", ping, post, draw))
    }

    fn lead(&self, vertical: &'static str, ping: Map<String, Value>, mut post: Map<String, Value>, draw: &mut Draw) -> Lead {
        let word = |draw: &mut Draw, all: &[&'static str]| draw.one_of(all).copied().unwrap_or_default();
        let (first, last) = (word(draw, &FIRST_NAMES), word(draw, &LAST_NAMES));
        // Area codes of the form N[0-8]X whose last two digits are not 11.
        let area = format!("{}{}{}", 2 + draw.below(8), draw.below(9), 2 + draw.below(8));
        let contact = json!({
            "first_name": first,
            "last_name": last,
            "email": format!("{}.{}.{}@example.com", first.to_lowercase(), last.to_lowercase(), self.made),
            "phone": format!("{area}-555-01{:02}", draw.below(100)),
            "street": format!("{} {}", 1 + draw.below(999), word(draw, &STREETS)),
            "ip": format!("203.0.113.{}", draw.below(256)),
            "tcpa_optin": true,
            "tcpa_text": "I agree to be called by up to three companies. (A made-up consent for a made-up person.)",
            "trusted_form": format!("https://cert.example.com/{:016x}", draw.below(u64::MAX)),
        });
        post.extend(object(contact));
        Lead { vertical, ping, post }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// ZIP codes, drawn as people live in them.
struct Places {
    /// With the population of this one and all before it.
    all: Vec<(u64, String)>,
    by_state: BTreeMap<&'static str, Vec<(u64, String)>>,
}

impl Places {
    fn load() -> Self {
        let mut places = Self { all: Vec::new(), by_state: BTreeMap::new() };
        for row in rows("zcta_population.csv") {
            let [zip, population] = row.as_slice() else { continue };
            let (Ok(population), Some(state)) = (population.parse::<u64>(), state_of_zip(zip)) else { continue };
            for list in [&mut places.all, places.by_state.entry(state).or_default()] {
                let before = list.last().map_or(0, |(sum, _)| *sum);
                list.push((before + population, zip.clone()));
            }
        }
        places
    }

    fn anywhere(&self, draw: &mut Draw) -> Option<String> {
        one_of(&self.all, draw)
    }

    fn in_state(&self, state: &str, draw: &mut Draw) -> Option<String> {
        one_of(self.by_state.get(state)?, draw)
    }
}

fn one_of(list: &[(u64, String)], draw: &mut Draw) -> Option<String> {
    let point = draw.below(list.last()?.0);
    let place = list.partition_point(|(sum, _)| *sum <= point);
    list.get(place).map(|(_, zip)| zip.clone())
}
