//! What a request may take its values from. There are two kinds, and only one of them has a contact.

use std::borrow::Cow;

use exchange::{
    attribute::Attribute,
    call::{PingCall, PostTerms},
    id::{BuyerPingId, ContractIndex, PostId},
    mapping::Said,
    money::Money,
    schema::{Bands, FieldIndex, PingShows},
    seal::Contact,
    value::Value,
};
use jiff::civil::Date;

use super::alike::Alike;
use crate::{mapped::reference, native::PingContext};

/// One value, before it has a text.
pub(super) enum Shown<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    /// In millionths.
    Decimal(i64),
    Money(Money),
    Boolean(bool),
    Date(Date),
    Band(&'a Bands, u16),
}

pub(super) trait Known {
    /// What was written before for others that see the same.
    fn alike(&self) -> Option<&Alike>;
    fn field(&self, index: FieldIndex) -> Option<Shown<'_>>;
    fn said(&self, said: Said) -> Option<Shown<'_>>;
    fn reference(&self, name: Option<&str>) -> Option<Cow<'_, str>>;
    /// Of the currency: how many decimals its amounts have.
    fn decimals(&self) -> u8;
}

/// What a ping shows, and what is said of it, of a confirmation or of a status question.
pub(super) struct Anonymous<'a> {
    pub context: &'a PingContext<'a>,
    /// Of the same ping.
    pub alike: Option<&'a Alike>,
    pub contract: ContractIndex,
    pub ping: Option<&'a PingCall>,
    pub buyer_ping: Option<BuyerPingId>,
    pub post: Option<PostId>,
    pub terms: Option<&'a PostTerms>,
}

/// A post to the buyer of the lead: everything, exact.
pub(super) struct Disclosed<'a> {
    pub anonymous: Anonymous<'a>,
    pub contact: &'a Contact,
}

fn text<'a>(text: impl ToString) -> Option<Shown<'a>> {
    Some(Shown::Text(Cow::Owned(text.to_string())))
}

impl Known for Anonymous<'_> {
    fn alike(&self) -> Option<&Alike> {
        self.alike
    }

    fn field(&self, index: FieldIndex) -> Option<Shown<'_>> {
        Some(match self.context.attributes.attribute(index)? {
            Attribute::Text(text) => Shown::Text(Cow::Borrowed(text)),
            Attribute::Integer(number) => Shown::Integer(*number),
            Attribute::Decimal(micros) => Shown::Decimal(*micros),
            Attribute::Money(money) => Shown::Money(*money),
            Attribute::Boolean(yes) => Shown::Boolean(*yes),
            Attribute::Band(band) => match &self.context.vertical.field(index).shows {
                PingShows::Bands(bands) | PingShows::AgeBands(bands) => Shown::Band(bands, *band),
                PingShows::Never | PingShows::Value | PingShows::Prefix(_) => Shown::Integer(i64::from(*band)),
            },
        })
    }

    fn said(&self, said: Said) -> Option<Shown<'_>> {
        match said {
            Said::PingId => text(self.buyer_ping?),
            Said::Vertical => Some(Shown::Text(Cow::Borrowed(self.context.vertical.name.as_str()))),
            Said::Contract => text(&self.context.market.contract(self.contract).key),
            Said::Currency => text(self.context.market.currency().code()),
            Said::Test => Some(Shown::Boolean(self.context.test)),
            Said::DeadlineMs => Some(Shown::Integer(i64::try_from(self.ping?.time.as_millis()).unwrap_or(i64::MAX))),
            Said::Exclusive => Some(Shown::Boolean(self.ping?.kinds.exclusive)),
            Said::Shared => self.ping.filter(|ping| ping.kinds.shared).map(|ping| Shown::Integer(i64::from(ping.most_shared))),
            Said::PostId => text(self.post?),
            Said::Sale => Some(Shown::Text(Cow::Borrowed(self.terms?.kind.word()))),
            Said::Price => Some(Shown::Money(self.terms?.price)),
        }
    }

    fn reference(&self, name: Option<&str>) -> Option<Cow<'_, str>> {
        let terms = self.terms?;
        reference::named(terms.reference.as_deref()?, terms.kind, name)
    }

    fn decimals(&self) -> u8 {
        self.context.market.currency().decimals()
    }
}

impl Known for Disclosed<'_> {
    /// A contact is written for its buyer alone.
    fn alike(&self) -> Option<&Alike> {
        None
    }

    /// Exact, and as the ping shows it where the supplier gave no more.
    fn field(&self, index: FieldIndex) -> Option<Shown<'_>> {
        let name = &self.anonymous.context.vertical.field(index).name;
        match self.contact.value(name) {
            Some(value) => Some(match value {
                Value::Text(text) => Shown::Text(Cow::Borrowed(text)),
                Value::Integer(number) => Shown::Integer(*number),
                Value::Decimal(micros) => Shown::Decimal(*micros),
                Value::Money(money) => Shown::Money(*money),
                Value::Boolean(yes) => Shown::Boolean(*yes),
                Value::Date(date) => Shown::Date(*date),
            }),
            None => self.anonymous.field(index),
        }
    }

    fn said(&self, said: Said) -> Option<Shown<'_>> {
        self.anonymous.said(said)
    }

    fn reference(&self, name: Option<&str>) -> Option<Cow<'_, str>> {
        self.anonymous.reference(name)
    }

    fn decimals(&self) -> u8 {
        self.anonymous.decimals()
    }
}
