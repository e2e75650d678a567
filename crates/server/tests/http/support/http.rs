//! One HTTP call, in a few words. The calls block, so that tests read as stories.

use std::sync::LazyLock;

use reqwest::{Client, Method};
use serde_json::Value;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap());

#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Call {
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self { method: method.parse().unwrap(), url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub fn once(self, idempotency_key: &str) -> Self {
        self.header("idempotency-key", idempotency_key)
    }

    pub fn accept(self, format: &str) -> Self {
        self.header("accept", format)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn form(self, fields: &Value) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs = fields.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), text(value)));
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    pub fn xml(self, fields: &Value) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace('&', "&amp;").replace('<', "&lt;");
        let elements: String = fields.as_object().unwrap().iter().map(|(name, value)| format!("<{name}>{}</{name}>", text(value))).collect();
        self.body("application/xml", format!("<lead>{elements}</lead>"))
    }

    pub fn body(self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { body: bytes.into(), ..self.header("content-type", content_type) }
    }

    /// Without a word of what they are.
    pub fn bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { body: bytes.into(), ..self }
    }

    /// None where the connection failed.
    pub fn try_send(&self) -> Option<Answer> {
        let mut request = CLIENT.request(self.method.clone(), &self.url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        RUNTIME.block_on(async {
            let response = request.send().await.ok()?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Some(Answer { status, headers, text: response.text().await.ok()? })
        })
    }

    /// Status and location, without the body: that of a stream has no end.
    pub fn headers_alone(&self) -> (u16, String) {
        let mut request = CLIENT.request(self.method.clone(), &self.url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = RUNTIME.block_on(request.send()).unwrap();
        let location = response.headers().get("location").map_or("", |value| value.to_str().unwrap());
        (response.status().as_u16(), location.to_owned())
    }

    #[track_caller]
    pub fn send(&self) -> Answer {
        self.try_send().unwrap_or_else(|| panic!("no answer from {} {}", self.method, self.url))
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A member of the answer that is a text.
    #[track_caller]
    pub fn word(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.text)).to_owned()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A 200 whose status is this.
    #[track_caller]
    pub fn ok(self, status: &str) -> Self {
        let this = self.expect(200);
        assert_eq!(this.word("status"), status, "{}", this.text);
        this
    }
}

/// An answer as a snapshot keeps it: status, the headers that matter, and the body with its ids and times taken out.
pub fn told(answer: &Answer) -> String {
    let headers = ["content-type", "retry-after", "www-authenticate", "allow"];
    let lines = headers.iter().filter(|name| answer.headers.contains_key(**name)).map(|name| format!("{name}: {}\n", answer.header(name)));
    let body = serde_json::from_str::<Value>(&answer.text).map_or_else(|_| answer.text.clone(), |body| format!("{body:#}"));
    format!("{}\n{}{}\n", answer.status, lines.collect::<String>(), without_ids(&body))
}

/// `lead_01kz…` becomes `lead_…`, a time `[time]`.
pub fn without_ids(text: &str) -> String {
    let mut told = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || "_-:.".contains(character) {
            word.push(character);
            continue;
        }
        let ended = word.trim_end_matches(['.', ':']);
        match ended.split_once('_') {
            Some((kind, id)) if id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                told.push_str(&format!("{kind}_…{}", &word[ended.len()..]));
            }
            _ if ended.len() >= 20 && ended.ends_with('Z') && ended.contains("T") && ended.starts_with("20") => told.push_str("[time]"),
            _ => told.push_str(&word),
        }
        word.clear();
        told.push(character);
    }
    told.pop();
    told
}

/// A request as bytes over a socket, and everything that comes back until the other side is done.
pub fn raw(at: &str, request: &[u8], more: impl FnOnce(&mut std::net::TcpStream)) -> String {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(at.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    socket.write_all(request).unwrap();
    more(&mut socket);
    let mut answer = Vec::new();
    drop(socket.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}
