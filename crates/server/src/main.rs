//! `pingpost`: the exchange as one binary.

use std::process::ExitCode;

mod clock;
mod entropy;

// What the command line does.
mod commands;
mod config;
mod logs;
mod screen;
mod search;

// A request comes in and becomes a run; the run calls buyers.
mod listen;
mod routes;
mod intake;
mod problem;
mod driver;
mod egress;

// What a supplier needs to know to send.
mod specs;
mod statement;
mod pages;
mod made_up;

// Buyers and operators ask, report and rule.
mod caller;
mod refusals;
mod purchases;
mod admin;
mod ruling;
mod figures;
mod live;
mod alerts;
mod audited;

// People sign in and look.
mod console;

// What all of them share.
mod node;
mod background;
mod market_bundle;
mod market_draft;
mod market_watch;
mod self_service;
mod admission;
mod auth;
mod rate;
mod overload;
mod load_watch;
mod policy;
mod recovery;
mod webhooks;
mod notices;
mod mail;
mod sftp;
mod busy;
mod signing;
mod writer;
mod place;
mod readers;
mod facts;
mod disk;
mod metrics;
mod tally;
mod ping_lines;

// What is told of it, and what would be.
mod trace;
mod trial;
mod connect;
mod replay;
mod courses;

// The other sides of the wire: a sandbox buyer, and a demo that plays everybody.
mod buyer;
mod demo;

/// An auction is made of small values that live for a moment, on whatever thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run()
}
