//! Sealing: the contact half of a lead, encrypted with the lead's own key from intake on.
//!
//! XChaCha20-Poly1305 with random nonces; the values are encrypted together, bound to their subject and their fields' names. The
//! lead's key is wrapped by the master key. Only a [`Sale`], or a journalled [`Reveal`], opens it. Erasing a lead is erasing its
//! wrapped key.

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, AeadInOut, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{id::Subject, sale::Sale, value::Value};

/// Fills bytes with randomness: an argument, so that the core has none of its own.
pub type Entropy<'a> = &'a mut dyn FnMut(&mut [u8]);

/// The key that wraps every lead's key and makes every keyed hash.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey {
    bytes: [u8; 32],
    /// What is made of it to wrap leads' keys.
    wrapping: [u8; 32],
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The keyed hash of a phone number or e-mail: equal for equal people, meaningless without the master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonMac(pub [u8; 16]);

/// The keyed hash of a request's payload, to tell a repeat from another request under the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

/// Values of several fields, encrypted at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedTogether {
    /// Of the fields, in the order of their values.
    pub names: Vec<String>,
    pub nonce: [u8; 24],
    pub ciphertext: Vec<u8>,
}

/// One encrypted field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedField {
    pub name: String,
    pub nonce: [u8; 24],
    pub ciphertext: Vec<u8>,
}

/// A lead's key as it is stored: readable with the master key alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    pub nonce: [u8; 24],
    pub ciphertext: Vec<u8>,
}

/// A secret of the exchange's own, readable with the master key alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSecret {
    pub nonce: [u8; 24],
    pub ciphertext: Vec<u8>,
}

/// Exact values, sealed. Which fields they are of is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealedValues {
    Together(Box<SealedTogether>),
    /// As stores have them from before: each by itself.
    Each(Vec<SealedField>),
}

impl SealedValues {
    /// The fields' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (together, each) = match self {
            Self::Together(together) => (together.names.as_slice(), [].as_slice()),
            Self::Each(fields) => ([].as_slice(), fields.as_slice()),
        };
        together.iter().map(String::as_str).chain(each.iter().map(|field| field.name.as_str()))
    }
}

/// Everything of a lead that a ping doesn't show, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactPart {
    pub subject: Subject,
    pub key: WrappedKey,
    pub values: SealedValues,
}

/// The exact values of a lead, in clear, on their way to the one buyer that bought it.
pub struct Contact {
    values: Vec<(String, Value)>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(…)")
    }
}

impl Contact {
    /// Of nobody: values that weren't sealed, to try a buyer with.
    #[must_use]
    pub fn made_up(values: Vec<(String, Value)>) -> Self {
        Self { values }
    }

    /// The value of a field, by the field's name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes over what only `earlier` has: the exact values that came with a ping, under those of its post.
    pub fn complete_with(&mut self, earlier: Self) {
        for (name, value) in earlier.values {
            if self.value(&name).is_none() {
                self.values.push((name, value));
            }
        }
    }
}

/// The permission to look at a contact without buying it, given only once the store has journalled who looks and why.
#[derive(Debug)]
pub struct Reveal {
    subject: Subject,
}

impl Reveal {
    /// To be called by an engine, after the journal entry has committed; a tidy test counts its callers.
    #[must_use]
    pub fn after_commit(subject: Subject) -> Self {
        Self { subject }
    }
}

