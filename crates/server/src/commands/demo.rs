//! `pingpost demo`: a whole exchange on one machine, to watch and to try.

use std::{collections::BTreeMap, io::IsTerminal, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use exchange::{
    command::{Operation, Outcome, Role},
    id::{MovementId, PersonName, Revision},
    ledger::Account,
    market::Market,
    money::Money,
    movement::{Move, Party},
    person::{ENTRANCE_LIVES, LinkKind, NewLink, PersonCommand, PersonRole},
};
use tokio::{net::TcpListener, sync::watch};
use url::Url;
use zeroize::Zeroizing;

use super::{
    Done, Failure, StoreArgs,
    opened::Opened,
    serve::{ended_by_signal, runtime, start},
};
use crate::{
    auth,
    buyer::{self, Sandbox},
    clock::{self, Stopwatch},
    console::{hash_of, new_token},
    demo::{
        buyers::behaviours,
        figures::{self, Books, Live},
        sample,
        stream::{Stream, Supplier},
    },
    entropy,
    intake::Mount,
    logs::{self, LogFormat},
    market_bundle,
    node::Node,
    overload::Most,
    screen::{notice, say},
};

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Leads a second
    #[arg(long, default_value_t = 20.0, value_parser = rate)]
    rate: f64,
    /// Stop by itself after this time, such as 30s or 5m, and print a summary
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    duration: Option<Duration>,
    /// Keep the data here; otherwise they go when the demo ends
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|rate| (0.1..=1000.0).contains(rate)).ok_or_else(|| "give a number from 0.1 to 1000".into())
}

fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "give a time like 30s or 5m".to_owned();
    let (digits, unit_s) = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(digits), _) => (digits, 1),
        (_, Some(digits)) => (digits, 60),
        _ => (text, 1),
    };
    let seconds: u64 = digits.parse().map_err(|_| wrong())?;
    let seconds = seconds.saturating_mul(unit_s);
    if (1..=86_400).contains(&seconds) { Ok(Duration::from_secs(seconds)) } else { Err(wrong()) }
}

/// Buyers that are prepaid get this much.
const PREPAYMENT: Money = Money::from_units(2_000);
const DRAW_EVERY: Duration = Duration::from_millis(500);
const DRAIN: Duration = Duration::from_secs(30);

pub fn demo(args: DemoArgs) -> Done {
    logs::start(LogFormat::Text, "error");
    let (directory, _kept) = match &args.data {
        Some(directory) => (directory.clone(), None),
        None => {
            let made = tempfile::Builder::new().prefix("pingpost-demo-").tempdir().map_err(Failure::of)?;
            (made.path().to_owned(), Some(made))
        }
    };
    let store = StoreArgs { is_temporary: args.data.is_none(), ..StoreArgs::in_directory(directory) };
    runtime()?.block_on(run(args, store))
}

async fn run(args: DemoArgs, store: StoreArgs) -> Done {
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| Failure(format!("{} can't be listened on ({error}): choose another with --listen", args.listen)))?;
    let address = listener.local_addr().map_err(Failure::of)?;
    let (end, ended) = watch::channel(false);

    let of_buyers = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::of)?;
    let mut opened = store.open_or_make()?;
    let market = apply_sample(&mut opened, of_buyers.local_addr().map_err(Failure::of)?.port())?;
    prepay(&mut opened, &market)?;
    let suppliers = suppliers(&mut opened, &market)?;
    let links = people(&mut opened, &market)?;
    let sandbox = Sandbox::new(behaviours(&market, entropy::seed()), None, false, clock::now);
    let buyers = tokio::spawn(buyer::serve(of_buyers, Arc::new(sandbox), until(ended.clone())));

    let running = start(opened, Most::default(), None).await?;
    let node = Arc::clone(&running.node);
    let before = balances(&node).await?;
    let exchange = tokio::spawn(running.serve(listener, Mount::everywhere(), until(ended), DRAIN));
    welcome(address, &links, &suppliers, args.duration);

    let url: Url = format!("http://{address}/").parse().map_err(Failure::of)?;
    let stream = Arc::new(Stream::new(url, suppliers).map_err(Failure::of)?);
    let watch = Stopwatch::start();
    let sending = Arc::clone(&stream).run(args.rate, end_of(args.duration));
    show_while(sending, &node, &market, &stream, &before, watch).await?;

    let adds_up = summarize(&node, &market, &stream, before, watch).await?;
    end.send_replace(true);
    exchange.await.map_err(Failure::of)??;
    buyers.await.map_err(Failure::of)?.map_err(Failure::of)?;
    if adds_up { Ok(()) } else { Err(Failure("the money doesn't add up: this is a bug".into())) }
}

