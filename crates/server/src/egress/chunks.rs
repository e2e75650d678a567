//! A body in chunks, read strictly: sizes in hexadecimal digits, lines that end in CR and LF, trailers that are headers.
//!
//! Pure: bytes in, a body out.

use super::{MAX_BODY, MAX_HEAD, MAX_HEADERS, fault::Fault};

/// Where in the body the next byte is.
#[derive(Debug, Default)]
pub enum Chunks {
    #[default]
    Size,
    /// So many bytes of a chunk are to come, and a line's end.
    Data(usize),
    DataEnd,
    /// So many trailers came, of so many bytes.
    Trailers {
        count: usize,
        bytes: usize,
    },
    Ended,
}

impl Chunks {
    /// How many of the bytes were understood: the rest is to be given again, with more behind it.
    pub fn read(&mut self, bytes: &[u8], body: &mut Vec<u8>) -> Result<usize, Fault> {
        let mut used = 0;
        while let Some(step) = self.step(&bytes[used..], body)? {
            used += step;
        }
        Ok(used)
    }

    pub fn have_ended(&self) -> bool {
        matches!(self, Self::Ended)
    }

    /// None where more bytes are needed.
    fn step(&mut self, bytes: &[u8], body: &mut Vec<u8>) -> Result<Option<usize>, Fault> {
        match self {
            Self::Size => {
                let Some(line) = line_of(bytes)? else { return Ok(None) };
                let size = size_of(line).ok_or(Fault::NotHttp)?;
                if size > MAX_BODY - body.len() {
                    return Err(Fault::TooLarge);
                }
                *self = if size == 0 { Self::Trailers { count: 0, bytes: 0 } } else { Self::Data(size) };
                Ok(Some(line.len() + 2))
            }
            Self::Data(left) => {
                let taken = bytes.len().min(*left);
                if taken == 0 {
                    return Ok(None);
                }
                body.extend_from_slice(&bytes[..taken]);
                *left -= taken;
                if *left == 0 {
                    *self = Self::DataEnd;
                }
                Ok(Some(taken))
            }
            Self::DataEnd => match bytes {
                [b'\r', b'\n', ..] => {
                    *self = Self::Size;
                    Ok(Some(2))
                }
                [] | [b'\r'] => Ok(None),
                _ => Err(Fault::NotHttp),
            },
            Self::Trailers { count, bytes: before } => {
                let Some(line) = line_of(bytes)? else { return Ok(None) };
                *count += 1;
                *before += line.len() + 2;
                if line.is_empty() {
                    *self = Self::Ended;
                } else if *count > MAX_HEADERS || *before > MAX_HEAD {
                    return Err(Fault::TooLarge);
                } else if !is_header(line) {
                    return Err(Fault::NotHttp);
                }
                Ok(Some(line.len() + 2))
            }
            Self::Ended => Ok(None),
        }
    }
}

/// The first line without its end; none while it hasn't ended. A line feed stands nowhere but at a line's end.
fn line_of(bytes: &[u8]) -> Result<Option<&[u8]>, Fault> {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => bytes[..end].strip_suffix(b"\r").map(Some).ok_or(Fault::NotHttp),
        None if bytes.len() > MAX_HEAD => Err(Fault::TooLarge),
        None => Ok(None),
    }
}

/// Digits, then perhaps blanks, then perhaps an extension that nobody reads.
fn size_of(line: &[u8]) -> Option<usize> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at(digits);
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let extension = &rest[blanks..];
    if !extension.is_empty() && (extension[0] != b';' || extension.contains(&b'\r')) {
        return None;
    }
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn is_header(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    colon > 0 && line[..colon].iter().all(is_token) && line[colon + 1..].iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body, and whether it ended at the last byte.
    fn read(text: &str) -> Result<(String, bool), Fault> {
        let (mut chunks, mut body) = (Chunks::default(), Vec::new());
        let used = chunks.read(text.as_bytes(), &mut body)?;
        Ok((String::from_utf8(body).unwrap(), chunks.have_ended() && used == text.len()))
    }

    #[test]
    fn what_is_well_formed_is_read_and_nothing_else() {
        let well = |body: &str| Ok((body.to_owned(), true));
        for (text, expected) in [
            ("3\r\nabc\r\n0\r\n\r\n", well("abc")),
            ("0003 \t\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0 ; last\r\nx-sum: 1\r\nY:\r\n\r\n", well("abc0123456789")),
            ("0\r\n\r\n", well("")),
            ("3\r\nab", Ok(("ab".to_owned(), false))),
            ("3\r\nabc\r\n0\r\n\r\nHTTP", Ok(("abc".to_owned(), false))),
            ("\r\n", Err(Fault::NotHttp)),
            ("3\nabc\r\n", Err(Fault::NotHttp)),
            ("3\r\nabcd\r\n", Err(Fault::NotHttp)),
            ("3\r\nabc\n0\r\n\r\n", Err(Fault::NotHttp)),
            ("+3\r\nabc\r\n", Err(Fault::NotHttp)),
            ("0x3\r\nabc\r\n", Err(Fault::NotHttp)),
            ("3\r\r\nabc\r\n", Err(Fault::NotHttp)),
            ("3 3\r\nabc\r\n", Err(Fault::NotHttp)),
            (";x\r\nabc\r\n", Err(Fault::NotHttp)),
            ("3;\rx\r\nabc\r\n", Err(Fault::NotHttp)),
            ("0\r\nno header\r\n\r\n", Err(Fault::NotHttp)),
            ("0\r\n: x\r\n\r\n", Err(Fault::NotHttp)),
            ("0\r\nx: a\rb\r\n\r\n", Err(Fault::NotHttp)),
            ("10001\r\n", Err(Fault::TooLarge)),
            ("fffffffffffffffff\r\n", Err(Fault::NotHttp)),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
        assert_eq!(read(&format!("1;{}", "x".repeat(MAX_HEAD))), Err(Fault::TooLarge));
        assert_eq!(read(&format!("0\r\n{}\r\n", "x: y\r\n".repeat(MAX_HEADERS + 1))), Err(Fault::TooLarge));
        assert_eq!(read(&format!("0\r\nx: {}", "y".repeat(MAX_HEAD))), Err(Fault::TooLarge));
    }
}
