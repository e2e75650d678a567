//! A request, filled in: address, headers and body, each value escaped for where it stands.

mod alike;
mod escape;
mod format;
mod known;
mod render;

use std::borrow::Cow;

use exchange::{
    call::{PingCall, PostTerms},
    id::PostId,
    mapping::{Format, Method, Request},
    seal::Contact,
    time::Timestamp,
};
use url::Url;
use zeroize::Zeroizing;

pub use self::alike::Alike;
use self::{
    known::{Anonymous, Disclosed, Known},
    render::Renderer,
};
use crate::native::PingContext;

/// What goes over HTTP. It may hold a contact and secrets, so it prints neither.
pub struct Outgoing<'a> {
    pub method: Method,
    /// Owned where it is this call's alone.
    pub url: Cow<'a, Url>,
    /// Names in lower case.
    pub headers: Vec<(&'a str, Zeroizing<String>)>,
    pub body: Zeroizing<String>,
}

impl std::fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing({}, {} bytes)", self.method.word(), self.body.len())
    }
}

/// What a request takes from around it.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub now: Timestamp,
    /// The value of an environment variable.
    pub secret: &'a dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Surroundings({:?})", self.now)
    }
}

/// Why a request can't be made. Nothing of it was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unrendered {
    /// By the variable's name, which is no secret.
    #[error("{0} isn't in the environment: start with it")]
    NoSecret(Box<str>),
    #[error("a secret has characters that a header can't carry")]
    BadSecret,
    #[error("a part of the address has no value, or one that means another address")]
    NoPath,
}

/// For the pings of one lead: what they show alike is written into it.
#[must_use]
pub fn alike(context: &PingContext<'_>, contract: exchange::id::ContractIndex) -> Alike {
    let known = Anonymous { context, alike: None, contract, ping: None, buyer_ping: None, post: None, terms: None };
    Alike::of_fields(context.vertical.fields().len(), |index, out| format::write(&known.field(index)?, &Format::Plain, known.decimals(), out))
}

/// With what was written for other pings of the same lead, where there are some: it is looked into, and added to.
pub fn render_ping<'a>(
    request: &'a Request,
    url: &'a Url,
    context: &PingContext<'_>,
    alike: Option<&Alike>,
    call: &PingCall,
    around: Surroundings<'_>,
) -> Result<Outgoing<'a>, Unrendered> {
    outgoing(
        request,
        url,
        &Anonymous { context, alike, contract: call.contract, ping: Some(call), buyer_ping: Some(call.buyer_ping), post: None, terms: None },
        around,
    )
}

/// The question before a post shows what the ping did.
pub fn render_confirm<'a>(
    request: &'a Request,
    url: &'a Url,
    context: &PingContext<'_>,
    contract: exchange::id::ContractIndex,
    post: PostId,
    terms: &PostTerms,
    around: Surroundings<'_>,
) -> Result<Outgoing<'a>, Unrendered> {
    outgoing(
        request,
        url,
        &Anonymous { context, alike: None, contract, ping: None, buyer_ping: Some(terms.buyer_ping), post: Some(post), terms: Some(terms) },
        around,
    )
}

pub fn render_status<'a>(
    request: &'a Request,
    url: &'a Url,
    context: &PingContext<'_>,
    contract: exchange::id::ContractIndex,
    post: PostId,
    around: Surroundings<'_>,
) -> Result<Outgoing<'a>, Unrendered> {
    outgoing(request, url, &Anonymous { context, alike: None, contract, ping: None, buyer_ping: None, post: Some(post), terms: None }, around)
}

/// The contact in clear: to be sent to the sale's buyer, and nothing else to be done with it.
#[expect(clippy::too_many_arguments, reason = "a post says all of this")]
pub fn render_post<'a>(
    request: &'a Request,
    url: &'a Url,
    context: &PingContext<'_>,
    contract: exchange::id::ContractIndex,
    post: PostId,
    terms: &PostTerms,
    contact: &Contact,
    around: Surroundings<'_>,
) -> Result<Outgoing<'a>, Unrendered> {
    let anonymous = Anonymous { context, alike: None, contract, ping: None, buyer_ping: Some(terms.buyer_ping), post: Some(post), terms: Some(terms) };
    outgoing(request, url, &Disclosed { anonymous, contact }, around)
}

fn outgoing<'a>(request: &'a Request, url: &'a Url, known: &impl Known, around: Surroundings<'_>) -> Result<Outgoing<'a>, Unrendered> {
    let mut renderer = Renderer::new(request, known, around);
    let mut url = Cow::Borrowed(url);
    if !request.path.is_empty() {
        let added = renderer.whole(&request.path)?;
        let path = format!("{}/{}", url.path().trim_end_matches('/'), added.trim_start_matches('/'));
        url.to_mut().set_path(&path);
    }
    if !request.query.is_empty() {
        let query = renderer.whole(&request.query)?;
        match url.query().filter(|given| !given.is_empty()).map(|given| format!("{given}&{}", *query)) {
            _ if query.is_empty() => {}
            Some(both) => url.to_mut().set_query(Some(&both)),
            None => url.to_mut().set_query(Some(&query)),
        }
    }
    let mut headers = Vec::with_capacity(request.headers.len());
    for header in &request.headers {
        headers.push((&*header.name, renderer.whole(&header.value)?));
    }
    let body = renderer.whole(&request.body)?;
    Ok(Outgoing { method: request.method, url, headers, body })
}
