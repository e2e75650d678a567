//! A market as it was read, kept beside the text it was read from: reading the text of 100,000 contracts takes seconds.
//!
//! It is used with that text alone, by the release that wrote it or one with the same [`FORMAT`]; otherwise the text is read
//! again. So nothing hangs on it but time.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use exchange::{
    attribute::Attribute,
    filter::{Filter, ValueSet},
    market::MarketParts,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Raised with every change of what a market's parts look like, or of what reading a text makes of it.
const FORMAT: u8 = 14;

const HEAD: usize = 1 + 32;

#[derive(Serialize, Deserialize)]
struct Kept {
    parts: MarketParts,
    /// What many filters look in is kept once: their sets have its place instead.
    lists: Vec<Arc<BTreeSet<Attribute>>>,
}

/// None for a market that has no such form, which is then read from its text.
#[must_use]
pub fn keep(mut parts: MarketParts, text: &[u8]) -> Option<Vec<u8>> {
    let (mut lists, mut places) = (Vec::new(), HashMap::new());
    for_each_list(&mut parts, |set| {
        let place = *places.entry(Arc::as_ptr(&set.values)).or_insert_with(|| {
            lists.push(Arc::clone(&set.values));
            lists.len() as i64 - 1
        });
        set.values = Arc::new(BTreeSet::from([Attribute::Integer(place)]));
    });
    let body = postcard::to_stdvec(&Kept { parts, lists }).ok()?;
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.push(FORMAT);
    bytes.extend_from_slice(&digest(text, &body));
    bytes.extend_from_slice(&body);
    Some(bytes)
}

/// None for bytes of another format, of another text, or that were changed.
#[must_use]
pub fn read_kept(bytes: &[u8], text: &[u8]) -> Option<MarketParts> {
    let (head, body) = bytes.split_at_checked(HEAD)?;
    if head[0] != FORMAT || head[1..] != digest(text, body) {
        return None;
    }
    let Kept { mut parts, lists } = postcard::from_bytes(body).ok()?;
    let mut is_whole = true;
    for_each_list(&mut parts, |set| {
        let place = set.values.first().and_then(|place| if let Attribute::Integer(place) = place { usize::try_from(*place).ok() } else { None });
        match place.and_then(|place| lists.get(place)) {
            Some(list) => set.values = Arc::clone(list),
            None => is_whole = false,
        }
    });
    is_whole.then_some(parts)
}

fn for_each_list(parts: &mut MarketParts, mut change: impl FnMut(&mut ValueSet)) {
    let filters = parts.contracts.iter_mut().filter_map(|contract| contract.filter.as_mut());
    filters.for_each(|filter: &mut Filter| {
        filter.for_each_set(&mut |set| {
            if set.list.is_some() {
                change(set)
            }
        })
    });
}

fn digest(text: &[u8], body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
    hash.update(body);
    hash.finalize().into()
}
