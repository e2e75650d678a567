//! `pingpost try BUYER/CONTRACT [--lead FILE] [--send]`.

use std::path::PathBuf;

use clap::Args;
use exchange::{
    call::{CallFailure, PingReply, PostReply, RawBid},
    id::{ContractKey, Revision},
    market::Market,
    schema::Vertical,
};
use serde::Serialize;

use super::{Done, Failure, Output, StoreArgs, market_files, serve};
use crate::{
    clock,
    config::ConfigFile,
    egress::{Answered, Egress, Failed, Settings},
    mail::Mailer,
    screen::{heading, plain, print_json, say},
    trial::{Lead, PreparedPost, Trial, Values, made_up},
};

#[derive(Debug, Args)]
pub struct TryArgs {
    /// Whose contract: BUYER/CONTRACT
    contract: String,
    /// A market directory, instead of the newest revision in the store
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "database"])]
    market: Option<PathBuf>,
    /// A lead's fields as a JSON object, instead of a made-up one
    #[arg(long, value_name = "FILE")]
    lead: Option<PathBuf>,
    /// Send ping and post to the buyer's test addresses, and show how its answers are read
    #[arg(long)]
    send: bool,
    /// Send to the buyer's own addresses, not marked as a test: it may charge for what it takes
    #[arg(long, requires = "send")]
    live: bool,
    /// The configuration whose [smtp] sends e-mails
    #[arg(long, value_name = "FILE", env = "PINGPOST_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: Output,
}

/// One message and what came of it.
#[derive(Serialize)]
struct Tried {
    call: &'static str,
    /// As HTTP/1.1 has it; secrets by their names.
    request: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<String>,
    /// The buyer wasn't reached, or gave no answer that can be read.
    #[serde(skip)]
    has_failed: bool,
}

pub fn trial(args: &TryArgs) -> Done {
    let market = market(args)?;
    let key: ContractKey = args.contract.parse().map_err(|_| Failure(format!("{} is no BUYER/CONTRACT", args.contract)))?;
    let index = market.contract_index(&key).ok_or_else(|| Failure(format!("there is no contract {key} in this market")))?;
    let vertical = market.vertical(&market.contract(index).vertical).ok_or_else(|| Failure(format!("{key} is of no vertical")))?;
    let is_test = args.send && !args.live;
    let endpoint = &market.buyer_of(index).endpoint;
    if is_test && !endpoint.takes_tests() {
        let missing = if endpoint.protocol.asks() { "`test_ping_url` and `test_post_url`: write them" } else { "`test_post_url`: write it" };
        return Err(Failure(format!("{} has no {missing}, or say --live to send to its own addresses", key.buyer)));
    }
    let mailer = mailer(args)?;
    let trial = Trial::new(&market, index, vertical, lead(args, vertical)?, is_test);
    let tried = if args.send { serve::runtime()?.block_on(sent(&trial, mailer.as_ref()))? } else { shown(&trial, mailer.as_ref())? };
    if args.output.json {
        print_json(&tried);
    } else {
        print(&key, &tried, args.send);
    }
    match tried.iter().find(|tried| tried.has_failed) {
        Some(Tried { call, meaning, .. }) => Err(Failure(format!("the {call} came to nothing: {}", meaning.as_deref().unwrap_or_default()))),
        None => Ok(()),
    }
}

fn mailer(args: &TryArgs) -> Result<Option<Mailer>, Failure> {
    let file = args.config.as_deref().map(ConfigFile::read).transpose().map_err(Failure::of)?;
    file.and_then(|file| file.smtp).map(Mailer::new).transpose().map_err(Failure::of)
}

fn market(args: &TryArgs) -> Result<Market, Failure> {
    let Some(directory) = &args.market else {
        return args.store.open()?.market()?.ok_or_else(|| Failure("no market is applied yet: say --market DIR".into()));
    };
    let parts = market_files::parse(&market_files::read(directory)?).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure(format!("{} has mistakes:\n{}", directory.display(), all.join("\n")))
    })?;
    Ok(Market::new(Revision(0), parts))
}

fn lead(args: &TryArgs, vertical: &Vertical) -> Result<Lead, Failure> {
    let fields = match &args.lead {
        None => made_up(vertical),
        Some(file) => {
            let failed = |error: &dyn std::fmt::Display| Failure(format!("{}: {error}", file.display()));
            let bytes = std::fs::read(file).map_err(|error| failed(&error))?;
            wire::body::read(Some("application/json"), &bytes).map_err(|error| failed(&error))?.fields
        }
    };
    let today = clock::now().date_in(&jiff::tz::TimeZone::UTC);
    Lead::read(vertical, &fields, today).map_err(Failure)
}

fn message(call: &'static str, bytes: &[u8]) -> Tried {
    Tried { call, request: String::from_utf8_lossy(bytes).into_owned(), status: None, answer: None, meaning: None, has_failed: false }
}

fn shown(trial: &Trial<'_>, mailer: Option<&Mailer>) -> Result<Vec<Tried>, Failure> {
    let ping = trial.ping_message(Values::Named).map_err(Failure)?;
    let post = trial.post_message(&trial.terms(None), Values::Named).map_err(Failure)?;
    let post = message("post", &post.bytes(mailer).map_err(Failure)?);
    Ok(ping.iter().map(|ping| message("ping", &ping.bytes())).chain([post]).collect())
}

