//! E-mails: leads to buyers that take them so, and alerts to the operator, through the operator's own mail server.
//!
//! Every mail goes by the egress's rules for addresses and bounds. What is said of one that wasn't taken tells whether any of its
//! contents may have left: nothing that a mail says, and nobody whom it goes to, is ever logged.

mod dialog;
mod lead;
mod message;
mod settings;

#[cfg(test)]
mod tests;

use std::{sync::atomic::AtomicBool, time::Duration};

use exchange::call::CallFailure;
use ipnet::IpNet;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use self::{
    dialog::{Dialog, Said},
    message::rendered,
    settings::Security,
};
pub use self::{
    lead::lead_mail,
    message::{Address, Mail},
    settings::{BadSettings, SmtpSettings},
};
use crate::egress::{Callee, Egress, Handing, WhenOpen};

/// For one mail to the operator, name to last answer.
const TIME: Duration = Duration::from_secs(30);
const MOST_UNDER_WAY: usize = 4;

/// Why a mail wasn't taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// Nothing of its contents left, and never will.
    #[error("unsent: {0}")]
    Unsent(CallFailure),
    /// The server has seen all of it, and refused it for good, with this reply of SMTP.
    #[error("refused: smtp_{0}")]
    Refused(u16),
    /// The server may have taken it. It can be sent again under the same id.
    #[error("unknown: {0}")]
    Unknown(CallFailure),
}

/// Sends a mail to the operator: a test, an alert. `allow` are the market's ranges beyond public ones.
pub async fn to_operator(egress: &Egress, mailer: &Mailer, allow: &[IpNet], mail: &Mail) -> Result<(), NotSent> {
    let handing = Handing { callee: &Callee::Operator, max_in_flight: MOST_UNDER_WAY, time: TIME, allow, when_open: WhenOpen::Call };
    mailer.send(egress, mail, handing).await
}

/// Sends a mail within the bounds of whom it is for.
pub async fn send_as(egress: &Egress, mailer: Option<&Mailer>, mail: &Mail, handing: Handing<'_>) -> Result<(), NotSent> {
    match mailer {
        Some(mailer) => mailer.send(egress, mail, handing).await,
        None => Err(NotSent::Unsent(CallFailure::Refused("no mail server is configured: [smtp] in the configuration file".into()))),
    }
}

/// A mail to look at, as it would be sent.
pub fn as_sent(mail: &Mail, mailer: Option<&Mailer>) -> Result<Zeroizing<Vec<u8>>, String> {
    let nobody = || "exchange@exchange.example".parse().map_err(|_| "no sender".to_owned());
    let from = mailer.map_or_else(nobody, |mailer| Ok(mailer.settings.from.clone()))?;
    rendered(mail, &from).map_err(|error| error.to_string())
}

/// The operator's mail server.
pub struct Mailer {
    settings: SmtpSettings,
    tls: TlsConnector,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailer({:?})", self.settings)
    }
}

impl Mailer {
    pub fn new(settings: SmtpSettings) -> Result<Self, BadSettings> {
        let tls = settings.tls_config()?;
        Ok(Self { settings, tls: std::sync::Arc::new(tls).into() })
    }

    /// To be awaited to its end: dropped, it can't say what left.
    pub async fn send(&self, egress: &Egress, mail: &Mail, handing: Handing<'_>) -> Result<(), NotSent> {
        let bytes = rendered(mail, &self.settings.from).map_err(|error| NotSent::Unsent(CallFailure::Malformed(error.to_string())))?;
        let left = AtomicBool::new(false);
        let said = egress.hand_over(&handing, &left, self.talk(egress, &handing, mail, &bytes, &left)).await;
        match said {
            Ok(Said::Taken) => Ok(()),
            Ok(Said::Refused(code)) => Err(NotSent::Refused(code)),
            Ok(Said::Later(code)) => Err(NotSent::Unknown(CallFailure::Refused(format!("smtp_{code}")))),
            Err(failed) if failed.body_left => Err(NotSent::Unknown(failed.failure)),
            Err(failed) => Err(NotSent::Unsent(failed.failure)),
        }
    }

    async fn talk(&self, egress: &Egress, handing: &Handing<'_>, mail: &Mail, bytes: &[u8], left: &AtomicBool) -> Result<Said, CallFailure> {
        let settings = &self.settings;
        let stream = egress.connect(&settings.host, settings.port(), settings.security != Security::None, handing.allow).await?;
        match settings.security {
            Security::Tls => {
                let stream = self.tls.connect(self.server_name()?, stream).await.map_err(|_| no_tls())?;
                self.hand_over(Dialog::greeted(stream).await?, mail, bytes, left).await
            }
            Security::Starttls => {
                let mut dialog = Dialog::greeted(stream).await?;
                dialog.hello(settings.name()).await?;
                let stream = dialog.for_tls().await?;
                let stream = self.tls.connect(self.server_name()?, stream).await.map_err(|_| no_tls())?;
                self.hand_over(Dialog::over(stream), mail, bytes, left).await
            }
            Security::None => self.hand_over(Dialog::greeted(stream).await?, mail, bytes, left).await,
        }
    }

    async fn hand_over<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
        &self,
        mut dialog: Dialog<S>,
        mail: &Mail,
        bytes: &[u8],
        left: &AtomicBool,
    ) -> Result<Said, CallFailure> {
        dialog.hello(self.settings.name()).await?;
        if let Some(login) = &self.settings.login {
            dialog.log_in(login).await?;
        }
        dialog.address(self.settings.from.email.as_ref(), mail.to.iter().map(AsRef::as_ref)).await?;
        dialog.give(bytes, left).await
    }

    fn server_name(&self) -> Result<ServerName<'static>, CallFailure> {
        ServerName::try_from(self.settings.host.clone()).map_err(|_| CallFailure::Unreachable)
    }
}

fn no_tls() -> CallFailure {
    CallFailure::Refused("no TLS with the mail server".into())
}
