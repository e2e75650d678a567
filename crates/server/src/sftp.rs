//! Files by SFTP: written under another name, and given theirs once they are whole and on the server's disk.

#[cfg(feature = "sftp")]
mod session;

use std::sync::atomic::AtomicBool;

use exchange::{buyer::SftpLogin, call::CallFailure};
use url::Url;

use crate::egress::{Egress, Failed, Handing};

/// Without SSH in the build, where it goes and what it says are of no use.
#[cfg_attr(not(feature = "sftp"), expect(dead_code, reason = "read by the session, which this build doesn't have"))]
pub struct NewFile<'a> {
    pub login: &'a SftpLogin,
    /// Of the directory, with the user.
    pub url: &'a Url,
    /// The same for each try: a file that is there already is this one.
    pub name: &'a str,
    pub text: &'a str,
}

/// May hold a contact.
impl std::fmt::Debug for NewFile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewFile({})", self.name)
    }
}

/// To be awaited to its end: dropped, it can't say what left.
pub async fn put(egress: &Egress, file: &NewFile<'_>, handing: Handing<'_>) -> Result<(), Failed> {
    let left = AtomicBool::new(false);
    egress.hand_over(&handing, &left, written(egress, file, &handing, &left)).await
}

#[cfg(feature = "sftp")]
async fn written(egress: &Egress, file: &NewFile<'_>, handing: &Handing<'_>, left: &AtomicBool) -> Result<(), CallFailure> {
    let host = file.url.host_str().ok_or(CallFailure::Unreachable)?;
    let stream = egress.connect(host.trim_matches(['[', ']']), file.url.port().unwrap_or(22), true, handing.allow).await?;
    session::write(stream, file, left).await
}

#[cfg(not(feature = "sftp"))]
async fn written(_: &Egress, _: &NewFile<'_>, _: &Handing<'_>, _: &AtomicBool) -> Result<(), CallFailure> {
    Err(CallFailure::Refused("this build has no SFTP: build it with --features sftp".into()))
}
