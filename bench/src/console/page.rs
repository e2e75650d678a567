//! Pages of the console, read as a browser reads them: signed in, one after the other.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::{
    Failure, clock,
    exchange::{self, Exchange},
};

/// Of the session: known to nobody else on this machine, which is measured alone.
const TOKEN: &str = "a-session-of-the-benchmark";

/// Far longer than any page may take.
const MOST_TIME: Duration = Duration::from_secs(30);

pub struct Console {
    address: SocketAddr,
    cookie: String,
}

impl Console {
    /// Signed in as an owner.
    pub fn enter(exchange: &Exchange, folder: &Path) -> Result<Self, Failure> {
        let data = folder.join("data");
        exchange::said("person", &["add".as_ref(), "bench".as_ref(), "--role".as_ref(), "owner".as_ref()], &data)?;
        // As if the link had been opened: an app's codes are no part of this.
        let sql = "INSERT INTO console_sessions (token, person, started_at, seen_at, ends_at)
            SELECT ?1, name, added_at, added_at, added_at + 86400000000 FROM console_people WHERE name = 'bench'";
        Connection::open(data.join("exchange.db"))?.execute(sql, [Sha256::digest(TOKEN).as_slice()])?;
        Ok(Self { address: exchange.address, cookie: format!("pingpost={TOKEN}") })
    }

    /// In milliseconds: a page from its request to its last byte.
    pub fn time(&self, page: &str) -> Result<f64, Failure> {
        let began = clock::now();
        let answer = get(self.address, page, &self.cookie)?;
        let time = began.elapsed().as_secs_f64() * 1000.0;
        if answer.starts_with("HTTP/1.1 200") { Ok(time) } else { Err(Failure(format!("{page}: {}", answer.lines().next().unwrap_or_default()))) }
    }

    /// One of each shape of all that links lead to.
    pub fn pages(&self) -> Result<Vec<String>, Failure> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        let mut left = VecDeque::from(["/console/leads".to_owned()]);
        while let Some(page) = left.pop_front() {
            if found.contains_key(&shape(&page)) {
                continue;
            }
            let answer = get(self.address, &page, &self.cookie)?;
            if !answer.starts_with("HTTP/1.1 200") || !answer.contains("<main") {
                continue;
            }
            found.insert(shape(&page), page);
            let links = answer.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            left.extend(links.filter(|link| link.starts_with("/console")).map(|link| link.replace("&#38;", "&").replace("&amp;", "&")));
        }
        Ok(found.into_values().collect())
    }
}

/// `/console/leads/lead_…` becomes `/console/leads/{id}`; of a query its names stay.
pub fn shape(page: &str) -> String {
    let (path, query) = page.split('#').next().unwrap_or_default().split_once('?').unwrap_or((page, ""));
    let part = |part: &str| if part.contains('_') || part.bytes().any(|byte| byte.is_ascii_digit()) { "{id}" } else { part }.to_owned();
    let path = path.split('#').next().unwrap_or_default().split('/').map(part).collect::<Vec<_>>().join("/");
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty()).collect();
    if names.is_empty() { path } else { format!("{path}?{}", names.join("&")) }
}

fn get(address: SocketAddr, path: &str, cookie: &str) -> Result<String, Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(MOST_TIME))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
