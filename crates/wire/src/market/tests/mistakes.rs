//! One mistake after the other, each with the very lines that `check` prints.

use super::{Bundle, problems, read, small, with};

const VERTICAL: &str = "verticals/mortgage.toml";
const SUPPLIER: &str = "suppliers/dreamy.toml";
const BUYER: &str = "buyers/harbor.toml";
const TREE: &str = "trees/mortgage.toml";

/// File, what is replaced, by what.
const MISTAKES: &[(&str, &str, &str)] = &[
    // The file as such.
    (BUYER, "label = \"Harbor\"", "label = \"Harbor"),
    (BUYER, "credit = \"500.00\"", "credit = \"500.00\"\ncredit = \"600.00\""),
    (BUYER, "label = \"Harbor\"", "lable = \"Harbor\""),
    (BUYER, "label = \"Harbor\"", "label = 12"),
    (BUYER, "label = \"Harbor\"", "label = \" \""),
    // The exchange.
    ("market.toml", "currency = \"USD\"", "currency = \"XYZ\""),
    ("market.toml", "currency = \"USD\"\n", ""),
    ("market.toml", "America/New_York", "America/Gotham"),
    ("market.toml", "127.0.0.0/8", "127.0.0.0/99"),
    ("market.toml", "egress", "quote = { kind = \"firmly\", ttl_s = 0 }\nfirm_share = 101\nduplicates = { window_days = -1 }\negress"),
    // Verticals.
    (VERTICAL, "type = \"state\"", "type = \"stat\""),
    (VERTICAL, "type = \"state\"\n", ""),
    (VERTICAL, "ping = \"value\"", "ping = \"bands\""),
    (VERTICAL, "ping = \"value\"\n", ""),
    (VERTICAL, "ping = \"value\"", "ping = { prefix = 1 }"),
    (VERTICAL, "ping = \"value\"", "ping = { bands = [0], prefix = 1 }"),
    (VERTICAL, "ping = \"value\"", "ping = {}"),
    (VERTICAL, "[0, 100_000, 200_000]", "[0, 200_000, 100_000]"),
    (VERTICAL, "[0, 100_000, 200_000]", "[]"),
    (VERTICAL, "[0, 100_000, 200_000]", "[0, \"100000\", -1]"),
    (VERTICAL, "aliases", "ping = \"value\"\naliases"),
    (VERTICAL, "aliases", "part = \"evidence\"\nrequired = \"ping\"\naliases"),
    (VERTICAL, "\"phone_number\"", "\"State\""),
    (VERTICAL, "type = \"phone\"", "type = \"enum\""),
    (VERTICAL, "type = \"phone\"", "type = \"enum\"\nvalues = [\"one\", \"One\"]"),
    (VERTICAL, "type = \"phone\"", "type = \"integer\"\nmin = 5\nmax = 4\nmax_length = 3"),
    (VERTICAL, "type = \"phone\"", "type = \"date\"\nping = \"value\""),
    (VERTICAL, "[fields.phone]", "[fields.\"my phone\"]"),
    // Suppliers.
    (SUPPLIER, "[\"mortgage\"]", "[\"mortage\"]"),
    (SUPPLIER, "[\"mortgage\"]", "\"mortgage\""),
    (SUPPLIER, "percent = 20", "percent = 20.5"),
    (SUPPLIER, "percent = 20", "percent = \"120\""),
    (SUPPLIER, "min = \"1.00\"", "min = 1.00"),
    (SUPPLIER, "min = \"1.00\"", "min = \"1.001\""),
    (SUPPLIER, "min = \"1.00\"", "mim = \"1.00\""),
    (SUPPLIER, "margin", "rate_limit_per_s = 0\naccept_lower = \"yes\"\nmax_disclosures = 21\nmargin"),
    (SUPPLIER, "margin", "notify_url = \"https://dreamy.example/\"\nmargin"),
    (SUPPLIER, "margin", "inbound = { campaigns = { \"19\" = \"autos\", \"\" = \"mortgage\" }, fields = { Phone1 = \"fone\", Zip = 5 } }\nmargin"),
    (SUPPLIER, "margin", "inbound = { campaigns = [\"19\"], contact_in_ping = \"keep\", request_id = \"\", gets = true }\nmargin"),
    (VERTICAL, "[fields.phone]", "[fields.sellers]\ntype = \"companies\"\nping = \"value\"\n[fields.phone]"),
    (VERTICAL, "label", "one_to_one = \"phone\"\nlabel"),
    (BUYER, "vertical = \"mortgage\"", "vertical = \"mortgage\"\nrequires = [\"fone\", \"phone\"]"),
    (
        BUYER,
        "max_bid = \"80.00\"",
        "self_service = { pause = 1, price = { min = \"5.00\", max = \"9.00\" }, max_bid = { min = \"9.00\", max = \"5.00\" }, hours = true }",
    ),
    (
        BUYER,
        "price = \"bid\"\nmax_bid = \"80.00\"",
        "price = \"9.00\"\nself_service = { price = { min = \"0\" }, max_bid = { min = \"5.00\", max = \"9.00\" } }",
    ),
    (BUYER, "max_bid = \"80.00\"", "paused_by_buyer = true"),
    // Endpoints.
    (BUYER, "https://harbor.example/ping", "http://harbor.example/ping"),
    (BUYER, "https://harbor.example/ping", "http://10.0.0.1/ping"),
    (BUYER, "https://harbor.example/ping", "https://me:hunter2@harbor.example/ping"),
    (BUYER, "https://harbor.example/ping", "https://harbor.example/ping#now"),
    (BUYER, "https://harbor.example/ping", "harbor.example/ping"),
    (BUYER, "https://harbor.example/ping", "ftp://harbor.example/ping"),
    (BUYER, "ping_url = \"https://harbor.example/ping\"\n", ""),
    (BUYER, "post_url = \"https://harbor.example/post\"\n", ""),
    (BUYER, "secret = \"env:HARBOR_SECRET\"\n", ""),
    (BUYER, "env:HARBOR_SECRET", "env:HARBOR SECRET"),
    (BUYER, "env:HARBOR_SECRET", "whsec_dG9vIHNob3J0"),
    (BUYER, "env:HARBOR_SECRET", "whsec_***"),
    (BUYER, "env:HARBOR_SECRET", "hunter2"),
    (BUYER, "[endpoint]", "[endpoint]\nprotocol = \"email\"\nstatus_url = \"https://harbor.example/s\"\nadf = \"both\""),
    (BUYER, "[endpoint]", "[endpoint]\ntest_post_url = \"mailto:leads@harbor.example\"\nadf = \"only\""),
    (BUYER, "[endpoint]", "[endpoint]\nprotocol = \"sftp\"\nkey = \"env:A\"\npassword = \"hunter2\""),
    (BUYER, "[endpoint]", "[endpoint]\nprotocol = \"sftp\"\nhost_key = \"MD5:00\"\nkey = \"env:A\"\ntest_post_url = \"sftp://u:p@h/x\""),
    (BUYER, "[endpoint]", "[endpoint]\nhost_key = \"SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\ntest_post_url = \"sftp://u@h/x\""),
    (BUYER, "[endpoint]", "[endpoint]\nprotocol = \"webhook\"\nstatus_url = \"https://harbor.example/s\"\npipelining = 16\nown = { id = \"7\" }"),
    (BUYER, "[endpoint]", "[endpoints]"),
    (
        BUYER,
        "[endpoint]",
        "[endpoint]\npost_timeout_ms = 10\nmax_in_flight = 1_000_000\npipelining = 65\nprotocol = \"soap\"\ntest_ping_url = \"https://harbor.example/t\"",
    ),
    // Contracts.
    (BUYER, "vertical = \"mortgage\"", "vertical = \"mortgages\""),
    (BUYER, "vertical = \"mortgage\"\n", ""),
    (BUYER, "price = \"bid\"\n", ""),
    (BUYER, "price = \"bid\"", "price = \"14.00\""),
    (BUYER, "price = \"bid\"", "price = \"offer\""),
    (BUYER, "price = \"bid\"", "price = \"bid\"\nshared_price = \"5.00\""),
    (BUYER, "max_bid = \"80.00\"", "max_bid = \"abc\""),
    (BUYER, "max_bid = \"80.00\"", "max_bid = \"0\""),
    (BUYER, "price = \"bid\"\nmax_bid = \"80.00\"", "price = \"14.00\"\nsale = [\"exclusive\", \"shared\"]"),
    (BUYER, "price = \"bid\"\nmax_bid = \"80.00\"", "price = \"14.00\"\nshared_price = \"5.00\""),
    (BUYER, "price = \"bid\"", "price = \"bid\"\nsale = []"),
    (BUYER, "price = \"bid\"", "price = \"bid\"\nsale = [\"exclusiv\"]"),
    (
        BUYER,
        "price = \"bid\"",
        "price = \"bid\"\ncaps = [{ count = 0, per = \"day\" }, { per = \"day\" }, { count = 1, spend = \"1\", per = \"year\" }, { count = 5 }]",
    ),
    (BUYER, "price = \"bid\"", "price = \"bid\"\ncaps = { count = 1, per = \"day\" }"),
    (BUYER, "price = \"bid\"", "price = \"bid\"\nhours = [\n  \"mon-fri 08:00-18:00\",\n  \"8 to 5\",\n]\ntime_zone = \"PST8\""),
    (BUYER, "price = \"bid\"", "price = \"bid\"\ndisclosure = \"strict\""),
    (BUYER, "price = \"bid\"", "price = \"bid\"\nunknown = { after_h = 0 }"),
    (BUYER, "price = \"bid\"", "price = \"bid\"\nsuppliers = { allow = [\"dreamy\"], deny = [\"dreamly\"] }"),
    (BUYER, "price = \"bid\"", "price = \"bid\"\nsuppliers = {}"),
    (
        BUYER,
        "price = \"bid\"",
        "price = \"bid\"\nweight = 0\npriority = 0\nreturn_days = 0\nduplicate_days = 9999\npaused = 1\ntags = [\"a b\"]\nlists = [\"\"]",
    ),
    (BUYER, "[contracts.west]", "[contracts.\"we st\"]"),
    // Trees.
    (TREE, "vertical = \"mortgage\"", "vertical = \"auto\""),
    (TREE, "vertical = \"mortgage\"", "vertical = \"mortgage\"\nsuppliers = [\"dreamy\", \"nobody\"]\ndeadline_ms = 49\nmax_disclosures = 0"),
    (TREE, "harbor/west", "harbor/east"),
    (TREE, "harbor/west", "harbor"),
    (TREE, "[\"harbor/west\"]", "[\"harbor/west\", \"harbor/west\"]"),
    (TREE, "[\"harbor/west\"]", "[]"),
    (TREE, "harbor/west", "tag:nothing"),
    (TREE, "mode = \"competitive\"\n", ""),
    (TREE, "mode = \"competitive\"", "mode = \"sequential\"\nsale = \"best:3\""),
    (TREE, "mode = \"competitive\"", "mode = \"competitive\"\nsale = \"shared:1\""),
    (TREE, "mode = \"competitive\"", "mode = \"competitive\"\norder = \"round-robin\"\nfloor = \"-1\"\ndeadline_ms = 5"),
    (TREE, "[[tiers]]", "[[tiers]]\nname = \"2\"\nmode = \"competitive\"\ncontracts = [\"harbor/west\"]\n[[tiers]]"),
    (TREE, "[[tiers]]", "[tiers]"),
];

