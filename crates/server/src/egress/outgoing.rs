//! A request's body that knows whether it was taken, and that can be withdrawn until then.

use std::{
    fmt, io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};

const WAITING: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

/// Whether the body was taken for sending. One of taking and withdrawing comes first, and the other then fails.
#[derive(Clone, Default)]
pub struct Sent(Arc<AtomicU8>);

impl Sent {
    /// Whether the body had been taken. If not, it can't be any more.
    pub fn withdraw(&self) -> bool {
        self.0.compare_exchange(WAITING, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire) == Err(TAKEN)
    }

    fn take(&self) -> Result<(), io::Error> {
        match self.0.compare_exchange(WAITING, TAKEN, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) | Err(TAKEN) => Ok(()),
            Err(_) => Err(io::Error::other("withdrawn")),
        }
    }
}

pub struct Outgoing {
    data: Option<Bytes>,
    sent: Sent,
}

impl Outgoing {
    pub fn new(data: Bytes, sent: Sent) -> Self {
        Self { data: Some(data).filter(|data| !data.is_empty()), sent }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outgoing(…)")
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.data.is_none() {
            return Poll::Ready(None);
        }
        if let Err(withdrawn) = self.sent.take() {
            return Poll::Ready(Some(Err(withdrawn)));
        }
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(body: &mut Outgoing) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()))
    }

    #[test]
    fn a_body_is_taken_or_withdrawn_but_never_both() {
        let sent = Sent::default();
        let mut body = Outgoing::new(Bytes::from_static(b"x"), sent.clone());
        assert!(!sent.withdraw());
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Err(_)))));

        let sent = Sent::default();
        let mut body = Outgoing::new(Bytes::from_static(b"x"), sent.clone());
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        assert!(sent.withdraw());
        assert!(matches!(poll(&mut body), Poll::Ready(None)));
    }
}
