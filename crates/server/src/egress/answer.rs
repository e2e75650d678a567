//! Reads an answer in HTTP/1: as strictly as hyper, within the egress's bounds, in whatever pieces it comes.
//!
//! Pure: bytes in, an answer out. What is doubtful about an answer's end ends its connection's use.

use std::mem::{self, MaybeUninit};

use httparse::{Header, ParserConfig, Status};

use super::{Answered, MAX_BODY, MAX_HEAD, MAX_HEADERS, chunks::Chunks, fault::Fault};

/// In bytes: all of an answer with what stands before and between, whatever it means.
const MOST: usize = 1024 * 1024;

#[derive(Debug)]
enum Stage {
    /// So many of the waiting bytes hold no end of a head.
    Head {
        searched: usize,
    },
    /// So many bytes are to come.
    Length(usize),
    Chunks(Chunks),
    UntilTheEnd,
    Whole,
}

#[derive(Debug)]
pub struct AnswerReader {
    stage: Stage,
    /// What came and isn't understood yet.
    waiting: Vec<u8>,
    /// All bytes that came.
    read: usize,
    /// None before the head is read.
    status: Option<u16>,
    /// None where nobody wants them.
    headers: Option<Vec<(String, String)>>,
    body: Vec<u8>,
    keeps: bool,
    /// More came than was asked for.
    has_more: bool,
}

impl AnswerReader {
    pub fn new(keeps_headers: bool) -> Self {
        Self {
            stage: Stage::Head { searched: 0 },
            waiting: Vec::new(),
            read: 0,
            status: None,
            headers: keeps_headers.then(Vec::new),
            body: Vec::new(),
            keeps: false,
            has_more: false,
        }
    }

