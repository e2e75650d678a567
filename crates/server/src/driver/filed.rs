//! A lead that goes to its buyer as a file.

use exchange::{
    buyer::SftpLogin,
    call::{PostCall, PostReply},
    seal::Contact,
};
use url::Url;
use wire::{
    delivery::{Bought, csv},
    native::{PingContext, PostAttempt},
};

use super::about::{About, Kind};
use crate::sftp::NewFile;

pub async fn post(
    about: &About,
    login: &SftpLogin,
    url: &Url,
    context: &PingContext<'_>,
    call: &PostCall,
    contact: &Contact,
    attempt: PostAttempt,
) -> PostReply {
    let buyer = &about.market.buyer_of(call.contract).label;
    let bought = Bought { context, post: call.sale.id().post_id(), terms: &call.terms, contact, buyer };
    let text = csv(&bought);
    let file = NewFile { login, url, name: &format!("{}.csv", bought.post), text: &text };
    let kind = if attempt.repeat { Kind::Repeat } else { Kind::First };
    match about.put_file(&file, call.time, kind).await {
        Ok(()) => PostReply::Accepted { redirect_url: None, lead_reference: None },
        Err(failed) => failed.into(),
    }
}
