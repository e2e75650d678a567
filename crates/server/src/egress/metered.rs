//! A connection that ends once its peer has sent more than any answer can be, whatever the bytes mean.
//!
//! The caps on head and body count what an answer says; this one also counts what it doesn't: interim answers, the sizes of
//! chunks, trailers, a handshake without end.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// In bytes: what a peer may send between two writes of ours.
const MOST_UNANSWERED: usize = 1024 * 1024;

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the peer sends without an end")]
pub struct TooMuch;

pub fn is_too_much(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<TooMuch>())
}

#[derive(Debug)]
pub struct Metered<S = TcpStream> {
    stream: S,
    /// Since our last write.
    read: usize,
}

impl<S> Metered<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, read: 0 }
    }
}

impl Connection for Metered {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.read > MOST_UNANSWERED {
            return Poll::Ready(Err(io::Error::other(TooMuch)));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.read += buffer.filled().len() - before;
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.has_written(polled)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.has_written(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S> Metered<S> {
    fn has_written(&mut self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(1..)) = polled {
            self.read = 0;
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_peer_that_never_stops_is_cut_off_and_one_that_is_asked_again_is_not() {
        let endless = || tokio::io::join(tokio::io::repeat(b'x'), tokio::io::sink());
        let mut buffer = vec![0; MOST_UNANSWERED];
        let mut asked = Metered::new(endless());
        for _ in 0..4 {
            asked.write_all(b"?").await.unwrap();
            asked.read_exact(&mut buffer).await.unwrap();
        }
        let mut endless = Metered::new(endless());
        let error = endless.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert!(error.get_ref().is_some_and(|inner| inner.is::<TooMuch>()));
    }
}
