//! TLS towards a server with a certificate of our own making: what isn't trusted gets no byte of a body.

use std::net::Ipv4Addr;

use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioExecutor;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;

/// An authority that nobody knows but the test.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A server for a name, whose certificate ended in a year.
    fn acceptor(&self, name: &str, last_year: i32, alpn: &[&[u8]]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(last_year, 12, 31));
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = versions.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    /// `buyer.example` is this machine.
    fn egress_trusting(&self) -> Egress {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = versions.with_root_certificates(roots).with_no_client_auth();
        let lookup: Lookup = Arc::new(|_| Box::pin(std::future::ready(Ok(vec![IpAddr::from(Ipv4Addr::LOCALHOST)]))));
        Egress::new(Settings { tls, lookup, ..Settings::standard().unwrap() })
    }
}

/// Speaks whichever HTTP was agreed on, and says which; counts the requests that came through.
async fn server(acceptor: TlsAcceptor) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, requests) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counter = requests.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, counter) = (acceptor.clone(), counter.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                    counter.fetch_add(1, Ordering::SeqCst);
                    let version = format!("{:?}", request.version());
                    async move { Ok::<_, std::convert::Infallible>(Response::new(http_body_util::Full::new(Bytes::from(version)))) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                drop(builder.serve_connection(hyper_util::rt::TokioIo::new(stream), service).await);
            });
        }
    });
    (address, requests)
}

#[tokio::test]
async fn a_trusted_server_is_called_over_either_http() {
    let authority = Authority::new();
    let egress = authority.egress_trusting();
    for (alpn, version) in [(b"h2".as_slice(), "HTTP/2.0"), (b"http/1.1", "HTTP/1.1")] {
        let (address, requests) = server(authority.acceptor("buyer.example", 2100, &[alpn])).await;
        let url = format!("https://buyer.example:{}/post", address.port()).parse().unwrap();
        for _ in 0..2 {
            assert_eq!(post(&egress, &url).await, answered(200, version));
        }
        assert_eq!(requests.load(Ordering::SeqCst), 2);
    }
}

/// Over TLS pings share a connection as over none; over HTTP/2 they do anyway.
#[tokio::test]
async fn pings_of_the_same_moment_have_their_own_answers_over_either_http() {
    let authority = Authority::new();
    let egress = authority.egress_trusting();
    for (alpn, version) in [(b"h2".as_slice(), "HTTP/2.0"), (b"http/1.1", "HTTP/1.1")] {
        let (address, requests) = server(authority.acceptor("buyer.example", 2100, &[alpn])).await;
        let (buyer, url) = (buyer(), format!("https://buyer.example:{}/ping", address.port()).parse().unwrap());
        let allowed = loopback();
        let ping = || egress.call(Call { max_in_flight: 20, pipelining: 16, ..call_to(&buyer, &url, &allowed) });
        assert_eq!(ping().await, answered(200, version));
        let all = futures_util::future::join_all((0..10).map(|_| ping())).await;
        assert!(all.iter().all(|given| *given == answered(200, version)), "{all:?}");
        assert_eq!(requests.load(Ordering::SeqCst), 11);
    }
}

#[tokio::test]
async fn a_server_that_is_not_trusted_gets_nothing() {
    let authority = Authority::new();
    for (case, egress, name, last_year) in [
        ("another name", authority.egress_trusting(), "other.example", 2100),
        ("expired", authority.egress_trusting(), "buyer.example", 2020),
        ("an unknown authority", Authority::new().egress_trusting(), "buyer.example", 2100),
    ] {
        let (address, requests) = server(authority.acceptor(name, last_year, &[b"h2", b"http/1.1"])).await;
        let url = format!("https://buyer.example:{}/post", address.port()).parse().unwrap();
        assert_eq!(post(&egress, &url).await, unsent(CallFailure::Unreachable), "{case}");
        assert_eq!(requests.load(Ordering::SeqCst), 0, "{case}");
    }
}