/// The post follows a bid, or goes by itself where the contract isn't pinged.
async fn sent(trial: &Trial<'_>, mailer: Option<&Mailer>) -> Result<Vec<Tried>, Failure> {
    let egress = Egress::new(Settings::standard().map_err(Failure::of)?);
    let (mut tried, mut bid) = (Vec::new(), None);
    if let Some(ping) = trial.ping_message(Values::Real).map_err(Failure)? {
        let shown = trial.ping_message(Values::Named).map_err(Failure)?;
        let answered = trial.send(&egress, &ping, trial.ping_time()).await;
        let reply = answered.as_ref().map_or_else(|failed| PingReply::Failed(failed.failure.clone()), |answered| trial.read_ping(answered));
        tried.extend(shown.map(|shown| answer(message("ping", &shown.bytes()), &answered).read_as(of_ping(&reply), matches!(reply, PingReply::Failed(_)))));
        match reply {
            PingReply::Bid(made) => bid = Some(made),
            PingReply::NoBid(_) | PingReply::Failed(_) => return Ok(tried),
        }
    }
    let terms = trial.terms(bid.as_ref());
    let post = trial.post_message(&terms, Values::Real).map_err(Failure)?;
    let shown = trial.post_message(&terms, Values::Named).map_err(Failure)?;
    let shown = message("post", &shown.bytes(mailer).map_err(Failure)?);
    tried.push(match (post, mailer) {
        (PreparedPost::Http(post), _) => {
            let answered = trial.send(&egress, &post, trial.post_time()).await;
            let reply = answered.as_ref().map_or_else(|failed| PostReply::from(failed.clone()), |answered| trial.read_post(answered));
            answer(shown, &answered).read_as_post(&reply)
        }
        (PreparedPost::Mail(mail), Some(mailer)) => shown.read_as_post(&trial.send_mail(&egress, mailer, &mail).await),
        (PreparedPost::File(name, text), _) => shown.read_as_post(&trial.put_file(&egress, &name, &text).await),
        (PreparedPost::Mail(_), None) => return Err(Failure("which mail server sends it? Say --config FILE, of a configuration with [smtp]".into())),
    });
    Ok(tried)
}

fn answer(tried: Tried, answered: &Result<Answered, Failed>) -> Tried {
    let answered = answered.as_ref().ok();
    let text = answered.map(|answered| String::from_utf8_lossy(&answered.body).into_owned());
    Tried { status: answered.map(|answered| answered.status), answer: text, ..tried }
}

impl Tried {
    fn read_as(self, meaning: String, has_failed: bool) -> Self {
        Self { meaning: Some(meaning), has_failed, ..self }
    }

    fn read_as_post(self, reply: &PostReply) -> Self {
        self.read_as(of_post(reply), matches!(reply, PostReply::Unsent(_) | PostReply::Unknown(_)))
    }
}

fn said(before: &str, text: Option<&String>) -> String {
    text.map(|text| format!("{before}{text}")).unwrap_or_default()
}

pub fn of_ping(reply: &PingReply) -> String {
    match reply {
        PingReply::Bid(RawBid { bid, shared_bid, reference, ttl_s }) => {
            let kinds = [bid.map(|price| format!("exclusive {price}")), shared_bid.map(|price| format!("shared {price}"))];
            let ttl = ttl_s.map(|ttl| format!(", for {ttl} s")).unwrap_or_default();
            format!("a bid: {}{}{ttl}", kinds.into_iter().flatten().collect::<Vec<_>>().join(", "), said(", reference ", reference.as_ref()))
        }
        PingReply::NoBid(reason) => format!("no bid{}", said(": ", reason.as_ref())),
        PingReply::Failed(failure) => format!("no bid, {}", failed(failure)),
    }
}

pub fn of_post(reply: &PostReply) -> String {
    match reply {
        PostReply::Accepted { redirect_url, lead_reference } => {
            format!("accepted{}{}", said(", its id ", lead_reference.as_ref()), said(", redirect to ", redirect_url.as_ref()))
        }
        PostReply::Rejected { reason } => format!("rejected{}", said(": ", reason.as_ref())),
        PostReply::Unsent(failure) => format!("not sent, {}", failed(failure)),
        PostReply::Unknown(failure) => format!("unknown, {}", failed(failure)),
    }
}

fn failed(failure: &CallFailure) -> String {
    failure.to_string()
}

fn print(key: &ContractKey, tried: &[Tried], is_sent: bool) {
    for Tried { call, request, status, answer, meaning, .. } in tried {
        say!("{}\n\n{}\n", heading(&format!("The {call} to {key}{}", if is_sent { "" } else { ", not sent" })), plain(request));
        if let (Some(status), Some(answer)) = (status, answer) {
            say!("{}\n\n{status}\n{}\n", heading("Its answer"), plain(answer));
        }
        if let Some(meaning) = meaning {
            say!("{} {}\n", heading("Read as"), plain(meaning));
        }
    }
}
