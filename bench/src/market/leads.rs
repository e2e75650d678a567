//! Leads: drawn from a market's own kind, insured drivers of ten states.

use serde_json::{Value, json};

use crate::random::Random;

/// States with the ZIP code of a large city of each.
pub const HOMES: [(&str, &str); 10] = [
    ("CA", "90012"),
    ("TX", "75201"),
    ("FL", "33130"),
    ("NY", "10013"),
    ("IL", "60614"),
    ("OH", "43215"),
    ("GA", "30312"),
    ("PA", "19103"),
    ("MI", "48226"),
    ("NC", "27601"),
];
pub const COVERAGE: [&str; 4] = ["state_minimum", "basic", "standard", "superior"];
pub const CREDIT: [&str; 4] = ["excellent", "good", "fair", "poor"];
pub const EDUCATION: [&str; 6] = ["none", "high_school", "college", "bachelor", "master", "doctor"];
pub const OCCUPATION: [&str; 8] = ["employed", "self_employed", "student", "retired", "military", "homemaker", "unemployed", "other"];

#[derive(Debug)]
pub struct Lead {
    pub state: &'static str,
    pub zip: &'static str,
    birth_year: u32,
    pub coverage: &'static str,
    pub credit: &'static str,
    pub education: &'static str,
    pub occupation: &'static str,
    pub married: bool,
    pub insured: bool,
    pub home_owner: bool,
    pub filing_needed: bool,
    pub vehicles: usize,
    pub claims: usize,
    pub residence_years: usize,
    pub mileage: usize,
}

/// Years of birth, so that ages stay between 25 and 64 for as long as anybody runs this.
const BORN: (u32, usize) = (1976, 20);

impl Lead {
    pub fn draw(random: &mut Random) -> Self {
        let (state, zip) = random.of_all(&HOMES);
        Self {
            state,
            zip,
            birth_year: BORN.0 + u32::try_from(random.below(BORN.1)).unwrap_or(0),
            coverage: random.of_all(&COVERAGE),
            // Not "poor".
            credit: random.of_all(&CREDIT[..3]),
            education: random.of_all(&EDUCATION),
            occupation: random.of_all(&OCCUPATION),
            married: random.percent(50),
            insured: random.percent(70),
            home_owner: random.percent(60),
            filing_needed: random.percent(5),
            vehicles: 1 + random.below(4),
            claims: random.below(4),
            residence_years: random.below(30),
            mileage: 3000 + random.below(16_000),
        }
    }

    pub fn attributes(&self) -> Value {
        json!({
            "zip": self.zip,
            "state": self.state,
            "birth_date": format!("{}-06-15", self.birth_year),
            "coverage_type": self.coverage,
            "credit": self.credit,
            "education": self.education,
            "occupation": self.occupation,
            "married": self.married,
            "currently_insured": self.insured,
            "home_owner": self.home_owner,
            "filing_needed": self.filing_needed,
            "vehicle_count": self.vehicles,
            "prior_claims": self.claims,
            "residence_years": self.residence_years,
            "annual_mileage": self.mileage,
        })
    }
}
