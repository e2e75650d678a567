//! Requests, answers and meanings as texts of a case's files.

use exchange::{
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    money::Currency,
};
use wire::{
    mapped::{Heard, Offered, Outgoing, read_bid, read_confirm, read_post, read_status},
    native::PostAttempt,
};

use crate::world::World;

pub fn request(outgoing: &Outgoing<'_>) -> String {
    let headers: String = outgoing.headers.iter().map(|(name, value)| format!("{name}: {}\n", **value)).collect();
    format!("{} {}\n{headers}\n{}\n", outgoing.method.word(), outgoing.url, *outgoing.body)
}

/// A status, headers, an empty line, the body.
pub struct Answer<'a> {
    status: u16,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

impl<'a> Answer<'a> {
    pub fn parse(text: &'a str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap().parse().unwrap();
        Self { status, headers: lines.map(|line| line.split_once(": ").unwrap()).collect(), body }
    }

    pub fn heard(&self) -> Heard<'_> {
        Heard { status: self.status, headers: &self.headers, body: self.body.as_bytes() }
    }
}

pub fn bid(world: &World, heard: &Heard<'_>) -> PingReply {
    let agreed = world.market.parts().contracts[0].agreed_price;
    read_bid(&world.mapping().ping, heard, Offered { currency: Currency::USD, kinds: world.kinds(), agreed })
}

/// What an answer to a ping, a post, a confirmation or a status question means, in a line.
pub fn meaning(world: &World, what: &str, heard: &Heard<'_>) -> String {
    let mapping = world.mapping();
    match what {
        "ping" => pinged(&bid(world, heard)),
        "post" => posted(&read_post(&mapping.post, heard, PostAttempt::FIRST)),
        "repeat" => posted(&read_post(&mapping.post, heard, PostAttempt { repeat: true, idempotent: true })),
        "confirm" => match read_confirm(mapping.confirm.as_ref().unwrap(), heard) {
            ConfirmReply::Confirmed => "confirmed".into(),
            ConfirmReply::Declined(reason) => format!("declined{}", said("", &reason)),
            ConfirmReply::Failed(failure) => failed(&failure),
        },
        "status" => posted(&read_status(mapping.status.as_ref().unwrap(), heard)),
        other => panic!("{other} is none of ping, post, repeat, confirm, status"),
    }
}

fn said(name: &str, text: &Option<String>) -> String {
    text.as_ref().map(|text| format!(" {name}\"{text}\"")).unwrap_or_default()
}

fn failed(failure: &CallFailure) -> String {
    match failure {
        CallFailure::Unread { answer, .. } => format!("{failure}, kept: {}", answer.as_str().trim().replace('\n', " ")),
        other => other.to_string(),
    }
}

pub fn pinged(reply: &PingReply) -> String {
    match reply {
        PingReply::Bid(bid) => {
            let price = |name: &str, price: Option<exchange::money::Money>| price.map(|price| format!(" {name} {price}")).unwrap_or_default();
            let ttl = bid.ttl_s.map(|ttl| format!(" for {ttl} s")).unwrap_or_default();
            format!("bid{}{}{}{ttl}", price("exclusive", bid.bid), price("shared", bid.shared_bid), said("reference ", &bid.reference))
        }
        PingReply::NoBid(reason) => format!("no bid{}", said("", reason)),
        PingReply::Failed(failure) => format!("no bid, {}", failed(failure)),
    }
}

pub fn posted(reply: &PostReply) -> String {
    match reply {
        PostReply::Accepted { redirect_url, lead_reference } => format!("accepted{}{}", said("redirect ", redirect_url), said("lead ", lead_reference)),
        PostReply::Rejected { reason } => format!("rejected{}", said("", reason)),
        PostReply::Unsent(failure) => format!("unsent, {}", failed(failure)),
        PostReply::Unknown(failure) => format!("unknown, {}", failed(failure)),
    }
}
