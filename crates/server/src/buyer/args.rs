//! The flags of `pingpost buyer`.

use std::{net::SocketAddr, time::Duration};

use exchange::money::Money;
use wire::webhook::SigningSecret;

use super::behaviour::{Behaviour, Share};

/// A sandbox buyer: answers pings, confirmations, posts and status questions as the native protocol says
///
/// The same ping gets the same bid and the same post the same answer, however often it comes. GET /received shows the
/// last 10,000 requests with headers and body. Give it made-up leads only: it keeps and shows their contact data.
#[derive(Debug, clap::Args)]
pub struct BuyerArgs {
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9001")]
    pub listen: SocketAddr,
    /// Its name: two names draw different bids
    #[arg(long, default_value = "sandbox")]
    pub name: String,
    /// Its bid for an exclusive lead
    #[arg(long, value_name = "AMOUNT", default_value = "12.50", value_parser = amount)]
    pub bid: Money,
    /// Its bid for a shared sale, where an exclusive one is offered too; without it, only --bid is bid
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub shared_bid: Option<Money>,
    /// Bids lie up to this much above or below
    #[arg(long, value_name = "AMOUNT", default_value = "0", value_parser = amount)]
    pub bid_spread: Money,
    /// How long its bids hold, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub bid_ttl_s: Option<u32>,
    /// How long it takes to answer, such as 40ms or 2s
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = time)]
    pub latency: Duration,
    /// Answers take up to this much longer
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = time)]
    pub latency_spread: Duration,
    /// Share of pings that get no bid, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub no_bid_rate: Share,
    /// Share of confirmations that are declined
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub decline_rate: Share,
    /// Share of posts that are rejected
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub reject_rate: Share,
    /// Share of posts that are taken but answered with 500; a repeat or /status then tells what became of them
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub unknown_rate: Share,
    /// Posts answered with 500 stay so: neither a repeat nor /status tells
    #[arg(long)]
    pub stay_unknown: bool,
    /// Refuses what isn't signed with this Standard Webhooks secret
    #[arg(long, value_name = "whsec_…", env = "PINGPOST_BUYER_SECRET", hide_env_values = true)]
    pub secret: Option<SigningSecret>,
    /// Prints each request and its answer as a line of JSON
    #[arg(long)]
    pub print: bool,
}

impl BuyerArgs {
    #[must_use]
    pub fn into_behaviour(self) -> Behaviour {
        Behaviour {
            bid: Some(self.bid),
            shared_bid: self.shared_bid,
            bid_spread: self.bid_spread,
            bid_ttl_s: self.bid_ttl_s,
            latency: self.latency,
            latency_spread: self.latency_spread,
            no_bid_rate: self.no_bid_rate,
            decline_rate: self.decline_rate,
            reject_rate: self.reject_rate,
            unknown_rate: self.unknown_rate,
            stay_unknown: self.stay_unknown,
            secret: self.secret,
        }
    }
}

fn amount(text: &str) -> Result<Money, String> {
    match Money::parse(text, 2) {
        Ok(amount) if amount >= Money::ZERO => Ok(amount),
        Ok(_) => Err("an amount is not below 0".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let unit = |suffix: &str| text.strip_suffix(suffix).and_then(|digits| digits.parse::<u32>().ok()).map(u64::from);
    let milliseconds = unit("ms").map(Duration::from_millis);
    milliseconds.or_else(|| unit("s").map(Duration::from_secs)).ok_or_else(|| "write a time like 40ms or 2s".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn command() -> Command {
        BuyerArgs::augment_args(Command::new("buyer"))
    }

    fn parse(flags: &str) -> Result<BuyerArgs, clap::Error> {
        let matches = command().try_get_matches_from(std::iter::once("buyer").chain(flags.split_whitespace()))?;
        BuyerArgs::from_arg_matches(&matches)
    }

    #[test]
    fn the_help_says_what_each_flag_does() {
        insta::assert_snapshot!(command().render_long_help());
    }

    #[test]
    fn flags_read() {
        let args = parse("--listen 127.0.0.1:0 --bid 20 --shared-bid 7.5 --bid-spread 2 --latency 40ms --latency-spread 2s --reject-rate 0.1").unwrap();
        assert_eq!((args.bid, args.shared_bid), (Money::from_units(20), Some(Money::from_micros(7_500_000))));
        assert_eq!((args.latency, args.latency_spread), (Duration::from_millis(40), Duration::from_secs(2)));
        for flags in ["--bid -1", "--bid 1.001", "--latency 40", "--latency -1s", "--reject-rate 2", "--secret short", "--listen 9001"] {
            assert!(parse(flags).is_err(), "{flags}");
        }
    }
}
