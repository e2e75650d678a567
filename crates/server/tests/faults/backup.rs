//! A backup taken under load is one moment of the store: restored, it is consistent, and it goes on.

use store::{Reader, SqliteReader};

use super::world::{World, alone};
use crate::support::{
    now,
    process::{Ran, pingpost, ran},
};

fn restore(world: &World, from: &str, to: &str, key: &[&str]) -> Ran {
    let (from, to) = (world.exchange.path(from), world.exchange.path(to));
    ran(pingpost().args(["restore", "--json", "--from"]).arg(from).arg("--data").arg(to).args(key))
}

fn fsck(world: &World, data: &str) -> Ran {
    ran(pingpost().args(["fsck", "--json", "--data"]).arg(world.exchange.path(data)))
}

#[test]
fn a_backup_under_load_restores_to_a_consistent_store() {
    let _alone = alone();
    let mut world = World::new("backup under load");
    world.start();
    let [first, last, other] = ["first.db", "last.db", "other.key"].map(|name| world.exchange.path(name).to_str().unwrap().to_owned());
    world.first_sold_after(now());
    world.exchange.run(&["backup", "--to", &first]).done();
    world.sleep_ms(400..900);
    let began = now();
    let backup = world.exchange.run(&["backup", "--to", &last, "--json"]).done().json();
    println!("  a backup of {} bytes took {:.3} s under load", backup["bytes"], began.elapsed().as_secs_f64());
    world.exchange.run(&["fsck"]).done();
    world.exchange.run(&["backup", "--to", &last]).refused();
    let told = world.load.as_ref().unwrap().told();

    // What is refused leaves nothing behind.
    let key = world.exchange.data().join("master.key").to_str().unwrap().to_owned();
    assert!(restore(&world, "last.db", "data", &[]).refused().stderr.contains("a `serve` runs on"));
    assert!(restore(&world, "last.db", "again", &[]).refused().stderr.contains("master key is needed"));
    ran(pingpost().args(["master-key", "new", "--out", &other])).done();
    assert!(restore(&world, "last.db", "again", &["--master-key", &other]).refused().stderr.contains("another master key"));
    assert!(restore(&world, "other.key", "again", &["--master-key", &key]).refused().stderr.contains("other.key"));
    assert!(!world.exchange.path("again").exists());

    let restored = restore(&world, "last.db", "again", &["--master-key", &key]).done().json();
    println!("  restored: {restored}");
    std::fs::copy(&key, world.exchange.path("again/master.key")).unwrap();
    assert!(restore(&world, "first.db", "again", &[]).refused().stderr.contains("overwrites nothing"));
    fsck(&world, "again").done();
    // All that was told before the backup began is in it.
    let mut reader = SqliteReader::open(&world.exchange.path("again/exchange.db")).unwrap();
    let before: Vec<_> = told.iter().filter(|told| told.heard < began).collect();
    assert!(before.len() > 5, "too few to show anything");
    for told in before {
        assert!(reader.lead(told.lead.parse().unwrap()).unwrap().is_some(), "{told:?}");
    }
    drop(reader);

    world.end().must_agree();
}

#[test]
fn a_restored_store_takes_what_was_under_way_for_unknown() {
    let _alone = alone();
    let mut world = World::new("restored under way");
    world.start();
    let (file, key) = (world.exchange.path("under-way.db"), world.exchange.data().join("master.key"));
    // Slow buyers have leads under way at any moment; one backup of a few has some.
    let under_way = (0..40).any(|number| {
        let file = file.with_extension(number.to_string());
        world.exchange.run(&["backup", "--to", file.to_str().unwrap()]).done();
        let restored = restore(&world, file.file_name().unwrap().to_str().unwrap(), "again", &["--master-key", key.to_str().unwrap()]).done().json();
        if restored["sales_unknown"] == 0 {
            std::fs::remove_dir_all(world.exchange.path("again")).unwrap();
        }
        restored["sales_unknown"] != 0
    });
    assert!(under_way, "never was a lead under way");
    std::fs::copy(&key, world.exchange.path("again/master.key")).unwrap();
    world.pause();
    let posted = |world: &World| -> usize { world.buyers.iter().map(|buyer| buyer.book().len()).sum() };
    let before = posted(&world);
    world.exchange.serve_from("again");
    world.settle();
    assert_eq!(posted(&world), before, "nobody gets a contact that had none");
    fsck(&world, "again").done();
    world.exchange.end();
}
