//! How far leads came through a tree, and what stopped the others: from their records, summed up.
//!
//! A lead is a ping with its post, or a direct post. What it was worth is what buyers named: the best price of its auction while
//! it was none's, and what was to be paid once somebody had won it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    call::PingReply,
    contract::SaleKind,
    id::{ContractIndex, ContractKey, PingId, Subject, TreeIndex},
    market::Market,
    matching::Offered,
    money::Money,
    record::{BidOutcome, Decision, RankedOffer, RecordedEvent, RunKind, RunRecord},
    tree::TierSale,
};

/// So many leads are kept of each loss, to be looked at.
pub const MOST_EXAMPLES: usize = 100;

/// How far a lead, or a contract with it, came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Offered,
    /// The market and the ping alone say yes of some contract.
    Eligible,
    /// Asked, or offered at its fixed price.
    Pinged,
    /// A price was named.
    Bid,
    /// It was quoted, or was to be sold.
    Won,
    Sold,
}

impl Step {
    pub const ALL: [Self; 6] = [Self::Offered, Self::Eligible, Self::Pinged, Self::Bid, Self::Won, Self::Sold];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Eligible => "eligible",
            Self::Pinged => "pinged",
            Self::Bid => "bid",
            Self::Won => "won",
            Self::Sold => "sold",
        }
    }

    #[must_use]
    pub fn of_word(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == text)
    }

    /// How many steps are before it.
    #[must_use]
    pub fn place(self) -> usize {
        self as usize
    }
}

/// Leads that came to a step and no further, for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    pub leads: u64,
    pub worth: Money,
    pub examples: Vec<Subject>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractCourse {
    /// How many leads it came to each step with.
    pub reached: [u64; Step::ALL.len()],
    /// Why it was not asked, as far as it is in its tree.
    pub why_not: BTreeMap<String, u64>,
}

impl ContractCourse {
    /// The most frequent reason, with how often it was.
    #[must_use]
    pub fn main_reason(&self) -> Option<(&str, u64)> {
        self.why_not.iter().max_by_key(|(_, count)| **count).map(|(why, count)| (why.as_str(), *count))
    }
}

/// The leads of one tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Courses {
    /// How many leads came to each step.
    pub reached: [u64; Step::ALL.len()],
    /// What those that came to it were worth, as far as prices were named.
    pub worth: [Money; Step::ALL.len()],
    /// By the step that they came to last.
    pub lost: BTreeMap<(Step, String), Lost>,
    pub contracts: BTreeMap<ContractKey, ContractCourse>,
    /// What became of the quotes that were posted, by their pings.
    posted: BTreeMap<PingId, Ended>,
}

/// How a sale ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ended {
    Sold { contracts: Vec<ContractKey>, price: Money },
    Lost(String),
}

impl Courses {
    /// Adds a run. A post must come before the ping that it is of: the newest first.
    pub fn add(&mut self, subject: Subject, record: &RunRecord, market: &Market, tree: TreeIndex) {
        if record.test {
            return;
        }
        if let RunKind::Quoted(ping) = record.kind {
            self.posted.insert(ping, ended(record, market));
            return;
        }
        let ended = match subject {
            Subject::Ping(ping) => self.posted.remove(&ping).unwrap_or_else(|| Ended::Lost("not_posted".into())),
            Subject::Lead(_) => ended(record, market),
        };
        let is_of_tree = market.tree_for(&record.vertical, &record.supplier) == Some(tree) && market.revision() == record.revision;
        let has_auction = record.decisions.iter().any(|(_, decision)| matches!(decision, Decision::TierEntered { .. }));
        if is_of_tree && has_auction {
            let (Some(vertical), Some(supplier)) = (market.vertical(&record.vertical), market.supplier(&record.supplier)) else { return };
            let offered = Offered { market, vertical, supplier, ping: &record.attributes, at: record.started_at, test: false };
            let lead = Lead::new(record, offered, tree, ended);
            self.add_lead(subject, &lead);
        }
    }

