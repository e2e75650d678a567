//! What buyers of one form are sent alike is written once, and nothing else is taken for it.

use exchange::id::BuyerPingId;
use wire::mapped::Alike;

use crate::world::World;

fn buyer(preset: &str, rest: &str) -> World {
    World::of(&format!(
        "label = \"Harbor\"\n[endpoint]\nprotocol = \"{preset}\"\nping_url = \"https://harbor.example/ping\"\npost_url = \"https://harbor.example/post\"\n{rest}\n\
         [contracts.main]\nvertical = \"loans\"\nprice = \"bid\"\n"
    ))
}

/// Pings of these buyers about one lead, and how many stretches were written for them.
fn stretches(buyers: &[World]) -> String {
    let alike: Alike = buyers[0].alike(false);
    for buyer in buyers {
        let alone = buyer.ping_beside(None, false).unwrap();
        let beside = buyer.ping_beside(Some(&alike), false).unwrap();
        assert_eq!((beside.url.as_str(), &*beside.body), (alone.url.as_str(), &*alone.body));
    }
    format!("{alike:?}").split_once(", ").unwrap().1.to_owned()
}

#[test]
fn buyers_of_one_platform_share_what_they_see_of_a_lead() {
    let boberdoo = |own: &str| buyer("boberdoo", &format!("[endpoint.own]\n{own}"));
    let harbor = boberdoo("key = \"env:HARBOR\"\ntype = \"19\"\nsrc = \"harbor\"");
    let quay = boberdoo("key = \"env:QUAY\"\ntype = \"20\"\nsrc = \"quay\"");
    assert_eq!(stretches(&[harbor, quay]), "1 stretches)");
}

#[test]
fn whoever_is_written_to_in_another_way_shares_nothing() {
    let owner = |value: &str| buyer("status-matched", &format!("[endpoint.ping.set]\nowner = {value}"));
    let others = [
        owner("\"{{owner}}\""),
        owner("{ from = \"owner\", format = \"yes/no\" }"),
        owner("{ from = \"owner\", format = \"1/0\" }"),
        owner("{ from = \"owner\", map = { \"true\" = \"own\" } }"),
        owner("{ from = \"owner\", map = { \"true\" = \"mine\" } }"),
        owner("{ from = \"owner\", when = \"state == CA\" }"),
        owner("{ from = \"owner\", when = \"state == NY\" }"),
        buyer("status-matched", "[endpoint.ping]\nlead = \"lead\""),
        buyer("astoria-xml", ""),
    ];
    // What a group inside shows is a stretch of its own, too.
    assert_eq!(stretches(&others), "10 stretches)");
}

#[test]
fn what_is_of_one_ping_is_shared_with_none() {
    let number = |number| {
        let own = "[endpoint.ping.set]\nstate = \"{{state}}\"\nid = \"{{ping.id}}\"\nrooms = \"{{rooms}}\"\nkind = \"{{kind}} {{amount}}\"\n\
                   key = \"env:KEY\"\nfor = \"{{zip}} {{ping.deadline_ms}}\"\n\
                   owner = { from = \"owner\", when = \"ping.exclusive\" }\n";
        let mut buyer = buyer("status-matched", own);
        buyer.buyer_ping = BuyerPingId::from_bytes([number; 16]);
        buyer
    };
    // Too few of the lead's values follow each other.
    assert_eq!(stretches(&[number(1), number(2)]), "0 stretches)");
}
