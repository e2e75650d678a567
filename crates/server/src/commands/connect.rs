//! `pingpost connect`: a buyer's market file, made of answers that the buyer gave.

use std::path::PathBuf;

use clap::Args;
use exchange::{
    call::{CallFailure, PingReply, PostReply},
    id::{BuyerName, Revision, VerticalName, check_name},
    market::{Market, MarketParts},
};
use serde::Serialize;
use wire::{
    connect::{Sample, fits, own_names},
    market::{Bundle, presets},
};

use super::{Done, Failure, Output, market_files, trial};
use crate::{
    connect::{Proposal, Questions, ask_for_samples, choose, sample_of},
    screen::{heading, notice, plain, print_json, say, table},
    trial::{Lead, Trial, Values, made_up},
};

#[derive(Debug, Args)]
pub struct ConnectArgs {
    /// The market directory
    #[arg(long, value_name = "DIR", default_value = ".")]
    market: PathBuf,
    /// What the buyer is to be called here: letters, digits, - and _
    #[arg(long)]
    buyer: Option<String>,
    /// What its contract is to be called  [default: main]
    #[arg(long)]
    contract: Option<String>,
    /// The kind of leads that it buys
    #[arg(long)]
    vertical: Option<String>,
    /// Where it is pinged
    #[arg(long, value_name = "URL")]
    ping_url: Option<String>,
    /// Where it gets what it buys
    #[arg(long, value_name = "URL")]
    post_url: Option<String>,
    /// Answers that it gave to pings: files or addresses, best of all one of yes and one of no
    #[arg(long, value_name = "FILE")]
    ping_answer: Vec<String>,
    /// Answers that it gave to posts
    #[arg(long, value_name = "FILE")]
    post_answer: Vec<String>,
    /// The interface that it has, if that is known: a preset, or "none"
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// How its requests are written, where no preset says: json, xml, form or query
    #[arg(long)]
    format: Option<String>,
    /// A value that a preset needs, like campaign_id=123 or campaign_key=env:NETWORK_KEY
    #[arg(long, value_name = "NAME=VALUE")]
    own: Vec<String>,
    /// Ask nothing, take what is likeliest, and write it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    output: Output,
}

/// One sample, and how what is proposed reads it.
#[derive(Serialize)]
struct Reading {
    call: &'static str,
    answer: String,
    meaning: String,
    /// Whether it says something that the mapping knows.
    is_read: bool,
}

#[derive(Serialize)]
struct Connected {
    buyer: String,
    contract: String,
    preset: Option<String>,
    file: PathBuf,
    written: bool,
    ping: String,
    post: String,
    readings: Vec<Reading>,
    toml: String,
}