#[test]
fn the_small_market_has_no_problem() {
    assert_eq!(problems(&small()), "");
}

#[test]
fn each_mistake_is_told_with_its_mend() {
    let told = MISTAKES.iter().map(|(file, from, to)| {
        let changed = with(file, from, to);
        format!("── {file}: {from} → {to}\n{}\n", problems(&changed))
    });
    insta::assert_snapshot!(told.collect::<String>());
}

/// A mistake that nobody hears of is none; one that spoils the market can't be a warning only.
#[test]
fn each_mistake_gives_a_problem() {
    for (file, from, to) in MISTAKES {
        assert_ne!(problems(&with(file, from, to)), "", "{file}: {to}");
    }
}

fn put(bundle: &mut Bundle, path: &str, text: &str) {
    bundle.files.insert(path.to_owned(), text.to_owned());
}

#[test]
fn files_are_told_too() {
    let mut bundle = small();
    for path in ["notes.txt", "buyers/my buyer.toml", "buyers/sub/x.toml", "README.md", ".gitignore", "lists/unused.txt"] {
        put(&mut bundle, path, "");
    }
    let all: Vec<String> = problems(&bundle).lines().map(str::to_owned).collect();
    insta::assert_snapshot!(all.join("\n"));
    bundle.files.retain(|path, _| path != "market.toml");
    assert!(problems(&bundle).contains("market.toml:1: the file is missing"));
}

