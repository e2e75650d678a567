//! Every folder of recorded exchanges, compared byte for byte.

use std::{
    fs,
    path::{Path, PathBuf},
};

use exchange::{
    call::{PingReply, PostTerms},
    contract::SaleKind,
    money::Money,
};

use crate::{
    said::{Answer, bid, meaning, request},
    world::{SECRETS, World, terms},
};

fn folders() -> Vec<PathBuf> {
    let all = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mapped/cases")).unwrap();
    let mut folders: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn text(folder: &Path, name: &str) -> Option<String> {
    fs::read_to_string(folder.join(name)).ok()
}

/// A file's text must be this; told otherwise, it becomes this.
fn compare(folder: &Path, name: &str, now: &str, wrong: &mut Vec<String>) {
    let before = text(folder, name);
    if before.as_deref() == Some(now) {
        return;
    }
    if std::env::var("MAPPED_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(folder.join(name), now).unwrap();
        return;
    }
    let case = folder.file_name().unwrap().to_string_lossy();
    wrong.push(format!("{case}/{name}\n── expected\n{}\n── is\n{now}", before.unwrap_or_else(|| "(no such file)".into())));
}

/// What the post of a case goes out on: the bid that its `ping.answer` makes.
fn deal(world: &World, folder: &Path) -> PostTerms {
    let answer = text(folder, "ping.answer");
    let reply = answer.as_deref().map(|answer| bid(world, &Answer::parse(answer).heard()));
    match reply {
        Some(PingReply::Bid(bid)) => match (bid.bid, bid.shared_bid) {
            (Some(price), _) => terms(price, SaleKind::Exclusive, bid.reference),
            (None, price) => terms(price.unwrap(), SaleKind::Shared, bid.reference),
        },
        _ => terms(Money::from_units(14), SaleKind::Exclusive, None),
    }
}

fn check(folder: &Path, wrong: &mut Vec<String>) {
    let world = World::of(&text(folder, "buyer.toml").expect("a case has its buyer.toml"));
    let deal = deal(&world, folder);
    if world.requests().ping.is_some() && world.market.parts().buyers[0].endpoint.ping_url.is_some() {
        let ping = request(&world.ping(false).unwrap());
        for secret in SECRETS {
            assert!(!ping.contains(secret), "{}: {secret} in a ping\n{ping}", folder.display());
        }
        compare(folder, "ping.request", &ping, wrong);
    }
    compare(folder, "post.request", &request(&world.post(&deal).unwrap()), wrong);
    if world.requests().confirm.is_some() {
        let confirm = request(&world.confirm(&deal).unwrap());
        assert!(SECRETS.iter().all(|secret| !confirm.contains(secret)), "{}: {confirm}", folder.display());
        compare(folder, "confirm.request", &confirm, wrong);
    }
    if world.requests().status.is_some() {
        compare(folder, "status.request", &request(&world.status().unwrap()), wrong);
    }
    let names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    for name in names.iter().filter_map(|name| name.strip_suffix(".answer")) {
        let answer = text(folder, &format!("{name}.answer")).unwrap();
        let now = meaning(&world, name.split('.').next().unwrap(), &Answer::parse(&answer).heard());
        compare(folder, &format!("{name}.meaning"), &format!("{now}\n"), wrong);
    }
    for name in names.iter().filter_map(|name| name.strip_suffix(".meaning")) {
        assert!(folder.join(format!("{name}.answer")).exists(), "{}: {name}.meaning is of no answer", folder.display());
    }
}

#[test]
fn every_case_is_as_it_was_recorded() {
    let mut wrong = Vec::new();
    let folders = folders();
    assert!(folders.len() >= 32, "{} cases", folders.len());
    for folder in &folders {
        check(folder, &mut wrong);
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
}
