//! The yardstick: HTTP/1.1 by hand over tokio, as little of it as this load needs. Each connection of a supplier has its own
//! connections to the buyers, all pings are written before the first answer is awaited, and an answer is one read.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{answer, bid_cents};

pub async fn serve(listener: TcpListener, buyers: Vec<SocketAddr>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let buyers = buyers.clone();
        tokio::spawn(async move { connection(stream, &buyers).await });
    }
}

struct Link {
    stream: TcpStream,
    /// Of a ping, up to the length of its body.
    head: String,
    outgoing: Vec<u8>,
    incoming: Incoming,
}

async fn connection(mut supplier: TcpStream, buyers: &[SocketAddr]) -> io::Result<()> {
    let mut links = Vec::new();
    for buyer in buyers {
        let stream = TcpStream::connect(buyer).await?;
        stream.set_nodelay(true)?;
        let head = format!("POST /ping HTTP/1.1\r\nhost: {buyer}\r\ncontent-type: application/json\r\ncontent-length: ");
        links.push(Link { stream, head, outgoing: Vec::with_capacity(2048), incoming: Incoming::default() });
    }
    let mut requests = Incoming::default();
    let mut reply = Vec::with_capacity(256);
    while let Some(body) = requests.next(&mut supplier).await? {
        for link in &mut links {
            link.outgoing.clear();
            link.outgoing.extend_from_slice(link.head.as_bytes());
            link.outgoing.extend_from_slice(body.len().to_string().as_bytes());
            link.outgoing.extend_from_slice(b"\r\n\r\n");
            link.outgoing.extend_from_slice(body);
            link.stream.write_all(&link.outgoing).await?;
        }
        let mut best = 0;
        for link in &mut links {
            let bid = link.incoming.next(&mut link.stream).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
            best = best.max(bid_cents(bid).unwrap_or(0));
        }
        let text = answer(best);
        reply.clear();
        reply.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ");
        reply.extend_from_slice(text.len().to_string().as_bytes());
        reply.extend_from_slice(b"\r\n\r\n");
        reply.extend_from_slice(text.as_bytes());
        supplier.write_all(&reply).await?;
    }
    Ok(())
}

/// The messages of one direction. No message of this load is pipelined, so each begins where the buffer does.
pub struct Incoming {
    buffer: Box<[u8; 8192]>,
}

impl Default for Incoming {
    fn default() -> Self {
        Self { buffer: Box::new([0; 8192]) }
    }
}

impl Incoming {
    /// The body of the next message; none where the other side closed between two.
    pub async fn next(&mut self, stream: &mut TcpStream) -> io::Result<Option<&[u8]>> {
        let mut filled = 0;
        loop {
            let read = stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return if filled == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
            filled += read;
            if let Some((start, end)) = body_of(&self.buffer[..filled], true)?.filter(|(_, end)| *end <= filled) {
                return Ok(Some(&self.buffer[start..end]));
            }
        }
    }
}

/// Where the body starts and ends, once the head is whole. A status that isn't 200 is an error, where it must be.
pub fn body_of(bytes: &[u8], must_be_200: bool) -> io::Result<Option<(usize, usize)>> {
    let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    if must_be_200 && bytes.starts_with(b"HTTP/") && !bytes.starts_with(b"HTTP/1.1 200") {
        return Err(io::Error::other("a buyer answered otherwise than 200"));
    }
    const KEY: &[u8] = b"\ncontent-length:";
    let is_key = |window: &[u8]| window[0] == b'\n' && window.eq_ignore_ascii_case(KEY);
    let value = bytes[..head].windows(KEY.len()).position(is_key).map(|at| &bytes[at + KEY.len()..head]).unwrap_or_default();
    let digits = value.iter().skip_while(|byte| **byte == b' ').take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length: usize, digit| length.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
    Ok(Some((head + 4, (head + 4).saturating_add(length))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_found_by_its_length_in_any_case() {
        let message = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";
        assert_eq!(body_of(message, true).unwrap(), Some((message.len() - 5, message.len())));
        assert_eq!(body_of(b"POST / HTTP/1.1\r\ncontent-length:12\r\n\r\nhalf", true).unwrap(), Some((38, 50)));
        assert_eq!(body_of(b"POST / HTTP/1.1\r\ncontent-le", true).unwrap(), None);
        assert!(body_of(b"HTTP/1.1 503 Busy\r\n\r\n", true).is_err());
    }
}
