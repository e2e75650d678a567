//! Open-loop load: requests at a constant rate, whatever the server does. A latency runs from the moment when its request was
//! due, so a server that stalls pays for everybody who had to wait (no coordinated omission).
//!
//! Threads, not an event loop: each has one connection, sleeps until its next request is due, and blocks for the answer. The
//! kernel's timers are exact to some 50 µs, an event loop's to a millisecond.

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Failure, clock,
    process::{LOAD_PROCESSOR, pinned},
    statistics::percentile,
    wrk::Target,
};

/// As many requests may be under way before a later one has to wait for its turn.
const THREADS: usize = 96;

/// In milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub answers: f64,
    pub wrong: f64,
}

/// What came of one load, or of several.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    millis: Vec<f64>,
    wrong: f64,
}

impl Answers {
    pub fn add(&mut self, more: Self) {
        self.millis.extend(more.millis);
        self.wrong += more.wrong;
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    pub fn latency(&self) -> Latency {
        let of = |percent| percentile(&self.millis, percent);
        Latency { p50: of(50.0), p99: of(99.0), p999: of(99.9), answers: self.millis.len() as f64, wrong: self.wrong }
    }
}

/// Loads the target from a process of its own, which is pinned to the load's processor.
pub fn load(target: &Target<'_>, per_second: f64, seconds: u32) -> Result<Answers, Failure> {
    let mut command = command(target, per_second, seconds)?;
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text.split_whitespace().map_while(|figure| figure.parse().ok());
    let Some(wrong) = figures.next() else {
        return Err(Failure(format!("the open loop said {text:?} {}", String::from_utf8_lossy(&output.stderr))));
    };
    Ok(Answers { millis: figures.collect(), wrong })
}

pub fn command(target: &Target<'_>, per_second: f64, seconds: u32) -> Result<Command, Failure> {
    let mut command = pinned(LOAD_PROCESSOR, &std::env::current_exe()?.display().to_string());
    command.arg("open-loop").args([&target.address.to_string(), target.path, target.authorization]).arg(target.bodies);
    command.args([target.expected, &per_second.to_string(), &seconds.to_string()]);
    Ok(command)
}

/// The process: arguments as [`command`] gives them.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let [address, path, authorization, bodies, expected, per_second, seconds] = arguments else { return Err(Failure("arguments".into())) };
    let address: SocketAddr = address.parse()?;
    let requests = requests(address, path, authorization, Path::new(bodies))?;
    let (per_second, seconds): (f64, f64) = (per_second.parse()?, seconds.parse()?);
    let schedule =
        Schedule { start: clock::now() + Duration::from_millis(300), gap: Duration::from_secs_f64(1.0 / per_second), seconds, next: AtomicU64::new(0) };
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| worker(address, &requests, expected.as_bytes(), &schedule))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
    });
    let latencies: Vec<f64> = outcomes.iter().flat_map(|outcome| outcome.latencies.iter().map(|latency| latency.as_secs_f64() * 1000.0)).collect();
    let wrong: usize = outcomes.iter().map(|outcome| outcome.wrong).sum();
    let latencies: Vec<String> = latencies.iter().map(f64::to_string).collect();
    println!("{wrong} {}", latencies.join(" "));
    Ok(())
}

fn requests(address: SocketAddr, path: &str, authorization: &str, bodies: &Path) -> Result<Vec<String>, Failure> {
    let mut requests = Vec::new();
    for body in fs::read_to_string(bodies)?.lines() {
        let mut text = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAuthorization: {authorization}\r\n");
        write!(text, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        requests.push(text);
    }
    Ok(requests)
}

/// When each request is due; each is taken by whichever thread is free.
struct Schedule {
    start: Instant,
    gap: Duration,
    seconds: f64,
    next: AtomicU64,
}

impl Schedule {
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    fn take(&self) -> Option<(u64, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let after = self.gap.mul_f64(number as f64);
        (after.as_secs_f64() < self.seconds).then(|| (number, self.start + after))
    }
}

#[derive(Default)]
struct Outcome {
    latencies: Vec<Duration>,
    wrong: usize,
}

fn worker(address: SocketAddr, requests: &[String], expected: &[u8], schedule: &Schedule) -> Outcome {
    let mut outcome = Outcome::default();
    let Ok(mut stream) = TcpStream::connect(address).and_then(|stream| stream.set_nodelay(true).map(|()| stream)) else {
        outcome.wrong += 1;
        return outcome;
    };
    let mut buffer = vec![0; 16 * 1024];
    while let Some((number, due)) = schedule.take() {
        thread::sleep(due.saturating_duration_since(clock::now()));
        let request = &requests[usize::try_from(number).unwrap_or(0) % requests.len()];
        match answered(&mut stream, request, &mut buffer) {
            Ok(length) => {
                outcome.latencies.push(clock::now().saturating_duration_since(due));
                let is_right = buffer.starts_with(b"HTTP/1.1 200") && buffer[..length].windows(expected.len()).any(|window| window == expected);
                outcome.wrong += usize::from(!is_right);
            }
            Err(_) => {
                outcome.wrong += 1;
                return outcome;
            }
        }
    }
    outcome
}

fn answered(stream: &mut TcpStream, request: &str, buffer: &mut [u8]) -> std::io::Result<usize> {
    stream.write_all(request.as_bytes())?;
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        filled += read;
        if crate::fan_out::raw::body_of(&buffer[..filled], false)?.is_some_and(|(_, end)| end <= filled) {
            return Ok(filled);
        }
    }
}
