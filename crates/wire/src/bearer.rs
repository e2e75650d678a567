//! The header that carries an API key: `Authorization: Bearer key_ID.SECRET`.

use exchange::id::KeyId;

/// A key as it was sent. Never prints its secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bearer<'a> {
    pub id: KeyId,
    pub secret: &'a str,
}

impl std::fmt::Debug for Bearer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bearer({})", self.id)
    }
}

impl<'a> Bearer<'a> {
    /// None for another scheme, and for what has not the form of a key.
    #[must_use]
    pub fn of_header(header: &'a str) -> Option<Self> {
        let (scheme, key) = header.split_once(' ')?;
        Self::of_key(key).filter(|_| scheme.eq_ignore_ascii_case("bearer"))
    }

    /// Of the key alone, where a dialect has a place of its own for it.
    #[must_use]
    pub fn of_key(key: &'a str) -> Option<Self> {
        let (id, secret) = key.trim().split_once('.')?;
        Some(Self { id: id.parse().ok()?, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_an_id_and_a_secret() {
        let id = KeyId::from_bytes([3; 16]);
        let header = format!("bEARER  {id}.a.secret ");
        let bearer = Bearer::of_header(&header).unwrap();
        assert_eq!((bearer.id, bearer.secret), (id, "a.secret"));
        assert_eq!(format!("{bearer:?}"), format!("Bearer({id})"));
        for text in ["", "Bearer", "Bearer ", "Bearer x.y", &format!("Basic {id}.s"), &format!("Bearer {id}"), &format!("Bearer{id}.s")] {
            assert_eq!(Bearer::of_header(text), None, "{text}");
        }
    }
}
