//! A buyer as raw bytes over TCP, for what no well-behaved server would do.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

/// What a peer heard: the path, and the body, as JSON where it is that.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub body: Value,
    pub raw: String,
    /// The whole request.
    pub text: String,
}

/// Does to every connection what the test says.
#[derive(Clone)]
pub struct Peer {
    pub at: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    connections: Arc<AtomicUsize>,
}

/// A connection, as the test's behaviour gets it.
pub struct Conversation {
    pub stream: TcpStream,
    /// From 0.
    pub number: usize,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Peer {
    pub fn new(behave: impl Fn(Conversation) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let peer = Self { at, heard: Arc::default(), connections: Arc::default() };
        let (heard, connections, behave) = (Arc::clone(&peer.heard), Arc::clone(&peer.connections), Arc::new(behave));
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let conversation = Conversation { stream, number: connections.fetch_add(1, Ordering::SeqCst), heard: Arc::clone(&heard) };
                let behave = Arc::clone(&behave);
                thread::spawn(move || behave(conversation));
            }
        });
        peer
    }

    /// Answers each request with what is made of it.
    pub fn answering(answer: impl Fn(&Heard) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::new(move |mut conversation| {
            while let Some(heard) = conversation.hear() {
                if conversation.stream.write_all(&answer(&heard)).is_err() {
                    return;
                }
            }
        })
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// All of it, in the order it came.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The `post_id`s of what came to a path.
    pub fn posts(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|heard| heard.path.ends_with("/post")).map(|heard| heard.body["post_id"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Conversation {
    /// The next request, whole; none at the end of the connection.
    pub fn hear(&mut self) -> Option<Heard> {
        let mut bytes = Vec::new();
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                let length: usize = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
                if bytes.len() >= end + 4 + length {
                    let body = serde_json::from_slice(&bytes[end + 4..]).unwrap_or_default();
                    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
                    let raw = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
                    let heard = Heard { path, body, text: format!("{head}\n\n{raw}"), raw };
                    self.heard.lock().unwrap().push(heard.clone());
                    return Some(heard);
                }
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer) {
                Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
                _ => return None,
            }
        }
    }

    /// Holds the connection until the other side ends it.
    pub fn hold(&mut self) {
        let mut buffer = [0; 4096];
        while self.stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
    }
}

/// A whole answer with a body.
pub fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// What the other side wants to hear: a bid, or that the post is accepted.
pub fn pleased(heard: &Heard) -> Vec<u8> {
    answer("200 OK", if heard.path.ends_with("/ping") { "{\"bid\": \"30.00\"}" } else { "{\"status\": \"accepted\"}" })
}
