//! What can fail, one row for each case that the flow or the store must handle, and how often a world really got there.
//!
//! Cases that live in sockets (slow or giant answers, redirects and addresses, a power loss under an open file) are not
//! here: the server's own tests reach them over real connections and files.

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Row { $($(#[$doc])* $name),* }

        impl Row {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

rows! {
    SilentAtDeadline "buyer silent at the ping's deadline";
    LateBid "late bid, recorded and not admitted";
    MalformedBid "malformed bid: NaN, negative, huge, other currency, over max, too many decimals";
    PostRejected "winner explicitly rejects the post";
    QuotedOfferFellAway "a quoted offer falls away at the post";
    SharedLegFailed "shared: one leg failed, others stand";
    RefusedAtPost "at the post: duplicate, suppressed, paused or suspended";
    PostUnsent "post fails before any byte of its body left";
    PostUnknown "timeout, reset, 5xx or unreadable answer after the body left";
    CrashAfterSend "crash after sending, before the outcome is booked";
    PostRepeated "connection dies under a post: the same buyer gets the same post again";
    CrashBeforeReserve "crash between accept and reserve";
    EarlierLeadUnsold "earlier lead of the same person unsold, disclosed to nobody: no duplicate";
    Duplicate "duplicate at the exchange";
    RequestRepeated "supplier repeats a request with the same payload";
    KeyReused "same idempotency key, other payload";
    PostAfterExpiry "post after the quote expired";
    AttributeChanged "attributes changed between ping and post";
    CapOrCreditGone "cap filled or credit gone between ping and post";
    LastSlotRaced "last cap slot or last cent, raced by several runs";
    ShortOrLongDay "a cap's day of 23 or 25 hours";
    MarketChanged "market changed, contract paused or buyer suspended mid-auction";
    CommitUnknown "database gone, commit outcome unknown";
    DiskFull "disk full: new leads refused, outcomes still booked";
    NodeDied "node dies: its leads are taken over";
    ClockSkew "a quote posted on a node whose clock is off";
    UnknownResolved "an unknown sale comes to its end";
    Returned "a return, requested and decided";
    ErasedMidAuction "erasure mid-auction";
}

/// How often each row was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows(Vec<u64>);

impl Default for Rows {
    fn default() -> Self {
        Self(vec![0; Row::ALL.len()])
    }
}

impl Rows {
    pub fn reached(&mut self, row: Row) {
        self.0[row as usize] += 1;
    }

    #[must_use]
    pub fn of(&self, row: Row) -> u64 {
        self.0[row as usize]
    }

    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, more)| *sum += more);
    }

    #[must_use]
    pub fn never_reached(&self) -> Vec<Row> {
        Row::ALL.iter().copied().filter(|row| self.of(*row) == 0).collect()
    }
}
