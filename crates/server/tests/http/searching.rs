//! Leads are found by whatever is known of them, over HTTP as on the command line.

use serde_json::{Value, json};

use crate::support::{Buyer, Call, Market, Person, World, people::with, shape::Shapes, world::rows};

fn ids(found: &Value) -> Vec<String> {
    rows(found, "leads").iter().map(|lead| lead["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_lead_is_found_by_whatever_is_known_of_it() {
    let world = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").contract("filter = 'state == \"CA\"'")));
    let shapes = Shapes::of(&world);
    let olga = world.new_key("--operator", "olga");
    let ping = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    let sold = world.post(&ping, &Person(1).lead()).ok("sold").word("lead_id");
    let nevada = with(Person(2).lead(), json!({ "state": "NV" }));
    let unsold = world.call("/v1/leads/loans").json(&nevada).once("acme/4711").send().ok("unsold").word("lead_id");
    let unposted = world.ping(&Person(3).attributes()).ok("matched").word("ping_id");

    let get = |query: &str| {
        let found = Call::get(world.url(&format!("/v1/admin/leads{query}"))).key(&olga).send().expect(200).json();
        shapes.hold("get", "/v1/admin/leads", &found);
        found
    };
    let search = |body: Value| {
        let found = Call::post(world.url("/v1/admin/leads/search")).key(&olga).json(&body).send().expect(200).json();
        shapes.hold("post", "/v1/admin/leads/search", &found);
        found
    };
    let all = get("");
    assert_eq!(ids(&all), [unsold.clone(), sold.clone()]);
    let of_sold = &all["leads"][1];
    let sale = &of_sold["sales"][0];
    assert_eq!((&of_sold["status"], &sale["contract"], &sale["price"]), (&"sold".into(), &"alpha/main".into(), &"20.00".into()));
    for (query, expected) in [
        ("?status=sold", vec![&sold]),
        ("?buyer=alpha", vec![&sold]),
        ("?contract=alpha/main&supplier=acme", vec![&sold]),
        ("?status=unsold&vertical=loans&test=false", vec![&unsold]),
        ("?until=2020-01-01", vec![]),
        ("?from=2020-01-01&limit=1", vec![&unsold]),
    ] {
        assert_eq!(ids(&get(query)).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let next = get("?limit=1")["next"].as_str().unwrap().to_owned();
    assert_eq!(ids(&get(&format!("?limit=1&before={next}"))), std::slice::from_ref(&sold));

    let post = &world.calls("alpha", "/post")[0]["body"];
    let reference = |name: &str| post[name].as_str().unwrap().to_owned();
    let known: [(&str, Vec<String>, &String); 2] = [
        (
            "sold",
            vec![
                sold.clone(),
                ping,
                sale["sale_id"].as_str().unwrap().to_owned(),
                reference("post_id"),
                reference("ref"),
                "alpha-1".into(),
                "(646) 732-0001".into(),
                Person(1).email().to_uppercase(),
            ],
            &sold,
        ),
        ("unsold", vec![unsold.clone(), "acme/4711".into(), format!("+1{}", Person(2).phone())], &unsold),
    ];
    for (what, texts, lead) in &known {
        for text in texts {
            let found = search(json!({ "text": text }));
            assert_eq!(ids(&found), [(*lead).clone()], "{what} by {text}");
            assert_eq!(ids(&search(json!({ "text": text, "status": "pending" }))), Vec::<String>::new());
            let told: Value = world.run(&["leads", text, "--json"]).done().json();
            assert_eq!(told, found, "as the command line tells it");
            for secret in [Person(1), Person(2)].iter().flat_map(|person| person.secrets()) {
                assert!(!found.to_string().contains(&secret), "{secret}");
            }
        }
    }
    assert_eq!(search(json!({ "text": unposted })), json!({ "leads": [], "ping_id": unposted }));
    assert_eq!(search(json!({ "text": "6467329999" })), json!({ "leads": [] }));
    // Each of its own pings as the buyer knows it, bought or not.
    let own: Vec<String> = world.calls("alpha", "/ping").iter().map(|call| call["body"]["ping_id"].as_str().unwrap().to_owned()).collect();
    let [of_sold, of_unposted] = own.as_slice() else { panic!("{own:?}") };
    assert_eq!(ids(&search(json!({ "text": of_sold }))), std::slice::from_ref(&sold));
    assert_eq!(search(json!({ "text": of_unposted })), json!({ "leads": [], "ping_id": unposted }));
    let nobodys = if unposted.ends_with('0') { format!("{}1", &unposted[..30]) } else { format!("{}0", &unposted[..30]) };
    assert_eq!(search(json!({ "text": nobodys })), json!({ "leads": [] }));
    // What is in an address is logged.
    Call::get(world.url("/v1/admin/leads?text=6467320001")).key(&olga).send().expect(422);
    Call::get(world.url("/v1/admin/leads?status=won&limit=0")).key(&olga).send().expect(422);
    assert!(world.run(&["leads", "--status", "unsold"]).done().stdout.contains(&unsold));
    assert!(world.run(&["leads", "--status", "won"]).refused().stderr.contains("status: send one of"));
    world.run(&["erase", &sold]).done();
    assert_eq!(search(json!({ "text": Person(1).phone() })), json!({ "leads": [] }));
}
