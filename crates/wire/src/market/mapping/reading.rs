//! The reading of answers, checked: what can't be right is told here.

use exchange::mapping::{Answer, Bids, CodeMeans, Codes, How, Path, Place, Price, Reference, Test};

use super::{
    super::keys::At,
    answer::{AnswerDraft, BidsDraft, HowDraft, PriceDraft, References, TestDraft},
    compile::Purpose,
};

/// A mistake with its line and mend.
pub(super) type Told = (usize, String, String);

pub(super) fn compile(draft: &AnswerDraft, purpose: Purpose, line: usize, told: &mut Vec<Told>) -> Answer {
    let mut places = Places::default();
    let rows = draft.bids.as_ref().map(|bids| &bids.value.rows);
    let mut tests = |tests: &Option<Vec<At<TestDraft>>>| places.tests(tests.as_deref().unwrap_or_default(), None);
    let (accepted, rejected, duplicate, later) = (tests(&draft.accepted), tests(&draft.rejected), tests(&draft.duplicate), tests(&draft.later));
    let price = draft.price.as_ref().map(|at| places.price(&at.value, None));
    let shared_price = draft.shared_price.as_ref().map(|at| places.price(&at.value, None));
    let references = draft.references.as_ref().map_or_else(Vec::new, |at| places.references(&at.value, None));
    let bids = draft.bids.as_ref().map(|at| places.bids(&at.value));
    let mut all = |found: &Option<Vec<At<Place>>>| found.iter().flatten().map(|at| places.number(at.value.clone(), None)).collect::<Vec<usize>>();
    let (reason, redirect, lead_reference) = (all(&draft.reason), all(&draft.redirect), all(&draft.lead_reference));
    let mut one = |found: &Option<At<Place>>| found.as_ref().map(|at| places.number(at.value.clone(), None));
    let (currency, ttl_s) = (one(&draft.currency), one(&draft.ttl_s));
    let codes = Codes(draft.codes.iter().map(|((from, to), means)| (*from, *to, *means)).rev().collect());
    check(draft, purpose, line, told);
    if rows.is_some_and(|rows| rows.steps.iter().any(|step| step.is_attribute)) {
        told.push((draft.bids.as_ref().map_or(line, |at| at.line), "`bids.at` is an attribute".into(), "name the element that each bid is".into()));
    }
    let codes = narrow_first(codes);
    Answer {
        format: draft.format,
        inside: draft.inside.clone().unwrap_or_default(),
        places: places.all,
        codes,
        accepted,
        rejected,
        duplicate,
        later,
        price,
        shared_price,
        references,
        bids,
        currency,
        ttl_s,
        reason,
        redirect,
        lead_reference,
    }
}

/// A status by itself goes before its class.
fn narrow_first(mut codes: Codes) -> Codes {
    codes.0.sort_by_key(|(from, to, _)| to - from);
    codes
}

/// The place from the outermost on, of one that may be in a row.
fn placed(place: Place, rows: Option<&Path>) -> Place {
    match (place, rows) {
        (Place::Path(path), Some(rows)) => Place::Path(below(path, rows)),
        (Place::Part(path, pattern), Some(rows)) => Place::Part(below(path, rows), pattern),
        (place, _) => place,
    }
}

fn below(path: Path, rows: &Path) -> Path {
    Path { entry: rows.entry, steps: rows.steps.iter().cloned().chain(path.steps).collect(), in_row: true, ..path }
}

#[derive(Default)]
struct Places {
    all: Vec<Place>,
}

impl Places {
    fn number(&mut self, place: Place, rows: Option<&Path>) -> usize {
        self.all.push(placed(place, rows));
        self.all.len() - 1
    }

    fn tests(&mut self, drafts: &[At<TestDraft>], rows: Option<&Path>) -> Vec<Test> {
        drafts.iter().map(|draft| self.test(&draft.value, rows)).collect()
    }

