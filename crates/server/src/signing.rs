//! The keys that messages are signed with, as the market names them.

use exchange::buyer::Secret;
use wire::webhook::SigningSecret;

/// None where a named variable isn't set, or holds no secret.
pub fn signing_secret(secret: &Secret) -> Option<SigningSecret> {
    match secret {
        Secret::Environment(name) => std::env::var(name).ok()?.parse().ok(),
        Secret::Literal(text) => text.parse().ok(),
    }
}