#[test]
fn trees_are_told_that_overlap() {
    let mut bundle = small();
    let tree = |suppliers: &str| format!("vertical = \"mortgage\"\n{suppliers}\n[[tiers]]\nmode = \"competitive\"\ncontracts = [\"harbor/west\"]\n");
    put(&mut bundle, "trees/second.toml", &tree(""));
    put(&mut bundle, "trees/own-1.toml", &tree("suppliers = [\"dreamy\"]"));
    put(&mut bundle, "trees/own-2.toml", &tree("suppliers = [\"dreamy\"]"));
    insta::assert_snapshot!(problems(&bundle));
}

#[test]
fn what_nothing_uses_is_a_warning() {
    let mut bundle = small();
    bundle.files.remove("trees/mortgage.toml");
    insta::assert_snapshot!(problems(&bundle));
    assert!(read(&bundle).is_ok());
}

/// A file that can't be read hides what it has; nothing else is blamed for that.
#[test]
fn one_broken_file_breaks_no_other() {
    for path in [BUYER, VERTICAL, SUPPLIER] {
        let mut bundle = small();
        put(&mut bundle, path, "label = ");
        let told = problems(&bundle);
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.starts_with(&format!("{path}:1: isn't TOML")), "{told}");
    }
}

#[test]
fn ten_mistakes_are_told_at_once() {
    let mut bundle = small();
    let mut replace = |path: &str, from: &str, to: &str| {
        let text = bundle.files.get_mut(path).unwrap();
        *text = text.replacen(from, to, 1);
    };
    replace("market.toml", "USD", "US");
    replace("market.toml", "127.0.0.0/8", "127.0.0.0");
    replace(VERTICAL, "label", "lable");
    replace(SUPPLIER, "20", "200");
    replace(SUPPLIER, "\"1.00\"", "1");
    replace(BUYER, "500.00", "5OO");
    replace(BUYER, "https://harbor.example/post", "http://harbor.example/post");
    replace(BUYER, "\"CA\"", "\"ca\"");
    replace(BUYER, "80.00", "-80");
    replace(TREE, "competitive", "parallel");
    let told = problems(&bundle);
    assert_eq!(told.lines().count(), 10, "{told}");
    insta::assert_snapshot!(told);
}