/// Who may open a contact.
#[derive(Debug, Clone, Copy)]
pub enum Opener<'a> {
    Sale(&'a Sale),
    Reveal(&'a Reveal),
}

impl Opener<'_> {
    fn opens(&self, subject: Subject) -> bool {
        match self {
            Self::Sale(sale) => sale.opens(subject),
            Self::Reveal(reveal) => reveal.subject == subject,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("this sale is of another lead")]
    NotThisLead,
    #[error("the sealed data can't be read with this master key, or was changed")]
    Unreadable,
}

impl MasterKey {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut key = Self { bytes, wrapping: [0; 32] };
        key.wrapping = key.hmac("wrap").finalize().into_bytes().into();
        key
    }

    /// Encrypts the values of a subject under a fresh key.
    pub fn seal<'v, V>(&self, subject: Subject, values: V, entropy: Entropy<'_>) -> Result<ContactPart, OpenError>
    where
        V: IntoIterator<Item = (&'v str, &'v Value), IntoIter: Clone>,
    {
        let values = values.into_iter();
        let mut key = Zeroizing::new([0u8; 32]);
        entropy(key.as_mut());
        let mut nonces = [[0u8; 24]; 2];
        nonces.iter_mut().for_each(|nonce| entropy(nonce));
        let [nonce, of_key] = nonces;
        // With room for all: what moves to a larger place would leave itself behind in the smaller one.
        let room = values.clone().map(|(_, value)| value.most_sealable_bytes()).sum::<usize>() + TAG_BYTES;
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        let mut names = Vec::new();
        for (name, value) in values {
            value.write_sealable(&mut plain);
            names.push(name.to_owned());
        }
        let ciphertext = encrypt(&key, &nonce, &binding_together(subject, &names), &mut plain)?;
        let mut plain_key = Zeroizing::new(Vec::with_capacity(key.len() + TAG_BYTES));
        plain_key.extend_from_slice(key.as_ref());
        let wrapped = encrypt(&self.wrapping, &of_key, &binding(subject, ""), &mut plain_key)?;
        let key = WrappedKey { nonce: of_key, ciphertext: wrapped };
        Ok(ContactPart { subject, key, values: SealedValues::Together(Box::new(SealedTogether { names, nonce, ciphertext })) })
    }

    /// Encrypts a secret that is no lead's. It opens under no other name.
    pub fn seal_secret(&self, name: &str, secret: &[u8], entropy: Entropy<'_>) -> Result<SealedSecret, OpenError> {
        let mut nonce = [0u8; 24];
        entropy(&mut nonce);
        let payload = Payload { msg: secret, aad: name.as_bytes() };
        let ciphertext = XChaCha20Poly1305::new(&self.secrets().into()).encrypt(&nonce.into(), payload).map_err(|_| OpenError::Unreadable)?;
        Ok(SealedSecret { nonce, ciphertext })
    }

    pub fn open_secret(&self, name: &str, sealed: &SealedSecret) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let payload = Payload { msg: sealed.ciphertext.as_slice(), aad: name.as_bytes() };
        let plain = XChaCha20Poly1305::new(&self.secrets().into()).decrypt(&sealed.nonce.into(), payload);
        plain.map(Zeroizing::new).map_err(|_| OpenError::Unreadable)
    }

    /// What is made of it for the exchange's own secrets.
    fn secrets(&self) -> [u8; 32] {
        self.hmac("secrets").finalize().into_bytes().into()
    }

    /// Equal for the same phone or e-mail in normal form. `kind` keeps a phone from ever equalling an e-mail.
    #[must_use]
    pub fn person(&self, kind: PersonKind, normal: &str) -> PersonMac {
        PersonMac(self.mac("person", &[kind.word().as_bytes(), normal.as_bytes()]))
    }

    #[must_use]
    pub fn fingerprint(&self, parts: &[&[u8]]) -> Fingerprint {
        Fingerprint(self.mac("fingerprint", parts))
    }

    /// Tells a store that was made with another master key, and tells nothing else.
    #[must_use]
    pub fn check_value(&self) -> [u8; 16] {
        self.mac("check", &[])
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.hmac(purpose);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let whole = mac.finalize().into_bytes();
        let mut short = [0; 16];
        short.copy_from_slice(&whole[..16]);
        short
    }

    fn hmac(&self, purpose: &str) -> Hmac<Sha256> {
        // HMAC pads a key that is shorter than its block with zeros.
        let mut block = Zeroizing::new([0u8; 64]);
        block[..32].copy_from_slice(&self.bytes);
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        mac.update(b"pingpost ");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac
    }

    fn unwrap(&self, subject: Subject, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, OpenError> {
        let plain = decrypt(&self.wrapping, &wrapped.nonce, &binding(subject, ""), &wrapped.ciphertext)?;
        <[u8; 32]>::try_from(plain.as_slice()).map(Zeroizing::new).map_err(|_| OpenError::Unreadable)
    }
}

/// What a person is recognised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonKind {
    Phone,
    Email,
}

