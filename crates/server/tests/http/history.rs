//! The market's history: who applied what and why, its files given back, and an old market brought back.

use std::path::Path;

use crate::support::{Market, Person, World, process::pingpost, process::ran, wait_for};

fn export(world: &World, name: &str, args: &[&str]) -> std::path::PathBuf {
    let directory = world.data().with_file_name(name);
    world.run(&[&["export", directory.to_str().unwrap()], args].concat()).done();
    directory
}

fn files(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["", "verticals", "suppliers", "buyers", "trees", "lists"] {
        for entry in std::fs::read_dir(directory.join(folder)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
            if path.is_file() && !name.starts_with('.') {
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_was_applied_is_given_back_word_for_word() {
    let world = World::without_market(Market::of_bids(&["20.00"]));
    let sample = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample/market"));
    world.run_as("ann", &["apply", sample.to_str().unwrap(), "--note", "the first\none"]).done();
    drop(std::fs::remove_file(sample.join(".pingpost-revision.json")));
    let exported = export(&world, "exported", &[]);
    assert_eq!(files(&exported), files(sample), "with every comment");
    let again = world.run(&["apply", exported.to_str().unwrap()]).done();
    assert_eq!(again.stdout, "nothing changes: revision 1 stays\n");
    let listed = world.run(&["revisions", "--json"]).done().json();
    assert_eq!((&listed[0]["author"], &listed[0]["note"]), (&"ann".into(), &"the first one".into()), "{listed:#}");
    // A directory with something else in it is left alone, unless it is to be replaced.
    std::fs::write(exported.join("lists/more.txt"), "10001\n").unwrap();
    let refused = world.run(&["export", exported.to_str().unwrap()]).refused();
    assert!(refused.stderr.contains("--overwrite"), "{refused:?}");
    export(&world, "exported", &["--overwrite"]);
    assert_eq!(files(&exported), files(sample));
}

#[test]
fn an_old_market_is_brought_back_and_the_history_tells_it() {
    let mut world = World::of(Market::of_bids(&["25.00", "20.00"]));
    assert_eq!(world.lead(&Person(1).lead()).ok("sold").word("price"), "20.00");
    world.market.buyer_named("alpha").contract.push_str("\npaused = true");
    world.run_as("bob", &["apply", &world.write_market(), "--note", "alpha asked for it"]).done();
    wait_for("alpha paused", || Some(()).filter(|()| world.ping(&Person(2).attributes()).ok("matched").word("price") == "16.00"));
    insta::assert_snapshot!(world.run(&["rollback", "1", "--dry-run"]).done().stdout);
    insta::assert_snapshot!(world.run_as("ann", &["rollback", "1", "--note", "too few sales"]).done().stdout);
    wait_for("alpha back", || Some(()).filter(|()| world.ping(&Person(3).attributes()).ok("matched").word("price") == "20.00"));
    let told =
        |revision: &serde_json::Value| format!("{} {}: {}", revision["revision"], revision["author"].as_str().unwrap(), revision["note"].as_str().unwrap());
    let history: Vec<String> = world.run(&["revisions", "--json"]).done().json().as_array().unwrap().iter().map(told).collect();
    assert_eq!(history[..2], ["3 ann: rolled back to revision 1: too few sales", "2 bob: alpha asked for it"]);
    assert_eq!(world.run(&["revisions", "2"]).done().stdout, "+ buyers/alpha.toml contracts.main.paused: true\n");
    assert!(world.run(&["rollback", "3"]).done().stdout.starts_with("nothing changes"));
    world.run(&["rollback", "9"]).refused();
    // What an older revision had can be worked on: it is applied over what it was exported beside.
    let old = export(&world, "old", &["--revision", "2"]);
    world.run(&["apply", old.to_str().unwrap()]).refused();
    world.run(&["apply", old.to_str().unwrap(), "--base", "3"]).done();
    assert!(ran(pingpost().args(["export", "x", "--data", "nowhere"])).code == 1);
}

#[test]
fn files_that_are_not_applied_tell_what_they_would_have_changed() {
    let mut world = World::of(Market::of_bids(&["25.00", "20.00"]));
    for number in 1..4 {
        world.ping(&Person(number).attributes()).ok("matched");
    }
    world.market.buyer_named("alpha").contract.push_str("\npaused = true");
    let directory = world.write_market();
    let told = wait_for("the records", || Some(world.run(&["replay", &directory, "--json"]).done().json()).filter(|told| told["auctions"] == 3));
    assert_eq!((&told["other_winner"], &told["unknown"], &told["whole"]), (&3.into(), &0.into(), &true.into()), "{told:#}");
    assert_eq!(told["revenue"], serde_json::json!(["75.00", "60.00"]));
    assert_eq!((&told["contracts"][0]["contract"], &told["contracts"][0]["lost_by"][0]), (&"alpha/main".into(), &serde_json::json!(["paused", 3])));
    let printed = world.run(&["replay", &directory, "--since", "1h"]).done().stdout;
    assert!(printed.contains("another buyer wins") && printed.contains("Of all 3 auctions"), "{printed}");
    assert!(world.run(&["replay", &directory, "--since", "soon"]).code == 2);
    // Nothing was applied.
    assert_eq!(world.ping(&Person(9).attributes()).ok("matched").word("price"), "20.00");
}
