//! What holds of every preset: it has a case, and no byte of a contact is in any ping of it.

use exchange::schema::Part;

use crate::world::{SECRETS, World, lead, terms};

fn presets() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/market/mapping/presets");
    let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|name| name.strip_suffix(".toml").unwrap().to_owned()).collect()
}

fn buyer(preset: &str) -> String {
    format!(
        "label = \"Harbor\"\n[endpoint]\nprotocol = \"{preset}\"\nping_url = \"https://harbor.example/ping\"\npost_url = \"https://harbor.example/post\"\n\
         own = {{ campaign_id = \"1\", campaign_key = \"2\", supplier_id = \"3\", key = \"4\", type = \"5\", src = \"6\" }}\n\
         [contracts.main]\nvertical = \"loans\"\nprice = \"bid\"\n"
    )
}

#[test]
fn every_preset_has_a_case() {
    assert!(presets().len() >= 16);
    for preset in presets() {
        let case = format!("{}/tests/mapped/cases/{preset}/buyer.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&case).unwrap_or_else(|_| panic!("{preset} has no case"));
        assert!(text.contains(&format!("protocol = \"{preset}\"")), "{case}");
    }
}

/// The canary: contacts of several leads, looked for in whatever way they could be written.
#[test]
fn no_byte_of_a_contact_is_in_a_ping() {
    for preset in presets() {
        let mut world = World::of(&buyer(&preset));
        for number in 0..20 {
            let phone = format!("64655501{number:02}");
            let email = format!("canary{number}@quill.example");
            let first = format!("Zyxwv{}", ["a", "b", "c", "d"][number % 4]);
            let fields = [
                ("state", "CA"),
                ("zip", "90210"),
                ("owner", "true"),
                ("first_name", &*first),
                ("phone", &*phone),
                ("email", &*email),
                ("street", "9 Canary Row"),
            ];
            let vertical = world.market.vertical(&"loans".parse().unwrap()).unwrap();
            let (attributes, contact) = lead(vertical, &fields);
            (world.attributes, world.contact) = (attributes, contact);
            for test in [false, true] {
                let ping = world.ping(test).unwrap();
                let all = format!("{} {:?} {}", ping.url, ping.headers, *ping.body).to_lowercase();
                for canary in [&*phone, &phone[3..], &phone[6..], &*email, "canary", "quill", "zyxwv", "90210"] {
                    assert!(!all.contains(canary), "{preset}: {canary} in {all}");
                }
            }
            let post = world.post(&terms(exchange::money::Money::from_units(1), exchange::contract::SaleKind::Exclusive, Some("r".into()))).unwrap();
            let all = format!("{} {}", post.url, *post.body);
            assert!(all.contains(&phone) && all.contains("Canary"), "{preset}: the post has it: {all}");
        }
    }
}

/// What the canaries are looked for in is what the vertical keeps from pings.
#[test]
fn the_canaries_are_contact() {
    let world = World::of(&buyer("token"));
    let vertical = world.market.vertical(&"loans".parse().unwrap()).unwrap();
    for name in ["first_name", "phone", "email", "street"] {
        assert_eq!(vertical.field(vertical.find(name).unwrap()).part(), Part::Contact);
    }
    assert!(!SECRETS.is_empty());
}