    fn test(&mut self, draft: &TestDraft, rows: Option<&Path>) -> Test {
        let words = |words: &[String]| words.iter().map(|word| word.as_str().into()).collect();
        let how = match &draft.how {
            HowDraft::Present => How::Present,
            HowDraft::Absent => How::Absent,
            HowDraft::Is(is) => How::Is(words(is)),
            HowDraft::Contains(contains) => How::Contains(words(contains)),
            HowDraft::Words(whole) => How::Words(words(whole)),
            HowDraft::Matches(pattern) => How::Matches(pattern.clone()),
            HowDraft::Above(bound) => How::Above(*bound),
            HowDraft::Below(bound) => How::Below(*bound),
        };
        let place = match (draft.place.clone(), &how) {
            (Place::Path(path), How::Present | How::Absent) => Place::Path(Path { below: true, ..path }),
            (place, _) => place,
        };
        Test { place: self.number(place, rows), how, also: self.tests(&draft.also, rows) }
    }

    fn price(&mut self, draft: &PriceDraft, rows: Option<&Path>) -> Price {
        let or = draft.or.clone().map(|place| self.number(place, rows));
        Price { place: self.number(draft.place.clone(), rows), or, unit: draft.unit, decimal_comma: draft.decimal_comma, round: draft.round }
    }

    fn references(&mut self, drafts: &[(Option<String>, Place)], rows: Option<&Path>) -> Vec<Reference> {
        let one = |(name, place): &(Option<String>, Place)| Reference { name: name.as_deref().map(Into::into), place: self.number(place.clone(), rows) };
        drafts.iter().map(one).collect()
    }

    fn bids(&mut self, draft: &BidsDraft) -> Bids {
        let rows = Some(&draft.rows);
        Bids {
            rows: draft.rows.clone(),
            price: self.price(&draft.price.value, rows),
            references: draft.references.as_ref().map_or_else(Vec::new, |at| self.references(&at.value, rows)),
            exclusive: self.tests(&draft.exclusive, rows),
            shared: self.tests(&draft.shared, rows),
        }
    }
}

fn check(draft: &AnswerDraft, purpose: Purpose, line: usize, told: &mut Vec<Told>) {
    let accepts_by_code = draft.codes.values().any(|means| *means == CodeMeans::Accepted);
    if draft.accepted.is_none() && !accepts_by_code {
        let what = format!("`{}.answer` doesn't say what an acceptance looks like", purpose.word());
        told.push((line, what, "write accepted = { at = \"PATH\", is = [\"WORD\"] } under it".into()));
    }
    let prices = [&draft.price, &draft.shared_price]
        .into_iter()
        .flatten()
        .flat_map(|at| std::iter::once(&at.value.place).chain(&at.value.or).map(|place| (place, at.line)));
    let references = |found: &Option<At<References>>| found.iter().flat_map(|at| at.value.iter().map(|(_, place)| place.clone())).collect::<Vec<_>>();
    let mut compare = |price: &Place, line: usize, references: &[Place]| {
        if references.iter().any(|reference| is_same(price, reference)) {
            told.push((line, "the price stands where the reference does".into(), "name the place of each: they can't both be there".into()));
        }
    };
    let outer = references(&draft.references);
    prices.for_each(|(price, line)| compare(price, line, &outer));
    if let Some(bids) = &draft.bids {
        let rows = references(&bids.value.references);
        let inner: Vec<Place> = rows.into_iter().map(|place| placed(place, Some(&bids.value.rows))).chain(outer.iter().cloned()).collect();
        compare(&placed(bids.value.price.value.place.clone(), Some(&bids.value.rows)), bids.value.price.line, &inner);
    }
    check_unread(draft, purpose, told);
    check_words(draft, told);
}

