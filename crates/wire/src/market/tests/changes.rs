//! What `apply` prints.

use super::{Bundle, bundle, sample::sample, small, with};
use crate::market::diff;

fn changes(old: &Bundle, new: &Bundle) -> Vec<String> {
    diff(old, new).iter().map(ToString::to_string).collect()
}

#[test]
fn every_kind_of_change_has_its_line() {
    let old = sample();
    let mut new = old.clone();
    let mut replace = |path: &str, from: &str, to: &str| {
        let text = new.files.get_mut(path).unwrap();
        assert!(text.contains(from), "{path}: {from}");
        *text = text.replacen(from, to, 1);
    };
    replace("buyers/copperfield-mutual.toml", "\"4.50\"", "\"4.75\"");
    replace("buyers/copperfield-mutual.toml", "return_days = 30", "paused = true");
    replace("buyers/evergreen-auto.toml", "whsec_c2Ft", "whsec_d2Ft");
    replace("buyers/harbor-lending.toml", "secret = \"whsec_c2FtcGxlLXNlY3JldC1vZi1oYXJib3ItbGVuZGluZy4u\"", "secret = \"env:HARBOR_SECRET\"");
    replace("buyers/evergreen-auto.toml", "spend = \"75.00\"", "spend = \"90.00\"");
    replace("trees/debt-relief.toml", "[[tiers]]\n", "[[tiers]]\nname = \"first\"\nmode = \"competitive\"\ncontracts = [\"tag:preferred\"]\n\n[[tiers]]\n");
    replace("trees/debt-relief.toml", "floor = \"24.00\"", "floor = \"25.00\"");
    replace("lists/sunbelt.txt", "AL\n", "");
    replace("lists/midwest.txt", "IA\n", "IA\nMD\nME\nMA\nMT\n");
    new.files.remove("suppliers/cheap-clicks.toml");
    new.files.insert("suppliers/new.toml".to_owned(), "label = \"New\"\nverticals = [\"mortgage\"]\nmargin = { percent = 20, min = \"1.00\" }\n".to_owned());
    insta::assert_snapshot!(changes(&old, &new).join("\n"));
}

#[test]
fn what_reads_the_same_is_no_change() {
    let old = small();
    assert_eq!(changes(&old, &old), [""; 0]);
    for (path, from, to) in [
        ("verticals/mortgage.toml", "100_000", "100000"),
        ("verticals/mortgage.toml", "label = \"Mortgage\"", "# a comment\nlabel    =    'Mortgage'   # another\n"),
        ("suppliers/dreamy.toml", "margin = { percent = 20, min = \"1.00\" }", "[margin]\nmin = \"1.00\"\npercent = 0x14"),
        ("trees/mortgage.toml", "[\"harbor/west\"]", "[\n  \"harbor/west\",\n]"),
    ] {
        assert_eq!(changes(&old, &with(path, from, to)), [""; 0], "{to}");
    }
    let list = |text| bundle(&[("lists/a.txt", text), ("README.md", text)]);
    assert_eq!(changes(&list("a\nb\n"), &list("b\r\n\r\n a\n")), [""; 0]);
}

#[test]
fn no_secret_is_shown() {
    let empty = Bundle::default();
    for told in [changes(&empty, &sample()), changes(&sample(), &empty)] {
        assert!(!told.is_empty());
        assert!(told.iter().all(|line| !line.contains("whsec_")), "{told:#?}");
    }
    let broken = bundle(&[("buyers/a.toml", "secret = \"whsec_abc")]);
    assert_eq!(changes(&empty, &broken), ["+ buyers/a.toml (all): (not TOML)"]);
}
