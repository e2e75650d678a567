//! T1 and T2 of direct sales through the server's own writer, beside a bare loop of SQLite statements that writes the same rows in
//! batches of the same sizes: what checking every command costs.

mod bare;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use ::exchange::{
    attribute::PingPart,
    changes::Changes,
    command::{Accept, Beat, Command, Engine, Fence, Reserve, ReserveRequest, Settle, StoreUnknown, Terms},
    contract::SaleKind,
    id::{BuyerPingId, LeadId, NodeId, ParentName, Revision, SaleId, Subject},
    money::Money,
    seal::{Fingerprint, MasterKey, PersonMac},
    time::Timestamp,
    value::Value,
};
use store::{Attendant, SqliteEngine, Writer};

use crate::{
    Failure, clock,
    options::Options,
    process,
    report::{Goal, Report},
    statistics::median,
};

const SALES: u32 = 8_000;
/// Sales under way at the same time.
const AT_ONCE: u32 = 256;
/// Leads that one batch takes on, before the measurement.
const ACCEPTED_AT_ONCE: usize = 500;
const DAY: Duration = Duration::from_secs(24 * 3600);
const START: Timestamp = Timestamp::from_micros(1_780_000_000_000_000);

/// What is sold to whom.
const SUPPLIER: &str = "indicative";
const BUYER: &str = "acme";
const PRICE: Money = Money::from_units(10);
const NET: Money = Money::from_units(8);

struct Sample {
    per_second: f64,
    /// Of this process, in microseconds for each sale.
    micros: f64,
}

/// Remembers how large batches were.
#[derive(Clone)]
struct Watching {
    since: Instant,
    batches: Arc<Mutex<Vec<usize>>>,
}

impl Attendant for Watching {
    type Begun = ();

    fn now(&self) -> Timestamp {
        START.plus(self.elapsed())
    }

    fn elapsed(&self) -> Duration {
        clock::now() - self.since
    }

    fn begins(&self, commands: usize) {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).push(commands);
    }

    fn ended(&self, (): (), _: Result<Changes, &StoreUnknown>) {}
}

