//! What goes out, whole: rendered as a run would, ready to be shown or sent.

use exchange::{
    buyer::{Protocol, Secret},
    call::PostTerms,
    mapping::Request,
};
use hyper::Method;
use url::Url;
use wire::{
    delivery::{Bought, csv},
    mapped::{self, Outgoing, Surroundings, Unrendered},
    native::{self, Shown},
    webhook::SigningSecret,
};
use zeroize::Zeroizing;

use super::Trial;
use crate::{
    clock,
    driver::{about, mapped as driven},
    egress::{self, Headers, Message, message_headers},
    mail::{self, Mail, Mailer, lead_mail},
    signing::signing_secret,
};

/// What stands where a secret does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// As they are sent.
    Real,
    /// The secrets' names, for people to look at.
    Named,
}

pub struct Prepared {
    pub method: Method,
    pub url: Url,
    pub headers: Headers,
    pub body: Zeroizing<Vec<u8>>,
}

/// What a buyer gets of a sold lead, the way it takes it.
pub enum PreparedPost {
    Http(Prepared),
    Mail(Mail),
    /// A file by its name.
    File(String, Zeroizing<String>),
}

impl PreparedPost {
    /// As it goes over the wire, or would by the configured mail server.
    pub fn bytes(&self, mailer: Option<&Mailer>) -> Result<Zeroizing<Vec<u8>>, String> {
        match self {
            Self::Http(message) => Ok(Zeroizing::new(message.bytes())),
            Self::Mail(mail) => mail::as_sent(mail, mailer),
            Self::File(_, text) => Ok(Zeroizing::new(text.as_bytes().to_vec())),
        }
    }
}

impl Prepared {
    /// As HTTP/1.1 has it.
    pub fn bytes(&self) -> Vec<u8> {
        egress::request_bytes(&self.url, &self.method, &self.headers, &self.body)
    }
}

impl Trial<'_> {
    /// None for a contract that isn't pinged.
    pub fn ping_message(&self, values: Values) -> Result<Option<Prepared>, String> {
        let Some(url) = native::ping_url(self.endpoint(), self.is_test) else { return Ok(None) };
        let (context, call) = (self.context(), self.ping_call());
        let id = self.ping.to_string();
        if let Protocol::Mapped(mapping) = &self.endpoint().protocol {
            let Some(request) = mapping.of(&self.vertical.name).and_then(|requests| requests.ping.as_ref()) else { return Ok(None) };
            return self.mapped(request, mapped::render_ping(request, url, &context, None, &call, around(values)), &id, values).map(Some);
        }
        let body = native::ping_body(&context, &Shown::of(&context), &call, &id);
        self.native(url, &id, body, None).map(Some)
    }

    pub fn post_message(&self, terms: &PostTerms, values: Values) -> Result<PreparedPost, String> {
        let url = native::post_url(self.endpoint(), self.is_test).ok_or("the buyer has no `test_post_url`")?;
        let (context, id) = (self.context(), self.post.to_string());
        if let Protocol::Mapped(mapping) = &self.endpoint().protocol {
            let requests = mapping.of(&self.vertical.name).ok_or("the mapping isn't of this vertical")?;
            let outgoing = mapped::render_post(&requests.post, url, &context, self.index, self.post, terms, &self.lead.contact, around(values));
            return self.mapped(&requests.post, outgoing, &id, values).map(PreparedPost::Http);
        }
        if let Protocol::Sftp(_) = &self.endpoint().protocol {
            let buyer = &self.market.buyer_of(self.index).label;
            let bought = Bought { context: &context, post: self.post, terms, contact: &self.lead.contact, buyer };
            return Ok(PreparedPost::File(format!("{}.csv", self.post), csv(&bought)));
        }
        if let Protocol::Email(form) = &self.endpoint().protocol {
            let buyer = &self.market.buyer_of(self.index).label;
            let bought = Bought { context: &context, post: self.post, terms, contact: &self.lead.contact, buyer };
            return lead_mail(form, url, &bought, clock::now()).map(PreparedPost::Mail).ok_or_else(|| "the buyer has no address of e-mail".to_owned());
        }
        self.native(url, &id, native::post_body(&context, self.post, terms, &self.lead.contact), Some(&id)).map(PreparedPost::Http)
    }

    fn mapped(&self, request: &Request, outgoing: Result<Outgoing<'_>, Unrendered>, id: &str, values: Values) -> Result<Prepared, String> {
        let outgoing = outgoing.map_err(|error| error.to_string())?;
        let mut headers = driven::headers(&outgoing, request).ok_or("a header has a character that it can't carry")?;
        let body = outgoing.body.as_bytes();
        if let Some(secret) = self.secret(values)? {
            headers.sign(&Message { id, at_s: about::at_s(), body, idempotency_key: None }, &secret);
        }
        Ok(Prepared { method: driven::method(outgoing.method), url: outgoing.url.clone().into_owned(), headers, body: Zeroizing::new(body.to_vec()) })
    }

    fn native(&self, url: &Url, id: &str, body: Vec<u8>, idempotency_key: Option<&str>) -> Result<Prepared, String> {
        let body = Zeroizing::new(body);
        let message = Message { id, at_s: about::at_s(), body: &body, idempotency_key };
        let headers = message_headers(&message, self.secret(Values::Real)?.as_ref());
        Ok(Prepared { method: Method::POST, url: url.clone(), headers, body })
    }

    /// What is only looked at goes unsigned where the secret isn't here.
    fn secret(&self, values: Values) -> Result<Option<SigningSecret>, String> {
        let Some(secret) = &self.endpoint().secret else { return Ok(None) };
        match (signing_secret(secret), secret) {
            (Some(secret), _) => Ok(Some(secret)),
            (None, _) if values == Values::Named => Ok(None),
            (None, Secret::Environment(name)) => Err(format!("{name} isn't in the environment, or is no secret")),
            (None, Secret::Literal(_)) => Err("`secret` is none".to_owned()),
        }
    }
}

fn around(values: Values) -> Surroundings<'static> {
    let secret: &dyn Fn(&str) -> Option<String> = match values {
        Values::Real => &|name| std::env::var(name).ok(),
        Values::Named => &|name| Some(format!("env:{name}")),
    };
    Surroundings { now: clock::now(), secret }
}