impl PersonKind {
    fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

impl ContactPart {
    /// Opens the contact for who may see it.
    pub fn open(&self, by: Opener<'_>, master: &MasterKey) -> Result<Contact, OpenError> {
        if !by.opens(self.subject) {
            return Err(OpenError::NotThisLead);
        }
        let key = master.unwrap(self.subject, &self.key)?;
        let values = match &self.values {
            SealedValues::Together(together) => together.open(&key, self.subject)?,
            SealedValues::Each(fields) => fields.iter().map(|field| field.open(&key, self.subject)).collect::<Result<_, _>>()?,
        };
        Ok(Contact { values })
    }
}

impl SealedTogether {
    fn open(&self, key: &[u8; 32], subject: Subject) -> Result<Vec<(String, Value)>, OpenError> {
        let plain = decrypt(key, &self.nonce, &binding_together(subject, &self.names), &self.ciphertext)?;
        let mut left = plain.as_slice();
        let mut open = |name: &String| Ok((name.clone(), Value::read_sealable(&mut left).ok_or(OpenError::Unreadable)?));
        let values = self.names.iter().map(&mut open).collect::<Result<_, _>>()?;
        if left.is_empty() { Ok(values) } else { Err(OpenError::Unreadable) }
    }
}

impl SealedField {
    fn open(&self, key: &[u8; 32], subject: Subject) -> Result<(String, Value), OpenError> {
        let plain = decrypt(key, &self.nonce, &binding(subject, &self.name), &self.ciphertext)?;
        Ok((self.name.clone(), Value::from_sealable(&plain).ok_or(OpenError::Unreadable)?))
    }
}

/// What encryption adds.
const TAG_BYTES: usize = 16;

/// Encrypts in place and takes what came of it: nothing of the plain bytes is left.
fn encrypt(key: &[u8; 32], nonce: &[u8; 24], bound: &[u8], plain: &mut Zeroizing<Vec<u8>>) -> Result<Vec<u8>, OpenError> {
    XChaCha20Poly1305::new(key.into()).encrypt_in_place(nonce.into(), bound, &mut **plain).map_err(|_| OpenError::Unreadable)?;
    Ok(std::mem::take(&mut **plain))
}

fn decrypt(key: &[u8; 32], nonce: &[u8; 24], bound: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let plain = XChaCha20Poly1305::new(key.into()).decrypt(nonce.into(), Payload { msg: ciphertext, aad: bound });
    plain.map(Zeroizing::new).map_err(|_| OpenError::Unreadable)
}

/// What a ciphertext is bound to: it opens under no other subject and no other field.
fn binding(subject: Subject, name: &str) -> Vec<u8> {
    let (letter, id) = match &subject {
        Subject::Ping(ping) => (b'p', ping.bytes()),
        Subject::Lead(lead) => (b'l', lead.bytes()),
    };
    [&[letter], id.as_slice(), name.as_bytes()].concat()
}

/// The same of several fields, in their order. No field has a name that begins with a zero.
fn binding_together(subject: Subject, names: &[String]) -> Vec<u8> {
    let mut bound = binding(subject, "\0");
    for name in names {
        bound.extend_from_slice(&(name.len() as u64).to_be_bytes());
        bound.extend_from_slice(name.as_bytes());
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{LeadId, SaleId},
        sale::Reservation,
    };

    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0u8;
        move |bytes: &mut [u8]| {
            for byte in bytes {
                next = next.wrapping_add(1);
                *byte = next;
            }
        }
    }

    fn sealed(lead: LeadId) -> (MasterKey, ContactPart) {
        let master = MasterKey::from_bytes([7; 32]);
        let (phone, income) = (Value::of_text("+12025550123"), Value::Integer(90_000));
        let part = master.seal(Subject::Lead(lead), [("phone", &phone), ("income", &income)], &mut counting()).unwrap();
        (master, part)
    }

    fn sale_of(lead: LeadId, post_started: bool) -> Option<Sale> {
        Sale::of(&Reservation::after_commit(SaleId::from_bytes([1; 16]), lead, None, post_started))
    }

    #[test]
    fn the_sale_of_a_lead_opens_its_contact_and_no_other_sale_does() {
        let (lead, other) = (LeadId::from_bytes([2; 16]), LeadId::from_bytes([3; 16]));
        let (master, part) = sealed(lead);
        let contact = part.open(Opener::Sale(&sale_of(lead, true).unwrap()), &master).unwrap();
        assert_eq!(contact.value("phone").unwrap().text().as_str(), "+12025550123");
        assert_eq!(format!("{contact:?}"), "Contact(…)");
        assert_eq!(part.open(Opener::Sale(&sale_of(other, true).unwrap()), &master).unwrap_err(), OpenError::NotThisLead);
        assert!(sale_of(lead, false).is_none(), "a sale whose post has not durably started is no sale");
    }

