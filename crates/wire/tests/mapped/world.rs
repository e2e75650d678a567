//! A market with one buyer, and a lead.

use std::time::Duration;

use exchange::{
    attribute::PingPart,
    buyer::Protocol,
    call::{PingCall, PostTerms},
    contract::{SaleKind, SaleKinds},
    id::{BuyerPingId, ContractIndex, LeadId, PostId, Revision, Subject},
    lead::read_post,
    mapping::{Mapping, Requests},
    market::Market,
    money::Money,
    raw::RawValue,
    schema::Vertical,
    seal::{Contact, MasterKey, Opener, Reveal},
    time::Timestamp,
};
use wire::{
    mapped::{Alike, Outgoing, Surroundings, Unrendered, alike, render_confirm, render_ping, render_post, render_status},
    market::{Bundle, Problem, read},
    native::PingContext,
};

const FILES: [(&str, &str); 4] = [
    ("market.toml", "currency = \"USD\"\ntime_zone = \"America/New_York\"\negress = { allow = [\"127.0.0.0/8\"] }\n"),
    (
        "verticals/loans.toml",
        r#"label = "Loans"
[fields.state]
type = "state"
required = "ping"
ping = "value"
[fields.zip]
type = "zip"
ping = { prefix = 3 }
[fields.amount]
type = "money"
ping = { bands = [0, 100_000, 200_000, 300_000] }
[fields.rooms]
type = "integer"
min = 0
max = 20
ping = "value"
[fields.owner]
type = "boolean"
ping = "value"
[fields.kind]
type = "enum"
values = ["purchase", "refinance"]
ping = "value"
[fields.birth_date]
type = "date"
ping = { age_bands = [18, 25, 65] }
[fields.first_name]
type = "name"
required = "post"
[fields.last_name]
type = "name"
[fields.phone]
type = "phone"
[fields.email]
type = "email"
[fields.street]
type = "street"
[fields.consent]
type = "certificate"
part = "evidence"
"#,
    ),
    ("suppliers/acme.toml", "label = \"Acme\"\nverticals = [\"loans\"]\nmargin = { percent = 20, min = \"1.00\" }\n"),
    ("trees/loans.toml", "vertical = \"loans\"\n[[tiers]]\nname = \"all\"\nmode = \"competitive\"\ncontracts = [\"harbor/main\"]\n"),
];

/// What a buyer must not see in a ping, each in the ways it could be written.
pub const SECRETS: [&str; 11] =
    ["Thessaly", "Quill", "6465550142", "646-555-0142", "thessaly.quill@example.com", "thessaly.quill%40", "Larkspur", "90210", "245000", "1979", "1f2e3d"];

const LEAD: [(&str, &str); 13] = [
    ("state", "CA"),
    ("zip", "90210"),
    ("amount", "245000"),
    ("rooms", "3"),
    ("owner", "true"),
    ("kind", "refinance"),
    ("birth_date", "1979-06-14"),
    ("first_name", "Thessaly"),
    ("last_name", "Quill"),
    ("phone", "646-555-0142"),
    ("email", "thessaly.quill@example.com"),
    ("street", "42 \"Larkspur\" <Hollow> & Sons"),
    ("consent", "https://cert.trustedform.com/1f2e3d4c5b6a79880918273645546372819fabcd"),
];

pub struct World {
    pub market: Market,
    pub attributes: PingPart,
    pub contact: Contact,
    pub buyer_ping: BuyerPingId,
}

pub fn problems(buyer: &str) -> Result<(World, Vec<Problem>), Vec<Problem>> {
    let mut bundle = Bundle { files: FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() };
    bundle.files.insert("buyers/harbor.toml".to_owned(), buyer.to_owned());
    let (parts, warnings) = read(&bundle)?;
    let market = Market::new(Revision(1), parts);
    let (attributes, contact) = lead(market.vertical(&"loans".parse().unwrap()).unwrap(), &LEAD);
    Ok((World { market, attributes, contact, buyer_ping: ping_id() }, warnings))
}

pub fn lead(vertical: &Vertical, fields: &[(&str, &str)]) -> (PingPart, Contact) {
    let raw: Vec<(String, RawValue)> = fields.iter().map(|(name, text)| ((*name).to_owned(), RawValue::of_text(*text))).collect();
    let read = read_post(vertical, &raw, None, jiff::civil::date(2026, 11, 23)).unwrap_or_else(|errors| panic!("{errors:?}"));
    let (master, subject) = (MasterKey::from_bytes([7; 32]), Subject::Lead(LeadId::from_bytes([1; 16])));
    let values = read.sealed.iter().map(|(index, value)| (vertical.field(*index).name.as_str(), value));
    let part = master.seal(subject, values, &mut |bytes: &mut [u8]| bytes.fill(9)).unwrap();
    let contact = part.open(Opener::Reveal(&Reveal::after_commit(subject)), &master).unwrap();
    (read.attributes.clone(), contact)
}

