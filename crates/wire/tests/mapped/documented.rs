//! What docs/mapping.md says to write does what it says.

use std::{collections::BTreeMap, fs, path::Path};

use exchange::{buyer::Protocol, contract::SaleKinds, id::Revision, mapping::Mapping, market::Market, money::Currency};
use wire::{
    mapped::{Heard, Offered, read_bid},
    market::{Bundle, read},
};

use crate::said::pinged;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The page's indented blocks, without their indentation.
fn blocks() -> Vec<String> {
    let page = fs::read_to_string(format!("{ROOT}/docs/mapping.md")).unwrap();
    let mut blocks = vec![String::new()];
    for line in page.lines() {
        match (line.strip_prefix("    "), line.is_empty()) {
            (Some(line), _) => *blocks.last_mut().unwrap() += &format!("{}\n", line.strip_prefix("   ").unwrap_or(line)),
            (None, true) => {}
            (None, false) => blocks.push(String::new()),
        }
    }
    blocks.into_iter().filter(|block| !block.is_empty()).collect()
}

fn files(folder: &Path, under: &str, all: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{under}{}", entry.file_name().to_str().unwrap());
        match entry.path().is_dir() {
            true => files(&entry.path(), &format!("{name}/"), all),
            false => drop(all.insert(name, fs::read_to_string(entry.path()).unwrap())),
        }
    }
}

/// The sample market with this buyer in it.
fn mapping(buyer: &str) -> std::sync::Arc<Mapping> {
    let mut all = BTreeMap::new();
    files(Path::new(&format!("{ROOT}/sample/market")), "", &mut all);
    all.insert("buyers/zz-summit.toml".to_owned(), buyer.to_owned());
    let (parts, _) =
        read(&Bundle { files: all }).unwrap_or_else(|problems| panic!("{}", problems.iter().map(|problem| format!("{problem}\n")).collect::<String>()));
    let market = Market::new(Revision(1), parts);
    match &market.buyer_named(&"zz-summit".parse().unwrap()).unwrap().endpoint.protocol {
        Protocol::Mapped(mapping) => mapping.clone(),
        _ => panic!("the buyer is not mapped"),
    }
}

fn meaning(mapping: &Mapping, headers: &[(&str, &str)], body: &str) -> String {
    let offered = Offered { currency: Currency::USD, kinds: SaleKinds::BOTH, agreed: None };
    pinged(&read_bid(&mapping.ping, &Heard { status: 200, headers, body: body.as_bytes() }, offered))
}

#[test]
fn the_buyer_of_five_minutes_bids() {
    let blocks = blocks();
    let summit = blocks.iter().find(|block| block.contains("label = \"Summit\"")).unwrap();
    let mapping = mapping(summit);
    let answer = "<Reply><Status>OK</Status><Price>$1,234.50</Price><Token>t-1</Token></Reply>";
    assert!(fs::read_to_string(format!("{ROOT}/docs/mapping.md")).unwrap().contains(answer));
    assert_eq!(meaning(&mapping, &[], answer), "bid exclusive 1234.50 reference \"t-1\"");
}

const REST: &str = "[endpoint.post]\nlead = \"\"\n[endpoint.post.answer]\naccepted = { at = \"body\", is = \"1\" }\n\
                    [contracts.all]\nvertical = \"mortgage\"\nprice = \"bid\"\ntags = [\"all\"]\n";
const ADDRESSES: &str = "ping_url = \"https://api.summit.example/ping\"\npost_url = \"https://api.summit.example/post\"\n";

#[test]
fn a_preset_needs_its_ids_alone() {
    let blocks = blocks();
    let preset = blocks.iter().find(|block| block.contains("protocol = \"leadspedia\"")).unwrap();
    let contract = "[contracts.all]\nvertical = \"mortgage\"\nprice = \"bid\"\ntags = [\"all\"]\n";
    let mapping = mapping(&format!("label = \"Summit\"\n{preset}{contract}"));
    assert_eq!(meaning(&mapping, &[], r#"{"result": "success", "ping_id": "p", "price": 15}"#), "bid exclusive 15.00 reference \"p\"");
}

#[test]
fn answers_of_no_platform_are_read_as_the_page_says() {
    let blocks = blocks();
    let answers = blocks.iter().find(|block| block.contains("ACCEPT|12,50|ref=77")).unwrap();
    let xml = r#"<auction result="bids"><groups><group><bid id="a1" amount="12.50" type="shared"/></group><group><bid id="b1" amount="13" type="x"/></group></groups></auction>"#;
    let bid = [("x-status", "BID")];
    let cases = [
        (&bid[..0], xml, "bid exclusive 13.00 shared 12.50 reference \"refs:exclusive.=b1&shared.=a1\""),
        (&bid[..0], "ACCEPT|12,50|ref=77", "bid exclusive 12.50 reference \"77\""),
        (&bid[..], r#"{"offer": {"cents": 1250, "handle": "h/1"}}"#, "bid exclusive 12.50 reference \"h/1\""),
    ];
    let parts: Vec<&str> = answers.split("\n# ").collect();
    assert_eq!(parts.len(), cases.len(), "{answers}");
    for (part, (headers, body, expected)) in parts.iter().zip(cases) {
        let (_, answer) = part.split_once('\n').unwrap();
        let buyer = format!("label = \"Summit\"\n[endpoint]\nprotocol = \"mapped\"\n{ADDRESSES}[endpoint.ping]\nlead = \"\"\n{answer}\n{REST}");
        assert_eq!(meaning(&mapping(&buyer), headers, body), expected);
    }
}
