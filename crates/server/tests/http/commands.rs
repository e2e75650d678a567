//! The command line: what it prints, how it refuses, what it leaves behind.

use serde_json::Value;

use crate::support::{
    Buyer, Market, Person, World,
    process::{pingpost, ran, run, run_in},
    world::copy,
};

/// Ten mistakes, each of another kind.
const TEN_MISTAKES: [(&str, &str); 5] = [
    ("market.toml", "currency = \"Dollar\"\ntime_zone = \"America/Gotham\"\nquote = { kind = \"maybe\", ttl_s = 120 }\nfirm_share = 120\n"),
    (
        "verticals/loans.toml",
        "label = \"Loans\"\n[fields.state]\ntype = \"stat\"\nping = \"value\"\n[fields.phone]\ntype = \"phone\"\nping = \"value\"\n[fields.amount]\ntype = \"money\"\nping = { bands = [0, 100000] }\n",
    ),
    ("suppliers/acme.toml", "label = \"Acme\"\nverticals = [\"boats\"]\nmargin = { percent = 20, min = \"1.00\" }\n"),
    (
        "buyers/alpha.toml",
        "label = \"Alpha\"\ncredit = \"many\"\n[endpoint]\nprotocol = \"native\"\nsecret = \"whsec_c2FtcGxlLXNlY3JldC1vZi1hbmNob3Itc2V0dGxlbWVudC4u\"\nping_url = \"https://a.example/ping\"\npost_url = \"https://a.example/post\"\n[contracts.main]\nvertical = \"loans\"\nfilter = 'amount >= 150000'\nprice = \"bid\"\n",
    ),
    ("trees/loans.toml", "vertical = \"loans\"\n[[tiers]]\nname = \"all\"\nmode = \"parallel\"\ncontracts = [\"nobody/main\"]\nsale = \"exclusive\"\n"),
];

#[test]
fn check_names_every_mistake_with_its_file_its_line_and_its_mend() {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in TEN_MISTAKES {
        let path = directory.path().join("market").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let checked = run_in(directory.path(), &["check", "market"]).refused();
    let lines: Vec<&str> = checked.stdout.lines().filter(|line| !line.contains(": warning: ")).collect();
    for line in &lines {
        let mut parts = line.splitn(3, ':');
        let (file, number) = (parts.next().unwrap(), parts.next().unwrap());
        assert!(file.ends_with(".toml") && number.parse::<u32>().is_ok(), "{line}");
    }
    assert!(lines.len() >= 10, "{}", checked.stdout);
    insta::assert_snapshot!(format!("{}\n{}", checked.stdout, checked.stderr));
    let json = run_in(directory.path(), &["check", "market", "--json"]).refused().json();
    assert_eq!(json["ok"], false);
    let refused = run_in(directory.path(), &["apply", "market", "--data", "data"]).refused();
    assert!(refused.stderr.contains("is not applied"), "{refused:?}");
    run_in(directory.path(), &["check", "nowhere"]).refused();
}

#[test]
fn the_sample_market_is_in_order() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample/market");
    assert_eq!(run(&["check", sample, "--json"]).done().json()["ok"], true);
}

#[test]
fn wrong_usage_is_told_from_a_refusal() {
    for args in [&["nonsense"] as &[&str], &["serve", "--nonsense"], &["serve", "--listen", "here"], &["key", "new", "--data", "x"], &["trace"], &[]] {
        let ran = run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {ran:?}");
        assert!(ran.stderr.contains("--help"), "{ran:?}");
    }
    for args in [&["key", "list"] as &[&str], &["trace", "lead_1"]] {
        let ran = run(args).refused();
        assert!(ran.stderr.contains("--data"), "{ran:?}");
    }
    let ran = run(&["key", "list", "--database", "postgres://nowhere/x"]).refused();
    assert!(ran.stderr.contains("--master-key"), "one is never made for a database: {ran:?}");
    insta::assert_snapshot!(run(&["--help"]).done().stdout);
    assert!(run(&["--version"]).done().stdout.starts_with("pingpost "));
}

