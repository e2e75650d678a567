//! Buyers with an interface of their own, as recorded: what goes out to them, what they answer, and what it means.
//!
//! Each folder of `cases/` is one buyer: `buyer.toml`, the requests expected (`ping.request`, `post.request`, …), answers
//! (`ping.answer`, `post.declined.answer`, …) and what each means (`.meaning`). Run with `MAPPED_UPDATE=always`, the test writes
//! what is missing or otherwise: read it before it is committed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails")]

mod alike;
mod cases;
mod connect;
mod documented;
mod hostile;
mod mistakes;
mod presets;
mod said;
mod world;