    /// The next bytes of a connection that has no other answer to give. After a fault nothing more is to be read.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.has_more |= self.take(bytes)? < bytes.len();
        Ok(())
    }

    /// The next bytes of a connection on which other answers may follow. How many of them are this one's: all, unless it has come to
    /// its end. After a fault nothing more is to be read.
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let behind = if self.waiting.is_empty() {
            let behind = &bytes[self.understand(bytes)?..];
            if !self.is_whole() {
                self.waiting.extend_from_slice(behind);
            }
            behind.len()
        } else {
            let mut waiting = mem::take(&mut self.waiting);
            waiting.extend_from_slice(bytes);
            let used = self.understand(&waiting)?;
            drop(waiting.drain(..used));
            let behind = waiting.len();
            if !self.is_whole() {
                self.waiting = waiting;
            }
            behind
        };
        // What was waiting held no end: the end came with these bytes.
        let taken = if self.is_whole() { bytes.len().checked_sub(behind).ok_or(Fault::NotHttp)? } else { bytes.len() };
        self.read += taken;
        if self.read > MOST { Err(Fault::TooLarge) } else { Ok(taken) }
    }

    /// The connection has ended.
    pub fn end(&mut self) -> Result<(), Fault> {
        match self.stage {
            Stage::Whole => Ok(()),
            Stage::UntilTheEnd => {
                (self.stage, self.keeps) = (Stage::Whole, false);
                Ok(())
            }
            Stage::Head { .. } | Stage::Length(_) | Stage::Chunks(_) => Err(Fault::CutOff),
        }
    }

    pub fn is_whole(&self) -> bool {
        matches!(self.stage, Stage::Whole)
    }

    /// The status says it all: the body is read for the connection's sake alone.
    pub fn status_says_all(&self) -> bool {
        self.status.is_some_and(|status| !is_success(status))
    }

    /// Whether the connection may be used again: nothing but the answer came, and both sides keep it.
    pub fn is_clean(&self) -> bool {
        self.is_whole() && self.keeps && !self.has_more
    }

    /// What was answered. Without a body where it isn't whole.
    pub fn into_answered(self) -> Option<Answered> {
        let body = if matches!(self.stage, Stage::Whole) { self.body } else { Vec::new() };
        let headers = self.headers.unwrap_or_default();
        self.status.map(|status| Answered { status, headers, body })
    }

    /// What was answered where the status says it all, though the rest is not whole.
    pub fn refusal(&mut self) -> Option<Answered> {
        let status = self.status.filter(|status| !is_success(*status))?;
        Some(Answered { status, headers: self.headers.take().unwrap_or_default(), body: Vec::new() })
    }

    /// How many of the bytes were understood.
    fn understand(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            used += match &mut self.stage {
                Stage::Head { searched } => {
                    // A head that came in pieces is read again only when its end may have come.
                    let may_end = *searched == 0 || has_end(&rest[searched.saturating_sub(3).min(rest.len())..]);
                    if rest.is_empty() || !may_end {
                        *searched = rest.len();
                        return if rest.len() >= MAX_HEAD { Err(Fault::TooLarge) } else { Ok(used) };
                    }
                    *searched = rest.len();
                    let Some(length) = self.read_head(rest)? else { return Ok(used) };
                    length
                }
                Stage::Length(left) => {
                    let taken = rest.len().min(*left);
                    self.body.extend_from_slice(&rest[..taken]);
                    *left -= taken;
                    if *left > 0 {
                        return Ok(used + taken);
                    }
                    self.stage = Stage::Whole;
                    taken
                }
                Stage::Chunks(chunks) => {
                    let taken = chunks.read(rest, &mut self.body)?;
                    if !chunks.have_ended() {
                        return Ok(used + taken);
                    }
                    self.stage = Stage::Whole;
                    taken
                }
                Stage::UntilTheEnd => {
                    if rest.len() > MAX_BODY - self.body.len() {
                        return Err(Fault::TooLarge);
                    }
                    self.body.extend_from_slice(rest);
                    return Ok(used + rest.len());
                }
                Stage::Whole => return Ok(used),
            };
        }
    }

    /// The length of the head; none while it hasn't ended.
    fn read_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let mut space = [const { MaybeUninit::<Header<'_>>::uninit() }; MAX_HEADERS];
        let mut head = httparse::Response::new(&mut []);
        let length = match ParserConfig::default().parse_response_with_uninit_headers(&mut head, bytes, &mut space) {
            Ok(Status::Complete(length)) if length <= MAX_HEAD => length,
            Ok(Status::Partial) if bytes.len() < MAX_HEAD => return Ok(None),
            Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(Fault::TooLarge),
            Err(_) => return Err(Fault::NotHttp),
        };
        let status = head.code.filter(|code| *code >= 100).ok_or(Fault::NotHttp)?;
        if status < 200 && status != 101 {
            self.stage = Stage::Head { searched: 0 };
            return Ok(Some(length));
        }
        let said = Said::of(head.headers)?;
        let is_newer = head.version == Some(1);
        let stage = said.stage(status, is_newer)?;
        if let Some(headers) = &mut self.headers {
            let texts = head.headers.iter().filter_map(|header| Some((header.name.to_ascii_lowercase(), std::str::from_utf8(header.value).ok()?.to_owned())));
            headers.extend(texts);
        }
        self.status = Some(status);
        self.keeps = is_newer && !said.closes && status != 101 && !(said.is_transferred && said.length.is_some());
        if is_success(status) && said.is_encoded {
            return Err(Fault::Encoded);
        }
        match stage {
            Stage::Length(length) if length > MAX_BODY => return Err(Fault::TooLarge),
            Stage::Length(length) => self.body.reserve_exact(length.min(bytes.len())),
            _ => {}
        }
        self.stage = stage;
        Ok(Some(length))
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn has_end(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|two| two == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

/// What a head says of its answer's body and connection.
#[derive(Default)]
struct Said {
    length: Option<u64>,
    /// A transfer encoding stands there.
    is_transferred: bool,
    /// And `chunked` is the last one.
    is_chunked: bool,
    is_encoded: bool,
    closes: bool,
}

impl Said {
    fn of(headers: &[Header<'_>]) -> Result<Self, Fault> {
        let mut said = Self::default();
        for Header { name, value } in headers {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            match name.len() {
                14 if is("content-length") => {
                    for text in value.split(|byte| *byte == b',') {
                        let length = digits(text.trim_ascii()).filter(|length| said.length.is_none_or(|before| before == *length));
                        said.length = Some(length.ok_or(Fault::NotHttp)?);
                    }
                }
                17 if is("transfer-encoding") => {
                    said.is_transferred = true;
                    let last = value.rsplit(|byte| *byte == b',').next().unwrap_or_default();
                    said.is_chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
                }
                10 if is("connection") => said.closes |= value.split(|byte| *byte == b',').any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close")),
                16 if is("content-encoding") => said.is_encoded |= !value.eq_ignore_ascii_case(b"identity"),
                _ => {}
            }
        }
        Ok(said)
    }

    /// How the body ends (RFC 9112, 6.3).
    fn stage(&self, status: u16, is_newer: bool) -> Result<Stage, Fault> {
        match (status, self.is_transferred, self.length) {
            (101 | 204 | 304, ..) => Ok(Stage::Whole),
            (_, true, _) if !is_newer => Err(Fault::NotHttp),
            (_, true, _) if self.is_chunked => Ok(Stage::Chunks(Chunks::default())),
            (_, false, Some(length)) => Ok(Stage::Length(usize::try_from(length).unwrap_or(usize::MAX))),
            (_, true, _) | (_, false, None) => Ok(Stage::UntilTheEnd),
        }
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    let is_digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if is_digits { std::str::from_utf8(text).ok()?.parse().ok() } else { None }
}
