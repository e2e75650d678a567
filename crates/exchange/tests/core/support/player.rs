//! A buyer of the tests: its contract, and what it will answer.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use exchange::{
    buyer::{Buyer, Endpoint, Protocol},
    call::{CallFailure, ConfirmReply, PingReply, PostReply, RawBid},
    cap::{Cap, Limit, Period},
    contract::{Contract, DisclosurePolicy, Pricing, SaleKinds, Sources},
    filter::Filter,
    hours::OpenHours,
    id::{BuyerIndex, ContractKey, ParentName},
    money::{Money, Percent},
};
use jiff::tz::TimeZone;

use super::usd;

/// One buyer with one contract, `NAME/main`.
#[derive(Clone, Debug)]
pub struct Player {
    pub name: &'static str,
    pub parent: Option<String>,
    pub pricing: Pricing,
    pub kinds: SaleKinds,
    pub is_strict: bool,
    pub is_idempotent: bool,
    pub has_status: bool,
    pub takes_tests: bool,
    pub is_suspended: bool,
    pub is_paused: bool,
    pub caps: Vec<Cap>,
    pub credit: Money,
    pub hours: Vec<OpenHours>,
    pub filter: Option<Filter>,
    pub sources: Sources,
    pub priority: Option<u32>,
    pub weight: u32,
    /// What it answers to a ping, and after how many milliseconds. None: it never answers.
    pub ping: Option<(u64, PingReply)>,
    pub confirm: (u64, ConfirmReply),
    /// One answer for each post; the last one again for any more.
    pub posts: Vec<(u64, PostReply)>,
}

pub fn accepted() -> PostReply {
    PostReply::Accepted { redirect_url: None, lead_reference: None }
}

pub fn raw_bid(exclusive: Option<&str>, shared: Option<&str>) -> RawBid {
    RawBid { bid: exclusive.map(usd), shared_bid: shared.map(usd), reference: None, ttl_s: None }
}

/// A buyer that bids this for an exclusive lead after 20 ms, and accepts posts after 20 ms more. Its `max_bid` is 100.
pub fn bids(name: &'static str, price: &str) -> Player {
    Player {
        name,
        parent: None,
        pricing: Pricing::Bid { max_bid: usd("100") },
        kinds: SaleKinds::EXCLUSIVE,
        is_strict: false,
        is_idempotent: false,
        has_status: false,
        takes_tests: true,
        is_suspended: false,
        is_paused: false,
        caps: Vec::new(),
        credit: usd("100000"),
        hours: Vec::new(),
        filter: None,
        sources: Sources::All,
        priority: None,
        weight: 1,
        ping: Some((20, PingReply::Bid(raw_bid(Some(price), None)))),
        confirm: (20, ConfirmReply::Confirmed),
        posts: vec![(20, accepted())],
    }
}

/// A buyer that never answers a ping.
pub fn silent(name: &'static str) -> Player {
    Player { ping: None, ..bids(name, "1") }
}

/// A buyer with a fixed price for an exclusive lead.
pub fn fixed(name: &'static str, price: &str) -> Player {
    Player { pricing: Pricing::Fixed { exclusive: Some(usd(price)), shared: None }, ..bids(name, price) }
}

impl Player {
    /// Bids for a shared leg, and nothing else.
    pub fn shared_only(mut self) -> Self {
        self.kinds = SaleKinds::SHARED;
        if let Some((_, PingReply::Bid(bid))) = &mut self.ping {
            // A buyer that is offered one kind names its price as `bid`; the wire has put it in its place.
            bid.shared_bid = bid.bid.take();
        }
        if let Pricing::Fixed { exclusive, shared } = &mut self.pricing {
            *shared = exclusive.take();
        }
        self
    }

    /// Bids for a shared leg, too.
    pub fn or_shared(mut self, price: &str) -> Self {
        self.kinds = SaleKinds::BOTH;
        if let Some((_, PingReply::Bid(bid))) = &mut self.ping {
            bid.shared_bid = Some(usd(price));
        }
        if let Pricing::Fixed { shared, .. } = &mut self.pricing {
            *shared = Some(usd(price));
        }
        self
    }

    pub fn after_ms(mut self, ms: u64) -> Self {
        if let Some((after, _)) = &mut self.ping {
            *after = ms;
        }
        self
    }

