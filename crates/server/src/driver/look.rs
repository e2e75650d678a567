//! The driver of a look at an unknown sale: one effect after the other.

use std::sync::Arc;

use exchange::{
    call::PostReply,
    flow::{
        effect::{Answer, Effect, Event, NumberedEffect},
        reconcile::{Look, LookStart, UnknownContract},
    },
};

use super::{about::About, calls};
use crate::{clock::RunClock, node::Node};

/// Looks at a sale to the look's end. What the buyer reported by itself answers for its status address.
pub async fn look(node: &Arc<Node>, start: LookStart, reported: Option<PostReply>) -> Result<(), UnknownContract> {
    let watch = RunClock::start();
    let (mut look, mut effects) = Look::start(start)?;
    while let Some(NumberedEffect { id, effect }) = effects.pop() {
        let Some(answer) = perform(node, &look, effect, reported.as_ref()).await else { break };
        effects = look.step(watch.now(), Event { effect: id, answer });
    }
    Ok(())
}

async fn perform(node: &Arc<Node>, look: &Look, effect: Effect, reported: Option<&PostReply>) -> Option<Answer> {
    match effect {
        Effect::Store(request) => {
            let present = node.market().unwrap_or_else(|| Arc::clone(look.market()));
            Some(Answer::Stored(match request.under(&present) {
                Ok(command) => node.writer.apply(command).await,
                Err(outcome) => Ok(outcome),
            }))
        }
        Effect::Status(call) => {
            let about = About::of_look(node, look, call.contract);
            Some(Answer::Status(match reported {
                Some(reply) => calls::without_contact(&about, &call, reply.clone()).await,
                None => calls::status(&about, &call).await,
            }))
        }
        Effect::Post(call) => {
            let about = About::of_look(node, look, call.contract);
            Some(Answer::Posted(calls::post_about(&about, &call).await))
        }
        // A look neither asks nor replies.
        Effect::Facts(_) | Effect::Ping(_) | Effect::Confirm(_) | Effect::Wake { .. } | Effect::Reply(_) => None,
    }
}
