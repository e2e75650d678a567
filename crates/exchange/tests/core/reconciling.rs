//! One look at a sale that nobody knows of: the status address, the same buyer again, the policy; and nobody else, ever.

use std::{sync::Arc, time::Duration};

use exchange::{
    call::{CallFailure, PostReply, PostTerms},
    command::{Command, LookAgain, Outcome, VoidCause},
    contract::{SaleKind, UnknownEnd, UnknownPolicy},
    flow::{
        effect::{Answer, Effect, Event, NumberedEffect, StoreRequest},
        reconcile::{FIRST_LOOK, Look, LookStart, Source, UnknownSale, back_off},
    },
    id::{BuyerPingId, LeadId, SaleId},
    money::Money,
    sale::Reservation,
    time::Now,
};

use crate::support::{driver::START, *};

const HOUR: Duration = Duration::from_secs(3600);

fn sale() -> SaleId {
    SaleId::from_bytes([5; 16])
}

/// A look at a sale of the only player, whose post started an hour ago.
struct Told {
    player: Player,
    confirmed: bool,
    policy: Option<UnknownPolicy>,
    source: Source,
    buyer_is_gone: bool,
    /// What the store says to the taking of the look.
    taken: fn() -> Outcome,
    status: PostReply,
    posted: PostReply,
}

fn permitted() -> Outcome {
    Outcome::Reserved(Reservation::after_commit(sale(), LeadId::from_bytes([6; 16]), None, true))
}

fn silent() -> PostReply {
    PostReply::Unknown(CallFailure::Timeout)
}

fn told(player: Player) -> Told {
    Told { player, confirmed: false, policy: None, source: Source::Asked, buyer_is_gone: false, taken: permitted, status: silent(), posted: silent() }
}

impl Told {
    /// The look in words, effect by effect.
    fn story(&self) -> String {
        let exchange = World::competing([self.player.clone()]).open();
        let market = Arc::clone(&exchange.market);
        let contract = market.parts().contracts[0].key.clone();
        let terms = PostTerms { buyer_ping: BuyerPingId::from_bytes([7; 16]), reference: None, kind: SaleKind::Exclusive, price: Money::from_units(9) };
        let unknown = UnknownSale { sale: sale(), contract, terms, confirmed: self.confirmed, looks: 2, age: HOUR };
        let attributes = exchange.accept(None).attributes;
        let endpoint = Some(market.parts().buyers[0].endpoint.clone()).filter(|_| !self.buyer_is_gone);
        let start =
            LookStart { market, endpoint, vertical: "loans".parse().unwrap(), test: false, attributes, unknown, policy: self.policy, source: self.source };
        let (mut look, mut effects) = Look::start(start).unwrap();
        let mut story = Vec::new();
        while let Some(NumberedEffect { id, effect }) = effects.pop() {
            assert!(effects.is_empty(), "one at a time");
            let (word, answer) = match effect {
                Effect::Store(request) => self.store(*request),
                Effect::Status(_) => ("status".into(), Answer::Status(self.status.clone())),
                Effect::Post(call) => (format!("post again ({})", call.attempt), Answer::Posted(self.posted.clone())),
                other => panic!("a look doesn't {other:?}"),
            };
            story.push(word);
            effects = look.step(Now { elapsed: Duration::from_secs(1), at: START }, Event { effect: id, answer });
        }
        assert!(look.is_finished());
        story.join(", ")
    }

    fn store(&self, request: StoreRequest) -> (String, Answer) {
        let StoreRequest::Plain(command) = request else { panic!("a look needs no present terms") };
        match command {
            Command::LookAgain(LookAgain { looks: 2, .. }) => ("look".into(), Answer::Stored(Ok((self.taken)()))),
            Command::Settle(settle) => {
                let word = if settle.disputed.is_some() { "sell, disputed" } else { "sell" };
                (word.into(), Answer::Stored(Ok(Outcome::Done)))
            }
            Command::Void(void) => (format!("void as {}", void.cause.word()), Answer::Stored(Ok(Outcome::Done))),
            other => panic!("a look doesn't {other:?}"),
        }
    }
}

fn accepted() -> PostReply {
    PostReply::Accepted { redirect_url: None, lead_reference: None }
}

fn rejected(reason: &str) -> PostReply {
    PostReply::Rejected { reason: Some(reason.into()) }
}

fn policy(hours: u32, then: UnknownEnd) -> Option<UnknownPolicy> {
    Some(UnknownPolicy { after: HOUR * hours, then })
}

#[test]
fn the_status_address_is_asked_first_and_believed() {
    let asked = |status| Told { status, ..told(bids("a", "9").with_status()) };
    assert_eq!(asked(accepted()).story(), "look, status, sell");
    assert_eq!(asked(rejected("dup")).story(), "look, status, void as rejected");
    assert_eq!(asked(silent()).story(), "look, status, post again (4)");
    assert_eq!(Told { confirmed: true, ..asked(rejected("no")) }.story(), "look, status, sell, disputed");
}

#[test]
fn the_post_goes_again_to_the_same_buyer_where_a_repeat_is_harmless() {
    let again = |posted| Told { posted, ..told(bids("a", "9").idempotent()) };
    assert_eq!(again(accepted()).story(), "look, post again (4), sell");
    assert_eq!(again(rejected("no")).story(), "look, post again (4), void as rejected");
    assert_eq!(again(rejected("duplicate")).story(), "look, post again (4)", "its own first copy");
    assert_eq!(again(PostReply::Unsent(CallFailure::Unreachable)).story(), "look, post again (4)", "the first was sent");
    assert_eq!(told(bids("a", "9")).story(), "look");
    // An erased lead is not sent to anybody again.
    assert_eq!(Told { taken: || Outcome::Done, ..told(bids("a", "9").idempotent()) }.story(), "look");
    // A buyer that is no longer in the market is sent nothing.
    assert_eq!(Told { buyer_is_gone: true, ..told(bids("a", "9").with_status()) }.story(), "look");
    // Somebody else looks, or it is known by now.
    assert_eq!(Told { taken: || Outcome::Conflict("sold".into()), ..told(bids("a", "9").with_status()) }.story(), "look");
}

#[test]
fn a_buyers_own_report_is_believed_and_nothing_is_sent() {
    let reports = |status| Told { status, source: Source::Reported, policy: policy(1, UnknownEnd::Void), ..told(bids("a", "9").idempotent()) };
    assert_eq!(reports(accepted()).story(), "look, status, sell");
    assert_eq!(reports(rejected("no")).story(), "look, status, void as rejected");
    assert_eq!(reports(silent()).story(), "look, status");
}

#[test]
fn the_policy_comes_last_and_in_its_time() {
    let kept = |policy| Told { policy, ..told(bids("a", "9")) }.story();
    assert_eq!(kept(policy(1, UnknownEnd::Void)), "look, void as given_up");
    assert_eq!(kept(policy(1, UnknownEnd::Sold)), "look, sell");
    assert_eq!(kept(policy(2, UnknownEnd::Sold)), "look");
    let known = Told { policy: policy(1, UnknownEnd::Void), posted: accepted(), ..told(bids("a", "9").idempotent()) };
    assert_eq!(known.story(), "look, post again (4), sell", "what the buyer says goes before");
    assert_eq!(VoidCause::GivenUp.word(), "given_up");
}

#[test]
fn the_waits_grow_to_an_hour() {
    assert_eq!(back_off(0), FIRST_LOOK);
    assert_eq!(back_off(1), FIRST_LOOK * 2);
    assert_eq!(back_off(30), HOUR);
    assert!((0..40).all(|looks| back_off(looks) <= back_off(looks + 1)));
}