    pub fn for_s(mut self, ttl_s: u32) -> Self {
        if let Some((_, PingReply::Bid(bid))) = &mut self.ping {
            bid.ttl_s = Some(ttl_s);
        }
        self
    }

    pub fn at_most(mut self, max_bid: &str) -> Self {
        self.pricing = Pricing::Bid { max_bid: usd(max_bid) };
        self
    }

    pub fn says_no(mut self) -> Self {
        self.ping = Some((20, PingReply::NoBid(Some("not today".into()))));
        self
    }

    pub fn of(mut self, parent: &str) -> Self {
        self.parent = Some(parent.to_owned());
        self
    }

    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    pub fn declines(mut self) -> Self {
        self.is_strict = true;
        self.confirm.1 = ConfirmReply::Declined(None);
        self
    }

    pub fn with_status(mut self) -> Self {
        self.has_status = true;
        self.is_idempotent = true;
        self
    }

    pub fn idempotent(mut self) -> Self {
        self.is_idempotent = true;
        self
    }

    pub fn priority(mut self, priority: u32) -> Self {
        self.priority = Some(priority);
        self
    }

    pub fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    pub fn count_cap(mut self, count: u64) -> Self {
        self.caps.push(Cap { limit: Limit::Count(count), per: Period::Total });
        self
    }

    pub fn posts(mut self, replies: impl IntoIterator<Item = PostReply>) -> Self {
        self.posts = replies.into_iter().map(|reply| (20, reply)).collect();
        self
    }

    pub fn posts_after_ms(mut self, ms: u64) -> Self {
        self.posts.iter_mut().for_each(|(after, _)| *after = ms);
        self
    }

    pub fn rejects(self) -> Self {
        self.posts([PostReply::Rejected { reason: None }])
    }

    /// The buyer may have it, and nobody knows: it was silent.
    pub fn times_out(self) -> Self {
        self.posts([PostReply::Unknown(CallFailure::Timeout)])
    }

    pub fn unreachable(self) -> Self {
        self.posts([PostReply::Unsent(CallFailure::Unreachable)])
    }

    pub fn key(&self) -> ContractKey {
        ContractKey { buyer: self.name.parse().unwrap(), name: Arc::from("main") }
    }

    pub fn buyer(&self) -> Buyer {
        let url = |kind: &str| format!("https://{}.example/{kind}", self.name).parse::<url::Url>().unwrap();
        let parent = self.parent.as_deref().unwrap_or(self.name);
        Buyer {
            name: self.name.parse().unwrap(),
            label: self.name.to_owned(),
            parent: ParentName::of_company(parent).unwrap(),
            credit: self.credit,
            consent_names: Vec::new(),
            endpoint: Endpoint {
                protocol: Protocol::Native,
                ping_url: Some(url("ping")),
                post_url: url("post"),
                confirm_url: Some(url("confirm")),
                status_url: self.has_status.then(|| "https://status.test/".parse().unwrap()),
                test_ping_url: self.takes_tests.then(|| url("test-ping")),
                test_post_url: self.takes_tests.then(|| url("test-post")),
                secret: None,
                idempotent: self.is_idempotent,
                post_timeout: Duration::from_secs(15),
                max_in_flight: 256,
                pipelining: 1,
            },
            suspended: self.is_suspended,
        }
    }

    pub fn contract(&self, buyer: BuyerIndex) -> Contract {
        Contract {
            key: self.key(),
            buyer,
            vertical: "loans".parse().unwrap(),
            filter: self.filter.clone(),
            requires: Vec::new(),
            pricing: self.pricing,
            agreed_price: None,
            kinds: self.kinds,
            caps: self.caps.clone(),
            hours: self.hours.clone(),
            time_zone: TimeZone::UTC,
            disclosure: if self.is_strict { DisclosurePolicy::Strict } else { DisclosurePolicy::Post },
            unknown: None,
            duplicate_days: None,
            lists: Vec::new(),
            sources: self.sources.clone(),
            priority: self.priority,
            weight: self.weight,
            tags: BTreeSet::new(),
            return_days: None,
            return_percent: Percent::of_whole(100).unwrap(),
            paused: self.is_paused,
            paused_by_buyer: false,
            self_service: Default::default(),
        }
    }
}