    fn add_lead(&mut self, subject: Subject, lead: &Lead) {
        let mut reached = Step::Offered;
        for (key, (step, why)) in &lead.contracts {
            let course = self.contracts.entry(key.clone()).or_default();
            course.reached[..=step.place()].iter_mut().for_each(|count| *count += 1);
            if let Some(why) = why {
                *course.why_not.entry(why.clone()).or_default() += 1;
            }
            reached = reached.max(*step);
        }
        for step in Step::ALL.into_iter().filter(|step| *step <= reached) {
            self.reached[step.place()] += 1;
            self.worth[step.place()] += lead.worth;
        }
        if reached < Step::Sold {
            let lost = self.lost.entry((reached, lead.main_reason(reached))).or_default();
            lost.leads += 1;
            lost.worth += lead.worth;
            if lost.examples.len() < MOST_EXAMPLES {
                lost.examples.push(subject);
            }
        }
    }

    /// The reasons at a step, the most frequent first.
    #[must_use]
    pub fn lost_at(&self, step: Step) -> Vec<(&str, &Lost)> {
        let mut lost: Vec<(&str, &Lost)> = self.lost.iter().filter(|((at, _), _)| *at == step).map(|((_, why), lost)| (why.as_str(), lost)).collect();
        lost.sort_by(|(one, a), (other, b)| b.leads.cmp(&a.leads).then(one.cmp(other)));
        lost
    }
}

/// One lead, contract by contract.
struct Lead {
    /// How far each came, and why not further.
    contracts: BTreeMap<ContractKey, (Step, Option<String>)>,
    /// Words of why each went no further, by the step that it came to.
    reasons: BTreeMap<(Step, &'static str), u64>,
    ended: Ended,
    worth: Money,
}

impl Lead {
    fn new(record: &RunRecord, offered: Offered<'_>, tree: TreeIndex, ended: Ended) -> Self {
        let market = offered.market;
        let mut lead = Self { contracts: BTreeMap::new(), reasons: BTreeMap::new(), ended, worth: best_price(record) };
        let met = Met::of(record);
        for (number, tier) in market.tree(tree).tiers.iter().enumerate() {
            for index in &tier.contracts {
                let (step, why) = match (offered.admits(tier, *index), met.get(&(number as u32, *index))) {
                    (Err(why), _) => (Step::Offered, Some((why.word(), why.to_string()))),
                    (Ok(()), Some(Met { step, why })) => (*step, why.clone()),
                    // Its turn never came.
                    (Ok(()), None) => (Step::Eligible, Some(("not_reached", "not_reached".to_owned()))),
                };
                lead.add(&market.contract(*index).key, step, why);
            }
        }
        let won = winners(record, market, tree);
        lead.worth = won.iter().map(|(_, price)| *price).reduce(|sum, price| sum + price).unwrap_or(lead.worth);
        for (index, _) in won {
            lead.add(&market.contract(index).key, Step::Won, None);
        }
        if let Ended::Sold { contracts, price } = lead.ended.clone() {
            lead.worth = price;
            contracts.iter().for_each(|key| lead.add(key, Step::Sold, None));
        }
        lead
    }

