//! Bugs planted on purpose: the simulator must find each. Built with the feature `planted` alone, and never in a release.

pub(crate) mod seams;
mod tampered;

macro_rules! plants {
    ($($name:ident $text:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Plant { $($name),* }

        impl Plant {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

plants! {
    // Around the store.
    UnknownBecomesVoid "an unknown sale is voided in the store";
    CapsUnchecked "the cap is not checked in the transaction";
    CreditUnchecked "credit is not checked in the transaction";
    HoldForgotten "a void is answered and not written: the hold stays";
    AnotherPriceReserved "the sale is reserved at another price than was bid";
    BookedTwice "a settled sale is booked twice";
    ReturnForgotten "an accepted return is not reversed";
    LocalClockExpiry "a quote's end goes by a clock that is off";
    CapDayInUtc "a cap's day starts at midnight in UTC";
    DuplicatesIgnored "the window of duplicates is ignored";
    BuyerDuplicatesIgnored "a buyer's own duplicates are ignored";
    SuppressionForgotten "a suppression is answered and not written";
    TakeOverForgotten "a take-over is answered and not written";
    RecoveryVoidsPosted "recovery takes a started post for one that never left";
    PostStartUndone "post_started is answered and rolled back";
    IdempotencyIgnored "idempotency keys are not kept";
    FirmHoldNotTaken "a firm quote's hold is not handed over to its sale";
    FirmWithoutHold "a quote is called firm and holds nothing";
    EraseForgotten "an erasure is answered and not written";
    ParentIgnored "a buyer's company is ignored";
    TestBooked "a test lead is booked";
    AcceptNotWritten "a lead is acknowledged and not written";
    QuoteNotWritten "a quote is given and not written";
    EndForgotten "a run's end is answered and not written";
    // Around the driver.
    MaxDisclosuresRaised "more buyers see a lead than its tree allows";
    OverMaxBidTaken "bids over the contract's most are taken";
    MarginForgotten "the supplier gets the margin, too";
    ContactInPing "a ping carries a phone number";
    FirstBidWins "who bids first wins";
    LateBidAdmitted "a late bid is admitted";
    UnknownOfferedOn "an unknown post is taken for unsent, and the lead offered on";
    UnknownTakenForRejected "an unknown post is taken for rejected";
    UnknownTakenForAccepted "an unknown post is charged";
    ChangedAttributeTaken "a post may differ from its ping";
    GivenUpEarly "an unknown sale is given up before its time";
    ConfirmationForgotten "a buyer that had confirmed may reject after all";
    PostBeforeCommit "the post leaves before its reserve has committed";
}
