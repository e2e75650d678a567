//! Answers that a buyer gave: in files, at addresses, or pasted.

use std::{path::Path, time::Duration};

use hyper::Method;
use ipnet::IpNet;
use url::Url;
use wire::connect::Sample;

use super::Questions;
use crate::{
    commands::{Failure, runtime},
    egress::{Answered, Call, Callee, Egress, Headers, MAX_BODY, Settings, WhenOpen},
    screen::notice,
};

const TIME: Duration = Duration::from_secs(10);
const MOST: usize = 20;

impl From<&Sample> for Answered {
    fn from(sample: &Sample) -> Self {
        let headers = sample.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Self { status: sample.status, headers, body: sample.body.clone() }
    }
}

/// Of a file or an address.
pub fn sample_of(said: &str, allow: &[IpNet]) -> Result<Sample, Failure> {
    if said.starts_with("https://") || said.starts_with("http://") {
        return fetched(said, allow);
    }
    let failed = |error: &dyn std::fmt::Display| Failure(format!("{said}: {error}"));
    let size = std::fs::metadata(said).map_err(|error| failed(&error))?.len();
    if size > MAX_BODY as u64 * 2 {
        return Err(failed(&"too long for an answer"));
    }
    std::fs::read_to_string(said).map(|text| Sample::parse(&text)).map_err(|error| failed(&error))
}

/// By a GET, under the market's own rules for addresses.
fn fetched(address: &str, allow: &[IpNet]) -> Result<Sample, Failure> {
    let url: Url = address.parse().map_err(|_| Failure(format!("{address} is no URL")))?;
    let egress = Egress::new(Settings::standard().map_err(Failure::of)?);
    let call = Call {
        callee: &Callee::Operator,
        max_in_flight: 1,
        url: &url,
        method: Method::GET,
        headers: Headers::default(),
        body: Vec::new().into(),
        time: TIME,
        allow,
        fresh: true,
        when_open: WhenOpen::Ignore,
        keeps_headers: true,
        is_lasting: false,
        pipelining: 1,
    };
    let answered = runtime()?.block_on(egress.call(call)).map_err(|failed| Failure(format!("{address}: {}", failed.failure)))?;
    Ok(Sample { status: answered.status, headers: answered.headers, body: answered.body })
}

/// One after the other, until there are no more.
pub fn ask_for_samples(questions: &mut Questions, call: &str, allow: &[IpNet]) -> Result<Vec<Sample>, Failure> {
    let mut samples = Vec::new();
    while samples.len() < MOST {
        notice(&format!("An answer to {call}: a file, an address, or itself with a line of one dot after it; nothing: no more of them."));
        let Some(first) = questions.line().filter(|line| !line.trim().is_empty()) else { break };
        let is_elsewhere = first.starts_with("http") || Path::new(first.trim()).is_file();
        samples.push(if is_elsewhere && !first.starts_with("HTTP/") {
            sample_of(first.trim(), allow)?
        } else {
            let mut text = first;
            while let Some(line) = questions.line().filter(|line| line != ".") {
                text.push('\n');
                text.push_str(&line);
            }
            Sample::parse(&text)
        });
    }
    Ok(samples)
}
