//! API keys: `Authorization: Bearer KEY`. A key is shown once and stored as a hash.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use exchange::{
    command::{NewKey, Role},
    id::KeyId,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    clock::Stopwatch,
    entropy,
    readers::{ReadFailed, Readers},
};

/// A key is looked up again after this long, so that a revocation holds within a second.
const KNOWN_FOR: Duration = Duration::from_millis(500);
/// Keys remembered at most.
const MOST_KNOWN: usize = 10_000;

/// A new key: what its owner is given, once, and what the store keeps.
pub fn new_key(role: Role) -> (Zeroizing<String>, NewKey) {
    let id = KeyId::from_bytes(entropy::timed_id());
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(entropy::bytes::<32>()));
    let text = Zeroizing::new(format!("{id}.{}", secret.as_str()));
    (text, NewKey { id, role, hash: hash(&secret) })
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[derive(Clone)]
struct Known {
    role: Role,
    hash: [u8; 32],
    since: Stopwatch,
}

/// Keys that were used lately.
#[derive(Default)]
pub struct KeyCache {
    known: Mutex<HashMap<KeyId, Known>>,
}

impl KeyCache {
    /// Whose key this is; none for a key that is unknown, wrong or revoked.
    pub async fn role_of(&self, key: &str, readers: &Readers) -> Result<Option<Role>, ReadFailed> {
        let Some((id, secret)) = key.split_once('.').and_then(|(id, secret)| Some((id.parse::<KeyId>().ok()?, secret))) else { return Ok(None) };
        let known = match self.recall(id) {
            Some(known) => Some(known),
            None => self.look_up(id, readers).await?,
        };
        Ok(known.filter(|known| bool::from(known.hash.ct_eq(&hash(secret)))).map(|known| known.role))
    }

    fn recall(&self, id: KeyId) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).filter(|known| known.since.elapsed() < KNOWN_FOR).cloned()
    }

    async fn look_up(&self, id: KeyId, readers: &Readers) -> Result<Option<Known>, ReadFailed> {
        let row = readers.read(move |reader| reader.key_by_id(id)).await?;
        let found = row.filter(|row| row.revoked_at.is_none()).map(|row| Known { role: row.role, hash: row.hash, since: Stopwatch::start() });
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&id);
        if let Some(found) = &found {
            if known.len() >= MOST_KNOWN {
                known.clear();
            }
            known.insert(id, found.clone());
        }
        Ok(found)
    }
}
