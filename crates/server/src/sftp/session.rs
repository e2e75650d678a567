//! One session of SSH, for one file.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use exchange::{buyer::SftpProof, call::CallFailure};
use russh::{
    client::{self, AuthResult, Handle, Handler},
    keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate},
};
use russh_sftp::{client::SftpSession, protocol::OpenFlags};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

use super::NewFile;

/// Takes one host key, and no other.
struct KnownHost {
    fingerprint: String,
}

impl Handler for KnownHost {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256).to_string() == self.fingerprint,
            // Whoever signed it is nobody that the buyer's file names.
            PublicKeyOrCertificate::Certificate(_) => false,
        })
    }
}

/// A file that is there under its name was written whole by an earlier try.
pub async fn write<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, file: &NewFile<'_>, left: &AtomicBool) -> Result<(), CallFailure> {
    let directory = percent_decoded(file.url.path());
    let path = format!("{}/{}", directory.trim_end_matches('/'), file.name);
    let part = format!("{path}.part");
    let session = logged_in(stream, file).await?;
    let channel = session.channel_open_session().await.map_err(|_| refused("no session"))?;
    channel.request_subsystem(true, "sftp").await.map_err(|_| refused("no sftp"))?;
    let sftp = SftpSession::new(channel.into_stream()).await.map_err(|_| refused("no sftp"))?;
    if sftp.try_exists(&path).await.map_err(|_| refused("the directory can't be looked at"))? {
        return Ok(());
    }
    let open = sftp.open_with_flags(&part, OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE).await;
    let mut new = open.map_err(|_| refused("no file can be made in the directory"))?;
    left.store(true, Ordering::SeqCst);
    let lost = |_| CallFailure::Reset;
    new.write_all(file.text.as_bytes()).await.map_err(lost)?;
    new.flush().await.map_err(lost)?;
    // Not every server can: then its file is as safe as its own files are.
    drop(new.sync_all().await);
    new.close().await.map_err(lost)?;
    sftp.rename(&part, &path).await.map_err(|_| CallFailure::Reset)?;
    drop(sftp.close().await);
    Ok(())
}

async fn logged_in<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, file: &NewFile<'_>) -> Result<Handle<KnownHost>, CallFailure> {
    let host = KnownHost { fingerprint: file.login.host_key.clone() };
    let mut session = client::connect_stream(Arc::new(client::Config::default()), stream, host).await.map_err(|error| match error {
        russh::Error::UnknownKey => refused("another host key than the buyer's file has"),
        _ => CallFailure::Unreachable,
    })?;
    let user = percent_decoded(file.url.username());
    let proof = |name: &str| std::env::var(name).map(Zeroizing::new).map_err(|_| CallFailure::Malformed("the key or password isn't in the environment".into()));
    let said = match &file.login.proof {
        SftpProof::Password(name) => session.authenticate_password(user, proof(name)?.as_str()).await,
        SftpProof::Key(name) => {
            let none = |_| CallFailure::Malformed("the key is none of OpenSSH, or has a passphrase".into());
            let key = PrivateKey::from_openssh(proof(name)?.as_bytes()).map_err(none)?;
            session.authenticate_publickey(user, PrivateKeyWithHashAlg::new(Arc::new(key), None)).await
        }
    };
    match said {
        Ok(AuthResult::Success) => Ok(session),
        Ok(AuthResult::Failure { .. }) => Err(refused("the login")),
        Err(_) => Err(CallFailure::Reset),
    }
}

fn refused(what: &str) -> CallFailure {
    CallFailure::Refused(format!("sftp: {what}"))
}

/// As it was before it stood in an address.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        rest = if code.is_some() { &after[2..] } else { after };
        bytes.push(code.unwrap_or(*byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
