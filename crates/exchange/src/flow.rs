//! The heart: one run per ping or lead, a pure state machine. Events and the time go in, effects come out.
//!
//! No IO, no clock, no randomness of its own, no waiting. Server, simulator and replay drive the very same machine;
//! whatever must be right about a lead lives here, and a driver only performs effects.

pub mod effect;

use std::sync::Arc;

use crate::{
    attribute::PingPart,
    command::{Accept, Idempotency},
    facts::Seed,
    id::{PingId, SupplierName, VerticalName},
    market::Market,
    seal::ContactPart,
};

/// What a run starts with. It keeps this market to its end.
#[derive(Debug)]
pub struct RunStart {
    pub market: Arc<Market>,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub test: bool,
    pub attributes: PingPart,
    pub seed: Seed,
    pub task: Task,
}

#[derive(Debug)]
pub enum Task {
    /// A supplier's ping: auction and quote.
    Ping { ping: PingId, sealed: Option<ContactPart>, idempotency: Option<Idempotency> },
    /// A direct post, or the post of a quote: the accept says which. For a quote, the market is the quote's.
    Lead(Box<Accept>),
}