    #[test]
    fn a_field_opens_only_where_it_was_sealed_and_only_with_its_key() {
        let lead = LeadId::from_bytes([2; 16]);
        let (master, part) = sealed(lead);
        let sale = sale_of(lead, true).unwrap();
        let fails = |part: &ContactPart, master: &MasterKey| part.open(Opener::Sale(&sale), master).unwrap_err();
        let changed = |change: fn(&mut SealedTogether)| {
            let mut changed = part.clone();
            let SealedValues::Together(together) = &mut changed.values else { panic!("sealed each by itself") };
            change(together);
            changed
        };
        for change in [
            (|sealed| sealed.names[0] = "email".into()) as fn(&mut SealedTogether),
            |sealed| sealed.names.swap(0, 1),
            |sealed| sealed.names = vec!["phone".into()],
            |sealed| sealed.names = vec!["phoneincome".into()],
            |sealed| sealed.ciphertext[0] ^= 1,
        ] {
            assert_eq!(fails(&changed(change), &master), OpenError::Unreadable);
        }
        assert!(part.open(Opener::Sale(&sale), &master).is_ok());
        assert_eq!(fails(&part, &MasterKey::from_bytes([8; 32])), OpenError::Unreadable);
    }

    /// As leads were sealed before: a key, and each field by itself, bound to its own name.
    fn sealed_each(lead: LeadId) -> ContactPart {
        let (subject, key) = (Subject::Lead(lead), [5; 32]);
        let sealed = |by: &[u8; 32], nonce: u8, name: &str, plain: &[u8]| {
            encrypt(by, &[nonce; 24], &binding(subject, name), &mut Zeroizing::new(plain.to_vec())).unwrap()
        };
        let field = |nonce, name: &str, plain| SealedField { name: name.to_owned(), nonce: [nonce; 24], ciphertext: sealed(&key, nonce, name, plain) };
        let wrapped = WrappedKey { nonce: [9; 24], ciphertext: sealed(&MasterKey::from_bytes([7; 32]).wrapping, 9, "", &key) };
        ContactPart { subject, key: wrapped, values: SealedValues::Each(vec![field(1, "phone", b"t+12025550123"), field(2, "income", b"i90000")]) }
    }

    #[test]
    fn what_was_sealed_field_by_field_still_opens() {
        let lead = LeadId::from_bytes([2; 16]);
        let master = MasterKey::from_bytes([7; 32]);
        let sale = sale_of(lead, true).unwrap();
        let contact = sealed_each(lead).open(Opener::Sale(&sale), &master).unwrap();
        assert_eq!(contact.value("phone").unwrap().text().as_str(), "+12025550123");
        assert!(contact.value("income") == Some(&Value::Integer(90_000)));
        let mut renamed = sealed_each(lead);
        let SealedValues::Each(fields) = &mut renamed.values else { panic!("sealed together") };
        fields[0].name = "email".into();
        assert_eq!(renamed.open(Opener::Sale(&sale), &master).unwrap_err(), OpenError::Unreadable);
    }

    #[test]
    fn a_person_is_recognised_and_a_phone_is_never_an_email() {
        let master = MasterKey::from_bytes([7; 32]);
        assert_eq!(master.person(PersonKind::Phone, "x"), master.person(PersonKind::Phone, "x"));
        assert_ne!(master.person(PersonKind::Phone, "x"), master.person(PersonKind::Email, "x"));
        assert_ne!(master.person(PersonKind::Phone, "x"), MasterKey::from_bytes([8; 32]).person(PersonKind::Phone, "x"));
    }

    #[test]
    fn a_secret_opens_under_its_own_name_and_key_alone() {
        let sealed = MasterKey::from_bytes([1; 32]).seal_secret("codes of maria", b"hidden", &mut counting()).unwrap();
        assert!(!sealed.ciphertext.windows(6).any(|bytes| bytes == b"hidden"));
        let open = |key: u8, name: &str| MasterKey::from_bytes([key; 32]).open_secret(name, &sealed).map(|plain| plain.to_vec());
        assert_eq!(open(1, "codes of maria"), Ok(b"hidden".to_vec()));
        assert_eq!(open(1, "codes of ben"), Err(OpenError::Unreadable));
        assert_eq!(open(2, "codes of maria"), Err(OpenError::Unreadable));
    }
}
