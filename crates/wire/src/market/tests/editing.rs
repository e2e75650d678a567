//! Forms change one value of a file, and nothing around it.

use exchange::tree::Order;
use proptest::prelude::*;

use super::{Bundle, read, sample::sample, small};
use crate::market::{Addition, Term, TermKind, Thing, diff, enlist, merged, take_out};

/// Everything in the files that a form is of.
fn things(bundle: &Bundle) -> Vec<Thing> {
    let (parts, _) = read(bundle).unwrap();
    let contracts = parts.contracts.iter().map(|contract| Thing::Contract(contract.key.clone()));
    let buyers = parts.buyers.iter().map(|buyer| Thing::Buyer(buyer.name.clone()));
    let suppliers = parts.suppliers.iter().map(|supplier| Thing::Supplier(supplier.name.clone()));
    let tiers = parts.trees.iter().flat_map(|tree| (0..tree.tiers.len()).map(|place| Thing::Tier(tree.name.clone(), place)));
    let trees = parts.trees.iter().map(|tree| Thing::Tree(tree.name.clone()));
    contracts.chain(buyers).chain(suppliers).chain(trees).chain(tiers).collect()
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.find("# ").map(|place| line[place..].trim_end())).collect()
}

#[test]
fn every_term_of_the_sample_is_shown_and_what_is_shown_changes_nothing() {
    let sample = sample();
    for thing in things(&sample) {
        for term in thing.terms() {
            let shown = thing.in_file(&sample).unwrap().shown(term).unwrap_or_else(|| panic!("{thing:?} {} can't be shown", term.key));
            let mut same = sample.clone();
            thing.set(&mut same, term, &shown).unwrap();
            assert_eq!(same, sample, "{thing:?} {}", term.key);
        }
    }
}

#[test]
fn a_change_keeps_what_stands_around_it() {
    let text = "# Top.\nlabel = \"Harbor\"   # the label\n\n[endpoint] # where\nping_url = 'x'\n\n# West.\n[contracts.west]\nprice = \"bid\"  # they bid\ntags = [\"a\", 'b'] # two\nfilter = 'state == \"CA\"'\n\n# East.\n[contracts.east]\nprice = \"3.00\"\n";
    let mut bundle = small();
    bundle.files.insert("buyers/harbor.toml".into(), text.into());
    let west = Thing::Contract("harbor/west".parse().unwrap());
    let mut set = |thing: &Thing, key: &str, said: &str| {
        let term = thing.terms().iter().find(|term| term.key == key).unwrap();
        thing.set(&mut bundle, term, said).unwrap();
    };
    set(&west, "max_bid", "70.00");
    set(&west, "price", "12.00");
    set(&west, "tags", "a, b, c");
    set(&west, "filter", "state == \"WA\"");
    set(&west, "caps", "100 per day\r\n2000.00 spend per month");
    set(&west, "suppliers", "deny dreamy");
    set(&west, "paused", "true");
    set(&Thing::Buyer("harbor".parse().unwrap()), "credit", "10");
    insta::assert_snapshot!(bundle.files["buyers/harbor.toml"]);
}

#[test]
fn what_a_form_says_wrong_is_told_of_its_field() {
    let mut bundle = small();
    let thing = Thing::Contract("harbor/west".parse().unwrap());
    for (key, said) in [("filter", "nothing_such == 1"), ("weight", "much"), ("max_bid", "many"), ("price", ""), ("hours", "always"), ("priority", "0")] {
        let term = thing.terms().iter().find(|term| term.key == key).unwrap();
        thing.set(&mut bundle, term, said).unwrap();
    }
    let problems = read(&bundle).unwrap_err();
    let told: Vec<String> = problems.iter().map(|problem| format!("{:?}: {}", thing.term_of(&bundle, problem).map(|term| term.key), problem)).collect();
    insta::assert_snapshot!(told.join("\n"));
    let caps = thing.terms().iter().find(|term| term.key == "caps").unwrap();
    for wrong in ["100", "100 per", "many per day", "5 a day"] {
        assert!(thing.set(&mut bundle, caps, wrong).is_err(), "{wrong}");
    }
}

