//! Filters as buyers write them: a few states, some bounds, some flags.

use std::fmt::Write as _;

use super::leads::{COVERAGE, CREDIT, EDUCATION, HOMES, Lead, OCCUPATION};
use crate::random::Random;

/// Where no lead of ours lives.
const ELSEWHERE: [&str; 30] = [
    "AL", "AZ", "AR", "CO", "CT", "DE", "ID", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "OK", "OR",
    "SC", "TN", "VA", "WA",
];
const AGES: [u32; 5] = [25, 35, 55, 65, 75];
const MILEAGES: [usize; 5] = [7500, 10_000, 12_500, 15_000, 20_000];

#[derive(Debug)]
enum Condition {
    States(Vec<&'static str>),
    ZipPrefix(&'static str),
    /// All leads are between 25 and 64, or the exact age isn't known here: these never decide against one.
    Adult {
        from: u32,
        below: u32,
    },
    Coverage(Vec<&'static str>),
    Credit(Vec<&'static str>),
    Education(Vec<&'static str>),
    NotOccupation(&'static str),
    Married(bool),
    Insured(bool),
    HomeOwner(bool),
    NoFiling,
    VehiclesAtMost(usize),
    ClaimsBelow(usize),
    ResidenceAtLeast(usize),
    MileageBelow(usize),
}

impl Condition {
    fn draw(random: &mut Random) -> Self {
        match random.below(14) {
            0 => Self::ZipPrefix(&random.of_all(&HOMES).1[..3]),
            1 | 2 => Self::Adult { from: AGES[0], below: AGES[3 + random.below(2)] },
            3 => Self::Coverage(some(&COVERAGE, 2, random)),
            4 => Self::Credit(some(&CREDIT, 2, random)),
            5 => Self::Education(some(&EDUCATION, 3, random)),
            6 => Self::NotOccupation(random.of_all(&OCCUPATION)),
            7 => Self::Married(random.percent(60)),
            8 => Self::Insured(random.percent(80)),
            9 => Self::HomeOwner(random.percent(80)),
            10 => Self::NoFiling,
            11 => Self::VehiclesAtMost(1 + random.below(4)),
            12 => Self::ClaimsBelow(1 + random.below(3)),
            _ => match random.percent(50) {
                true => Self::ResidenceAtLeast(1 + random.below(10)),
                false => Self::MileageBelow(random.of_all(&MILEAGES)),
            },
        }
    }

    fn holds(&self, lead: &Lead) -> bool {
        match self {
            Self::States(states) => states.contains(&lead.state),
            Self::ZipPrefix(prefix) => lead.zip.starts_with(prefix),
            Self::Adult { .. } => true,
            Self::Coverage(kinds) => kinds.contains(&lead.coverage),
            Self::Credit(kinds) => kinds.contains(&lead.credit),
            Self::Education(kinds) => kinds.contains(&lead.education),
            Self::NotOccupation(kind) => *kind != lead.occupation,
            Self::Married(yes) => *yes == lead.married,
            Self::Insured(yes) => *yes == lead.insured,
            Self::HomeOwner(yes) => *yes == lead.home_owner,
            Self::NoFiling => !lead.filing_needed,
            Self::VehiclesAtMost(most) => lead.vehicles <= *most,
            Self::ClaimsBelow(bound) => lead.claims < *bound,
            Self::ResidenceAtLeast(least) => lead.residence_years >= *least,
            Self::MileageBelow(bound) => lead.mileage < *bound,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::States(states) => format!("state in {states:?}"),
            Self::ZipPrefix(prefix) => format!("zip.startsWith(\"{prefix}\")"),
            Self::Adult { from, below } => format!("birth_date >= {from} && birth_date < {below}"),
            Self::Coverage(kinds) => format!("coverage_type in {kinds:?}"),
            Self::Credit(kinds) => format!("credit in {kinds:?}"),
            Self::Education(kinds) => format!("education in {kinds:?}"),
            Self::NotOccupation(kind) => format!("occupation != \"{kind}\""),
            Self::Married(yes) => format!("married == {yes}"),
            Self::Insured(yes) => format!("currently_insured == {yes}"),
            Self::HomeOwner(yes) => format!("home_owner == {yes}"),
            Self::NoFiling => "!filing_needed".to_owned(),
            Self::VehiclesAtMost(most) => format!("vehicle_count <= {most}"),
            Self::ClaimsBelow(bound) => format!("has(prior_claims) && prior_claims < {bound}"),
            Self::ResidenceAtLeast(least) => format!("residence_years >= {least}"),
            Self::MileageBelow(bound) => format!("annual_mileage < {bound}"),
        }
    }
}

/// So many different ones, in their order.
fn some(all: &[&'static str], count: usize, random: &mut Random) -> Vec<&'static str> {
    let mut left = count;
    let taken = all.iter().enumerate().filter(|(index, _)| {
        let is_taken = random.below(all.len() - index) < left;
        left -= usize::from(is_taken);
        is_taken
    });
    taken.map(|(_, value)| *value).collect()
}

#[derive(Debug)]
pub struct Filter(Vec<Condition>);

impl Filter {
    /// States, and two to six conditions more, each at most once.
    fn draw(random: &mut Random) -> Self {
        let mut states = some(&ELSEWHERE, 1 + random.below(12), random);
        let homes: Vec<&str> = HOMES.iter().map(|home| home.0).collect();
        states.extend(some(&homes, random.below(4), random));
        let mut conditions = vec![Condition::States(states)];
        for _ in 0..2 + random.below(5) {
            let condition = Condition::draw(random);
            if !conditions.iter().any(|other| std::mem::discriminant(other) == std::mem::discriminant(&condition)) {
                conditions.push(condition);
            }
        }
        Self(conditions)
    }

    pub fn that_takes_none(leads: &[Lead], random: &mut Random) -> Self {
        loop {
            let filter = Self::draw(random);
            if !leads.iter().any(|lead| filter.takes(lead)) {
                return filter;
            }
        }
    }

    /// All the leads' states, and of the conditions drawn those that hold for all leads.
    pub fn that_takes_all(leads: &[Lead], random: &mut Random) -> Self {
        let mut states: Vec<&str> = HOMES.iter().map(|home| home.0).collect();
        states.extend(some(&ELSEWHERE, 5, random));
        let mut conditions = vec![
            Condition::States(states),
            Condition::Adult { from: AGES[0], below: AGES[3] },
            Condition::Credit(CREDIT[..3].to_vec()),
            Condition::VehiclesAtMost(4),
        ];
        conditions.extend(Self::draw(random).0.into_iter().skip(1).filter(|condition| matches!(condition, Condition::MileageBelow(_))));
        conditions.retain(|condition| leads.iter().all(|lead| condition.holds(lead)));
        Self(conditions)
    }

    pub fn takes(&self, lead: &Lead) -> bool {
        self.0.iter().all(|condition| condition.holds(lead))
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for (number, condition) in self.0.iter().enumerate() {
            // Writing to a string can't fail.
            let _ = write!(text, "{}{}", if number == 0 { "" } else { " && " }, condition.text());
        }
        text
    }
}
