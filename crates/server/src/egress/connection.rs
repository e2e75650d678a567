//! One connection in HTTP/1.1, and a call over it: written and read by the call's own task.

use std::{
    future::poll_fn,
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use exchange::call::CallFailure;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::{
    Answered,
    answer::AnswerReader,
    fault::Fault,
    metered::{Metered, is_too_much},
};

/// The body of an answer whose status says it all is read for so long, so that its connection can be used again.
pub const REST_TIME: Duration = Duration::from_millis(50);
/// In bytes: what is read at once. Most answers fit.
const READ_SIZE: usize = 4096;

#[derive(Debug)]
pub enum Connection {
    /// What it reads is counted by the answer's reader.
    Plain(TcpStream),
    Tls(Box<TlsStream<Metered>>),
}

/// A request as it goes over the connection.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    pub bytes: &'a [u8],
    /// The length of its head; the body follows.
    pub head: usize,
    /// The answer's headers are wanted.
    pub keeps_headers: bool,
}

struct Sending<'a> {
    outgoing: Outgoing<'a>,
    written: usize,
    is_flushed: bool,
}

/// Why there is no whole answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Broken {
    /// The connection had died before: not one byte was taken.
    Unused,
    Failed(CallFailure),
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.into())
    }
}

impl Connection {
    /// Whether an idle connection can be used: the peer has neither ended it nor said anything.
    pub fn is_quiet(&mut self) -> bool {
        match self {
            Self::Plain(stream) => matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock),
            Self::Tls(_) => {
                let mut byte = [0];
                // Whoever uses it next polls again, with a waker of its own.
                self.poll_read(&mut Context::from_waker(Waker::noop()), &mut ReadBuf::new(&mut byte)).is_pending()
            }
        }
    }

    /// Sends and gives the answer, and the connection where it can be used again. `body_left` says whether a byte of the body may
    /// have left: at any time, also of a call that is dropped.
    pub async fn exchange(mut self, outgoing: Outgoing<'_>, body_left: &mut bool) -> Result<(Answered, Option<Self>), Broken> {
        let (mut reader, mut sending) = (AnswerReader::new(outgoing.keeps_headers), Sending { outgoing, written: 0, is_flushed: false });
        let has_more = poll_fn(|context| {
            if !sending.is_flushed
                && let Poll::Ready(Err(broken)) = self.poll_send(context, &mut sending, body_left)
            {
                return Poll::Ready(Err(broken));
            }
            // A peer may answer before it has read all.
            self.poll_answer(context, &mut reader)
        });
        if has_more.await? && !reader.is_whole() {
            let rest = poll_fn(|context| self.poll_rest(context, &mut reader));
            // What didn't come in time is left out by the reader. It is seldom waited for, and has its room then.
            drop(Box::pin(tokio::time::timeout(REST_TIME, rest)).await);
        }
        let is_reusable = reader.is_clean() && sending.is_flushed;
        let answered = reader.into_answered().ok_or(Broken::Failed(CallFailure::Reset))?;
        Ok((answered, is_reusable.then_some(self)))
    }

    fn poll_send(&mut self, context: &mut Context<'_>, sending: &mut Sending<'_>, body_left: &mut bool) -> Poll<Result<(), Broken>> {
        let Outgoing { bytes, head, .. } = sending.outgoing;
        let reset = Broken::Failed(CallFailure::Reset);
        while sending.written < bytes.len() {
            // What TLS has taken may leave in part, whatever it says of it.
            *body_left |= head < bytes.len() && matches!(self, Self::Tls(_));
            match ready!(self.poll_write(context, &bytes[sending.written..])) {
                Ok(taken @ 1..) => sending.written += taken,
                Ok(0) | Err(_) if sending.written == 0 && matches!(self, Self::Plain(_)) => return Poll::Ready(Err(Broken::Unused)),
                Ok(0) | Err(_) => return Poll::Ready(Err(reset)),
            }
            *body_left |= sending.written > head;
        }
        sending.is_flushed = ready!(self.poll_flush(context)).is_ok();
        Poll::Ready(if sending.is_flushed { Ok(()) } else { Err(reset) })
    }

    /// The answer, or as much of it as says all. Whether more of it can be read.
    fn poll_answer(&mut self, context: &mut Context<'_>, reader: &mut AnswerReader) -> Poll<Result<bool, Broken>> {
        while !reader.is_whole() && !reader.status_says_all() {
            match ready!(self.poll_receive(context, reader)) {
                Ok(()) => {}
                Err(_) if reader.status_says_all() => return Poll::Ready(Ok(false)),
                Err(fault) => return Poll::Ready(Err(fault.into())),
            }
        }
        Poll::Ready(Ok(true))
    }

    fn poll_rest(&mut self, context: &mut Context<'_>, reader: &mut AnswerReader) -> Poll<Result<(), Fault>> {
        while !reader.is_whole() {
            if let Err(fault) = ready!(self.poll_receive(context, reader)) {
                return Poll::Ready(Err(fault));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Some bytes, or the end.
    fn poll_receive(&mut self, context: &mut Context<'_>, reader: &mut AnswerReader) -> Poll<Result<(), Fault>> {
        let mut space = [const { MaybeUninit::uninit() }; READ_SIZE];
        let mut buffer = ReadBuf::uninit(&mut space);
        Poll::Ready(match ready!(self.poll_read(context, &mut buffer)) {
            Ok(()) if buffer.filled().is_empty() => reader.end(),
            Ok(()) => reader.read(buffer.filled()),
            Err(error) if is_too_much(&error) => Err(Fault::TooLarge),
            Err(error) if is_garbled(&error) => Err(Fault::NotHttp),
            Err(_) => Err(Fault::CutOff),
        })
    }

    pub(super) fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }

    pub(super) fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }
}

/// Bytes that are no TLS.
fn is_garbled(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}