#[test]
fn a_flag_goes_before_the_environment_whichever_place_either_names() {
    let directory = tempfile::tempdir().unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample/market");
    let elsewhere = ("PINGPOST_DATABASE", "postgres://nowhere/x");
    let in_place = |args: &[&str], environment: &[(&str, &str)]| ran(pingpost().current_dir(directory.path()).args(args).envs(environment.iter().copied()));
    in_place(&["apply", sample, "--data", "here"], &[elsewhere]).done();
    in_place(&["key", "list"], &[("PINGPOST_DATA", "here")]).done();
    let flag = in_place(&["key", "list", "--database", "postgres://nowhere/x"], &[("PINGPOST_DATA", "here")]).refused();
    assert!(flag.stderr.contains("--master-key"), "the flag's database was meant: {flag:?}");
    for (args, environment) in
        [(&["key", "list"] as &[&str], [("PINGPOST_DATA", "here"), elsewhere]), (&["key", "list", "--data", "here", "--database", "x"], [elsewhere; 2])]
    {
        let both = in_place(args, &environment);
        assert!(both.code == 2 && both.stderr.contains("two places") && both.stderr.contains("--help"), "{both:?}");
    }
}

#[test]
fn files_made_from_an_older_revision_are_not_applied_over_a_newer_one() {
    let world = World::without_market(Market::of_bids(&["20.00"]));
    let first = world.apply().done();
    assert!(first.stdout.ends_with("applied as revision 1\n"), "{first:?}");
    assert!(world.apply_directory().done().stdout.contains("nothing changes"));
    let (here, there) = (world.market_directory(), world.data().with_file_name("elsewhere"));
    copy(&here, &there, &|text| text);
    let edit = |directory: &std::path::Path, percent: u32| {
        let text = format!("label = \"acme\"\nverticals = [\"loans\"]\nmargin = {{ percent = {percent}, min = \"1.00\" }}\n");
        std::fs::write(directory.join("suppliers/acme.toml"), text).unwrap();
        directory.to_str().unwrap().to_owned()
    };
    let (here, there) = (edit(&here, 30), edit(&there, 40));
    let dry = world.run(&["apply", &there, "--dry-run", "--json"]).done().json();
    assert_eq!((&dry["dry_run"], dry["changes"].as_array().unwrap().len()), (&Value::Bool(true), 1), "{dry:#}");
    insta::assert_snapshot!(world.run(&["apply", &here]).done().stdout);
    let stale = world.run(&["apply", &there]).refused();
    assert!(stale.stderr.contains("--base 2"), "{stale:?}");
    world.run(&["apply", &there, "--dry-run"]).refused();
    let applied = world.run(&["apply", &there, "--base", "2", "--json"]).done().json();
    assert_eq!(applied["revision"], 3);
    world.run(&["apply", &here]).refused();
}

#[test]
fn a_key_is_shown_once_and_kept_as_a_hash() {
    let world = World::of(Market::of_bids(&["20.00"]));
    let made = world.run(&["key", "new", "--operator", "olga"]).done();
    let key = made.stdout.trim().to_owned();
    let (id, secret) = key.split_once('.').unwrap();
    assert_eq!(made.stdout.lines().count(), 1, "standard output is the key alone");
    assert!(secret.len() >= 43, "32 random bytes");
    let listed = world.run(&["key", "list", "--json"]).done();
    assert!(listed.stdout.contains(id) && !listed.stdout.contains(secret));
    assert!(!world.run(&["key", "list"]).done().stdout.contains(secret));
    let mut scan = crate::support::scan::Scan::default();
    scan.add(secret, 0);
    scan.add(world.key.split_once('.').unwrap().1, 1);
    for path in std::fs::read_dir(world.data()).unwrap().map(|entry| entry.unwrap().path()) {
        assert_eq!(scan.find(&std::fs::read(&path).unwrap()), [], "{}", path.display());
    }
    assert_eq!(scan.find(world.logs().as_bytes()), []);
    let revoked_at = || {
        world.run(&["key", "revoke", id]).done();
        let keys = world.run(&["key", "list", "--json"]).done().json();
        keys.as_array().unwrap().iter().find(|row| row["id"] == id).unwrap()["revoked_at"].as_str().unwrap().to_owned()
    };
    assert_eq!(revoked_at(), revoked_at(), "revoked twice, it stays revoked since the first time");
    for unknown in ["key_01kz5h2v7qe0gr3m5w8x9y2c4d", "key_nonsense"] {
        world.run(&["key", "revoke", unknown]).refused();
    }
}

