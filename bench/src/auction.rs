//! Closed loop: every server in turn, in each round, is given as much as it takes by `wrk`, and the kernel's count of its
//! processor time is divided by the auctions that were answered right.

use std::{path::Path, thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    Failure,
    chart::{self, Bar},
    clock,
    exchange::Exchange,
    market::{self, Supplier},
    options::Options,
    process::{self, Memory, Process, SERVER_PROCESSOR, Usage},
    report::{Goal, Report},
    servers::{BUYERS, Servers},
    statistics::{self, median},
    wrk::{Load, Target, Wrk},
};

/// CPU is microseconds of processor time for each auction; the least and the most are of all rounds.
const COLUMNS: [&str; 12] = ["server", "auctions/s", "CPU µs", "least", "most", "user", "kernel", "p50 ms", "p99 ms", "p99.9 ms", "VmRSS MiB", "VmHWM MiB"];
/// After a load, until what a server does off the reply's path is counted too.
const SETTLING: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Raw,
    Hyper,
    Nginx,
    Indicative,
    Firm,
    OneAtATime,
}

impl Subject {
    const ALL: [Self; 6] = [Self::Raw, Self::Hyper, Self::Nginx, Self::Indicative, Self::Firm, Self::OneAtATime];

    const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw fan-out (tokio)",
            Self::Hyper => "hyper fan-out",
            Self::Nginx => "nginx with Lua",
            Self::Indicative => "pingpost",
            Self::Firm => "pingpost, firm quotes",
            Self::OneAtATime => "pingpost, one ping at a time",
        }
    }
}

struct Sample {
    subject: Subject,
    load: Load,
    usage: Usage,
    /// Of the server's processor, how much others had meanwhile, in percent.
    others: f64,
}

impl Sample {
    fn micros(&self) -> f64 {
        self.usage.total() / self.load.answers
    }
}

impl Servers {
    const fn process(&self, subject: Subject) -> &Process {
        match subject {
            Subject::Raw => &self.raw,
            Subject::Hyper => &self.hyper,
            Subject::Nginx => &self.nginx,
            Subject::Indicative | Subject::Firm => &self.exchange.process,
            Subject::OneAtATime => &self.one_at_a_time.process,
        }
    }

