//! The end of every harness: what suppliers were told, what buyers have, and what the exchange keeps, lead by lead and cent by cent.

use std::collections::{BTreeMap, BTreeSet};

use exchange::{id::LeadId, ledger::Account, money::Money};
use store::{AccountRow, LeadRow, Reader, SaleRow, SaleStatus};

use super::{
    buyers::{Buyer, Taken},
    suppliers::Told,
};

/// How many buyers may get a contact, in every tree of the harnesses' market.
const MOST_DISCLOSURES: usize = 2;

/// What the comparison came to. Everything but `wrong` is for people to read.
#[derive(Debug, Default)]
pub struct Books {
    pub leads: usize,
    pub sold: usize,
    pub unknown: usize,
    pub lost: Vec<String>,
    pub disclosed_twice: Vec<String>,
    pub orphan_holds: Vec<String>,
    pub imbalance: Vec<String>,
    pub disagreements: Vec<String>,
    /// What a supplier noticed by itself.
    pub wrong: Vec<String>,
}

impl Books {
    #[track_caller]
    pub fn must_agree(&self) {
        self.print();
        let all = [&self.lost, &self.disclosed_twice, &self.orphan_holds, &self.imbalance, &self.disagreements, &self.wrong];
        let found: Vec<&String> = all.into_iter().flat_map(|list| list.iter().take(8)).collect();
        assert!(found.is_empty(), "{found:#?}");
        assert!(self.sold > 10, "hardly anything was sold: {}", self.sold);
    }

    pub fn print(&self) {
        println!(
            "  {} acknowledged leads, {} sales sold, {} unknown: acknowledged leads lost {}, second exclusive disclosures {}, orphan holds {}, ledger imbalance {}, disagreements {}, wrong answers {}",
            self.leads,
            self.sold,
            self.unknown,
            self.lost.len(),
            self.disclosed_twice.len(),
            self.orphan_holds.len(),
            self.imbalance.len(),
            self.disagreements.len(),
            self.wrong.len()
        );
    }
}

fn cents(money: Money) -> i64 {
    money.micros() / 10_000
}

pub fn compare(reader: &mut dyn Reader, buyers: &[Buyer], told: Vec<Told>, wrong: Vec<String>) -> Books {
    let mut books = Books { leads: told.len(), wrong, ..Books::default() };
    books.suppliers(reader, &told);
    let mut open = BTreeMap::new();
    for buyer in buyers {
        books.buyer(reader, buyer, &mut open);
    }
    books.disclosures(buyers, &told);
    books.money(reader, buyers, &open);
    books
}

impl Books {
    /// Every acknowledged lead is there, and is what its supplier was told.
    fn suppliers(&mut self, reader: &mut dyn Reader, told: &[Told]) {
        for told in told {
            let Some(row) = told.lead.parse::<LeadId>().ok().and_then(|lead| reader.lead(lead).unwrap()) else {
                self.lost.push(format!("{told:?}"));
                continue;
            };
            if !follows(told, &row) {
                self.disagreements.push(format!("{told:?} is {:?} at {}", row.status, row.net));
            }
            if told.status == "sold" && told.supplier != "sharer" && told.quoted.is_some_and(|quoted| told.price < quoted) {
                self.disagreements.push(format!("{told:?} was settled below its quote"));
            }
        }
    }

    /// Bought is charged, at the same price, and what was not bought isn't. What is unknown stays held: `open`, by buyer.
    fn buyer(&mut self, reader: &mut dyn Reader, buyer: &Buyer, open: &mut BTreeMap<String, i64>) {
        let name = buyer.habits.name;
        let mut book = buyer.book();
        let mut charged = 0;
        for sale in reader.sales_of_buyer(&name.parse().unwrap(), None, u32::MAX).unwrap() {
            let taken = book.remove(&sale.sale.post_id().to_string());
            let disclosed = reader.disclosures_of(sale.lead).unwrap().iter().any(|row| row.sale == sale.sale);
            if taken.is_some() && !disclosed {
                self.disagreements.push(format!("{name} has {} and no disclosure says so", sale.sale));
            }
            match sale.status {
                SaleStatus::Sold => {
                    self.sold += 1;
                    charged += cents(sale.price);
                }
                SaleStatus::Unknown => {
                    self.unknown += 1;
                    *open.entry(name.to_owned()).or_default() += cents(sale.price);
                }
                _ => {}
            }
            if !agrees(&sale, taken.as_ref()) {
                self.disagreements
                    .push(format!("{name}: {} of {} is {:?} at {}, and in the buyer's book {taken:?}", sale.sale, sale.lead, sale.status, sale.price));
            }
        }
        for (post, taken) in book {
            self.disagreements.push(format!("{name} has {post}, which the exchange doesn't know: {taken:?}"));
        }
        let balance = balance(reader, &format!("buyer:{name}"));
        if balance != -charged {
            self.imbalance.push(format!("{name} was sold {charged} and its balance is {balance}"));
        }
    }

