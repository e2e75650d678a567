//! Buyers that take their time, and buyers that never answer.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{fan_out::raw::Incoming, market, random::Random};

/// Half of the answers are faster, and one in a hundred is ten times slower: a lognormal distribution.
const MIDDLE_MS: f64 = 40.0;
/// Of the logarithm: ln 10 by the 99th percentile of the normal distribution.
const SPREAD: f64 = std::f64::consts::LN_10 / 2.326_348;
const NEVER_PERCENT: usize = 2;
/// Longer than any deadline.
const NEVER: Duration = Duration::from_secs(120);

pub async fn slow(first: TcpListener, others: Vec<SocketAddr>) -> io::Result<()> {
    for (buyer, listener) in all(first, others).await?.into_iter().enumerate() {
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                number += 1;
                tokio::spawn(slow_connection(stream, buyer, Random::of(buyer as u64 * 1_000_003 + number)));
            }
        });
    }
    std::future::pending().await
}

async fn slow_connection(mut stream: TcpStream, buyer: usize, mut random: Random) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let body = format!(r#"{{"bid":"{}"}}"#, market::bid_text(buyer));
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut requests = Incoming::default();
    while requests.next(&mut stream).await?.is_some() {
        let time = if random.percent(NEVER_PERCENT) { NEVER } else { answering_time(&mut random) };
        tokio::time::sleep(time).await;
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

fn answering_time(random: &mut Random) -> Duration {
    // Box and Muller's normal draw; 1 − x is never zero.
    let normal = (-2.0 * (1.0 - random.fraction()).ln()).sqrt() * (std::f64::consts::TAU * random.fraction()).cos();
    Duration::from_secs_f64(MIDDLE_MS / 1000.0 * (SPREAD * normal).exp())
}

/// Takes pings, and says nothing.
pub async fn silent(first: TcpListener, others: Vec<SocketAddr>) -> io::Result<()> {
    for listener in all(first, others).await? {
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
                });
            }
        });
    }
    std::future::pending().await
}

async fn all(first: TcpListener, others: Vec<SocketAddr>) -> io::Result<Vec<TcpListener>> {
    let mut listeners = vec![first];
    for address in others {
        listeners.push(TcpListener::bind(address).await?);
    }
    Ok(listeners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::percentile;

    #[test]
    fn answers_take_40_ms_in_the_middle_and_400_one_time_in_a_hundred() {
        let mut random = Random::of(7);
        let times: Vec<f64> = (0..100_000).map(|_| answering_time(&mut random).as_secs_f64() * 1000.0).collect();
        assert!((38.0..42.0).contains(&percentile(&times, 50.0)), "{}", percentile(&times, 50.0));
        assert!((360.0..440.0).contains(&percentile(&times, 99.0)), "{}", percentile(&times, 99.0));
    }
}
