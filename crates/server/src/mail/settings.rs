//! `[smtp]` of the configuration: where the operator's mail server is, and who it is told that we are.

use std::{fmt, path::PathBuf, sync::Arc};

use lettre::message::Mailbox;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::Deserialize;
use zeroize::Zeroizing;

/// As a file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: Security,
    from: String,
    user: Option<String>,
    password: Option<Password>,
    ca: Option<PathBuf>,
}

/// How what is said is kept from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS after the greeting; a server that doesn't offer it is told nothing.
    #[default]
    Starttls,
    /// TLS from the first byte on.
    Tls,
    /// In clear: to addresses in `egress.allow` alone.
    None,
}

/// Never prints itself.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Password(Zeroizing<String>);

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    password: Password,
}

impl Login {
    pub fn password(&self) -> &str {
        &self.password.0
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct SmtpSettings {
    pub host: String,
    port: Option<u16>,
    pub security: Security,
    pub from: Mailbox,
    pub login: Option<Login>,
    /// A file of roots of trust in PEM, instead of the web's.
    ca: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    #[error("[smtp] from = \"{0}\" is no address of ASCII: write \"NAME <leads@exchange.example>\" or the address alone")]
    From(String),
    #[error("[smtp] has only one of `user` and `password`: write both, or none")]
    HalfALogin,
    #[error("[smtp] password: {0} isn't in the environment")]
    NoPassword(String),
    #[error("[smtp] ca: {0}: no certificates in PEM that can be read")]
    Ca(PathBuf),
    #[error("[smtp]: {0}")]
    Tls(#[from] rustls::Error),
}

impl TryFrom<Written> for SmtpSettings {
    type Error = BadSettings;

    fn try_from(written: Written) -> Result<Self, BadSettings> {
        let from = written.from.parse::<Mailbox>().ok().filter(|from| AsRef::<str>::as_ref(&from.email).is_ascii());
        let login = match (written.user, written.password) {
            (Some(user), Some(password)) => Some(Login { user, password: password.found()? }),
            (None, None) => None,
            _ => return Err(BadSettings::HalfALogin),
        };
        Ok(Self { from: from.ok_or(BadSettings::From(written.from))?, host: written.host, port: written.port, security: written.tls, login, ca: written.ca })
    }
}

impl Password {
    /// As it stands, or as the environment has it: `env:NAME`.
    fn found(self) -> Result<Self, BadSettings> {
        match self.0.strip_prefix("env:") {
            Some(name) => std::env::var(name).map(|value| Self(Zeroizing::new(value))).map_err(|_| BadSettings::NoPassword(name.to_owned())),
            None => Ok(self),
        }
    }
}

impl SmtpSettings {
    /// That of the way by which it is secured, where none is said.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        })
    }

    /// What we call ourselves.
    pub fn name(&self) -> &str {
        self.from.email.domain()
    }

    pub fn tls_config(&self) -> Result<ClientConfig, BadSettings> {
        let mut roots = RootCertStore::empty();
        match &self.ca {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                let wrong = || BadSettings::Ca(file.clone());
                for certificate in CertificateDer::pem_file_iter(file).map_err(|_| wrong())? {
                    roots.add(certificate.map_err(|_| wrong())?)?;
                }
                if roots.is_empty() {
                    return Err(wrong());
                }
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(versions.with_root_certificates(roots).with_no_client_auth())
    }
}
