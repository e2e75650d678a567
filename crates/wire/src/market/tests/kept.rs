//! What is kept of a market is that market, and is used with its own text alone.

use std::sync::Arc;

use exchange::{
    filter::{Filter, Predicate},
    market::MarketParts,
};

use super::{Bundle, read, sample::sample};
use crate::market::{keep, read_kept};

const TEXT: &[u8] = b"the text that it was read from";

/// The sample, with a list that several contracts look in.
fn with_lists() -> Bundle {
    let mut bundle = sample();
    bundle.files.insert("lists/west.txt".to_owned(), "CA\nNV\nWA\n".to_owned());
    let mut changed = 0;
    for (_, text) in bundle.files.iter_mut().filter(|(path, _)| path.starts_with("buyers/")) {
        let lines = text.lines().map(|line| match line.starts_with("filter = ") && changed < 8 {
            true => {
                changed += 1;
                "filter = 'state in list(\"west\")'".to_owned()
            }
            false => line.to_owned(),
        });
        *text = lines.collect::<Vec<_>>().join("\n");
    }
    bundle
}

fn parts(bundle: &Bundle) -> MarketParts {
    read(bundle).unwrap_or_else(|problems| panic!("{problems:#?}")).0
}

#[test]
fn a_market_is_read_back_as_it_was() {
    for bundle in [sample(), with_lists(), super::small()] {
        let parts = parts(&bundle);
        let bytes = keep(parts.clone(), TEXT).unwrap();
        let back = read_kept(&bytes, TEXT).unwrap();
        assert_eq!(
            format!("{:?}", (&back.contracts, &back.buyers, &back.suppliers, &back.trees)),
            format!("{:?}", (&parts.contracts, &parts.buyers, &parts.suppliers, &parts.trees))
        );
        for (back, vertical) in back.verticals.iter().zip(&parts.verticals) {
            assert_eq!(format!("{:?}", back.fields()), format!("{:?}", vertical.fields()));
            assert!(vertical.indexed().all(|(index, field)| back.find(&field.name) == Some(index)));
        }
        assert_eq!(keep(back, TEXT).unwrap(), bytes);
    }
}

/// For each filter that looks in a list, the first filter that looks in the same.
fn shared(parts: &MarketParts) -> Vec<usize> {
    let clauses = parts.contracts.iter().filter_map(|contract| contract.filter.as_ref()).flat_map(Filter::clauses);
    let lists: Vec<_> = clauses.filter_map(|clause| if let Predicate::In(_, set) = clause { set.list.as_ref().map(|_| &set.values) } else { None }).collect();
    lists.iter().filter_map(|list| lists.iter().position(|other| Arc::ptr_eq(list, other))).collect()
}

#[test]
fn a_list_is_kept_once_however_many_look_in_it() {
    let parts = parts(&with_lists());
    let back = read_kept(&keep(parts.clone(), TEXT).unwrap(), TEXT).unwrap();
    assert_eq!(shared(&back), shared(&parts));
    assert!(shared(&back).iter().enumerate().any(|(place, first)| *first != place), "two look in the same list");
}

#[test]
fn what_is_of_another_text_or_format_or_was_changed_is_not_used() {
    let bytes = keep(parts(&sample()), TEXT).unwrap();
    assert!(read_kept(&bytes, b"another text").is_none());
    assert!(read_kept(&[], TEXT).is_none() && read_kept(&bytes[..20], TEXT).is_none());
    for place in [0, 1, 32, 33, 34, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(read_kept(&changed, TEXT).is_none(), "{place}");
    }
}

/// If this fails, what a market is kept as has changed: raise the format in `kept.rs`, then accept the snapshot.
#[test]
fn the_format_is_raised_with_every_change_of_it() {
    let bytes = keep(parts(&super::small()), TEXT).unwrap();
    let body: String = bytes[33..].iter().map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!(format!("format {}\n{body}", bytes[0]));
}