pub fn connect(args: &ConnectArgs) -> Done {
    let mut bundle = market_files::read(&args.market)?;
    let parts = parsed(&bundle, &args.market.display().to_string())?;
    let mut questions = Questions::new(args.yes);
    let buyer = buyer(args, &bundle, &mut questions)?;
    let vertical = vertical(args, &parts, &mut questions)?;
    let contract = args.contract.clone().unwrap_or_else(|| "main".into());
    check_name(&contract).map_err(|error| Failure(format!("--contract {contract}: {error}")))?;
    let ping_url = questions.said(args.ping_url.as_deref(), "Where is it pinged? (URL)", "--ping-url")?;
    let post_url = questions.said(args.post_url.as_deref(), "Where does it get what it buys? (URL)", "--post-url")?;
    let allow = parts.egress_allow.as_slice();
    let given = |all: &[String]| all.iter().map(|one| sample_of(one, allow)).collect::<Result<Vec<Sample>, Failure>>();
    let (mut pings, mut posts) = (given(&args.ping_answer)?, given(&args.post_answer)?);
    if pings.is_empty() && args.preset.is_none() {
        pings = ask_for_samples(&mut questions, "a ping", allow)?;
        posts.extend(ask_for_samples(&mut questions, "a post", allow)?);
    }
    let preset = preset(args, &pings, &posts, &parts, &mut questions)?;
    let mut proposal =
        Proposal { buyer: buyer.clone(), contract: contract.clone(), vertical, ping_url, post_url, preset, own: own(args)?, endpoint: String::new() };
    match &proposal.preset {
        Some(preset) => {
            let names = own_names(preset);
            if let Some((unknown, _)) = proposal.own.iter().find(|(name, _)| !names.contains(&name.as_str())) {
                return Err(Failure(format!("{preset} knows no --own {unknown}: it is one of {}", names.join(", "))));
            }
            for name in own_names(preset).into_iter().filter(|name| !proposal.own.iter().any(|(known, _)| known == name)).collect::<Vec<_>>() {
                let default = format!("env:{}_{}", buyer.to_uppercase().replace('-', "_"), name.to_uppercase());
                let value = questions.ask(&format!("Its `{name}` (a value, or env:NAME)"), Some(&default), "--own")?;
                proposal.own.push((name.to_owned(), value));
            }
        }
        None if pings.is_empty() => {
            return Err(Failure("without an answer of the buyer's nothing can be made out: say --ping-answer FILE, or --preset NAME".into()));
        }
        None => proposal.endpoint = choose(&pings, &posts, args.format.as_deref(), &mut questions)?,
    }
    let toml = proposal.toml(pings.len() + posts.len());
    let file = format!("buyers/{buyer}.toml");
    bundle.files.insert(file.clone(), toml.clone());
    let market = Market::new(Revision(0), parsed(&bundle, "what would be written")?);
    let mut connected = shown(&market, &proposal, &pings, &posts)?;
    (connected.toml, connected.file) = (toml, args.market.join(&file));
    if !args.output.json {
        print(&connected);
    }
    let unread = connected.readings.iter().filter(|reading| !reading.is_read).count();
    let warning = if unread == 0 { String::new() } else { format!("{unread} of {} answers can't be read by it. ", connected.readings.len()) };
    let agreed = questions.agrees(&format!("{warning}Write {}?", connected.file.display()), unread == 0);
    if agreed == Some(true) {
        write(&connected)?;
        connected.written = true;
    }
    if args.output.json {
        print_json(&connected);
    }
    if !connected.written {
        // Whoever said no knows it.
        if agreed.is_some() && !args.yes {
            return Ok(());
        }
        return Err(Failure(format!(
            "{warning}{} is not written: run it without --yes to be asked, or write the file by hand, as docs/mapping.md tells",
            connected.file.display()
        )));
    }
    if !args.output.json {
        notice(&format!(
            "{} is written. Next: put {buyer}/{contract} into a tree, say its `credit` in the file or pay in for it (`pingpost credit`), \
             `pingpost try {buyer}/{contract} --market {}`, and `pingpost check {1}`.",
            connected.file.display(),
            args.market.display()
        ));
    }
    Ok(())
}

fn parsed(bundle: &Bundle, what: &str) -> Result<MarketParts, Failure> {
    market_files::parse(bundle).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure(format!("{what} has mistakes:\n{}", all.join("\n")))
    })
}

fn buyer(args: &ConnectArgs, bundle: &Bundle, questions: &mut Questions) -> Result<String, Failure> {
    let name = questions.said(args.buyer.as_deref(), "What is the buyer called here? (letters, digits, - and _)", "--buyer")?;
    let name: BuyerName = name.parse().map_err(|error| Failure(format!("{name:?} can't be a buyer's name: {error}")))?;
    match bundle.files.contains_key(&format!("buyers/{name}.toml")) {
        true => Err(Failure(format!("buyers/{name}.toml is there already: say another --buyer, or move the file away"))),
        false => Ok(name.to_string()),
    }
}

fn vertical(args: &ConnectArgs, parts: &MarketParts, questions: &mut Questions) -> Result<VerticalName, Failure> {
    let names: Vec<String> = parts.verticals.iter().map(|vertical| vertical.name.to_string()).collect();
    let chosen = match (&args.vertical, names.as_slice()) {
        (Some(name), _) => name.clone(),
        (None, []) => return Err(Failure("the market has no vertical yet: write one into verticals/ first".into())),
        (None, [only]) => only.clone(),
        (None, names) if args.yes => return Err(Failure(format!("the market has several verticals: say --vertical, one of {}", names.join(", ")))),
        (None, names) => names[questions.choose("Which leads does it buy?", names)?].clone(),
    };
    let known = parts.verticals.iter().find(|vertical| vertical.name.as_str() == chosen);
    known.map(|vertical| vertical.name.clone()).ok_or_else(|| Failure(format!("there is no vertical {chosen}: it is one of {}", names.join(", "))))
}

fn own(args: &ConnectArgs) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    args.own.iter().map(|text| pair(text).ok_or_else(|| Failure(format!("--own {text}: write it NAME=VALUE")))).collect()
}