    /// A contract that is in several tiers came as far as it did in the best of them.
    fn add(&mut self, key: &ContractKey, step: Step, why: Option<(&'static str, String)>) {
        if let Some((word, _)) = &why {
            *self.reasons.entry((step, word)).or_default() += 1;
        }
        let why = why.map(|(_, told)| told);
        match self.contracts.get_mut(key) {
            Some(known) if known.0 >= step => {}
            Some(known) => *known = (step, why),
            None => drop(self.contracts.insert(key.clone(), (step, why))),
        }
    }

    fn main_reason(&self, reached: Step) -> String {
        if let (Step::Won, Ended::Lost(why)) = (reached, &self.ended) {
            return why.clone();
        }
        let of_step = self.reasons.iter().filter(|((step, _), _)| *step == reached);
        of_step.max_by_key(|(_, count)| **count).map_or_else(|| "other".into(), |((_, word), _)| (*word).to_owned())
    }
}

/// What a run did with a contract whose filter holds.
struct Met {
    step: Step,
    why: Option<(&'static str, String)>,
}

impl Met {
    fn of(record: &RunRecord) -> BTreeMap<(u32, ContractIndex), Self> {
        let mut met = BTreeMap::new();
        for (_, decision) in &record.decisions {
            let (tier, contract, step, why) = match decision {
                Decision::Skipped { tier, contract, why } => (*tier, *contract, Step::Eligible, Some((why.word(), why.to_string()))),
                Decision::Pinged { tier, contract, .. } => (*tier, *contract, Step::Pinged, Some(("silent", "silent".to_owned()))),
                Decision::Answered { tier, contract, outcome } => {
                    let (step, why) = of_answer(outcome);
                    (*tier, *contract, step, why.map(|word| (word, word.to_owned())))
                }
                _ => continue,
            };
            met.insert((tier, contract), Self { step, why });
        }
        met
    }
}

fn of_answer(outcome: &BidOutcome) -> (Step, Option<&'static str>) {
    match outcome {
        BidOutcome::Bid { .. } | BidOutcome::Fixed { .. } => (Step::Bid, Some("outbid")),
        BidOutcome::NoBid { .. } => (Step::Pinged, Some("no_bid")),
        BidOutcome::Late { .. } => (Step::Pinged, Some("late")),
        BidOutcome::Failed(failure) => (Step::Pinged, Some(failure.word())),
        BidOutcome::NotAdmitted(fault) => (Step::Bid, Some(fault.word())),
        BidOutcome::Silent => (Step::Pinged, Some("silent")),
    }
}

/// The auction's choice with what each was to pay: of a quote, those that it promised; of a direct post, who was to have it first.
fn winners(record: &RunRecord, market: &Market, tree: TreeIndex) -> Vec<(ContractIndex, Money)> {
    let mut ranked: Option<(u32, &[RankedOffer])> = None;
    let mut chosen = None;
    for (_, decision) in &record.decisions {
        match decision {
            Decision::Ranked { tier, offers } => (ranked, chosen) = (Some((*tier, offers.as_slice())), None),
            Decision::Chose { kind, .. } => chosen = Some(*kind),
            Decision::Quoted { net, .. } => {
                let Some((tier, offers)) = ranked else { return Vec::new() };
                let of_tree = market.tree(tree).tiers.get(tier as usize);
                let is_shared = of_tree.is_some_and(|tier| matches!(tier.sale, TierSale::Shared(_)));
                let kind = chosen.unwrap_or(if is_shared { SaleKind::Shared } else { SaleKind::Exclusive });
                return promised(offers.iter().filter(|offer| offer.kind == kind), kind, *net, market);
            }
            Decision::Reserving { contract, price, .. } => return vec![(*contract, *price)],
            _ => {}
        }
    }
    Vec::new()
}

/// Those that a quote of this net promises: the best one, or the best of each company until they make it up.
fn promised<'o>(offers: impl Iterator<Item = &'o RankedOffer>, kind: SaleKind, net: Money, market: &Market) -> Vec<(ContractIndex, Money)> {
    let (mut picks, mut companies, mut sum) = (Vec::new(), BTreeSet::new(), Money::ZERO);
    for offer in offers {
        if kind == SaleKind::Exclusive && offer.net != net {
            continue;
        }
        if sum < net && companies.insert(&market.buyer_of(offer.contract).parent) {
            picks.push((offer.contract, offer.price));
            sum += offer.net;
        }
    }
    picks
}

/// The best that anybody named, admitted or not.
fn best_price(record: &RunRecord) -> Money {
    let bids = record.events.iter().filter_map(|(_, event)| match event {
        RecordedEvent::Ping { reply: PingReply::Bid(bid), .. } => bid.bid.max(bid.shared_bid),
        _ => None,
    });
    let fixed = record.decisions.iter().filter_map(|(_, decision)| match decision {
        Decision::Answered { outcome: BidOutcome::Fixed { exclusive, shared }, .. } => (*exclusive).max(*shared),
        _ => None,
    });
    bids.chain(fixed).max().unwrap_or(Money::ZERO)
}

fn ended(record: &RunRecord, market: &Market) -> Ended {
    let mut sales = BTreeMap::new();
    let (mut sold, mut price, mut why) = (Vec::new(), Money::ZERO, None);
    for (_, decision) in &record.decisions {
        match decision {
            Decision::Reserving { sale, contract, price, .. } => drop(sales.insert(*sale, (*contract, *price))),
            Decision::Sold { sale } => {
                if let Some((contract, paid)) = sales.get(sale) {
                    sold.push(market.contract(*contract).key.clone());
                    price += *paid;
                }
            }
            Decision::Voided { .. } => why = Some("rejected"),
            Decision::LeftUnknown { .. } => why = Some("unknown"),
            Decision::OfferDropped { .. } => why = why.or(Some("refused")),
            Decision::Duplicate => why = Some("duplicate"),
            Decision::Unsold { reason } => why = why.or(Some(reason.word())),
            _ => {}
        }
    }
    if sold.is_empty() { Ended::Lost(why.unwrap_or("cut_off").into()) } else { Ended::Sold { contracts: sold, price } }
}
