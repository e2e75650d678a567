//! People who sign in to the console, without a browser.

use std::{cell::RefCell, collections::BTreeMap};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use super::{Answer, Call, World, people::with};

/// What everybody here types.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody with a browser: cookies, and the token of the forms.
pub struct Visitor {
    at: String,
    cookies: RefCell<BTreeMap<String, String>>,
    /// Of the codes.
    pub secret: String,
    pub recovery: Vec<String>,
}

impl World {
    /// A person of this role who has opened the first link, set password and codes, and is signed in.
    pub fn person(&self, name: &str, role: &str) -> Visitor {
        self.person_at(&self.at, name, role)
    }

    /// The same on another node.
    pub fn person_at(&self, at: &str, name: &str, role: &str) -> Visitor {
        let added = self.run(&["person", "add", name, "--role", role, "--at", at, "--json"]).done().json();
        Visitor::welcomed(at, added["link"].as_str().unwrap())
    }
}

impl Visitor {
    pub fn nobody(at: &str) -> Self {
        Self { at: at.to_owned(), cookies: RefCell::default(), secret: String::new(), recovery: Vec::new() }
    }

    /// Opens a link and sets password and codes.
    pub fn welcomed(at: &str, link: &str) -> Self {
        let mut visitor = Self::nobody(at);
        let path = link.strip_prefix(at).unwrap();
        let page = visitor.get(path).expect(200);
        visitor.secret = between(&page.text, r#"name="secret" value=""#, "\"").to_owned();
        let typed = json!({ "secret": visitor.secret, "password": PASSWORD, "again": PASSWORD, "code": code(&visitor.secret, 0) });
        let page = visitor.send(&Call::post(visitor.url(path)).form(&typed)).expect(200);
        visitor.recovery = page.text.split("<li>").skip(1).map(|item| item.split('<').next().unwrap().to_owned()).collect();
        visitor
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.at)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(&Call::get(self.url(path)))
    }

    /// A form of a page, with the session's token.
    pub fn post(&self, path: &str, fields: &Value) -> Answer {
        let csrf = self.csrf();
        self.send(&self.form(path, &with(json!({ "csrf": csrf }), fields.clone())))
    }

    /// A form as it is.
    pub fn form(&self, path: &str, fields: &Value) -> Call {
        Call::post(self.url(path)).form(fields).header("origin", &self.at)
    }

    pub fn csrf(&self) -> String {
        between(&self.get("/console/account").text, r#"name="csrf" value=""#, "\"").to_owned()
    }

    /// With the cookies so far; takes those of the answer.
    pub fn send(&self, call: &Call) -> Answer {
        let answer = self.with_cookies(call).send();
        for cookie in answer.headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    pub fn with_cookies(&self, call: &Call) -> Call {
        call.clone().header("cookie", &self.cookie())
    }

    /// What a browser sends with each request.
    pub fn cookie(&self) -> String {
        let cookies: Vec<String> = self.cookies.borrow().iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    pub fn sign_in(&self, name: &str, password: &str, code: &str) -> Answer {
        self.send(&self.form("/console/sign-in", &json!({ "name": name, "password": password, "code": code, "to": "/console/account" })))
    }

    pub fn is_signed_in(&self) -> bool {
        self.get("/console/account").status == 200
    }
}

/// The code of an app now, or some steps from now.
#[expect(clippy::disallowed_methods, reason = "codes are made of the time")]
pub fn code(secret: &str, steps: i64) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret.bytes().map(|digit| format!("{:05b}", ALPHABET.iter().position(|known| *known == digit).unwrap())).collect();
    let bytes: Vec<u8> = bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect();
    let step = u64::try_from(jiff::Timestamp::now().as_second() / 30 + steps).unwrap();
    let mut mac = Hmac::<Sha1>::new_from_slice(&bytes).unwrap();
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[track_caller]
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).unwrap().0
}
