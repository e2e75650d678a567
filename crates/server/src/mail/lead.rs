//! A sold lead as a mail to its buyer.

use exchange::{
    buyer::{AdfPart, EmailForm},
    time::Timestamp,
};
use url::Url;
use wire::delivery::{Bought, adf, mail_addresses, text};

use super::message::{Mail, Second, SecondPart};

/// None where the address is none of e-mail.
pub fn lead_mail(form: &EmailForm, to: &Url, bought: &Bought<'_>, at: Timestamp) -> Option<Mail> {
    let to: Option<Vec<_>> = mail_addresses(to)?.iter().map(|address| address.parse().ok()).collect();
    let part = match form.adf {
        AdfPart::None => None,
        AdfPart::Attachment => Some(SecondPart::Attachment),
        AdfPart::Alternative => Some(SecondPart::Alternative),
        AdfPart::Only => Some(SecondPart::Only),
    };
    // Alone, it is what a dealer's system reads from the body as it is; beside a text, it has a name of its own.
    let media_type = if part == Some(SecondPart::Only) { "text/plain; charset=utf-8" } else { "application/xml; charset=utf-8" };
    let id = bought.post.to_string();
    let subject = form.subject.clone().unwrap_or_else(|| format!("Lead {id}"));
    let second = part.map(|part| Second { part, media_type, file_name: "adf.xml", body: adf(bought, at) });
    Some(Mail { id, to: to?, subject, at, text: text(bought), second })
}
