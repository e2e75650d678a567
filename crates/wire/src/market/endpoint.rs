//! `[endpoint]` of a buyer: where it is reached, and how long its answers may take.

use std::time::Duration;

use exchange::buyer::{Endpoint, Protocol};

use super::{
    address,
    context::Context,
    keys::{Key, Keys},
};

const PROTOCOLS: [(&str, Protocol); 1] = [("native", Protocol::Native)];

/// What a buyer's contracts need to know of its endpoint, right or wrong as its values are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub pings: bool,
    pub confirms: bool,
}

impl Reach {
    /// Of an endpoint that can't be read: its contracts have nothing more to complain about.
    pub const UNKNOWN: Self = Self { pings: true, confirms: true };
}

pub(super) fn endpoint(keys: &mut Keys<'_>, context: &Context) -> (Option<Endpoint>, Reach) {
    let allowed = &context.settings.egress_allow;
    let protocol = keys.word(Key::optional("protocol", "How the buyer is spoken to."), &PROTOCOLS, Some("native"));
    let ping_url = address::url(keys, Key::optional("ping_url", "Asked for bids; needed by `price = \"bid\"`."), allowed);
    let post_url = Key::required("post_url", "Gets the full record of a lead that the buyer bought.", "post_url = \"https://host/path\"");
    let post_url = address::url(keys, post_url, allowed);
    let confirm_url = Key::optional("confirm_url", "Asked without contact before a post; needed by `disclosure = \"strict\"`.");
    let confirm_url = address::url(keys, confirm_url, allowed);
    let status_url = address::url(keys, Key::optional("status_url", "Asked when a post's outcome is unknown."), allowed);
    let test_ping_url = Key::optional("test_ping_url", "As `ping_url`, for test leads. Without both test addresses they skip this buyer.");
    let test_ping_url = address::url(keys, test_ping_url, allowed);
    let test_post_url = address::url(keys, Key::optional("test_post_url", "As `post_url`, for test leads."), allowed);
    let secret = "Signs every call (Standard Webhooks): `env:NAME` or a literal `whsec_…`.";
    let secret = address::secret(keys, Key::optional("secret", secret));
    if !keys.has("secret") {
        keys.warning(
            keys.line(),
            "`secret` is missing, so this buyer can't tell the exchange's calls from anybody's",
            "write secret = \"env:NAME\", or a literal \"whsec_…\"",
        );
    }
    let idempotent = keys.boolean(Key::optional("idempotent", "A post with the same `post_id` may be sent again."), true);
    let timeout = Key::optional("post_timeout_ms", "Milliseconds until a post without an answer is unknown.");
    let timeout = keys.integer_or(timeout, 100..=120_000, i64::try_from(Endpoint::DEFAULT_POST_TIMEOUT.as_millis()).unwrap_or_default());
    let in_flight = Key::optional("max_in_flight", "Calls to this buyer at one time; more are no bid.");
    let in_flight = keys.integer_or(in_flight, 1..=100_000, i64::try_from(Endpoint::DEFAULT_MAX_IN_FLIGHT).unwrap_or_default());
    if keys.has("test_ping_url") != keys.has("test_post_url") {
        keys.warning(keys.line(), "only one of `test_ping_url` and `test_post_url` is given, so test leads skip this buyer", "write both");
    }
    let reach = Reach { pings: keys.has("ping_url"), confirms: keys.has("confirm_url") };
    let endpoint = post_url.map(|post_url| Endpoint {
        protocol: protocol.map_or(Protocol::Native, |at| at.value),
        ping_url: ping_url.map(|at| at.value),
        post_url: post_url.value,
        confirm_url: confirm_url.map(|at| at.value),
        status_url: status_url.map(|at| at.value),
        test_ping_url: test_ping_url.map(|at| at.value),
        test_post_url: test_post_url.map(|at| at.value),
        secret: secret.map(|at| at.value),
        idempotent,
        post_timeout: Duration::from_millis(timeout.unsigned_abs()),
        max_in_flight: usize::try_from(in_flight).unwrap_or(Endpoint::DEFAULT_MAX_IN_FLIGHT),
    });
    (endpoint, reach)
}
