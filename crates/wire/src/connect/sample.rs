//! An answer as somebody has it: its body alone, or with status and headers before an empty line.

use crate::mapped::Heard;

#[derive(Clone, PartialEq, Eq)]
pub struct Sample {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A buyer's words may repeat a lead's.
impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sample({}, {} bytes)", self.status, self.body.len())
    }
}

impl Sample {
    /// `HTTP/1.1 200 OK` or `200` begins one with headers; anything else is a body that came with a 200.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let whole = || Self { status: 200, headers: Vec::new(), body: text.trim().as_bytes().to_vec() };
        let (head, body) = text.trim_start().split_once("\n\n").map_or((text.trim(), ""), |(head, body)| (head, body));
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let status = first.strip_prefix("HTTP/").map_or(Some(first), |rest| rest.split_whitespace().nth(1));
        let status = status.and_then(|status| status.trim().parse().ok()).filter(|status| (100..600).contains(status));
        let headers: Option<Vec<(String, String)>> =
            lines.map(|line| line.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))).collect();
        match (status, headers) {
            (Some(status), Some(headers)) => Self { status, headers, body: body.trim().as_bytes().to_vec() },
            _ => whole(),
        }
    }

    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn heard<R>(&self, read: impl FnOnce(&Heard<'_>) -> R) -> R {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        read(&Heard { status: self.status, headers: &headers, body: &self.body })
    }
}