#[test]
fn a_store_opens_with_its_own_master_key_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::without_market(Market::of_bids(&["20.00"]));
    world.apply().done();
    let own = world.data().join("master.key");
    assert_eq!(std::fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(world.data()).unwrap().permissions().mode() & 0o077, 0, "nobody else reads the directory");
    let other = world.data().with_file_name("other.key");
    let other = other.to_str().unwrap();
    run(&["master-key", "new", "--out", other]).done();
    run(&["master-key", "new", "--out", other]).refused();
    assert_eq!(std::fs::metadata(other).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(other).unwrap();
    for refused in [
        world.run(&["key", "list", "--master-key", other]).refused(),
        ran(pingpost().args(["key", "list", "--data"]).arg(world.data()).env("PINGPOST_MASTER_KEY", text.trim())).refused(),
        world.run(&["serve", "--listen", "127.0.0.1:0", "--master-key", other]).refused(),
    ] {
        assert!(refused.stderr.contains("master key") && !refused.stderr.contains(text.trim()), "{refused:?}");
    }
    world.run(&["key", "list", "--master-key", own.to_str().unwrap()]).done();
    std::fs::rename(&own, own.with_file_name("moved.key")).unwrap();
    let missing = world.run(&["key", "list"]).refused();
    assert!(missing.stderr.contains("is missing") && !own.exists(), "no new one is made in its place: {missing:?}");
    assert_eq!(run(&["master-key", "new"]).done().stdout.trim().len(), 44);
}

#[test]
fn the_schema_is_a_json_schema() {
    let schema = run(&["schema"]).done().json();
    assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"), "{:?}", schema["$schema"]);
    let text = schema.to_string();
    for key in ["max_disclosures", "age_bands", "firm_share", "confirm_url", "duplicate_days"] {
        assert!(text.contains(key), "{key}");
    }
}

#[test]
fn a_trace_of_what_is_not_there_is_refused() {
    let world = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").flags("--no-bid-rate 1")));
    for id in ["lead_01kz5h2v7qe0gr3m5w8x9y2c4d", "ping_01kz5h2v7qe0gr3m5w8x9y2c4d", "nonsense", "sale_01kz5h2v7qe0gr3m5w8x9y2c4d"] {
        let ran = world.run(&["trace", id, "--json"]).refused();
        assert!(ran.stdout.is_empty() && ran.stderr.contains(id), "{ran:?}");
    }
    // What nobody bid on has its trace all the same, and its reason.
    let ping = world.ping(&Person(1).attributes()).ok("unmatched").word("ping_id");
    let trace = world.trace(&ping);
    assert_eq!((trace["status"].as_str(), trace["reason"].as_str()), (Some("unmatched"), Some("no_bid")));
    let lead = world.lead(&Person(1).lead()).ok("unsold").word("lead_id");
    assert_eq!(world.run(&["trace", &lead, "--why", "a test"]).code, 2, "a reason is for a reveal");
    assert!(world.run(&["trace", &lead]).done().stdout.contains("no_bid"));
}

