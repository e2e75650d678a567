//! TLS to the database.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::open_error::OpenError;

/// TLS that checks the server's name and certificate.
pub(super) fn encryption(roots: Option<&Path>) -> Result<MakeRustlsConnect, OpenError> {
    let wrong = |path: &Path, why: String| OpenError::Url(format!("sslrootcert {}: {why}", path.display()));
    let mut store = RootCertStore::empty();
    match roots {
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(path, error.to_string()))? {
                let certificate = certificate.map_err(|error| wrong(path, error.to_string()))?;
                store.add(certificate).map_err(|error| wrong(path, error.to_string()))?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| OpenError::Postgres(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(store).with_no_client_auth()))
}
