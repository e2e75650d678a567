//! Which address a call goes to. A test lead reaches test addresses and nothing else.

use exchange::{buyer::Endpoint, id::PostId};
use url::Url;

#[must_use]
pub fn ping_url(endpoint: &Endpoint, test: bool) -> Option<&Url> {
    if test { endpoint.test_ping_url.as_ref() } else { endpoint.ping_url.as_ref() }
}

/// None for a test lead of a buyer without a test address.
#[must_use]
pub fn post_url(endpoint: &Endpoint, test: bool) -> Option<&Url> {
    if test { endpoint.test_post_url.as_ref() } else { Some(&endpoint.post_url) }
}

/// None for a test lead: there is no test address for confirmations.
#[must_use]
pub fn confirm_url(endpoint: &Endpoint, test: bool) -> Option<&Url> {
    endpoint.confirm_url.as_ref().filter(|_| !test)
}

/// With the post that is asked about. None for a test lead: there is no test address for the status.
#[must_use]
pub fn status_url(endpoint: &Endpoint, test: bool, post: PostId) -> Option<Url> {
    let mut url = endpoint.status_url.clone().filter(|_| !test)?;
    url.query_pairs_mut().append_pair("post_id", &post.to_string());
    Some(url)
}
