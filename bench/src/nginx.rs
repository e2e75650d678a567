//! nginx, twice: as buyers that answer at once, and with Lua as a comparison server.

use std::{fmt::Write as _, fs, net::SocketAddr, path::Path};

use crate::{
    Failure,
    market::{Spoken, bid_text},
    process::{LOAD_PROCESSOR, Process, SERVER_PROCESSOR, pinned},
};

const PROGRAM: &str = "/usr/sbin/nginx";
const MODULES: &str = "/usr/lib/nginx/modules";
const BUYERS: &str = include_str!("../nginx/buyers.conf");
const FAN_OUT: &str = include_str!("../nginx/fan_out.conf");

/// One port for each buyer, each with a bid of its own; whatever is posted to them is bought.
pub fn buyers(folder: &Path, addresses: &[SocketAddr]) -> Result<Process, Failure> {
    let mut servers = String::new();
    for (buyer, address) in addresses.iter().enumerate() {
        let bid = bid_text(buyer);
        let pings: String = Spoken::ALL.map(|spoken| format!("location {} {{ return 200 '{}'; }} ", spoken.path(), spoken.bid(&bid))).concat();
        writeln!(servers, "server {{ listen {address} backlog=4096; {pings}location / {{ return 200 '{{\"status\":\"accepted\"}}'; }} }}")?;
    }
    start(folder, &BUYERS.replace("SERVERS", &servers), LOAD_PROCESSOR, addresses[0])
}

pub fn fan_out(folder: &Path, address: SocketAddr, buyers: &[SocketAddr]) -> Result<Process, Failure> {
    let (mut upstreams, mut locations) = (String::new(), String::new());
    for (number, buyer) in buyers.iter().enumerate() {
        writeln!(upstreams, "upstream buyer{number} {{ server {buyer}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 1h; }}")?;
        writeln!(
            locations,
            "location = /buyer/{number} {{ internal; proxy_pass http://buyer{number}/ping; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}"
        )?;
    }
    let text = FAN_OUT.replace("MODULES", MODULES).replace("UPSTREAMS", &upstreams).replace("LOCATIONS", &locations);
    let text = text.replace("BUYERS", &buyers.len().to_string()).replace("PORT", &address.port().to_string());
    start(folder, &text, SERVER_PROCESSOR, address)
}

fn start(folder: &Path, text: &str, processor: &str, address: SocketAddr) -> Result<Process, Failure> {
    fs::create_dir_all(folder)?;
    let file = folder.join("nginx.conf");
    fs::write(&file, text.replace("PREFIX", &folder.display().to_string()))?;
    let mut command = pinned(processor, PROGRAM);
    command.arg("-p").arg(folder).arg("-c").arg(&file).arg("-e").arg(folder.join("error.log"));
    Process::start(command, address)
}