    /// By the buyers' own books: nobody's contact went to a second buyer before the first had said no, nor to too many.
    fn disclosures(&mut self, buyers: &[Buyer], told: &[Told]) {
        let shared: BTreeSet<String> = told.iter().filter(|told| told.supplier == "sharer").map(|told| told.person.phone()).collect();
        let mut by_phone: BTreeMap<String, Vec<(&str, Taken)>> = BTreeMap::new();
        for buyer in buyers {
            for taken in buyer.book().into_values() {
                by_phone.entry(taken.phone.trim_start_matches("+1").to_owned()).or_default().push((buyer.habits.name, taken));
            }
        }
        for (phone, mut taken) in by_phone {
            taken.sort_by_key(|(_, taken)| taken.order);
            let refused = |(_, taken): &(&str, Taken)| !taken.accepted && taken.answered;
            let before_last = &taken[..taken.len() - 1];
            if taken.len() > MOST_DISCLOSURES || !(shared.contains(&phone) || before_last.iter().all(refused)) {
                self.disclosed_twice.push(format!("{taken:?}"));
            }
        }
    }

    fn money(&mut self, reader: &mut dyn Reader, buyers: &[Buyer], open: &BTreeMap<String, i64>) {
        for buyer in buyers {
            // A quote that came after its supplier had given the ping up holds what it promised until it expires.
            let held = account(reader, &format!("buyer:{}", buyer.habits.name)).map_or(0, |row| cents(row.held) - cents(row.firm));
            let expected = open.get(buyer.habits.name).copied().unwrap_or_default();
            if held != expected {
                self.orphan_holds.push(format!("{} cents are held of {}, and its unknown sales are {expected}", held, buyer.habits.name));
            }
        }
        if reader.ledger_sum().unwrap() != Money::ZERO {
            self.imbalance.push("the ledger doesn't sum to zero".into());
        }
        self.imbalance.extend(reader.audit().unwrap());
    }
}

/// Whether a lead may have become this after its supplier was told that.
fn follows(told: &Told, row: &LeadRow) -> bool {
    let (status, net) = (row.status.word(), cents(row.net));
    match told.status.as_str() {
        // A shared lead may have sold another leg that was unknown then.
        "sold" => status == "sold" && (net == told.price || (told.supplier == "sharer" && net > told.price)),
        "unsold" => status == "unsold" && net == 0,
        _ => matches!(status, "pending" | "sold" | "unsold"),
    }
}

fn agrees(sale: &SaleRow, taken: Option<&Taken>) -> bool {
    match sale.status {
        SaleStatus::Sold => taken.is_some_and(|taken| taken.accepted && taken.price == cents(sale.price)),
        SaleStatus::Void => taken.is_none_or(|taken| !taken.accepted),
        // Nobody says that it was bought, or that it wasn't.
        SaleStatus::Unknown => taken.is_none_or(|taken| taken.price == cents(sale.price)),
        SaleStatus::Reserved | SaleStatus::Posted | SaleStatus::Returned => false,
    }
}

fn account(reader: &mut dyn Reader, name: &str) -> Option<AccountRow> {
    let account: Account = name.parse().unwrap();
    reader.balances().unwrap().into_iter().find(|row| row.account == account)
}

fn balance(reader: &mut dyn Reader, name: &str) -> i64 {
    account(reader, name).map_or(0, |row| cents(row.balance))
}
