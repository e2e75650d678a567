//! API keys: `Authorization: Bearer KEY`. A key is shown once and stored as a hash.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use exchange::{
    command::{NewKey, Role},
    id::KeyId,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use wire::bearer::Bearer;
use zeroize::Zeroizing;

use crate::{
    clock::Stopwatch,
    entropy,
    readers::{ReadFailed, Readers},
};

/// A key is looked up again after this long, so that a revocation holds within a second.
const KNOWN_FOR: Duration = Duration::from_millis(500);
const REFRESHED_AFTER: Duration = Duration::from_millis(250);
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
    /// Somebody looks it up again.
    is_refreshed: bool,
}

/// Keys that were used lately. Clones are the same.
#[derive(Clone, Default)]
pub struct KeyCache {
    known: Arc<Mutex<HashMap<KeyId, Known>>>,
}

impl KeyCache {
    /// Whose key this is; none for a key that is unknown, wrong or revoked.
    pub async fn role_of(&self, key: Bearer<'_>, readers: &Readers) -> Result<Option<Role>, ReadFailed> {
        let known = match self.recall(key.id, readers) {
            Some(known) => Some(known),
            None => self.look_up(key.id, readers).await?,
        };
        // An id that nobody has costs the same hash and comparison as a wrong secret.
        let expected = known.as_ref().map_or([0; 32], |known| known.hash);
        let fits = bool::from(expected.ct_eq(&hash(key.secret)));
        Ok(known.filter(|_| fits).map(|known| known.role))
    }

    /// A key in use is looked up before it is forgotten, by one task, so that no request waits for that.
    fn recall(&self, id: KeyId, readers: &Readers) -> Option<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get_mut(&id).filter(|known| known.since.elapsed() < KNOWN_FOR)?;
        if known.since.elapsed() > REFRESHED_AFTER && !std::mem::replace(&mut known.is_refreshed, true) {
            let (keys, readers) = (self.clone(), readers.clone());
            tokio::spawn(async move { drop(keys.look_up(id, &readers).await) });
        }
        Some(known.clone())
    }

    async fn look_up(&self, id: KeyId, readers: &Readers) -> Result<Option<Known>, ReadFailed> {
        // The time runs from before the read: a revocation that it didn't see yet is at most as old.
        let since = Stopwatch::start();
        let row = readers.read(move |reader| reader.key_by_id(id)).await?;
        let found = row.filter(|row| row.revoked_at.is_none()).map(|row| Known { role: row.role, hash: row.hash, since, is_refreshed: false });
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
