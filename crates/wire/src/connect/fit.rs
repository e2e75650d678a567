//! Which presets read the samples, and how well.

use std::collections::BTreeMap;

use exchange::{
    buyer::Protocol,
    call::{PingReply, PostReply},
    contract::SaleKinds,
    mapping::Mapping,
    money::Currency,
};

use super::sample::Sample;
use crate::{
    mapped::{Offered, read_bid, read_post},
    market::{Bundle, presets, read},
    native::PostAttempt,
};

/// A preset that reads at least one sample as a yes, and misreads none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    pub preset: &'static str,
    pub score: i32,
}

/// Best first.
#[must_use]
pub fn fits(pings: &[Sample], posts: &[Sample], currency: Currency) -> Vec<Fit> {
    let scored = presets().iter().filter_map(|(name, _)| Some(Fit { preset: name, score: score(&mapping(name)?, pings, posts, currency)? }));
    let mut fits: Vec<Fit> = scored.collect();
    fits.sort_by_key(|fit| -fit.score);
    fits
}

/// The values of its own that a preset must be given.
#[must_use]
pub fn own_names(preset: &str) -> Vec<&'static str> {
    let text = presets().iter().find(|(name, _)| *name == preset).map_or("", |(_, text)| *text);
    let mut names = Vec::new();
    for name in text.split("{{own.").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// None where a sample can't be read, or none is a yes.
fn score(mapping: &Mapping, pings: &[Sample], posts: &[Sample], currency: Currency) -> Option<i32> {
    let (mut score, mut has_yes) = (0, false);
    let offered = Offered { currency, kinds: SaleKinds::EXCLUSIVE, agreed: None };
    for ping in pings {
        score += match ping.heard(|heard| read_bid(&mapping.ping, heard, offered)) {
            PingReply::Bid(bid) => {
                has_yes = true;
                if bid.reference.is_some() { 12 } else { 10 }
            }
            PingReply::NoBid(Some(_)) => 4,
            PingReply::NoBid(None) => 3,
            PingReply::Failed(_) => return None,
        };
    }
    for post in posts {
        score += match post.heard(|heard| read_post(&mapping.post, heard, PostAttempt::FIRST)) {
            PostReply::Accepted { .. } => {
                has_yes = true;
                5
            }
            PostReply::Rejected { .. } => 3,
            PostReply::Unsent(_) | PostReply::Unknown(_) => return None,
        };
    }
    has_yes.then_some(score)
}

/// As a buyer of a small market has it.
fn mapping(name: &str) -> Option<Mapping> {
    let own: String = own_names(name).iter().map(|name| format!("{name} = \"x\"\n")).collect();
    let buyer = format!(
        "[endpoint]\nprotocol = \"{name}\"\nping_url = \"https://buyer.example/ping\"\npost_url = \"https://buyer.example/post\"\n[endpoint.own]\n{own}\
         [contracts.main]\nvertical = \"any\"\nprice = \"bid\"\n"
    );
    let vertical = "label = \"Any\"\n[fields.state]\ntype = \"state\"\nping = \"value\"\n";
    let files = [("market.toml", "currency = \"USD\"\n"), ("verticals/any.toml", vertical), ("buyers/any.toml", &buyer)];
    let files: BTreeMap<String, String> = files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    let (mut parts, _) = read(&Bundle { files }).ok()?;
    match parts.buyers.pop()?.endpoint.protocol {
        Protocol::Mapped(mapping) => std::sync::Arc::into_inner(mapping),
        _ => None,
    }
}
