//! Mails over real sockets, to a server that is polite, strict, rude or gone.

#[path = "../../tests/http/support/mail_server.rs"]
mod mail_server;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use exchange::time::Timestamp;
use ipnet::IpNet;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use self::mail_server::{Does, MailServer, Offers, PLAIN};
use super::{
    message::{Second, SecondPart},
    *,
};
use crate::egress::{Lookup, Settings};

const SECRET: &str = "Ada Example, +16175550123";

fn mail() -> Mail {
    let body = Zeroizing::new(format!("{SECRET}\n.\n.dots\nümlaut\n"));
    let second = Second { part: SecondPart::Attachment, media_type: "application/xml", file_name: "lead.xml", body: Zeroizing::new("<adf/>".into()) };
    let at = Timestamp::from_micros(1_767_225_600_000_000);
    let to = vec!["leads@buyer.example".parse().unwrap(), "copy@buyer.example".parse().unwrap()];
    Mail { id: "post_1".into(), to, subject: "Lead post_1".into(), at, text: body, second: Some(second) }
}

/// Every name is this machine.
fn egress() -> Egress {
    let lookup: Lookup = Arc::new(|_| Box::pin(std::future::ready(Ok(vec![IpAddr::from(Ipv4Addr::LOCALHOST)]))));
    Egress::new(Settings { lookup, ..Settings::standard().unwrap() })
}

fn mailer(server: &MailServer, more: &str) -> Mailer {
    let text = format!("host = \"mail.example\"\nport = {}\nfrom = \"Leads <leads@exchange.example>\"\n{more}", server.port);
    Mailer::new(toml::from_str(&text).unwrap()).unwrap()
}

async fn sent(mailer: &Mailer, allow: &[&str], time: Duration) -> Result<(), NotSent> {
    let allow: Vec<IpNet> = allow.iter().map(|range| range.parse().unwrap()).collect();
    let handing = Handing { callee: &Callee::Operator, max_in_flight: 1, time, allow: &allow, when_open: WhenOpen::Skip };
    mailer.send(&egress(), &mail(), handing).await
}

async fn sent_to(server: &MailServer) -> Result<(), NotSent> {
    sent(&mailer(server, "tls = \"none\""), &["127.0.0.0/8"], Duration::from_secs(10)).await
}