/// A wrong field is told where it is; the filters that use it aren't blamed, the others are still checked.
#[test]
fn a_wrong_field_hides_no_other_mistake() {
    let mut bundle = with(VERTICAL, "[0, 100_000, 200_000]", "[0, 0]");
    let text = bundle.files.get_mut(BUYER).unwrap();
    *text = text.replace("\"CA\"", "\"ca\"");
    let told = problems(&bundle);
    let lines: Vec<&str> = told.lines().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(lines, ["buyers/harbor.toml:9", "verticals/mortgage.toml:8"], "{told}");
}

/// The tree of the public contract names a contract and a tag that the contract has: it is in the tier once.
#[test]
fn a_contract_that_is_named_and_tagged_is_in_once() {
    let mut bundle = with(TREE, "[\"harbor/west\"]", "[\"harbor/west\", \"tag:preferred\"]");
    let buyer = bundle.files.get_mut(BUYER).unwrap();
    buyer.push_str("tags = [\"preferred\"]\n");
    let (parts, warnings) = read(&bundle).unwrap();
    assert_eq!((parts.trees[0].tiers[0].contracts.len(), warnings.len()), (1, 0));
}

/// `a-b.toml` stands before `a.toml` in a directory, but the buyer `a` before `a-b`.
#[test]
fn buyers_stand_in_the_order_of_names() {
    let mut bundle = small();
    let text = bundle.files[BUYER].clone();
    put(&mut bundle, "buyers/harbor-b.toml", &text);
    let (parts, _) = read(&bundle).unwrap();
    let names: Vec<&str> = parts.buyers.iter().map(|buyer| buyer.name.as_str()).collect();
    assert_eq!(names, ["harbor", "harbor-b"]);
    assert_eq!(parts.contracts[0].buyer.0, 0);
}