#[test]
fn a_second_serve_on_one_store_and_an_address_in_use_are_told() {
    let world = World::of(Market::of_bids(&["20.00"]));
    let address = world.at.strip_prefix("http://").unwrap();
    let refused = world.run(&["serve", "--listen", address]).refused();
    assert!(refused.stderr.contains("can't be listened on"), "{refused:?}");
    // Beside a running exchange, commands work.
    world.run(&["key", "list"]).done();
    world.lead(&Person(1).lead()).ok("sold");
}

/// It couldn't write down what became of the leads that it posts.
#[test]
fn a_store_takes_no_new_form_while_an_older_program_serves_it() {
    let world = World::of(Market::of_bids(&["20.00"]));
    let store = rusqlite::Connection::open(world.data().join("exchange.db")).unwrap();
    let version = |db: &rusqlite::Connection| db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap();
    let newest = version(&store);
    store.pragma_update(None, "user_version", newest - 1).unwrap();
    for command in [&["key", "list"] as &[&str], &["migrate"], &["fsck"]] {
        let refused = world.run(command).refused();
        assert!(refused.stderr.contains("end every node"), "{command:?}: {refused:?}");
    }
    let backup = world.data().with_file_name("backup.db");
    world.run(&["backup", "--to", backup.to_str().unwrap()]).done();
    let backup = rusqlite::Connection::open(backup).unwrap();
    assert_eq!((version(&backup), version(&store)), (newest - 1, newest - 1), "a way back, and nothing was changed");
    store.pragma_update(None, "user_version", newest).unwrap();
    world.run(&["key", "list"]).done();
    world.lead(&Person(1).lead()).ok("sold");
}

/// A mistyped name has no invoice of nothing, and a mistyped directory becomes no file.
#[test]
fn who_and_what_is_not_there_is_told() {
    let world = World::of(Market::of_bids(&["20.00"]));
    assert_eq!(world.run(&["statement", "buyer:alpha", "--json"]).done().json()["lines"], serde_json::json!([]), "nothing yet");
    for account in ["buyer:alhpa", "supplier:alpha"] {
        let refused = world.run(&["statement", account]).refused();
        assert!(refused.stderr.contains(account) && refused.stderr.contains("check the name"), "{refused:?}");
    }
    let missing = world.data().with_file_name("backups");
    for to in [format!("{}/", missing.display()), format!("{}/today.db", missing.display())] {
        let refused = world.run(&["backup", "--to", &to]).refused();
        assert!(refused.stderr.contains("is no directory: make it first"), "{refused:?}");
    }
    assert!(!missing.exists());
    std::fs::create_dir(&missing).unwrap();
    world.run(&["backup", "--to", &format!("{}/", missing.display())]).done();
    assert_eq!(std::fs::read_dir(&missing).unwrap().count(), 1);
    // A file of somebody else's is none of its business, whatever it is called.
    let theirs = missing.join("today.partial");
    std::fs::write(&theirs, "precious").unwrap();
    world.run(&["backup", "--to", missing.join("today.db").to_str().unwrap()]).done();
    assert_eq!((std::fs::read_to_string(&theirs).unwrap().as_str(), std::fs::read_dir(&missing).unwrap().count()), ("precious", 3));
}

/// A mistyped directory: an empty store in it would answer that nothing is known, and forget a person that it never knew.
#[test]
fn a_command_about_what_is_there_makes_no_store() {
    let directory = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 9] = [
        &["key", "list"],
        &["trace", "lead_00000000000000000000000000"],
        &["fsck"],
        &["erase", "lead_00000000000000000000000000"],
        &["resolve", "sale_00000000000000000000000000", "--void"],
        &["returns", "list"],
        &["suppress", "list"],
        &["credit", "add", "someone", "1.00"],
        &["backup", "--to", "backup.db"],
    ];
    for command in commands {
        let refused = run_in(directory.path(), &[command, &["--data", "mistyped"]].concat()).refused();
        assert!(refused.stderr.contains("mistyped holds no store"), "{command:?}: {}", refused.stderr);
    }
    assert!(std::fs::read_dir(directory.path()).unwrap().next().is_none(), "nothing is made");
}
