//! What stands between a guess and a session: how often one may try, and how much of this machine trying may take.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::failed::Failed;
use crate::entropy;

/// Passwords checked at the same time: each takes 19 MiB and some 20 ms of a processor.
const MOST_CHECKS: usize = 2;
const MOST_WAIT: Duration = Duration::from_secs(5);
/// In characters.
pub const MOST_PASSWORD: usize = 200;
/// Old counts are forgotten after so many tries.
const TRIES_BETWEEN_TIDYING: u64 = 1000;

pub struct Door {
    /// A name from one address: nobody locks somebody else out from elsewhere.
    of_both: DefaultKeyedRateLimiter<(String, IpAddr)>,
    of_name: DefaultKeyedRateLimiter<String>,
    of_address: DefaultKeyedRateLimiter<IpAddr>,
    tries: AtomicU64,
    checks: Semaphore,
    /// The hash of nobody's password: an unknown name costs what a known one does.
    nobody: OnceLock<String>,
}

/// `first` tries at once, then one more each `then`.
fn quota(first: u32, then: Duration) -> Quota {
    let first = NonZeroU32::new(first).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(then).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN)).allow_burst(first)
}

impl Default for Door {
    fn default() -> Self {
        Self {
            of_both: RateLimiter::keyed(quota(5, Duration::from_secs(30))),
            of_name: RateLimiter::keyed(quota(30, Duration::from_secs(10))),
            of_address: RateLimiter::keyed(quota(60, Duration::from_secs(1))),
            tries: AtomicU64::new(0),
            checks: Semaphore::new(MOST_CHECKS),
            nobody: OnceLock::new(),
        }
    }
}

impl Door {
    /// Counts one more try. The name may be anybody's or nobody's.
    pub fn admit(&self, name: &str, address: IpAddr) -> Result<(), Failed> {
        if self.tries.fetch_add(1, Ordering::Relaxed) % TRIES_BETWEEN_TIDYING == TRIES_BETWEEN_TIDYING - 1 {
            self.of_both.retain_recent();
            self.of_name.retain_recent();
            self.of_address.retain_recent();
        }
        // Names are as long as names may be; what is longer is nobody's.
        let name: String = name.chars().take(64).collect();
        // A name's tries are counted last: those that are refused here anyway take none from whoever tries from elsewhere.
        let both = (name, network(address));
        let admitted = self.admit_address(address).is_ok() && self.of_both.check_key(&both).is_ok() && self.of_name.check_key(&both.0).is_ok();
        if admitted { Ok(()) } else { Err(Failed::TooMany) }
    }

    /// The same where no name is guessed at.
    pub fn admit_address(&self, address: IpAddr) -> Result<(), Failed> {
        if self.of_address.check_key(&network(address)).is_ok() { Ok(()) } else { Err(Failed::TooMany) }
    }

    /// Whether the password is that of the hash; of no hash it never is, and that takes as long.
    pub async fn fits(&self, password: Zeroizing<String>, hash: Option<String>) -> Result<bool, Failed> {
        let is_somebody = hash.is_some();
        let nobody = self.nobody.get().cloned();
        let (fits, nobody) = self
            .check(move || {
                let nobody = nobody.map_or_else(|| hashed("nobody's"), Ok)?;
                let hash = PasswordHash::new(hash.as_deref().unwrap_or(&nobody)).map_err(|_| Failed::Unavailable)?;
                Ok((Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(), nobody))
            })
            .await?;
        self.nobody.get_or_init(|| nobody);
        Ok(fits && is_somebody)
    }

    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, Failed> {
        self.check(move || hashed(&password)).await
    }

    /// Off the threads that serve everybody else, a few at a time.
    async fn check<T: Send + 'static>(&self, check: impl FnOnce() -> Result<T, Failed> + Send + 'static) -> Result<T, Failed> {
        let turn = tokio::time::timeout(MOST_WAIT, self.checks.acquire()).await.ok().and_then(Result::ok).ok_or(Failed::TooMany)?;
        let checked = tokio::task::spawn_blocking(check).await.map_err(|_| Failed::Unavailable)?;
        drop(turn);
        checked
    }
}

/// What one customer of a network has: an address of IPv4, or the 64 bits before the interface's in IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
    }
}

/// argon2id with the crate's parameters, which are OWASP's: 19 MiB, two passes.
fn hashed(password: &str) -> Result<String, Failed> {
    let hash: Result<PasswordHash, _> = Argon2::default().hash_password_with_salt(password.as_bytes(), &entropy::bytes::<16>());
    hash.map(|hash| hash.to_string()).map_err(|_| Failed::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let door = Door::default();
        let hash = door.hash(Zeroizing::new("correct horse".into())).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        for (password, hash, expected) in
            [("correct horse", Some(hash.clone()), true), ("correct horsE", Some(hash), false), ("nobody's", None, false), ("", None, false)]
        {
            assert_eq!(door.fits(Zeroizing::new(password.into()), hash).await.unwrap(), expected, "{password}");
        }
    }

    #[test]
    fn tries_are_counted_by_name_and_by_address() {
        let (door, here, there) = (Door::default(), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let admitted = |name: &str, address| (0..100).take_while(|_| door.admit(name, address).is_ok()).count();
        assert_eq!(admitted("maria", here), 5);
        let refused = (0..40).filter(|_| door.admit("maria", here).is_err()).count();
        assert!(refused >= 38, "{refused}");
        assert_eq!(admitted("maria", there), 5, "she gets in from elsewhere, however long it is tried here");
        let others: usize = (0..200).map(|number| usize::from(door.admit(&format!("guess-{number}"), here).is_ok())).sum();
        assert!(others < 100, "one address tries names as it likes: {others}");
        let customer = |number: u128| IpAddr::from(Ipv6Addr::from_bits((0x2001_0db8_0000_0001 << 64) + number));
        assert_eq!((0..20).filter(|number| door.admit("ben", customer(*number)).is_ok()).count(), 5, "one customer is one address");
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), here);
    }
}
