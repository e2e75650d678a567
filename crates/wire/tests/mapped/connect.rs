//! Interfaces made out of recorded answers: presets by what they read, others by where things seem to stand.

use std::path::Path;

use exchange::money::Currency;
use wire::connect::{Chosen, RequestFormat, Sample, are_forms, endpoint, fits, guess, meaning_of, texts_at};

use crate::{said::bid, world::World};

fn samples(case: &Path, of: &str) -> Vec<Sample> {
    let mut names: Vec<String> = std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let names = names.iter().filter(|name| name.ends_with(".answer") && name.split('.').next() == Some(of));
    // What nobody can read tells nothing of who said it.
    let meaning = |name: &str| std::fs::read_to_string(case.join(name.replace(".answer", ".meaning"))).unwrap();
    let readable = names.filter(|name| !meaning(name).contains("unread") && !meaning(name).contains("unknown") && !meaning(name).contains("later"));
    readable.map(|name| Sample::parse(&std::fs::read_to_string(case.join(name)).unwrap())).collect()
}

fn case(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mapped/cases").join(name)
}

#[test]
fn each_preset_is_found_by_its_recorded_answers() {
    for (preset, _) in wire::market::presets() {
        let (pings, posts) = (samples(&case(preset), "ping"), samples(&case(preset), "post"));
        let fits = fits(&pings, &posts, Currency::USD);
        let best = fits.first().unwrap_or_else(|| panic!("{preset}: nothing fits {pings:?} {posts:?}")).score;
        let alike: Vec<&str> = fits.iter().filter(|fit| fit.score == best).map(|fit| fit.preset).collect();
        assert!(alike.contains(preset), "{preset}: {fits:?}");
        assert!(alike.len() <= 2, "{preset}: {alike:?}");
    }
    assert_eq!(fits(&samples(&case("irregular-soap"), "ping"), &[], Currency::USD), []);
}

/// The likeliest of everything, as with `--yes`, read as it was recorded.
#[test]
fn other_interfaces_are_made_out_of_their_answers() {
    for (answers, expected) in [
        (
            &["{\"offer\": {\"decision\": \"accept\", \"cents\": 1250, \"handle\": \"h-1\"}}", "{\"offer\": {\"decision\": \"decline\", \"why\": \"state\"}}"]
                [..],
            "bid exclusive 12.50 reference \"h-1\"",
        ),
        (&["<r><ok>1</ok><bid amount=\"$1,012.50\" id=\"x7\"/></r>", "<r><ok>0</ok><message>full</message></r>"], "bid exclusive 1012.50 reference \"x7\""),
        (&["ACCEPT|12,50|ref=77", "REJECT|state"], "bid exclusive 12.50 reference \"77\""),
        (&["77;YES;12.50", "78;NO;"], "bid exclusive 12.50 reference \"77\""),
        (&["Status: OK\nPrice: 12.50 USD\nKey: k1", "Status: KO\nText: no"], "bid exclusive 12.50 reference \"k1\""),
        (&["status=ok&price=9&token=t", "status=no&message=closed"], "bid exclusive 9.00 reference \"t\""),
        (&["200\nX-Status: BID\nX-Price: 12.50\n\n{\"id\": \"u1\"}", "200\nX-Status: PASS\n\n{}"], "bid exclusive 12.50 reference \"u1\""),
        (&["{\"data\": [{\"accepted\": true, \"a.price\": \"7.25\", \"auth\": \"zz\"}]}"], "bid exclusive 7.25 reference \"zz\""),
    ] {
        let samples: Vec<Sample> = answers.iter().map(|answer| Sample::parse(answer)).collect();
        let guess = guess(&samples);
        let status = guess.status.first().unwrap_or_else(|| panic!("{answers:?}"));
        let words = texts_at(&samples, &status.place).into_iter().filter_map(|word| {
            let meaning = meaning_of(&word).or(match word.as_str() {
                "1" => Some(wire::connect::Meaning::Accepted),
                "0" => Some(wire::connect::Meaning::Rejected),
                _ => None,
            })?;
            Some((word, meaning))
        });
        let words: Vec<_> = words.collect();
        let chosen = Chosen {
            format: RequestFormat::Json,
            answers_by_form: (are_forms(&samples), false),
            status: (status.place.clone(), words.clone()),
            post_status: (status.place.clone(), words),
            price: guess.price.first().map(|found| (found.place.clone(), found.text.clone())),
            reference: guess.reference.first().map(|found| found.place.clone()),
            reason: Vec::new(),
            post_reason: Vec::new(),
        };
        let endpoint = endpoint(&chosen);
        let buyer = format!(
            "label = \"Harbor\"\n[endpoint]\nprotocol = \"mapped\"\nping_url = \"https://harbor.example/ping\"\npost_url = \"https://harbor.example/post\"\n\
             {endpoint}[contracts.main]\nvertical = \"loans\"\nprice = \"bid\"\n"
        );
        let world = World::of(&buyer);
        let headers: Vec<(&str, &str)> = samples[0].headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let heard = wire::mapped::Heard { status: samples[0].status, headers: &headers, body: &samples[0].body };
        assert_eq!(crate::said::pinged(&bid(&world, &heard)), expected, "{answers:?}\n{endpoint}");
        for refusal in &samples[1..] {
            let headers: Vec<(&str, &str)> = refusal.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let heard = wire::mapped::Heard { status: refusal.status, headers: &headers, body: &refusal.body };
            assert!(crate::said::pinged(&bid(&world, &heard)).starts_with("no bid"), "{answers:?}\n{endpoint}");
        }
    }
}

#[test]
fn a_sample_is_a_body_or_an_answer_with_its_head() {
    for (text, status, headers, body) in [
        ("{\"a\": 1}\n", 200, 0, "{\"a\": 1}"),
        ("HTTP/1.1 202 Accepted\r\nX-Bid: 1\r\n\r\nbody\r\n", 202, 1, "body"),
        ("204\n\n", 204, 0, ""),
        ("STATUS: OK\nKEY: 1", 200, 0, "STATUS: OK\nKEY: 1"),
        ("12\n\nx", 200, 0, "12\n\nx"),
        ("", 200, 0, ""),
    ] {
        let sample = Sample::parse(text);
        assert_eq!((sample.status, sample.headers.len(), sample.text().as_str()), (status, headers, body), "{text:?}");
    }
}
