//! SMTP as a client speaks it (RFC 5321), one mail a connection. Replies are read by their codes: their words may repeat a lead's.

use std::sync::atomic::{AtomicBool, Ordering};

use base64::{Engine, engine::general_purpose::STANDARD};
use exchange::call::CallFailure;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

use super::settings::Login;

/// In bytes: of one reply, all its lines.
const MOST_OF_A_REPLY: usize = 16 * 1024;

/// What the server says once it has a whole mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Taken,
    /// For good.
    Refused(u16),
    Later(u16),
}

pub struct Dialog<S> {
    stream: S,
    /// Read and not yet understood.
    rest: Vec<u8>,
    extensions: Vec<String>,
}

struct Reply {
    code: u16,
    /// Without their codes.
    lines: Vec<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialog<S> {
    /// Over a connection whose server has been greeted already.
    pub fn over(stream: S) -> Self {
        Self { stream, rest: Vec::new(), extensions: Vec::new() }
    }

    pub async fn greeted(stream: S) -> Result<Self, CallFailure> {
        let mut dialog = Self::over(stream);
        dialog.reply().await?.expect(220, "the connection")?;
        Ok(dialog)
    }

    pub async fn hello(&mut self, name: &str) -> Result<(), CallFailure> {
        let reply = self.ask(&format!("EHLO {name}\r\n"), 250, "EHLO").await?;
        self.extensions = reply.lines.into_iter().skip(1).map(|line| line.to_ascii_uppercase()).collect();
        Ok(())
    }

    /// The connection, ready for TLS. A server that offers none gets nothing; nor does one that said more than it was asked, which
    /// would be taken as said under TLS.
    pub async fn for_tls(mut self) -> Result<S, CallFailure> {
        if !self.extensions.iter().any(|extension| extension == "STARTTLS") {
            return Err(CallFailure::Refused("the mail server offers no STARTTLS".into()));
        }
        self.ask("STARTTLS\r\n", 220, "STARTTLS").await?;
        if self.rest.is_empty() { Ok(self.stream) } else { Err(CallFailure::Malformed("said before TLS".into())) }
    }

    pub async fn log_in(&mut self, login: &Login) -> Result<(), CallFailure> {
        let offers = |method: &str| {
            let methods = self.extensions.iter().filter_map(|extension| extension.strip_prefix("AUTH").map(|rest| rest.trim_start_matches('=')));
            methods.flat_map(str::split_whitespace).any(|known| known == method)
        };
        if offers("PLAIN") {
            let secret = Zeroizing::new(format!("\0{}\0{}", login.user, login.password()));
            let command = Zeroizing::new(format!("AUTH PLAIN {}\r\n", STANDARD.encode(secret.as_bytes())));
            self.ask(&command, 235, "AUTH").await?;
            return Ok(());
        }
        if !offers("LOGIN") {
            return Err(CallFailure::Refused("the mail server offers neither AUTH PLAIN nor AUTH LOGIN".into()));
        }
        self.ask("AUTH LOGIN\r\n", 334, "AUTH").await?;
        self.ask(&format!("{}\r\n", STANDARD.encode(&login.user)), 334, "AUTH").await?;
        let secret = Zeroizing::new(format!("{}\r\n", STANDARD.encode(login.password())));
        self.ask(&secret, 235, "AUTH").await?;
        Ok(())
    }

    /// Whoever can't have it, nobody gets it.
    pub async fn address(&mut self, from: &str, to: impl Iterator<Item = &str>) -> Result<(), CallFailure> {
        self.ask(&format!("MAIL FROM:<{from}>\r\n"), 250, "MAIL FROM").await?;
        for to in to {
            self.ask(&format!("RCPT TO:<{to}>\r\n"), 250, "RCPT TO").await?;
        }
        self.ask("DATA\r\n", 354, "DATA").await?;
        Ok(())
    }

    /// From here on the server may have the mail; `left` says so before it can be true.
    pub async fn give(&mut self, mail: &[u8], left: &AtomicBool) -> Result<Said, CallFailure> {
        let mail = stuffed(mail);
        left.store(true, Ordering::SeqCst);
        self.write(&mail).await?;
        let said = match self.reply().await?.code {
            200..300 => Said::Taken,
            code @ 500..600 => Said::Refused(code),
            code => Said::Later(code),
        };
        // The mail is settled: what comes of a farewell changes nothing.
        drop(self.write(b"QUIT\r\n").await);
        drop(self.stream.shutdown().await);
        Ok(said)
    }

    async fn ask(&mut self, command: &str, code: u16, what: &str) -> Result<Reply, CallFailure> {
        self.write(command.as_bytes()).await?;
        self.reply().await?.expect(code, what)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), CallFailure> {
        self.stream.write_all(bytes).await.map_err(|_| CallFailure::Reset)?;
        self.stream.flush().await.map_err(|_| CallFailure::Reset)
    }

    /// Lines of one code, all but the last with a hyphen after it.
    async fn reply(&mut self) -> Result<Reply, CallFailure> {
        let malformed = || CallFailure::Malformed("not SMTP".into());
        let (mut lines, mut left) = (Vec::new(), MOST_OF_A_REPLY);
        loop {
            let line = self.line(&mut left).await?;
            let (code, rest) = line.split_at_checked(3).ok_or_else(malformed)?;
            let code: u16 = code.parse().ok().filter(|code| (200..600).contains(code)).ok_or_else(malformed)?;
            lines.push(rest.get(1..).unwrap_or_default().trim().to_owned());
            match rest.as_bytes().first() {
                Some(b'-') => {}
                Some(b' ') | None => return Ok(Reply { code, lines }),
                Some(_) => return Err(malformed()),
            }
        }
    }

    /// Without its end. What it takes is taken off `left`.
    async fn line(&mut self, left: &mut usize) -> Result<String, CallFailure> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                *left = left.checked_sub(end + 1).ok_or(CallFailure::TooLarge)?;
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.rest.len() >= *left {
                return Err(CallFailure::TooLarge);
            }
            let mut buffer = [0; 1024];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return Err(CallFailure::Reset),
                Ok(read) => self.rest.extend_from_slice(&buffer[..read]),
            }
        }
    }
}

impl Reply {
    fn expect(self, code: u16, what: &str) -> Result<Self, CallFailure> {
        // 251 is a 250 that will be forwarded.
        let is_so = self.code == code || (code == 250 && self.code == 251);
        if is_so { Ok(self) } else { Err(CallFailure::Refused(format!("smtp_{} to {what}", self.code))) }
    }
}

/// Lines that begin with a dot get another one, and one of a dot alone ends it all (RFC 5321, 4.5.2).
fn stuffed(mail: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(mail.len() + 16));
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            bytes.push(b'.');
        }
        bytes.extend_from_slice(line);
    }
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b".\r\n");
    bytes
}
