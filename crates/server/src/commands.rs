//! The commands of `pingpost`, one file each.

mod alerts;
mod apply;
mod backup;
mod check;
mod connect;
mod copy;
mod demo;

mod erase;
mod figures;
mod export;
mod fsck;
mod key;
mod leads;
mod mail;
mod market_files;
mod master_key;
mod migrate;
mod movements;
mod notices;
mod opened;
mod person;
mod replay;
mod restore;
mod resolve;
mod returns;
mod revisions;
mod rollback;
mod schema;
mod serve;
mod simulate;
mod statement;
mod suppress;
mod trace;
mod trial;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use opened::StoreArgs;
pub use serve::runtime;

/// A self-hosted ping-post lead exchange.
///
/// Suppliers ping anonymous attributes, buyers bid in real time, and only who buys gets the contact.
#[derive(Debug, Parser)]
#[command(name = "pingpost", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a whole exchange on this machine: sample market, simulated buyers, a stream of leads
    Demo(demo::DemoArgs),
    /// Run the exchange
    Serve(serve::ServeArgs),
    /// Check a market directory: every mistake with its file, line and mend
    Check(check::CheckArgs),
    /// Tell what a market directory would have changed over the recorded auctions
    Replay(replay::ReplayArgs),
    /// Make a market directory the new revision; a running node takes it up by itself
    Apply(apply::ApplyArgs),
    /// Tell the history of the market, or what one revision changed
    Revisions(revisions::RevisionsArgs),
    /// Make an old revision's market the newest one
    Rollback(rollback::RollbackArgs),
    /// Write the market in force, or an older revision, to a directory
    Export(export::ExportArgs),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Add, list and keep out the people who sign in to the console
    #[command(subcommand)]
    Person(person::PeopleCommand),
    /// Book buyers' prepayments
    #[command(subcommand)]
    Credit(movements::CreditCommand),
    /// Book what a supplier was paid
    Payout(movements::PayoutArgs),
    /// List money that waits for a second person, approve or refuse it
    Movements(movements::MovementsArgs),
    /// Tell what every account has
    Balances(statement::BalancesArgs),
    /// Tell what was booked on an account in a month: a buyer's invoice, a supplier's payout sheet
    Statement(statement::StatementArgs),
    /// Tell what an operator should look at now, and what was the matter before
    Alerts(alerts::AlertsArgs),
    /// Tell what was received, sold and earned in a period, and how buyers do
    Figures(figures::FiguresArgs),
    /// Set up a buyer of answers that it gave: the mapping that reads them, written into the market
    Connect(connect::ConnectArgs),
    /// Show what a buyer would get of a lead, byte by byte; with --send, how it answers
    Try(trial::TryArgs),
    /// Find leads by whatever is known of them
    Leads(leads::LeadsArgs),
    /// Send a test mail by the configured mail server, and say what became of it
    Mail(mail::MailArgs),
    /// Tell the whole life of a lead or ping, and why
    Trace(trace::TraceArgs),
    /// End a sale whose outcome nobody could find out
    Resolve(resolve::ResolveArgs),
    /// List, accept and refuse returns
    Returns(returns::ReturnsArgs),
    /// List what suppliers could not be told yet of their leads, and have it tried again
    Notices(notices::NoticesArgs),
    /// Run a sandbox buyer that speaks the native protocol
    Buyer(crate::buyer::BuyerArgs),
    /// Keep people from being offered: lists of phone numbers and e-mails
    #[command(subcommand)]
    Suppress(suppress::SuppressCommand),
    /// Erase a person's data for good; ledger and journal stay, without it
    Erase(erase::EraseArgs),
    /// Copy the whole store to a file, as of one moment, beside a running serve
    Backup(backup::BackupArgs),
    /// Make a store of a backup, in a new directory
    Restore(restore::RestoreArgs),
    /// Count everything in the store again, and say what doesn't agree
    Fsck(fsck::FsckArgs),
    /// Bring a store's tables to the form that this program has
    Migrate(migrate::MigrateArgs),
    /// Move an embedded exchange to an empty PostgreSQL database
    Copy(copy::CopyArgs),
    /// Live through seeded worlds of faults, and say which invariant breaks in which
    Simulate(simulate::SimulateArgs),
    /// Print the JSON Schema of the market files
    Schema,
    /// Make a master key
    #[command(subcommand)]
    MasterKey(master_key::MasterKeyCommand),
}

/// Output for programs instead of people.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl Failure {
    pub fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

type Done = Result<(), Failure>;

/// Who is at the command line, for journals: the machine's own name for them. Whoever may read the store may say otherwise.
fn at_command_line() -> String {
    std::env::var("USER").unwrap_or_else(|_| "command line".into())
}

/// Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            crate::screen::notice(&format!("pingpost: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Done {
    match command {
        Command::Demo(args) => demo::demo(args),
        Command::Serve(args) => serve::serve(args),
        Command::Check(args) => check::check(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Apply(args) => apply::apply(&args),
        Command::Revisions(args) => revisions::revisions(&args),
        Command::Rollback(args) => rollback::rollback(&args),
        Command::Export(args) => export::export(&args),
        Command::Key(command) => key::key(command),
        Command::Person(command) => person::people(command),
        Command::Credit(command) => movements::credit(command),
        Command::Payout(args) => movements::payout(args),
        Command::Movements(args) => movements::movements(args),
        Command::Balances(args) => statement::balances(&args),
        Command::Statement(args) => statement::statement(&args),
        Command::Alerts(args) => alerts::alerts(&args),
        Command::Figures(args) => figures::figures(&args),
        Command::Connect(args) => connect::connect(&args),
        Command::Try(args) => trial::trial(&args),
        Command::Leads(args) => leads::leads(&args),
        Command::Mail(args) => mail::mail(args),
        Command::Trace(args) => trace::trace(&args),
        Command::Resolve(args) => resolve::resolve(&args),
        Command::Returns(args) => returns::returns(args),
        Command::Notices(args) => notices::notices(args),
        Command::Buyer(args) => serve::runtime()?.block_on(crate::buyer::run(args, crate::clock::now, serve::ended_by_signal())).map_err(Failure::of),
        Command::Suppress(command) => suppress::suppress(command),
        Command::Erase(args) => erase::erase(&args),
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => restore::restore(&args),
        Command::Fsck(args) => fsck::fsck(&args),
        Command::Migrate(args) => migrate::migrate(&args),
        Command::Copy(args) => copy::copy(&args),
        Command::Simulate(args) => simulate::simulate(&args),
        Command::Schema => schema::schema(),
        Command::MasterKey(command) => master_key::master_key(command),
    }
}