fn apply_sample(opened: &mut Opened, port: u16) -> Result<Market, Failure> {
    let bundle = sample::market(port);
    let (parts, _) = wire::market::read(&bundle).map_err(|problems| Failure(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    opened.operate(market_bundle::application(&bundle, parts.clone(), None, "demo".into(), "the sample market".into()))?;
    Ok(Market::new(Revision::default(), parts))
}

fn prepay(opened: &mut Opened, market: &Market) -> Done {
    for buyer in market.parts().buyers.iter().filter(|buyer| buyer.credit == Money::ZERO) {
        let (id, party) = (MovementId::from_bytes(entropy::timed_id()), Party::Buyer(buyer.name.clone()));
        opened.operate(Operation::Move(Move { id, party, amount: PREPAYMENT, note: "demo".into(), by: "demo".into(), needs_second: false }))?;
    }
    Ok(())
}

fn suppliers(opened: &mut Opened, market: &Market) -> Result<Vec<Supplier>, Failure> {
    let mut suppliers = Vec::new();
    for supplier in &market.parts().suppliers {
        let (key, new) = auth::new_key(Role::Supplier(supplier.name.clone()));
        opened.operate(Operation::AddKey(new))?;
        suppliers.push(Supplier { verticals: supplier.verticals.iter().map(ToString::to_string).collect(), key });
    }
    Ok(suppliers)
}

/// One who may see everything, one buyer and one supplier, each with a link that signs in once.
fn people(opened: &mut Opened, market: &Market) -> Result<Vec<(PersonRole, Zeroizing<String>)>, Failure> {
    let buyer = market.parts().buyers.first().map(|buyer| PersonRole::Buyer(buyer.name.clone()));
    let supplier = market.parts().suppliers.first().map(|supplier| PersonRole::Supplier(supplier.name.clone()));
    let mut links = Vec::new();
    for (name, role) in [("demo", Some(PersonRole::Owner)), ("demo-buyer", buyer), ("demo-supplier", supplier)] {
        let Some(role) = role else { continue };
        let (person, token): (PersonName, _) = (name.parse().map_err(Failure::of)?, new_token());
        let link = || NewLink { token: hash_of(&token), kind: LinkKind::Entrance, lives: ENTRANCE_LIVES };
        let add = PersonCommand::Add { person: person.clone(), role: role.clone(), email: None, link: link() };
        // With `--data` the person is there from the demo before.
        if let Outcome::Conflict(_) = opened.operate(Operation::Person(add))? {
            opened.operate(Operation::Person(PersonCommand::Link { person, link: link() }))?;
        }
        links.push((role, token));
    }
    Ok(links)
}

/// The address to open, and a line to try.
fn welcome(address: SocketAddr, links: &[(PersonRole, Zeroizing<String>)], suppliers: &[Supplier], duration: Option<Duration>) {
    let mortgage = suppliers.iter().find(|supplier| supplier.verticals.iter().any(|vertical| vertical == "mortgage"));
    let key = mortgage.map_or_else(Zeroizing::default, |supplier| supplier.key.clone());
    notice(&format!("An exchange runs at http://{address}: see http://{address}/docs/ and try a ping of your own:\n"));
    notice(&format!(
        "  curl http://{address}/v1/pings/mortgage -H 'Authorization: Bearer {}' \\\n    -H 'Content-Type: application/json' -d '{{\"state\": \"MA\", \"loan_amount\": 250000}}'\n",
        key.as_str()
    ));
    for (role, link) in links {
        notice(&format!("The console as {role}, signed in once: http://{address}/console/enter/{}", link.as_str()));
    }
    notice("");
    notice(&match duration {
        Some(duration) => format!("It stops by itself after {} s.\n", duration.as_secs()),
        None => "Ctrl-C ends it.\n".into(),
    });
}

async fn end_of(duration: Option<Duration>) {
    match duration {
        Some(duration) => tokio::select! {
            () = tokio::time::sleep(duration) => {}
            () = ended_by_signal() => {}
        },
        None => ended_by_signal().await,
    }
}

async fn until(mut ended: watch::Receiver<bool>) {
    // An error means that the demo is gone, which is an end too.
    drop(ended.wait_for(|ended| *ended).await);
}

async fn balances(node: &Node) -> Result<BTreeMap<Account, Money>, Failure> {
    let rows = node.readers.read(|reader| reader.balances()).await.map_err(Failure::of)?;
    Ok(rows.into_iter().map(|row| (row.account, row.balance)).collect())
}

async fn books(node: &Node, before: &BTreeMap<Account, Money>) -> Result<Books, Failure> {
    let read = node.readers.read(|reader| Ok((reader.balances()?, reader.ledger_sum()?)));
    let (accounts, ledger_sum) = read.await.map_err(Failure::of)?;
    Ok(Books { accounts, ledger_sum, before: before.clone() })
}

/// In characters: what the table of the buyers needs, and its lines beside the buyers themselves.
const TABLE_WIDTH: u16 = 110;
const TABLE_LINES: usize = 6;

/// A table that doesn't fit the terminal can't be drawn over.
fn is_room_for(buyers: usize) -> bool {
    let (lines, columns) = console::Term::stdout().size();
    columns >= TABLE_WIDTH && usize::from(lines) >= buyers + TABLE_LINES
}

/// A live table where a person watches, now and then a line where a file does.
async fn show_while(
    sending: impl Future<Output = ()>,
    node: &Node,
    market: &Market,
    stream: &Stream,
    before: &BTreeMap<Account, Money>,
    watch: Stopwatch,
) -> Done {
    let is_watched = std::io::stdout().is_terminal() && is_room_for(market.parts().buyers.len());
    let mut live = Live::default();
    let mut tick = tokio::time::interval(if is_watched { DRAW_EVERY } else { DRAW_EVERY * 10 });
    tokio::pin!(sending);
    loop {
        tokio::select! {
            () = &mut sending => return Ok(()),
            _ = tick.tick() => {}
        }
        let books = books(node, before).await?;
        let line = figures::line(&stream.told(), &books, watch.elapsed().as_secs());
        if is_watched {
            live.draw(&format!("{}\n{line}", figures::buyers(market, &node.tally.snapshot(), &books)));
        } else {
            notice(&line);
        }
    }
}

async fn summarize(node: &Node, market: &Market, stream: &Stream, before: BTreeMap<Account, Money>, watch: Stopwatch) -> Result<bool, Failure> {
    let books = books(node, &before).await?;
    if !std::io::stdout().is_terminal() || !is_room_for(market.parts().buyers.len()) {
        say!("{}", figures::buyers(market, &node.tally.snapshot(), &books));
    }
    Ok(figures::summary(&stream.told(), &books, watch.elapsed().as_secs_f64()))
}