/// A server's identity, and the file by which it is trusted.
fn identity(directory: &std::path::Path) -> (Arc<rustls::ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["mail.example".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["mail.example".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let file = directory.join("ca.pem");
    let pem = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, authority.der());
    std::fs::write(&file, format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n")).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = versions.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    (Arc::new(config), file.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_arrives_whole_and_each_try_is_the_same() {
    let server = MailServer::start(PLAIN, |_, _| Does::AsUsual);
    for _ in 0..2 {
        assert_eq!(sent_to(&server).await, Ok(()));
    }
    let [first, again] = server.received().try_into().unwrap();
    assert_eq!(first, again);
    assert_eq!((first.from.as_str(), first.to.len(), first.is_secured), ("FROM:<leads@exchange.example>", 2, false));
    assert!(first.mail.contains("Message-ID: <post_1@exchange.example>\r\n"), "{}", first.mail);
    insta::assert_snapshot!(first.mail.replace('\r', ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_left_is_told_from_what_did_not() {
    let refused = |text: &str| Err(NotSent::Unsent(CallFailure::Refused(text.into())));
    let reset = || CallFailure::Reset;
    for (at, does, expected) in [
        ("", Does::Says("554 no"), refused("smtp_554 to the connection")),
        ("", Does::Says("hello"), Err(NotSent::Unsent(CallFailure::Malformed("not SMTP".into())))),
        ("", Does::HangsUp, Err(NotSent::Unsent(reset()))),
        ("EHLO", Does::Says("502 what"), refused("smtp_502 to EHLO")),
        ("MAIL", Does::Says("550 not you"), refused("smtp_550 to MAIL FROM")),
        ("RCPT TO:<copy", Does::Says("550 nobody here"), refused("smtp_550 to RCPT TO")),
        ("RCPT TO:<copy", Does::Says("450-come\r\n450 back"), refused("smtp_450 to RCPT TO")),
        ("RCPT TO:<copy", Does::Says("251 is elsewhere"), Ok(())),
        ("RCPT", Does::HangsUp, Err(NotSent::Unsent(reset()))),
        ("DATA", Does::Says("554 no"), refused("smtp_554 to DATA")),
        (".", Does::Says("554 looks like spam"), Err(NotSent::Refused(554))),
        (".", Does::Says("451 later"), Err(NotSent::Unknown(CallFailure::Refused("smtp_451".into())))),
        (".", Does::HangsUp, Err(NotSent::Unknown(reset()))),
        ("QUIT", Does::HangsUp, Ok(())),
    ] {
        let manners = does.clone();
        let server = MailServer::start(PLAIN, move |_, line| {
            if (at.is_empty() && line.is_empty()) || (!at.is_empty() && line.starts_with(at)) { manners.clone() } else { Does::AsUsual }
        });
        let said = sent_to(&server).await;
        assert_eq!(said, expected, "{at} {does:?}");
        assert!(!format!("{said:?}").contains("Ada"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_silent_or_endless_is_given_up() {
    let silent = MailServer::start(PLAIN, |_, line| {
        if line == "." {
            std::thread::sleep(Duration::from_secs(5));
        }
        Does::AsUsual
    });
    let given_up = sent(&mailer(&silent, "tls = \"none\""), &["127.0.0.0/8"], Duration::from_millis(500)).await;
    assert_eq!(given_up, Err(NotSent::Unknown(CallFailure::Timeout)));
    let endless = MailServer::start(PLAIN, |_, line| {
        if line.starts_with("EHLO") { Does::Says(Box::leak(format!("250-{}", "x".repeat(100_000)).into_boxed_str())) } else { Does::AsUsual }
    });
    assert_eq!(sent_to(&endless).await, Err(NotSent::Unsent(CallFailure::TooLarge)));
    // Of lines that each are short enough.
    let many = MailServer::start(PLAIN, |_, line| {
        if line.starts_with("EHLO") {
            Does::Says(Box::leak(format!("{}250 end", format!("250-{}\r\n", "x".repeat(994)).repeat(40)).into_boxed_str()))
        } else {
            Does::AsUsual
        }
    });
    assert_eq!(sent_to(&many).await, Err(NotSent::Unsent(CallFailure::TooLarge)));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_clear_goes_to_allowed_addresses_alone_and_tls_is_never_let_go_of() {
    let plain = MailServer::start(PLAIN, |_, _| Does::AsUsual);
    let in_clear = mailer(&plain, "tls = \"none\"");
    assert_eq!(sent(&in_clear, &[], Duration::from_secs(5)).await, Err(NotSent::Unsent(CallFailure::Forbidden)));
    let stripped = sent(&mailer(&plain, "user = \"u\"\npassword = \"p\""), &["127.0.0.0/8"], Duration::from_secs(5)).await;
    assert_eq!(stripped, Err(NotSent::Unsent(CallFailure::Refused("the mail server offers no STARTTLS".into()))));
    assert_eq!((plain.received().len(), plain.heard()), (0, vec!["EHLO exchange.example".to_owned()]));
    let injecting = MailServer::start(PLAIN, |_, line| match line {
        "STARTTLS" => Does::Says("220 go on\r\n250 and this is from before"),
        line if line.starts_with("EHLO") => Does::Says("250-mail.example\r\n250 STARTTLS"),
        _ => Does::AsUsual,
    });
    let injected = sent(&mailer(&injecting, ""), &["127.0.0.0/8"], Duration::from_secs(5)).await;
    assert!(matches!(injected, Err(NotSent::Unsent(_))), "{injected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_of_tls_keep_the_mail_and_the_password() {
    let directory = tempfile::tempdir().unwrap();
    let (config, ca) = identity(directory.path());
    for (tls, is_secured_at_once, auth, user) in [("starttls", false, "PLAIN", "AGV4Y2hhbmdlAHBhc3M="), ("tls", true, "LOGIN", "ZXhjaGFuZ2U= cGFzcw==")] {
        let server = MailServer::start(Offers { tls: Some(config.clone()), is_secured_at_once, auth }, |_, _| Does::AsUsual);
        let login = "user = \"exchange\"\npassword = \"pass\"";
        let trusting = mailer(&server, &format!("tls = \"{tls}\"\nca = \"{ca}\"\n{login}"));
        assert_eq!(sent(&trusting, &["127.0.0.0/8"], Duration::from_secs(10)).await, Ok(()), "{tls}");
        let [received] = server.received().try_into().unwrap();
        assert_eq!((received.is_secured, received.user.as_deref()), (true, Some(user)));
        // Nobody else's certificate will do.
        let stranger = mailer(&server, &format!("tls = \"{tls}\"\n{login}"));
        assert_eq!(sent(&stranger, &["127.0.0.0/8"], Duration::from_secs(10)).await, Err(NotSent::Unsent(no_tls())), "{tls}");
        assert_eq!(server.received().len(), 1);
    }
}

#[test]
fn settings_that_can_not_be_right_are_told() {
    let told = |text: &str| toml::from_str::<SmtpSettings>(text).map_err(|error| error.message().to_owned()).unwrap_err();
    let at = "host = \"mail.example\"\n";
    insta::assert_snapshot!(
        [
            told(&format!("{at}from = \"nobody\"")),
            told(&format!("{at}from = \"a@b.example\"\nuser = \"u\"")),
            told(&format!("{at}from = \"a@b.example\"\nuser = \"u\"\npassword = \"env:NO_SUCH_PASSWORD_HERE\"")),
            told(&format!("{at}from = \"a@b.example\"\ntls = \"maybe\"")),
            Mailer::new(toml::from_str(&format!("{at}from = \"a@b.example\"\nca = \"/no/such/file\"")).unwrap()).unwrap_err().to_string(),
        ]
        .join("\n")
    );
}
