//! A market directory in a few lines.

use std::{collections::BTreeMap, path::Path};

/// One vertical `loans`, one supplier `acme` (20 %, at least 1.00), and one tree over all buyers.
#[derive(Clone, Debug)]
pub struct Market {
    files: BTreeMap<String, String>,
    pub buyers: Vec<Buyer>,
}

/// A buyer with one contract, `main`, and the sandbox process that plays it.
#[derive(Clone, Debug)]
pub struct Buyer {
    pub name: String,
    pub credit: String,
    /// Further keys of the buyer, of its endpoint, and of its contract.
    pub head: String,
    pub endpoint: String,
    pub contract: String,
    /// Of the process.
    pub flags: Vec<String>,
    /// Where it is, if a test plays it itself: no process is started.
    pub at: Option<String>,
}

/// Every call is signed with it, and the sandbox refuses what isn't.
const SECRET: &str = "whsec_dGhlLXNlY3JldC1vZi1ldmVyeS10ZXN0LWJ1eWVy";

const MARKET: &str = r#"
currency = "USD"
time_zone = "America/New_York"
egress = { allow = ["127.0.0.0/8"] }
"#;

pub const LOANS: &str = r#"
label = "Loans"
[fields.state]
type = "state"
required = "ping"
ping = "value"
[fields.amount]
type = "money"
required = "ping"
ping = { bands = [0, 100_000, 200_000, 300_000, 500_000, 1_000_000] }
aliases = ["loan_amount"]
[fields.owner]
type = "boolean"
ping = "value"
[fields.kind]
type = "enum"
values = ["purchase", "refinance"]
ping = "value"
[fields.birth_date]
type = "date"
ping = { age_bands = [18, 25, 35, 45, 55, 65] }
[fields.first_name]
type = "name"
required = "post"
[fields.last_name]
type = "name"
required = "post"
[fields.phone]
type = "phone"
required = "post"
aliases = ["phone_number"]
[fields.email]
type = "email"
required = "post"
[fields.street]
type = "street"
[fields.ssn]
type = "ssn"
[fields.notes]
type = "text"
[fields.consent_url]
type = "certificate"
part = "evidence"
"#;

const AUTOS: &str = r#"
label = "Autos"
[fields.state]
type = "state"
required = "ping"
ping = "value"
"#;

impl Market {
    pub fn new() -> Self {
        let this = Self { files: BTreeMap::new(), buyers: Vec::new() };
        this.file("market.toml", MARKET)
            .file("verticals/loans.toml", LOANS)
            .file("verticals/autos.toml", AUTOS)
            .supplier("acme", "")
            .tree("max_disclosures = 1", "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"")
    }

    /// Buyers that bid, one price each: `alpha`, `beta`, `gamma` …
    pub fn of_bids(bids: &[&str]) -> Self {
        let names = ["alpha", "beta", "gamma", "delta", "epsilon"];
        names.iter().zip(bids).fold(Self::new(), |market, (name, bid)| market.buyer(Buyer::bids(name, bid)))
    }

    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }

    /// Adds lines to a file.
    pub fn more(mut self, path: &str, text: &str) -> Self {
        let file = self.files.entry(path.into()).or_default();
        file.push_str(text);
        file.push('\n');
        self
    }

    pub fn supplier(self, name: &str, keys: &str) -> Self {
        self.file(
            &format!("suppliers/{name}.toml"),
            &format!("label = \"{name}\"\nverticals = [\"loans\"]\nmargin = {{ percent = 20, min = \"1.00\" }}\n{keys}\n"),
        )
    }

    pub fn buyer(mut self, buyer: Buyer) -> Self {
        self.buyers.push(buyer);
        self
    }

    /// The tree with one tier over all buyers.
    pub fn tree(self, keys: &str, tier: &str) -> Self {
        self.file(
            "trees/loans.toml",
            &format!("vertical = \"loans\"\ndeadline_ms = 8000\n{keys}\n[[tiers]]\nname = \"all\"\ncontracts = [\"tag:all\"]\n{tier}\n"),
        )
    }

    pub fn buyer_named(&mut self, name: &str) -> &mut Buyer {
        self.buyers.iter_mut().find(|buyer| buyer.name == name).unwrap()
    }

    /// `addresses` are where the buyers' processes listen.
    pub fn write(&self, directory: &Path, addresses: &BTreeMap<String, String>) {
        let buyers = self.buyers.iter().map(|buyer| (format!("buyers/{}.toml", buyer.name), buyer.toml(&addresses[&buyer.name])));
        for (path, text) in self.files.clone().into_iter().chain(buyers) {
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
}

impl Buyer {
    pub fn bids(name: &str, bid: &str) -> Self {
        let flags = ["--name", name, "--bid", bid, "--secret", SECRET].map(str::to_owned).to_vec();
        let (head, endpoint) = (String::new(), String::new());
        Self { name: name.into(), credit: "50000.00".into(), head, endpoint, contract: "price = \"bid\"".into(), flags, at: None }
    }

    pub fn flags(mut self, flags: &str) -> Self {
        self.flags.extend(flags.split_whitespace().map(str::to_owned));
        self
    }

    /// At the price that its contract has: it is never pinged.
    pub fn fixed(self) -> Self {
        let contract = self.contract.lines().skip(1).collect::<Vec<_>>().join("\n");
        Self { contract, ..self }
    }

    /// A buyer that a test plays itself.
    pub fn played(name: &str, at: &str) -> Self {
        Self { at: Some(at.into()), ..Self::bids(name, "1.00") }
    }

    pub fn credit(self, credit: &str) -> Self {
        Self { credit: credit.into(), ..self }
    }

    pub fn head(self, keys: &str) -> Self {
        Self { head: keys.into(), ..self }
    }

    /// Further keys of the endpoint; `AT` stands for its address.
    pub fn endpoint(mut self, keys: &str) -> Self {
        self.endpoint.push_str(keys);
        self.endpoint.push('\n');
        self
    }

    pub fn contract(mut self, keys: &str) -> Self {
        self.contract.push('\n');
        self.contract.push_str(keys);
        self
    }

    fn toml(&self, at: &str) -> String {
        let Self { name, credit, head, contract, .. } = self;
        let endpoint = self.endpoint.replace("AT", at);
        let protocol = if endpoint.contains("protocol = ") { "" } else { "protocol = \"native\"" };
        format!(
            "label = \"{name}\"\ncredit = \"{credit}\"\n{head}\n[endpoint]\nsecret = \"{SECRET}\"\n{protocol}\nping_url = \"{at}/ping\"\npost_url = \"{at}/post\"\n{endpoint}\n[contracts.main]\nvertical = \"loans\"\ntags = [\"all\"]\n{contract}\n"
        )
    }
}
