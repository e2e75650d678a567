//! What a buyer gets of a lead that it bought and was never asked about, other than as a webhook: text, ADF, CSV.
//!
//! Texts of a lead can't break out of what they stand in, and begin nothing in a spreadsheet.

mod adf;
mod bought;
mod csv;
mod text;

#[cfg(test)]
mod tests;

pub use adf::adf;
pub use bought::Bought;
pub use csv::csv;
pub use text::text;

use url::Url;

/// Whom a `mailto:` address names: one or more, each with nothing around it. None for another address.
#[must_use]
pub fn mail_addresses(url: &Url) -> Option<Vec<String>> {
    let addresses: Vec<String> = url.path().split(',').map(str::trim).map(str::to_owned).collect();
    let is_plain = |address: &String| {
        let parts = address.split_once('@');
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-=/&!#$*?^{|}~'".contains(&byte));
        address.len() <= 254 && parts.is_some_and(|(name, host)| is_part(name) && is_part(host) && !host.contains('@') && host.contains('.'))
    };
    let is_right = url.scheme() == "mailto" && url.query().is_none() && url.fragment().is_none() && addresses.iter().all(is_plain);
    is_right.then_some(addresses)
}
