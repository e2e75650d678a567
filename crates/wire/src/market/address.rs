//! URLs that the exchange calls, and the secrets that sign the calls.

use std::net::IpAddr;

use base64::Engine;
use exchange::buyer::Secret;
use ipnet::IpNet;
use serde_json::json;
use url::{Host, Url};

use super::{
    super::{delivery::mail_addresses, webhook::PADDED_OR_NOT},
    keys::{At, Key, Keys},
    problem::{Wrong, quoted},
};

const LONGEST_URL: usize = 2048;

/// An https URL, or plain http to an address that the market allows.
pub(super) fn url(keys: &mut Keys<'_>, key: Key, allowed: &[IpNet]) -> Option<At<Url>> {
    let describe = || json!({ "type": "string", "format": "uri", "pattern": "^https?://", "maxLength": LONGEST_URL });
    keys.value(key, None, describe, |found| read_url(found.text()?, allowed))
}

/// What kind of address a protocol has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Web,
    Mail,
    Files,
}

/// Where what a buyer bought goes.
pub(super) fn of_sort(keys: &mut Keys<'_>, key: Key, sort: Sort, allowed: &[IpNet]) -> Option<At<Url>> {
    let describe = || json!({ "type": "string", "format": "uri", "pattern": "^(https?://|mailto:|sftp://)", "maxLength": LONGEST_URL });
    keys.value(key, None, describe, |found| match sort {
        Sort::Web => read_url(found.text()?, allowed),
        Sort::Mail => read_mailto(found.text()?),
        Sort::Files => read_sftp(found.text()?, allowed),
    })
}

fn read_mailto(text: &str) -> Result<Url, Wrong> {
    let url = Url::parse(text).ok().filter(|url| text.len() <= LONGEST_URL && mail_addresses(url).is_some());
    let mend = "write \"mailto:leads@buyer.example\", with commas between more than one";
    url.ok_or_else(|| Wrong::new(format!("is {}, which is no mailto: address of protocol = \"email\"", quoted(text)), mend))
}

/// With a user and a directory, and no password.
fn read_sftp(text: &str, allowed: &[IpNet]) -> Result<Url, Wrong> {
    let mend = "write \"sftp://USER@HOST/DIRECTORY\"; its password or key goes into the environment";
    let is_sftp = |url: &Url| url.scheme() == "sftp" && url.has_host() && !url.username().is_empty() && url.path().len() > 1;
    let is_plain = |url: &Url| url.password().is_none() && url.query().is_none() && url.fragment().is_none() && !url.path().contains("..");
    let url = Url::parse(text).ok().filter(|url| text.len() <= LONGEST_URL && is_sftp(url) && is_plain(url));
    let url = url.ok_or_else(|| Wrong::new("is no address of protocol = \"sftp\"", mend))?;
    // A host of another scheme than the web's is read as a name, be it an address.
    let address = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
    match address {
        Some(address) if is_private(address) && !is_allowed(address, allowed) => {
            Err(Wrong::new("is a private address", "name a public host, or put its range into `egress.allow` of market.toml"))
        }
        _ => Ok(url),
    }
}

/// A Standard Webhooks secret. Its text is in no message.
pub(super) fn secret(keys: &mut Keys<'_>, key: Key) -> Option<At<Secret>> {
    let describe = || json!({ "type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|whsec_[A-Za-z0-9+/]{22,}={0,2})$" });
    keys.value(key, None, describe, |found| read_secret(found.text()?))
}

/// The name of an environment variable that holds a secret. What isn't one may be the secret: its text is in no message.
pub(super) fn environment(keys: &mut Keys<'_>, key: Key) -> Option<At<String>> {
    let describe = || json!({ "type": "string", "pattern": "^env:[A-Za-z_][A-Za-z0-9_]*$" });
    keys.value(key, None, describe, |found| match read_secret(found.text()?) {
        Ok(Secret::Environment(name)) => Ok(name),
        _ => Err(Wrong::new("is no `env:…`", "write \"env:NAME\", the name of an environment variable that holds it")),
    })
}

fn read_url(text: &str, allowed: &[IpNet]) -> Result<Url, Wrong> {
    // What stands before an @ may be a password: such a text isn't repeated.
    let is = |what: &str| format!("is {}, {what}", if text.contains('@') { "\"…@…\"".to_owned() } else { quoted(text) });
    if text.starts_with("sftp:") {
        return Err(Wrong::new("is an address of SFTP", "write protocol = \"sftp\", or an https URL"));
    }
    if text.starts_with("mailto:") {
        return Err(Wrong::new("is an e-mail address", "write protocol = \"email\", or an https URL"));
    }
    let url = Url::parse(text).ok().filter(|url| url.has_host() && text.len() <= LONGEST_URL);
    let url = url.ok_or_else(|| Wrong::new(is("which is no URL"), "write it like \"https://host/path\""))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::new("has a user or password in the URL", "take it out: calls are signed with `secret`"));
    }
    if url.fragment().is_some() {
        return Err(Wrong::new(is("which has a fragment"), "take out what follows the #"));
    }
    match (url.scheme(), literal_address(&url)) {
        ("https" | "http", Some(address)) if is_private(address) && !is_allowed(address, allowed) => {
            Err(Wrong::new(is("a private address"), "name a public host, or put its range into `egress.allow` of market.toml"))
        }
        ("https", _) => Ok(url),
        ("http", Some(address)) if is_allowed(address, allowed) => Ok(url),
        ("http", _) => Err(Wrong::new(is("which is plain http"), "write https; plain http goes only to literal addresses in `egress.allow` of market.toml")),
        _ => Err(Wrong::new(is("which is no https URL"), "write it like \"https://host/path\"")),
    }
}

/// The address that a URL names without a look-up. `localhost` is 127.0.0.1.
fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.to_canonical()),
        Host::Domain("localhost") => Some(IpAddr::from([127, 0, 0, 1])),
        Host::Domain(_) => None,
    }
}

fn is_allowed(address: IpAddr, allowed: &[IpNet]) -> bool {
    allowed.iter().any(|range| range.contains(&address))
}

/// The common private ranges, for a mistake to be seen early. What calls really reach is decided where they are made.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
    }
}

fn read_secret(text: &str) -> Result<Secret, Wrong> {
    if let Some(name) = text.strip_prefix("env:") {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit();
        let wrong = || Wrong::new("names no environment variable", "write env: and a name of letters, digits and `_`, like \"env:HARBOR_SECRET\"");
        return if is_name { Ok(Secret::Environment(name.to_owned())) } else { Err(wrong()) };
    }
    let Some(encoded) = text.strip_prefix("whsec_") else {
        return Err(Wrong::new("is neither `env:…` nor `whsec_…`", "write \"env:NAME\", or a literal \"whsec_\" and 16 to 64 bytes in base64"));
    };
    match PADDED_OR_NOT.decode(encoded) {
        Ok(bytes) if (16..=64).contains(&bytes.len()) => Ok(Secret::Literal(text.to_owned())),
        Ok(bytes) => Err(Wrong::new(format!("has {} bytes", bytes.len()), "make it 16 to 64 bytes in base64 after \"whsec_\"")),
        Err(_) => Err(Wrong::new("isn't base64 after `whsec_`", "make it 16 to 64 bytes in base64 after \"whsec_\"")),
    }
}
