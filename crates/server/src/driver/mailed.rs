//! A lead that goes to its buyer by e-mail.

use exchange::{
    buyer::EmailForm,
    call::{CallFailure, PostCall, PostReply},
    seal::Contact,
};
use url::Url;
use wire::{
    delivery::Bought,
    native::{PingContext, PostAttempt},
};

use super::about::{About, Kind, unsent};
use crate::{
    clock,
    mail::{NotSent, lead_mail},
};

pub async fn post(
    about: &About,
    form: &EmailForm,
    url: &Url,
    context: &PingContext<'_>,
    call: &PostCall,
    contact: &Contact,
    attempt: PostAttempt,
) -> PostReply {
    let buyer = &about.market.buyer_of(call.contract).label;
    let bought = Bought { context, post: call.sale.id().post_id(), terms: &call.terms, contact, buyer };
    let Some(mail) = lead_mail(form, url, &bought, clock::now()) else { return unsent("the buyer has no address of e-mail").into() };
    let kind = if attempt.repeat { Kind::Repeat } else { Kind::First };
    outcome(about.send_mail(&mail, call.time, kind).await, attempt)
}

/// A server that refuses a mail whole has seen the contact. To a repeat that says nothing of the first, which it may have taken.
pub fn outcome(sent: Result<(), NotSent>, attempt: PostAttempt) -> PostReply {
    match sent {
        Ok(()) => PostReply::Accepted { redirect_url: None, lead_reference: None },
        Err(NotSent::Unsent(failure)) => PostReply::Unsent(failure),
        Err(NotSent::Refused(code)) if attempt.repeat => PostReply::Unknown(CallFailure::Refused(format!("smtp_{code}"))),
        Err(NotSent::Refused(code)) => PostReply::Rejected { reason: Some(format!("smtp_{code}")) },
        Err(NotSent::Unknown(failure)) => PostReply::Unknown(failure),
    }
}