fn post_id() -> PostId {
    PostId::from_bytes([3; 16])
}

fn ping_id() -> BuyerPingId {
    BuyerPingId::from_bytes([2; 16])
}

impl World {
    pub fn of(buyer: &str) -> Self {
        let (world, warnings) =
            problems(buyer).unwrap_or_else(|problems| panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")));
        assert_eq!(warnings, [], "{buyer}");
        world
    }

    pub fn mapping(&self) -> &Mapping {
        match &self.market.parts().buyers[0].endpoint.protocol {
            Protocol::Mapped(mapping) => mapping,
            _ => panic!("the buyer is not mapped"),
        }
    }

    pub fn requests(&self) -> &Requests {
        self.mapping().of(&"loans".parse().unwrap()).unwrap()
    }

    pub fn kinds(&self) -> SaleKinds {
        self.market.parts().contracts[0].kinds
    }

    fn context<R>(&self, test: bool, run: impl FnOnce(&PingContext<'_>) -> R) -> R {
        let vertical = self.market.vertical(&"loans".parse().unwrap()).unwrap();
        run(&PingContext { market: &self.market, vertical, attributes: &self.attributes, test })
    }

    /// As it goes out alone, and beside others of the same lead: whatever they wrote changes nothing.
    pub fn ping(&self, test: bool) -> Result<Outgoing<'_>, Unrendered> {
        let alone = self.ping_beside(None, test);
        let alike = self.alike(test);
        for beside in [self.ping_beside(Some(&alike), test), self.ping_beside(Some(&alike), test)] {
            let parts = |sent: &Outgoing<'_>| (sent.url.to_string(), format!("{:?}", sent.headers), sent.body.to_string());
            assert_eq!(beside.as_ref().map(parts), alone.as_ref().map(parts));
        }
        alone
    }

    pub fn alike(&self, test: bool) -> Alike {
        self.context(test, |context| alike(context, ContractIndex(0)))
    }

    pub fn ping_beside(&self, alike: Option<&Alike>, test: bool) -> Result<Outgoing<'_>, Unrendered> {
        let time = Duration::from_millis(800);
        let call = PingCall { contract: ContractIndex(0), buyer_ping: self.buyer_ping, kinds: self.kinds(), most_shared: 3, time, give_up: time };
        let endpoint = &self.market.parts().buyers[0].endpoint;
        let url = endpoint.ping_url.as_ref().unwrap();
        self.context(test, |context| render_ping(self.requests().ping.as_ref().unwrap(), url, context, alike, &call, around()))
    }

    pub fn post(&self, terms: &PostTerms) -> Result<Outgoing<'_>, Unrendered> {
        let url = &self.market.parts().buyers[0].endpoint.post_url;
        self.context(false, |context| render_post(&self.requests().post, url, context, ContractIndex(0), post_id(), terms, &self.contact, around()))
    }

    pub fn confirm(&self, terms: &PostTerms) -> Result<Outgoing<'_>, Unrendered> {
        let endpoint = &self.market.parts().buyers[0].endpoint;
        let request = self.requests().confirm.as_ref().unwrap();
        self.context(false, |context| render_confirm(request, endpoint.confirm_url.as_ref().unwrap(), context, ContractIndex(0), post_id(), terms, around()))
    }

    pub fn status(&self) -> Result<Outgoing<'_>, Unrendered> {
        let endpoint = &self.market.parts().buyers[0].endpoint;
        let request = self.requests().status.as_ref().unwrap();
        self.context(false, |context| render_status(request, endpoint.status_url.as_ref().unwrap(), context, ContractIndex(0), post_id(), around()))
    }
}

pub fn terms(price: Money, kind: SaleKind, reference: Option<String>) -> PostTerms {
    PostTerms { buyer_ping: ping_id(), reference, kind, price }
}

fn around() -> Surroundings<'static> {
    Surroundings { now: Timestamp::from_micros(1_795_478_400_000_000), secret: &|name| (name != "MISSING").then(|| format!("secret-of-{name}")) }
}