fn id(letter: u8, number: u32) -> [u8; 16] {
    let mut bytes = [letter; 16];
    // In the order of time, as the server's ids are.
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn lead(number: u32) -> LeadId {
    LeadId::from_bytes(id(b'l', number))
}

fn sale(number: u32) -> SaleId {
    SaleId::from_bytes(id(b's', number))
}

fn node() -> NodeId {
    NodeId::from_bytes(id(b'n', 1))
}

fn accept(number: u32) -> Result<Command, Failure> {
    let phone = Value::of_text(format!("+1202{number:07}"));
    let mut entropy = |bytes: &mut [u8]| bytes.fill(0xA0 ^ (number % 251) as u8);
    Ok(Command::Accept(Accept {
        lead: lead(number),
        supplier: SUPPLIER.parse()?,
        vertical: "auto".parse()?,
        revision: Revision(1),
        test: false,
        ping: None,
        requote: false,
        idempotency: None,
        fingerprint: Fingerprint(id(b'f', number)),
        attributes: PingPart::default(),
        sealed: master().seal(Subject::Lead(lead(number)), [("phone", &phone)], &mut entropy)?,
        people: vec![PersonMac(id(b'p', number))],
        duplicates_window: DAY * 30,
        lease: DAY,
        node: node(),
    }))
}

fn reserve(number: u32) -> Result<Command, Failure> {
    let contract: ::exchange::id::ContractKey = format!("{BUYER}/one").parse()?;
    let request = ReserveRequest {
        sale: sale(number),
        lead: lead(number),
        fence: Fence::FIRST,
        contract: contract.clone(),
        kind: SaleKind::Exclusive,
        price: PRICE,
        net: NET,
        most_shared: 1,
        max_disclosures: 3,
        start_post: true,
        quoted_by: None,
        buyer_ping: BuyerPingId::from_bytes(id(b'b', number)),
        reference: None,
    };
    let parent = ParentName::of_company(BUYER).ok_or_else(|| Failure("no company".into()))?;
    let credit = Money::from_units(1_000_000_000);
    let terms = Terms { contract, parent, caps: Vec::new(), time_zone: jiff::tz::TimeZone::UTC, credit, lists: Vec::new(), duplicate_days: None };
    Ok(Command::Reserve(Reserve { request, terms }))
}

fn settle(number: u32) -> Command {
    Command::Settle(Settle { sale: sale(number), redirect_url: None, buyer_lead_reference: None, disputed: None, why: None, ends_lead: true })
}

fn master() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

/// A store with leads that were taken on and not sold yet.
fn prepared(path: &Path) -> Result<SqliteEngine, Failure> {
    let mut engine = SqliteEngine::open(path, &master())?;
    engine.apply(START, &[Command::Beat(Beat { node: node(), lives: DAY, alone: true })])?;
    let leads = (0..SALES).map(accept).collect::<Result<Vec<_>, _>>()?;
    for batch in leads.chunks(ACCEPTED_AT_ONCE) {
        engine.apply(START, batch)?;
    }
    Ok(engine)
}

fn through_the_writer(path: &Path) -> Result<(Sample, Vec<usize>), Failure> {
    let engine = prepared(path)?;
    let commands = (0..SALES).map(|number| Ok((reserve(number)?, settle(number)))).collect::<Result<Vec<_>, Failure>>()?;
    let watching = Watching { since: clock::now(), batches: Arc::default() };
    let (writer, thread) = Writer::start(engine, watching)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    let sample = sampled(|| {
        runtime.block_on(async {
            // Each takes the oldest lead that nobody sells yet, as suppliers' leads come: what is sold at one time lies side by side.
            let unsold = Arc::new(Mutex::new(commands.into_iter()));
            let next = move || unsold.lock().unwrap_or_else(PoisonError::into_inner).next();
            let mut sellers = tokio::task::JoinSet::new();
            for _ in 0..AT_ONCE {
                let (writer, next) = (writer.clone(), next.clone());
                sellers.spawn(async move {
                    while let Some((reserve, settle)) = next() {
                        writer.apply(reserve).await?;
                        writer.apply(settle).await?;
                    }
                    Ok::<_, StoreUnknown>(())
                });
            }
            sellers.join_all().await.into_iter().collect::<Result<(), _>>()
        })?;
        Ok(())
    })?;
    writer.close();
    thread.join().map_err(|_| Failure("the writer panicked".into()))?;
    let batches = std::mem::take(&mut *writer.attendant().batches.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((sample, batches))
}

fn sampled(work: impl FnOnce() -> Result<(), Failure>) -> Result<Sample, Failure> {
    let (since, before) = (clock::now(), process::usage_of_this()?);
    work()?;
    let (took, after) = (clock::now() - since, process::usage_of_this()?);
    Ok(Sample { per_second: f64::from(SALES) / took.as_secs_f64(), micros: (after - before).total() / f64::from(SALES) })
}

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let (mut ours, mut bare, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..options.rounds {
        report.progress(&format!("writer: round {} of {}", round + 1, options.rounds));
        let (sample, batches) = through_the_writer(&folder.join(format!("ours{round}.db")))?;
        let path = folder.join(format!("bare{round}.db"));
        drop(prepared(&path)?);
        sizes.push(batches.iter().sum::<usize>() as f64 / batches.len() as f64);
        bare.push(sampled(|| bare::write(&path, &batches))?);
        ours.push(sample);
    }
    tell(report, &ours, &bare, median(&sizes));
    Ok(())
}

fn tell(report: &mut Report, ours: &[Sample], bare: &[Sample], commands: f64) {
    let middle = |samples: &[Sample], of: fn(&Sample) -> f64| median(&samples.iter().map(of).collect::<Vec<_>>());
    let row = |name: &str, samples: &[Sample]| {
        vec![name.into(), middle(samples, |sample| sample.per_second).round().into(), middle(samples, |sample| sample.micros).into(), commands.into()]
    };
    let rows = [row("the writer", ours), row("bare SQLite loop", bare)];
    report.table("writer", "T1 and T2 of direct sales, without HTTP", &["way", "sales/s", "CPU µs", "commands in a batch"], &rows);
    let ratios: Vec<f64> = ours.iter().zip(bare).map(|(ours, bare)| ours.per_second / bare.per_second).collect();
    report.goal("sales/s, T1 + T2 through the writer ÷ bare SQLite loop", median(&ratios), Goal::AtLeast(0.5));
}
