//! The sandbox buyer: `pingpost buyer`. It speaks the native protocol, for partners' tests and for the demo.
//!
//! One server can be many buyers: `/NAME/ping` and `/NAME/test/ping` are the buyer NAME's, `/ping` the default one's. It
//! keeps what it received, contact data included, in memory and shows it at `/received`: it is for made-up leads.

mod args;
mod behaviour;
mod received;
mod sandbox;

#[cfg(test)]
mod tests;

use std::{future::Future, io, sync::Arc};

use tokio::net::TcpListener;

pub use self::{
    args::BuyerArgs,
    behaviour::{Behaviour, Share},
    sandbox::{Clock, Sandbox, serve},
};

/// The command: serves until `shutdown`.
pub async fn run(args: BuyerArgs, clock: Clock, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let taken = |error: io::Error| io::Error::new(error.kind(), format!("{} can't be listened on ({error}): choose another with --listen", args.listen));
    let listener = TcpListener::bind(args.listen).await.map_err(taken)?;
    let (name, print) = (args.name.clone(), args.print);
    eprintln!("{name} takes pings at http://{}/ping", listener.local_addr()?);
    serve(listener, Arc::new(Sandbox::new(Default::default(), Some((name, args.into_behaviour())), print, clock)), shutdown).await
}