fn said(term: &Term) -> BoxedStrategy<String> {
    let names = || proptest::collection::vec("[a-z][a-z0-9-]{0,6}", 0..4).prop_map(|names| names.join(", "));
    match term.kind {
        TermKind::Line => "([1-9][0-9]{0,3}(\\.[0-9]{2})?)?|bid".boxed(),
        TermKind::Text => "([a-z_]{1,8} (==|in|>=) [\"'a-z0-9\\[\\]]{1,8})?".prop_map(|text| text.trim().to_owned()).boxed(),
        TermKind::Whole | TermKind::Percent => "([1-9][0-9]{0,3})?".boxed(),
        TermKind::Flag => prop_oneof![Just(String::new()), Just("true".to_owned())].boxed(),
        TermKind::Names => names().boxed(),
        TermKind::Lines => proptest::collection::vec("(mon|tue|sat)-sun 0[1-9]:00-1[0-9]:00", 0..3).prop_map(|lines| lines.join("\n")).boxed(),
        TermKind::Caps => {
            proptest::collection::vec("[1-9][0-9]{0,2} per (day|week|total)|[1-9][0-9]\\.00 spend per month", 0..3).prop_map(|caps| caps.join("\n")).boxed()
        }
        TermKind::Leave => (any::<bool>(), proptest::sample::subsequence(vec!["price", "shared_price", "max_bid"], 0..=3))
            .prop_map(|(pause, prices)| {
                let prices = prices.into_iter().map(|key| format!("{key} 5.00 to 40.00"));
                pause.then(|| "pause".to_owned()).into_iter().chain(prices).collect::<Vec<_>>().join("\n")
            })
            .boxed(),
        TermKind::Sources => (any::<bool>(), names())
            .prop_map(|(allow, names)| if names.is_empty() { names } else { format!("{} {names}", if allow { "allow" } else { "deny" }) })
            .boxed(),
        TermKind::Words(_) => (0..Order::WORDS.len()).prop_map(|place| Order::WORDS[place].0.to_owned()).boxed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever a form says is what the file says then; every other value and every other comment is as it was.
    #[test]
    fn one_value_changes_and_nothing_else((thing, term, said) in {
        let things = things(&sample());
        (0..things.len()).prop_flat_map(move |place| {
            let thing = things[place].clone();
            (0..thing.terms().len()).prop_flat_map(move |place| {
                let (thing, term) = (thing.clone(), thing.terms()[place]);
                said(&term).prop_map(move |said| (thing.clone(), term, said))
            })
        })
    }, windows in any::<bool>()) {
        let mut before = sample();
        if windows {
            before.files.values_mut().for_each(|text| *text = text.replace('\n', "\r\n"));
        }
        let mut after = before.clone();
        thing.set(&mut after, &term, &said).unwrap();
        prop_assert_eq!(thing.in_file(&after).unwrap().shown(&term), Some(said.clone()));
        let changes = diff(&before, &after);
        let shown = thing.in_file(&before).unwrap().shown(&term).unwrap();
        // A flag that is written out, or a list that is empty, may say what its absence says.
        prop_assert!(changes.len() <= 1 || matches!(term.kind, TermKind::Sources | TermKind::Leave), "{:?}", changes);
        prop_assert!(shown == said || !changes.is_empty(), "{} became {}", shown, said);
        for (path, text) in &before.files {
            if *path != thing.file() {
                prop_assert_eq!(text, &after.files[path]);
            }
        }
        let (was, is) = (&before.files[&thing.file()], &after.files[&thing.file()]);
        let lost = comments(was).into_iter().filter(|comment| !comments(is).contains(comment)).count();
        // What a taken-out value had beside or above it goes with it.
        prop_assert!(lost == 0 || said.is_empty(), "{}", is);
        prop_assert_eq!(windows, is.contains("\r\n"));
    }
}

#[test]
fn what_two_people_change_comes_together_where_it_is_not_the_same() {
    let base = "# Harbor.\nlabel = \"Harbor\"\n\n[endpoint]\npost_url = \"x\"\n\n# West.\n[contracts.west]\nprice = \"20.00\" # agreed\npaused = false\n\n[[contracts.west.rows]]\nfloor = \"1\"\n";
    let one = base.replace("\"20.00\"", "\"22.00\"");
    let renamed = base.replace("\"Harbor\"", "\"Harbor Lending\"").replace("# West.", "# The west coast.");
    assert_eq!(merged(base, &one, &renamed), merged(base, &renamed, &one));
    let both = merged(base, &one, &renamed).unwrap();
    assert!(both.contains("price = \"22.00\" # agreed") && both.contains("# The west coast.") && both.contains("Harbor Lending"), "{both}");
    let added = base.replace("paused = false\n", "paused = false\npaused_by_buyer = true\n");
    assert!(merged(base, &added, &one).unwrap().contains("paused_by_buyer = true"));
    // A table that is new on one side, and values on the other.
    let table = format!("{base}\n# East.\n[contracts.east]\nprice = \"3.00\"\n");
    assert!(merged(base, &one, &table).unwrap().ends_with("# East.\n[contracts.east]\nprice = \"3.00\"\n"));
    // The same value twice, what isn't there any more, and comments on both sides.
    let other = base.replace("\"20.00\"", "\"25.00\"");
    assert_eq!(merged(base, &one, &other), None);
    let gone = base.split("# West.").next().unwrap().to_owned();
    assert_eq!(merged(base, &one, &gone), None);
    assert_eq!(merged(base, &renamed, &base.replace("# Harbor.", "# Ours.")), None);
    // A row that is put before others moves them: a place means another row then.
    let floor = base.replace("floor = \"1\"", "floor = \"2\"");
    let before = base.replace("[[contracts.west.rows]]", "[[contracts.west.rows]]\nfloor = \"1\"\n\n[[contracts.west.rows]]");
    assert_eq!(merged(base, &floor, &before), None);
    assert!(merged(base, &floor, &one).unwrap().contains("floor = \"2\""));
}

fn added(bundle: &mut Bundle, addition: &Addition, said: &[(&str, &str)]) -> Result<(), Vec<(Option<&'static str>, String)>> {
    let said = |term: &Term| said.iter().find(|(key, _)| *key == term.key).map_or(String::new(), |(_, said)| (*said).to_owned());
    addition.add(bundle, &said)
}

#[test]
fn what_is_new_stands_in_its_file_and_nothing_else_changes() {
    let mut bundle = small();
    let newcomer = Addition::Buyer("summit".parse().unwrap());
    let said = [("label", "Summit"), ("ping_url", "https://summit.example/ping"), ("post_url", "https://summit.example/post"), ("secret", "env:SUMMIT")];
    added(&mut bundle, &newcomer, &said).unwrap();
    assert!(added(&mut bundle, &newcomer, &said).is_err(), "it is there already");
    let contract = Addition::Contract("summit/north".parse().unwrap());
    assert_eq!(added(&mut bundle, &contract, &[("caps", "many")]).unwrap_err()[0].0, Some("caps"));
    added(&mut bundle, &contract, &[("vertical", "mortgage"), ("price", "bid"), ("filter", "state == \"CA\""), ("caps", "9 per day")]).unwrap();
    enlist(&mut bundle, &"summit/north".parse().unwrap(), &Thing::Tier("mortgage".parse().unwrap(), 0)).unwrap();
    let copy = |of: &str, to: &str| Addition::Copy { of: of.parse().unwrap(), to: to.parse().unwrap() };
    added(&mut bundle, &copy("harbor/west", "harbor/east"), &[]).unwrap();
    assert!(added(&mut bundle, &copy("harbor/west", "harbor/east"), &[]).is_err() && added(&mut bundle, &copy("harbor/none", "harbor/south"), &[]).is_err());
    for (place, name) in [(0, "first"), (2, "last")] {
        let tier = Addition::Tier("mortgage".parse().unwrap(), place);
        added(&mut bundle, &tier, &[("name", name), ("mode", "sequential"), ("contracts", "harbor/east, summit/north"), ("floor", "9.00")]).unwrap();
    }
    let (parts, _) = read(&bundle).unwrap();
    assert_eq!(parts.trees[0].tiers.iter().map(|tier| tier.name.as_str()).collect::<Vec<_>>(), ["first", "2", "last"]);
    insta::assert_snapshot!(
        ["buyers/summit.toml", "buyers/harbor.toml", "trees/mortgage.toml"].map(|file| format!("# {file}\n{}", bundle.files[file])).join("\n")
    );

    // Out again, of the tiers that name it too.
    take_out(&mut bundle, &Thing::Contract("harbor/east".parse().unwrap())).unwrap();
    for place in [2, 0] {
        take_out(&mut bundle, &Thing::Tier("mortgage".parse().unwrap(), place)).unwrap();
    }
    take_out(&mut bundle, &Thing::Contract("summit/north".parse().unwrap())).unwrap();
    assert!(take_out(&mut bundle, &Thing::Contract("summit/north".parse().unwrap())).is_err());
    bundle.files.remove("buyers/summit.toml");
    assert_eq!(diff(&small(), &bundle), [], "{bundle:?}");
}

/// Each contract of the sample copied and taken out again leaves its files as they were.
#[test]
fn a_copy_that_is_taken_out_leaves_nothing() {
    for thing in things(&sample()) {
        let Thing::Contract(key) = &thing else { continue };
        let to = format!("{}/a-copy", key.buyer).parse().unwrap();
        let mut bundle = sample();
        Addition::Copy { of: key.clone(), to }.add(&mut bundle, &|_| String::new()).unwrap();
        let (parts, _) = read(&bundle).unwrap_or_else(|problems| panic!("{key}: {problems:?}"));
        let find = |name: &str| parts.contracts.iter().find(|contract| contract.key.buyer == key.buyer && &*contract.key.name == name).unwrap();
        let (copy, own) = (find("a-copy"), find(&key.name));
        assert_eq!(format!("{:?}", (&copy.filter, &copy.pricing, &copy.caps, &copy.tags)), format!("{:?}", (&own.filter, &own.pricing, &own.caps, &own.tags)));
        take_out(&mut bundle, &Thing::Contract(format!("{}/a-copy", key.buyer).parse().unwrap())).unwrap();
        assert_eq!(bundle, sample(), "{key}");
    }
}
