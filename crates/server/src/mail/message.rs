//! A mail, and its bytes: but for the date the same for each try, so that whoever gets it twice sees one message.

use std::time::{Duration, SystemTime};

use exchange::time::Timestamp;
pub use lettre::Address;
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart, header::ContentType};
use zeroize::Zeroizing;

/// May hold a contact: it never prints itself.
pub struct Mail {
    /// The Message-ID's part before the @: the same for each try of one mail. Letters, digits, `_`, `.` and `-`.
    pub id: String,
    /// One or more, each of ASCII.
    pub to: Vec<Address>,
    /// Ends in other people's logs: nothing of a contact.
    pub subject: String,
    /// When this try is made.
    pub at: Timestamp,
    pub text: Zeroizing<String>,
    pub second: Option<Second>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({})", self.id)
    }
}

/// The same for machines.
pub struct Second {
    pub part: SecondPart,
    pub media_type: &'static str,
    pub file_name: &'static str,
    pub body: Zeroizing<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondPart {
    Attachment,
    /// A reader shows it or the text.
    Alternative,
    /// Instead of the text.
    Only,
}

pub(super) fn rendered(mail: &Mail, from: &Mailbox) -> Result<Zeroizing<Vec<u8>>, lettre::error::Error> {
    let at = SystemTime::UNIX_EPOCH + Duration::from_micros(mail.at.micros().unsigned_abs());
    let builder = MessageBuilder::new().from(from.clone()).date(at).message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())));
    let builder = mail.to.iter().fold(builder, |builder, to| builder.to(Mailbox::new(None, to.clone()))).subject(&mail.subject);
    let text = || part("text/plain; charset=utf-8", &mail.text);
    let message = match &mail.second {
        None => builder.singlepart(text()),
        Some(second) if second.part == SecondPart::Only => builder.singlepart(part(second.media_type, &second.body)),
        Some(second) => {
            let (kind, other) = match second.part {
                SecondPart::Alternative => (MultiPart::alternative(), part(second.media_type, &second.body)),
                SecondPart::Attachment | SecondPart::Only => (MultiPart::mixed(), attached(second)),
            };
            builder.multipart(kind.boundary(boundary(mail)).singlepart(text()).singlepart(other))
        }
    };
    Ok(Zeroizing::new(message?.formatted()))
}

/// Of the mail's id: no line of a part that is encoded as these are begins so.
fn boundary(mail: &Mail) -> String {
    format!("=_{}", mail.id)
}

/// As it is where it is short lines of ASCII, and encoded where it isn't.
fn part(media_type: &str, body: &str) -> SinglePart {
    SinglePart::builder().header(content_type(media_type)).body(body.to_owned())
}

fn attached(second: &Second) -> SinglePart {
    Attachment::new(second.file_name.to_owned()).body(second.body.to_string(), content_type(second.media_type))
}

fn content_type(media_type: &str) -> ContentType {
    ContentType::parse(media_type).unwrap_or(ContentType::TEXT_PLAIN)
}
