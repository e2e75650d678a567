//! How far leads came through a tree, and what stopped the others: from their records, summed up.
//!
//! A lead is a ping with its post, or a direct post. What it was worth is what buyers named: the best price of its auction while
//! it was none's, and what was to be paid once somebody had won it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    call::PingReply,
    contract::SaleKind,
    filter::Stop,
    id::{ContractIndex, ContractKey, PingId, Revision, Subject, TreeIndex},
    market::Market,
    matching::{Offered, Untold, WhyNot},
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
    why_not: Vec<Counted>,
}

/// A reason, and how often it was.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted {
    /// The clause of its filter that says so, where one does: a reason is told once, and counted by this.
    clause: Option<(Revision, usize)>,
    told: String,
    count: u64,
}

impl ContractCourse {
    /// The most frequent reason, with how often it was.
    #[must_use]
    pub fn main_reason(&self) -> Option<(&str, u64)> {
        let mut counts = BTreeMap::new();
        // The same clause of two revisions is one reason.
        self.why_not.iter().for_each(|counted| *counts.entry(counted.told.as_str()).or_default() += counted.count);
        counts.into_iter().max_by_key(|(_, count)| *count)
    }

    fn count(&mut self, why: Why, offered: &Offered<'_>) {
        let clause = match &why {
            Why::Found(_, Untold::Filter(Stop::Clause(place))) => Some((offered.market.revision(), *place)),
            _ => None,
        };
        if let Some(known) = clause.and_then(|clause| self.why_not.iter_mut().find(|known| known.clause == Some(clause))) {
            known.count += 1;
            return;
        }
        let told = match why {
            Why::Found(index, untold) => offered.told(index, untold).to_string(),
            Why::Word(word) => word.to_owned(),
            Why::Told(_, told) => told,
        };
        match self.why_not.iter_mut().find(|known| known.clause == clause && known.told == told) {
            Some(known) => known.count += 1,
            None => self.why_not.push(Counted { clause, told, count: 1 }),
        }
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
    /// In the order in which they were first met.
    contracts: Vec<ContractCourse>,
    places: BTreeMap<ContractKey, usize>,
    /// The place of each contract of a revision's market that is in the tree.
    places_of: BTreeMap<Revision, Arc<[Option<usize>]>>,
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
    /// Adds a run. A post must come before the ping that it is of: the newest first. It pauses between contracts, of which a tree may have
    /// ten thousand.
    pub fn add(&mut self, subject: Subject, record: &RunRecord, market: &Market, tree: TreeIndex, mut pause: impl FnMut()) {
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
            let places = self.places_in(market, tree);
            // A post may have sold it by a contract that its ping's market hadn't.
            if let Ended::Sold { contracts, .. } = &ended {
                contracts.iter().for_each(|key| _ = self.place_of(key));
            }
            let lead = Lead::new(record, offered, (tree, &places), &ended, &self.places, &mut pause);
            self.add_lead(subject, lead, &offered, &ended, pause);
        }
    }

    /// Those of the tree's contracts, the new ones behind those that are known.
    fn places_in(&mut self, market: &Market, tree: TreeIndex) -> Arc<[Option<usize>]> {
        if let Some(places) = self.places_of.get(&market.revision()) {
            return Arc::clone(places);
        }
        let mut places = vec![None; market.parts().contracts.len()];
        for index in market.tree(tree).tiers.iter().flat_map(|tier| &tier.contracts) {
            places[index.0 as usize] = Some(self.place_of(&market.contract(*index).key));
        }
        let places: Arc<[_]> = places.into();
        self.places_of.insert(market.revision(), Arc::clone(&places));
        places
    }

    fn place_of(&mut self, key: &ContractKey) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        self.contracts.push(ContractCourse::default());
        self.places.insert(key.clone(), self.contracts.len() - 1);
        self.contracts.len() - 1
    }

    fn add_lead(&mut self, subject: Subject, lead: Lead, offered: &Offered<'_>, ended: &Ended, mut pause: impl FnMut()) {
        let mut reached = Step::Offered;
        let (worth, reasons) = (lead.worth, lead.reasons);
        for (course, came) in self.contracts.iter_mut().zip(lead.came) {
            pause();
            let Some(Came { step, why }) = came else { continue };
            course.reached[..=step.place()].iter_mut().for_each(|count| *count += 1);
            if let Some(why) = why {
                course.count(why, offered);
            }
            reached = reached.max(step);
        }
        for step in Step::ALL.into_iter().filter(|step| *step <= reached) {
            self.reached[step.place()] += 1;
            self.worth[step.place()] += worth;
        }
        if reached < Step::Sold {
            let lost = self.lost.entry((reached, main_reason(&reasons, ended, reached))).or_default();
            lost.leads += 1;
            lost.worth += worth;
            if lost.examples.len() < MOST_EXAMPLES {
                lost.examples.push(subject);
            }
        }
    }

    /// In the order of their keys.
    pub fn contracts(&self) -> impl ExactSizeIterator<Item = (&ContractKey, &ContractCourse)> {
        self.places.iter().map(|(key, place)| (key, &self.contracts[*place]))
    }

    /// The reasons at a step, the most frequent first.
    #[must_use]
    pub fn lost_at(&self, step: Step) -> Vec<(&str, &Lost)> {
        let mut lost: Vec<(&str, &Lost)> = self.lost.iter().filter(|((at, _), _)| *at == step).map(|((_, why), lost)| (why.as_str(), lost)).collect();
        lost.sort_by(|(one, a), (other, b)| b.leads.cmp(&a.leads).then(one.cmp(other)));
        lost
    }
}