/// What a bid says is read of a ping's answer alone.
fn check_unread(draft: &AnswerDraft, purpose: Purpose, told: &mut Vec<Told>) {
    if purpose == Purpose::Ping {
        return;
    }
    let lines = [
        ("price", draft.price.as_ref().map(|at| at.line)),
        ("shared_price", draft.shared_price.as_ref().map(|at| at.line)),
        ("reference", draft.references.as_ref().map(|at| at.line)),
        ("bids", draft.bids.as_ref().map(|at| at.line)),
        ("currency", draft.currency.as_ref().map(|at| at.line)),
        ("ttl_s", draft.ttl_s.as_ref().map(|at| at.line)),
    ];
    for (name, line) in lines {
        let what = format!("`{}.answer.{name}` isn't read: a buyer pays what it bid", purpose.word());
        told.extend(line.map(|line| (line, what, "take it out, or write it under [endpoint.ping.answer]".into())));
    }
}

fn is_same(one: &Place, other: &Place) -> bool {
    match (one, other) {
        (Place::Path(one), Place::Path(other)) => one.entry == other.entry && one.steps == other.steps,
        (Place::Part(one, pattern), Place::Part(other, other_pattern)) => one.entry == other.entry && one.steps == other.steps && pattern == other_pattern,
        (Place::Header(one), Place::Header(other)) => one == other,
        (Place::Pattern(one), Place::Pattern(other)) => one == other,
        (Place::Body, Place::Body) => true,
        _ => false,
    }
}

/// A word that is found inside of another list's can't tell the two apart, nor can a word that two lists have.
fn check_words(draft: &AnswerDraft, told: &mut Vec<Told>) {
    let lists = [("accepted", &draft.accepted), ("rejected", &draft.rejected), ("duplicate", &draft.duplicate), ("later", &draft.later)];
    let all: Vec<(&str, &At<TestDraft>)> = lists.into_iter().flat_map(|(name, tests)| tests.iter().flatten().map(move |test| (name, test))).collect();
    for (name, test) in &all {
        for (other_name, other) in &all {
            // Among refusals, the more exact goes first, and none takes a lead for sold.
            let matters = (*name == "accepted") != (*other_name == "accepted") || std::ptr::eq(*test, *other);
            if matters && is_same(&test.value.place, &other.value.place) && test.value.also.is_empty() && other.value.also.is_empty() {
                compare_words((name, test), (other_name, other), told);
            }
        }
    }
}

fn words(test: &TestDraft) -> &[String] {
    match &test.how {
        HowDraft::Is(words) | HowDraft::Contains(words) | HowDraft::Words(words) => words,
        HowDraft::Present | HowDraft::Absent | HowDraft::Matches(_) | HowDraft::Above(_) | HowDraft::Below(_) => &[],
    }
}

fn compare_words((name, test): (&str, &At<TestDraft>), (other_name, other): (&str, &At<TestDraft>), told: &mut Vec<Told>) {
    let is_same_list = std::ptr::eq(test, other);
    let mend = "write `is` for whole texts, `words` for whole words, or `matches` with an expression that tells them apart";
    if let HowDraft::Matches(pattern) = &test.value.how {
        for word in words(&other.value).iter().filter(|word| pattern.is_in(word)) {
            told.push((test.line, format!("`{name}` matches \"{word}\" of `{other_name}`"), mend.into()));
        }
    }
    for (number, word) in words(&test.value).iter().enumerate() {
        for (other_number, longer) in words(&other.value).iter().enumerate().filter(|(other_number, _)| !is_same_list || *other_number != number) {
            let is_in = match &test.value.how {
                HowDraft::Contains(_) => longer.to_lowercase().contains(&word.to_lowercase()),
                HowDraft::Words(_) => crate::mapped::has_word(longer, word),
                // Each way is told once.
                _ => longer.eq_ignore_ascii_case(word) && if is_same_list { other_number < number } else { name == "accepted" },
            };
            if is_in {
                let what = if is_same_list {
                    format!("`{name}` has \"{longer}\", in which its own \"{word}\" is found")
                } else {
                    format!("`{name}` finds \"{word}\" in \"{longer}\" of `{other_name}`")
                };
                told.push((test.line, what, mend.into()));
            }
        }
    }
}
