//! A port that stays free while nobody listens on it.

use std::{
    hash::{BuildHasher, RandomState},
    io::ErrorKind,
    net::TcpStream,
};

/// Where the system's own choices begin on Linux, unless it says otherwise.
const USUAL_FIRST_CHOICE: u16 = 32_768;
/// Below it are ports of services.
const LOWEST: u16 = 10_000;

/// A free port of loopback that the system gives to nobody by itself. One that it chose could go to any outgoing connection as
/// soon as its listener stops, and the listener could not start again there.
///
/// Asked for by a call, not by listening there oneself: a process that another thread starts at that moment has the listener,
/// too, until it becomes its own program, and the port is taken for so long.
#[must_use]
pub fn free_port() -> u16 {
    let highest = first_choice().clamp(LOWEST + 1000, USUAL_FIRST_CHOICE);
    let drawn = (0..1000).map(|_| LOWEST + (RandomState::new().hash_one(()) % u64::from(highest - LOWEST)) as u16);
    let free = drawn.into_iter().find(|port| nobody_listens(*port));
    free.unwrap_or_else(|| panic!("no port of loopback is free between {LOWEST} and {highest}"))
}

fn nobody_listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

fn first_choice() -> u16 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(USUAL_FIRST_CHOICE)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn where_somebody_listens_is_no_free_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(!nobody_listens(listener.local_addr().unwrap().port()));
    }

    #[test]
    fn the_port_is_free_and_none_of_the_system_s_choices() {
        let port = free_port();
        assert!((LOWEST..first_choice().max(LOWEST + 1000)).contains(&port));
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }
}