/// How far a contract came with a lead, and why not further.
struct Came {
    step: Step,
    why: Option<Why>,
}

enum Why {
    Found(ContractIndex, Untold),
    Word(&'static str),
    /// A word, and all of it.
    Told(&'static str, String),
}

impl Why {
    fn of(why: &WhyNot) -> Self {
        Self::Told(why.word(), why.to_string())
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Found(_, untold) => untold.word(),
            Self::Word(word) | Self::Told(word, _) => word,
        }
    }
}

/// Words of why contracts went no further, by the step that they came to.
type Reasons = BTreeMap<(Step, &'static str), u64>;

/// One lead, contract by contract.
struct Lead {
    /// By the contracts' places.
    came: Vec<Option<Came>>,
    reasons: Reasons,
    worth: Money,
}

impl Lead {
    fn new(
        record: &RunRecord,
        offered: Offered<'_>,
        (tree, places): (TreeIndex, &[Option<usize>]),
        ended: &Ended,
        keys: &BTreeMap<ContractKey, usize>,
        pause: &mut impl FnMut(),
    ) -> Self {
        let market = offered.market;
        let mut lead = Self { came: Vec::new(), reasons: BTreeMap::new(), worth: best_price(record) };
        lead.came.resize_with(keys.len(), || None);
        let place = |index: ContractIndex| places.get(index.0 as usize).copied().flatten();
        let mut met = Met::of(record);
        for (number, tier) in market.tree(tree).tiers.iter().enumerate() {
            for index in &tier.contracts {
                pause();
                let (step, why) = match (offered.judge(tier, *index), met.remove(&(number as u32, *index))) {
                    (Err(untold), _) => (Step::Offered, Some(Why::Found(*index, untold))),
                    (Ok(()), Some(Met { step, why })) => (step, why),
                    // Its turn never came.
                    (Ok(()), None) => (Step::Eligible, Some(Why::Word("not_reached"))),
                };
                lead.add(place(*index), step, why);
            }
        }
        let won = winners(record, market, tree);
        lead.worth = won.iter().map(|(_, price)| *price).reduce(|sum, price| sum + price).unwrap_or(lead.worth);
        for (index, _) in won {
            lead.add(place(index), Step::Won, None);
        }
        if let Ended::Sold { contracts, price } = ended {
            lead.worth = *price;
            contracts.iter().for_each(|key| lead.add(keys.get(key).copied(), Step::Sold, None));
        }
        lead
    }

    /// A contract that is in several tiers came as far as it did in the best of them.
    fn add(&mut self, place: Option<usize>, step: Step, why: Option<Why>) {
        if let Some(why) = &why {
            *self.reasons.entry((step, why.word())).or_default() += 1;
        }
        if let Some(came) = place.and_then(|place| self.came.get_mut(place))
            && came.as_ref().is_none_or(|known| known.step < step)
        {
            *came = Some(Came { step, why });
        }
    }
}

/// Why a lead came so far and no further.
fn main_reason(reasons: &Reasons, ended: &Ended, reached: Step) -> String {
    if let (Step::Won, Ended::Lost(why)) = (reached, ended) {
        return why.clone();
    }
    let of_step = reasons.iter().filter(|((step, _), _)| *step == reached);
    of_step.max_by_key(|(_, count)| **count).map_or_else(|| "other".into(), |((_, word), _)| (*word).to_owned())
}

/// What a run did with a contract whose filter holds.
struct Met {
    step: Step,
    why: Option<Why>,
}

impl Met {
    fn of(record: &RunRecord) -> BTreeMap<(u32, ContractIndex), Self> {
        let mut met = BTreeMap::new();
        for (_, decision) in &record.decisions {
            let (tier, contract, step, why) = match decision {
                Decision::Skipped { tier, contract, why } => (*tier, *contract, Step::Eligible, Some(Why::of(why))),
                Decision::Pinged { tier, contract, .. } => (*tier, *contract, Step::Pinged, Some(Why::Word("silent"))),
                Decision::Answered { tier, contract, outcome } => {
                    let (step, why) = of_answer(outcome);
                    (*tier, *contract, step, why.map(Why::Word))
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
