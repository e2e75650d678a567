//! API keys, ids and names.

use exchange::id::{BuyerName, BuyerPingId, ContractKey, KeyId, LeadId, PingId, PostId, SaleId, check_name};
use fuzz::{Seen, seen};
use wire::bearer::Bearer;

pub const WORDS: &[&str] = &[
    "Bearer ",
    "bearer ",
    "Basic ",
    "key_",
    "lead_",
    "ping_",
    "sale_",
    "post_",
    "01kz5h2v7qe0gr3m5w8x9y2c4d",
    "7zzzzzzzzzzzzzzzzzzzzzzzzz",
    "8",
    "i",
    "l",
    "o",
    "u",
    ".",
    "/",
    "_",
];

pub fn header(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let read = Bearer::of_header(&text);
    if let Some(key) = read {
        assert_eq!(Bearer::of_header(&format!("Bearer {}.{}", key.id, key.secret)), Some(key), "written and read again, it is another");
        assert!(key.secret.len() < text.len() && key.secret == key.secret.trim_end());
        assert!(key.secret.len() < 8 || !format!("{key:?}").contains(key.secret) || key.id.to_string().contains(key.secret), "a secret prints itself");
    }
    seen(read.map(|key| (key.secret.is_empty(), key.secret.contains('.'))))
}

pub fn id(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    macro_rules! same {
        ($($kind:ty)*) => {[$(text.parse::<$kind>().ok().map(|id| id.to_string())),*]};
    }
    let read = same!(PingId LeadId SaleId BuyerPingId PostId KeyId);
    for id in read.iter().flatten() {
        assert_eq!(*id, text, "an id has one text");
    }
    let is_name = check_name(&text).is_ok();
    assert_eq!(text.parse::<BuyerName>().is_ok(), is_name);
    assert!(!is_name || (text.is_ascii() && (1..=64).contains(&text.len())));
    let contract = text.parse::<ContractKey>();
    if let Ok(key) = &contract {
        assert_eq!(key.to_string(), text);
    }
    seen((read.map(|id| id.is_some()), is_name, contract.is_ok()))
}