/// None: what the buyer speaks is made out of its answers.
fn preset(args: &ConnectArgs, pings: &[Sample], posts: &[Sample], parts: &MarketParts, questions: &mut Questions) -> Result<Option<String>, Failure> {
    let known = |name: &str| presets().iter().any(|(known, _)| *known == name);
    if let Some(name) = &args.preset {
        let names: Vec<&str> = presets().iter().map(|(name, _)| *name).collect();
        return match name.as_str() {
            "none" => Ok(None),
            name if known(name) => Ok(Some(name.to_owned())),
            name => Err(Failure(format!("there is no preset {name}: it is one of {}, or none", names.join(", ")))),
        };
    }
    let fits = fits(pings, posts, parts.currency);
    let Some(best) = fits.first() else { return Ok(None) };
    let alike: Vec<String> = fits.iter().filter(|fit| fit.score == best.score).map(|fit| fit.preset.to_owned()).collect();
    let question = if alike.len() > 1 { "These read its answers equally well. Which is it?" } else { "Its answers are read by this preset. Is it that?" };
    let options: Vec<String> = alike.into_iter().chain(["none of these: make it out of the answers".to_owned()]).collect();
    let chosen = questions.choose(question, &options)?;
    Ok(options.get(chosen).filter(|_| chosen + 1 < options.len()).cloned())
}

/// What a made-up lead would have it get, and how its answers are read.
fn shown(market: &Market, proposal: &Proposal, pings: &[Sample], posts: &[Sample]) -> Result<Connected, Failure> {
    let key = format!("{}/{}", proposal.buyer, proposal.contract);
    let index = key.parse().ok().and_then(|key| market.contract_index(&key)).ok_or_else(|| Failure(format!("there is no contract {key}")))?;
    let vertical = market.vertical(&proposal.vertical).ok_or_else(|| Failure(format!("{key} is of no vertical")))?;
    let today = crate::clock::now().date_in(&jiff::tz::TimeZone::UTC);
    let trial = Trial::new(market, index, vertical, Lead::read(vertical, &made_up(vertical), today).map_err(Failure)?, false);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ping = trial.ping_message(Values::Named).map_err(Failure)?.map(|message| text(&message.bytes())).unwrap_or_default();
    let post = trial.post_message(&trial.terms(None), Values::Named).and_then(|message| message.bytes(None)).map_err(Failure)?;
    let of_pings = pings.iter().map(|sample| {
        let reply = trial.read_ping(&sample.into());
        let is_read = !matches!(reply, PingReply::Failed(CallFailure::Unread { .. } | CallFailure::Malformed(_)));
        Reading { call: "ping", answer: said(sample), meaning: trial::of_ping(&reply), is_read }
    });
    let of_posts = posts.iter().map(|sample| {
        let reply = trial.read_post(&sample.into());
        let is_read = !matches!(reply, PostReply::Unknown(CallFailure::Unread { .. } | CallFailure::Malformed(_)));
        Reading { call: "post", answer: said(sample), meaning: trial::of_post(&reply), is_read }
    });
    Ok(Connected {
        buyer: proposal.buyer.clone(),
        contract: proposal.contract.clone(),
        preset: proposal.preset.clone(),
        file: PathBuf::new(),
        written: false,
        ping,
        post: text(&post),
        readings: of_pings.chain(of_posts).collect(),
        toml: String::new(),
    })
}

fn said(sample: &Sample) -> String {
    let body = sample.text();
    if sample.status == 200 && !body.is_empty() { body } else { format!("{} {body}", sample.status).trim().to_owned() }
}

fn print(connected: &Connected) {
    let Connected { ping, post, readings, toml, .. } = connected;
    let mut requests = table(&["a ping, of a made-up lead", "a post"]);
    requests.add_row([plain(ping), plain(post)]);
    say!("{requests}\n");
    if !readings.is_empty() {
        let mut answers = table(&["to a", "its answer", "read as"]);
        for Reading { call, answer, meaning, .. } in readings {
            answers.add_row([(*call).to_owned(), plain(answer), plain(meaning)]);
        }
        say!("{answers}\n");
    }
    say!("{}\n\n{}", heading(&connected.file.display().to_string()), plain(toml));
}

/// Never over a file that came there meanwhile.
fn write(connected: &Connected) -> Done {
    let failed = |error: std::io::Error| Failure(format!("{}: {error}", connected.file.display()));
    if let Some(directory) = connected.file.parent() {
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    let mut file = std::fs::File::create_new(&connected.file).map_err(failed)?;
    std::io::Write::write_all(&mut file, connected.toml.as_bytes()).map_err(failed)
}