    fn load(&self, subject: Subject, wrk: &Wrk, pings: &Path, seconds: u32) -> Result<Sample, Failure> {
        let process = self.process(subject);
        let (bid, net) = (format!(r#""bid":"{}""#, market::best_bid(BUYERS)), format!(r#""status":"matched","price":"{}""#, market::best_net(BUYERS)));
        let fan_out = |address| Target { address, path: "/ping", authorization: "Bearer none", bodies: pings, expected: &bid };
        let keys = Supplier::ALL.map(|supplier| self.exchange.authorization(supplier));
        let key_of_one = self.one_at_a_time.authorization(Supplier::Indicative);
        let to =
            |exchange: &Exchange, authorization| Target { address: exchange.address, path: "/v1/pings/auto", authorization, bodies: pings, expected: &net };
        let target = match subject {
            Subject::Raw => fan_out(self.addresses[0]),
            Subject::Hyper => fan_out(self.addresses[1]),
            Subject::Nginx => fan_out(self.addresses[2]),
            Subject::Indicative => to(&self.exchange, &keys[0]),
            Subject::Firm => to(&self.exchange, &keys[1]),
            Subject::OneAtATime => to(&self.one_at_a_time, &key_of_one),
        };
        let (began, before, busy) = (clock::now(), process.usage()?, process::busy(SERVER_PROCESSOR)?);
        let load = wrk.load(&target, seconds)?;
        sleep(SETTLING);
        let usage = process.usage()? - before;
        let others = (process::busy(SERVER_PROCESSOR)? - busy - usage.total()) / began.elapsed().as_secs_f64() / 1e4;
        Ok(Sample { subject, load, usage, others })
    }
}

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let servers = Servers::start(folder, options.contracts)?;
    let (wrk, pings) = (Wrk::new(folder)?, market::write_pings(folder)?);
    for subject in Subject::ALL {
        servers.load(subject, &wrk, &pings, options.seconds)?;
    }
    let mut samples: Vec<Sample> = Vec::new();
    for round in 0..options.rounds {
        report.progress(&format!("auction: round {} of {}", round + 1, options.rounds));
        let mut order = Subject::ALL;
        order.rotate_left(round as usize % Subject::ALL.len());
        for subject in order {
            samples.push(servers.load(subject, &wrk, &pings, options.seconds)?);
        }
    }
    for sample in &samples {
        if let Some(why) = &sample.load.void {
            report.void(&format!("auction: {}: {why}", sample.subject.name()));
        }
    }
    tell(&servers, &samples, report)
}

fn of(samples: &[Sample], subject: Subject, figure: impl Fn(&Sample) -> f64) -> Vec<f64> {
    samples.iter().filter(|sample| sample.subject == subject).map(figure).collect()
}

/// The median of the rounds' ratios: what the machine did in a round, it did to both.
fn ratio(samples: &[Sample], above: Subject, below: Subject, figure: impl Fn(&Sample) -> f64) -> f64 {
    let (above, below) = (of(samples, above, &figure), of(samples, below, &figure));
    median(&above.iter().zip(&below).map(|(above, below)| above / below).collect::<Vec<_>>())
}

fn tell(servers: &Servers, samples: &[Sample], report: &mut Report) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for subject in Subject::ALL {
        let middle = |figure: fn(&Sample) -> f64| median(&of(samples, subject, figure));
        let all = of(samples, subject, Sample::micros);
        let Memory { resident, most } = servers.process(subject).memory()?;
        let latency = [0, 1, 2].map(|index: usize| median(&of(samples, subject, |sample| sample.load.latency[index])));
        rows.push(vec![
            json!(subject.name()),
            json!(middle(|sample| sample.load.per_second).round()),
            json!(middle(Sample::micros)),
            json!(all.iter().copied().fold(f64::INFINITY, f64::min)),
            json!(all.iter().copied().fold(0.0, f64::max)),
            json!(middle(|sample| sample.usage.user / sample.load.answers)),
            json!(middle(|sample| sample.usage.kernel / sample.load.answers)),
            json!(latency[0]),
            json!(latency[1]),
            json!(latency[2]),
            json!(resident / 1024),
            json!(most / 1024),
        ]);
    }
    let others: Vec<f64> = samples.iter().map(|sample| sample.others).collect();
    report.note(&format!(
        "Others had {:.0} % of the server's processor, at most {:.0} %: above a few percent, all CPU figures are too high.",
        median(&others),
        statistics::percentile(&others, 100.0)
    ));
    report.table("auction", "An auction with 10 instant buyers, 32 connections, as much as each server takes", &COLUMNS, &rows);
    let limit = 1.25 * median(&of(samples, Subject::Raw, Sample::micros));
    let bars = Subject::ALL.map(|subject| Bar {
        name: subject.name().into(),
        user: median(&of(samples, subject, |sample| sample.usage.user / sample.load.answers)),
        kernel: median(&of(samples, subject, |sample| sample.usage.kernel / sample.load.answers)),
    });
    report.chart(chart::svg(&bars, ("1.25 × raw", limit))?);
    use Subject::{Firm, Hyper, Indicative, Nginx, OneAtATime, Raw};
    let cpu = |above, below| ratio(samples, above, below, Sample::micros);
    report.goal("CPU per auction, pingpost ÷ raw fan-out", cpu(Indicative, Raw), Goal::AtMost(1.25));
    report.goal("the same with firm quotes", cpu(Firm, Raw), Goal::Printed);
    report.goal("the same, one ping at a time on each connection", cpu(OneAtATime, Raw), Goal::Printed);
    report.goal("CPU per auction, pingpost ÷ hyper fan-out", cpu(Indicative, Hyper), Goal::AtMost(0.9));
    report.goal("CPU per auction, pingpost ÷ nginx with Lua", cpu(Indicative, Nginx), Goal::AtMost(0.9));
    report.goal("auctions/s, pingpost ÷ nginx with Lua", ratio(samples, Indicative, Nginx, |sample| sample.load.per_second), Goal::AtLeast(1.1));
    report.goal("CPU per auction, raw fan-out ÷ nginx with Lua", cpu(Raw, Nginx), Goal::Printed);
    Ok(())
}
