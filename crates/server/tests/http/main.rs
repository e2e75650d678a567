//! The server from outside: the built binary as processes, a real store in a directory, real HTTP on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails")]

mod support;

mod canary;
mod sale;
mod searching;
mod mapped;
mod money;
mod figures;
mod live;
mod alerts;
mod money_pages;
mod deliveries;
mod trial;
mod dialects;
mod statuses;
mod bodies;
mod idempotency;
mod sharing;
mod disclosure;
mod consent;
mod crash;
mod recovery;
mod notices;
mod postgres;
mod eligibility;
mod revisions;
mod history;
mod commands;
mod connect;
mod documents;
mod emails;
#[cfg(feature = "sftp")]
mod sftp;
mod keys;
mod console;
mod console_market;
mod purchases;
mod self_service;
mod winning_price;
mod hardening;
mod wire_rows;
mod overload;
mod draining;
mod full_disk;
mod hostile;
