//! A mail server over real sockets: takes what comes, and answers each line as the test says.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// One mail that was given whole, whether or not it was taken then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// As it was sent, the dots taken off again.
    pub mail: String,
    pub user: Option<String>,
    pub is_secured: bool,
}

/// What a test has it do at a line; `.` stands for the end of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    AsUsual,
    Says(&'static str),
    HangsUp,
}

pub type Manners = Arc<dyn Fn(usize, &str) -> Does + Send + Sync>;

#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
pub struct Offers {
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// TLS from the first byte on.
    pub is_secured_at_once: bool,
    /// The methods of AUTH.
    pub auth: &'static str,
}

pub const PLAIN: Offers = Offers { tls: None, is_secured_at_once: false, auth: "PLAIN LOGIN" };

trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

impl MailServer {
    /// `manners` get the number of the connection, from 0, and the line.
    pub fn start(offers: Offers, manners: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), received: Arc::default(), heard: Arc::default() };
        let (all, manners): (_, Manners) = (server.clone(), Arc::new(manners));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { return };
                let session = Session { server: all.clone(), offers: offers.clone(), manners: manners.clone(), number };
                thread::spawn(move || session.run(stream));
            }
        });
        server
    }

    /// In the order they came.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Every line but those of mails.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

struct Session {
    server: MailServer,
    offers: Offers,
    manners: Manners,
    number: usize,
}

impl Session {
    fn run(self, stream: TcpStream) {
        let secured = |stream: TcpStream| -> Box<dyn Stream> {
            let connection = rustls::ServerConnection::new(self.offers.tls.clone().unwrap()).unwrap();
            Box::new(rustls::StreamOwned::new(connection, stream))
        };
        let mut received = Received { is_secured: self.offers.is_secured_at_once, ..Received::default() };
        let mut plain = stream.try_clone().ok();
        let mut stream: Box<dyn Stream> = if received.is_secured { secured(stream) } else { Box::new(stream) };
        if !self.says(&mut stream, "", "220 mail.example") {
            return;
        }
        while let Some(line) = line_of(&mut stream) {
            self.server.heard.lock().unwrap().push(line.clone());
            let (word, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
            let goes_on = match word.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    let starttls = if self.offers.tls.is_some() && !received.is_secured { "250-STARTTLS\r\n" } else { "" };
                    self.says(&mut stream, &line, &format!("250-mail.example\r\n{starttls}250-AUTH {}\r\n250 8BITMIME", self.offers.auth))
                }
                "STARTTLS" => {
                    let said = self.says(&mut stream, &line, "220 go on");
                    if let Some(plain) = plain.take().filter(|_| said && self.offers.tls.is_some()) {
                        stream = secured(plain);
                        received.is_secured = true;
                    }
                    said
                }
                "AUTH" if rest == "LOGIN" => {
                    let user = self.says(&mut stream, &line, "334 VXNlcm5hbWU6").then(|| line_of(&mut stream)).flatten();
                    let password = self.says(&mut stream, "password", "334 UGFzc3dvcmQ6").then(|| line_of(&mut stream)).flatten();
                    received.user = user.zip(password).map(|(user, password)| format!("{user} {password}"));
                    self.says(&mut stream, "logged in", "235 welcome")
                }
                "AUTH" => {
                    received.user = rest.strip_prefix("PLAIN ").map(str::to_owned);
                    self.says(&mut stream, &line, "235 welcome")
                }
                "MAIL" => {
                    received.from = rest.to_owned();
                    self.says(&mut stream, &line, "250 ok")
                }
                "RCPT" => {
                    received.to.push(rest.to_owned());
                    self.says(&mut stream, &line, "250 ok")
                }
                "DATA" => self.says(&mut stream, &line, "354 go on") && self.takes_mail(&mut stream, &mut received),
                _ => self.says(&mut stream, &line, "221 bye") && word != "QUIT",
            };
            if !goes_on {
                return;
            }
        }
    }

    fn takes_mail(&self, stream: &mut Box<dyn Stream>, received: &mut Received) -> bool {
        while let Some(line) = line_of(stream) {
            if line == "." {
                self.server.received.lock().unwrap().push(received.clone());
                return self.says(stream, ".", "250 queued");
            }
            received.mail.push_str(line.strip_prefix('.').unwrap_or(&line));
            received.mail.push_str("\r\n");
        }
        false
    }

    fn says(&self, stream: &mut Box<dyn Stream>, line: &str, usual: &str) -> bool {
        let says = match (self.manners)(self.number, line) {
            Does::AsUsual => usual,
            Does::Says(other) => other,
            Does::HangsUp => return false,
        };
        stream.write_all(format!("{says}\r\n").as_bytes()).and_then(|()| stream.flush()).is_ok()
    }
}

fn line_of(stream: &mut Box<dyn Stream>) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        match stream.read(&mut byte) {
            Ok(1) if byte[0] == b'\n' => return Some(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned()),
            Ok(1) => line.push(byte[0]),
            _ => return None,
        }
    }
}
