//! `[endpoint]` of a buyer: where it is reached, and how long its answers may take.

use std::{sync::Arc, time::Duration};

use exchange::{
    buyer::{AdfPart, EmailForm, Endpoint, Protocol, SftpLogin, SftpProof},
    schema::Vertical,
};

use super::{
    address::{self, Sort},
    context::Context,
    keys::{Key, Keys},
    mapping,
};

/// One answer that is late holds up so many others at most.
const MOST_PIPELINED: i64 = 64;

/// How a buyer is spoken to, before its own words are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    /// What is said of it can't be judged.
    Unknown,
    Native,
    /// Its own interface, perhaps one that is known already.
    Mapped(Option<&'static str>),
    /// It is told what it buys, and never asked.
    Webhook,
    /// The same by e-mail.
    Email,
    /// The same as files by SFTP.
    Sftp,
}

impl Spoken {
    /// It gets what it buys, and is asked nothing.
    fn is_told(self) -> bool {
        matches!(self, Self::Webhook | Self::Email | Self::Sftp)
    }
}

fn protocols() -> Vec<(&'static str, Spoken)> {
    let own = [("native", Spoken::Native), ("webhook", Spoken::Webhook), ("email", Spoken::Email), ("sftp", Spoken::Sftp), ("mapped", Spoken::Mapped(None))];
    own.into_iter().chain(mapping::PRESETS.iter().map(|(name, _)| (*name, Spoken::Mapped(mapping::preset(name))))).collect()
}

/// What a buyer's contracts need to know of its endpoint, right or wrong as its values are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub pings: bool,
    pub confirms: bool,
    pub is_mapped: bool,
}

impl Reach {
    /// Of an endpoint that can't be read: its contracts have nothing more to complain about.
    pub const UNKNOWN: Self = Self { pings: true, confirms: true, is_mapped: true };
}

/// `verticals` are those of the buyer's contracts.
pub(super) fn endpoint(keys: &mut Keys<'_>, context: &Context, verticals: &[&Vertical]) -> (Option<Endpoint>, Reach) {
    let allowed = &context.settings.egress_allow;
    let protocol = Key::optional(
        "protocol",
        "How the buyer is spoken to: `native`, `webhook`, `email` or `sftp` if it is told and never asked, `mapped` with an interface of its own, or a preset's name, over which the rest is said.",
    );
    let protocol = keys.word(protocol, &protocols(), Some("native"));
    let unsaid = if keys.has("protocol") { Spoken::Unknown } else { Spoken::Native };
    let (spoken, protocol_line) = protocol.map_or((unsaid, keys.line()), |at| (at.value, at.line));
    let is_signed = matches!(spoken, Spoken::Native | Spoken::Webhook);
    let sort = match spoken {
        Spoken::Email => Sort::Mail,
        Spoken::Sftp => Sort::Files,
        _ => Sort::Web,
    };
    let ping_url = address::url(keys, Key::optional("ping_url", "Asked for bids; needed by `price = \"bid\"`."), allowed);
    let post_url = Key::required("post_url", "Gets the full record of a lead that the buyer bought.", "post_url = \"https://host/path\"");
    let post_url = address::of_sort(keys, post_url, sort, allowed);
    let confirm_url = Key::optional("confirm_url", "Asked without contact before a post; needed by `disclosure = \"strict\"`.");
    let confirm_url = address::url(keys, confirm_url, allowed);
    let status_url = address::url(keys, Key::optional("status_url", "Asked when a post's outcome is unknown."), allowed);
    let test_ping_url = Key::optional("test_ping_url", "As `ping_url`, for test leads. Without both test addresses they skip this buyer.");
    let test_ping_url = address::url(keys, test_ping_url, allowed);
    let test_post_url = address::of_sort(keys, Key::optional("test_post_url", "As `post_url`, for test leads."), sort, allowed);
    let secret = "Signs every call (Standard Webhooks): `env:NAME` or a literal `whsec_…`.";
    let secret = address::secret(keys, Key::optional("secret", secret));
    if !keys.has("secret") && is_signed {
        keys.warning(
            keys.line(),
            "`secret` is missing, so this buyer can't tell the exchange's calls from anybody's",
            "write secret = \"env:NAME\", or a literal \"whsec_…\"",
        );
    }
    let idempotent =
        Key::optional("idempotent", "A post with the same `post_id` may be sent again. Default: false for an interface of its own, true for others.");
    let idempotent = keys.boolean(idempotent, is_signed || spoken.is_told());
    let timeout = Key::optional("post_timeout_ms", "Milliseconds until a post without an answer is unknown.");
    let timeout = keys.integer_or(timeout, 100..=120_000, i64::try_from(Endpoint::DEFAULT_POST_TIMEOUT.as_millis()).unwrap_or_default());
    let in_flight = Key::optional("max_in_flight", "Calls to this buyer at one time; more are no bid.");
    let in_flight = keys.integer_or(in_flight, 1..=100_000, i64::try_from(Endpoint::DEFAULT_MAX_IN_FLIGHT).unwrap_or_default());
    let pipelining = Key::optional(
        "pipelining",
        "Pings that may wait for their answers on one connection: above 1 only where requests are answered in their order, and at once.",
    );
    let pipelining = keys.integer_or(pipelining, 1..=MOST_PIPELINED, 1);
    if spoken.is_told() {
        for name in ["ping_url", "confirm_url", "status_url", "test_ping_url", "pipelining"].into_iter().filter(|name| keys.has(name)).collect::<Vec<_>>() {
            let mend = "take it out, or write the protocol that the buyer speaks";
            keys.problem(keys.line(), format!("`{name}` says nothing: such a buyer is told what it buys, and not asked"), mend);
        }
    } else if keys.has("test_ping_url") != keys.has("test_post_url") {
        keys.warning(keys.line(), "only one of `test_ping_url` and `test_post_url` is given, so test leads skip this buyer", "write both");
    }
    if matches!(spoken, Spoken::Email | Spoken::Sftp) && keys.has("secret") {
        keys.problem(keys.line(), "`secret` signs calls over HTTP, and this buyer isn't called so", "take it out");
    }
    let login = sftp_login(keys, spoken == Spoken::Sftp);
    if let Some(name) = ["host_key", "key", "password"].into_iter().find(|name| keys.has(name) && !matches!(spoken, Spoken::Sftp | Spoken::Unknown)) {
        keys.problem(keys.line(), format!("`{name}` is of buyers that get files"), "write protocol = \"sftp\", or take it out");
    }
    let form = email_form(keys);
    if let Some(name) = ["subject", "adf"].into_iter().find(|name| keys.has(name) && !matches!(spoken, Spoken::Email | Spoken::Unknown)) {
        keys.problem(keys.line(), format!("`{name}` is of buyers that get e-mails"), "write protocol = \"email\", or take it out");
    }
    let mapped = match spoken {
        Spoken::Native | Spoken::Webhook | Spoken::Email | Spoken::Sftp => {
            let own = ["own", "fields", "ping", "post", "confirm", "status"].into_iter().filter(|name| keys.has(name)).collect::<Vec<_>>();
            for name in own {
                let mend = "write protocol = \"mapped\" or a preset's name, or take it out";
                keys.problem(keys.line(), format!("`{name}` is of buyers with an interface of their own"), mend);
            }
            mapping::read(keys, None, protocol_line);
            None
        }
        Spoken::Unknown => {
            mapping::read(keys, None, protocol_line);
            None
        }
        Spoken::Mapped(preset) => {
            let draft = mapping::read(keys, preset, protocol_line);
            let has = ["ping_url", "confirm_url", "status_url"].map(|name| keys.has(name));
            Some(mapping::compile(keys, &draft, verticals, has, protocol_line))
        }
    };
    let reach = Reach { pings: keys.has("ping_url"), confirms: keys.has("confirm_url"), is_mapped: matches!(spoken, Spoken::Mapped(_) | Spoken::Unknown) };
    // A buyer by SFTP is none without its login, whose lack is told.
    let post_url = post_url.filter(|_| spoken != Spoken::Sftp || login.is_some());
    let endpoint = post_url.map(|post_url| Endpoint {
        protocol: match mapped {
            Some(mapping) => Protocol::Mapped(Arc::new(mapping)),
            None if spoken == Spoken::Webhook => Protocol::Webhook,
            None if spoken == Spoken::Email => Protocol::Email(form),
            None if let Some(login) = login => Protocol::Sftp(login),
            None => Protocol::Native,
        },
        ping_url: ping_url.map(|at| at.value),
        post_url: post_url.value,
        confirm_url: confirm_url.map(|at| at.value),
        status_url: status_url.map(|at| at.value),
        test_ping_url: test_ping_url.map(|at| at.value),
        test_post_url: test_post_url.map(|at| at.value),
        secret: secret.map(|at| at.value),
        idempotent,
        post_timeout: Duration::from_millis(timeout.unsigned_abs()),
        max_in_flight: usize::try_from(in_flight).unwrap_or(Endpoint::DEFAULT_MAX_IN_FLIGHT),
        pipelining: usize::try_from(pipelining).unwrap_or(1),
    });
    (endpoint, reach)
}

fn email_form(keys: &mut Keys<'_>) -> EmailForm {
    let subject = keys.text(Key::optional("subject", "Of e-mails: the same for every lead, since it ends in logs. Default: the post's id."), 200);
    let words = [("none", AdfPart::None), ("attachment", AdfPart::Attachment), ("alternative", AdfPart::Alternative), ("only", AdfPart::Only)];
    let adf = Key::optional("adf", "Where an e-mail has the lead in ADF 1.0: nowhere, beside the text, in its place for readers that prefer it, or alone.");
    let adf = keys.word(adf, &words, Some("none")).map_or(AdfPart::None, |at| at.value);
    EmailForm { subject: subject.map(|at| at.value.to_owned()), adf }
}

/// None where it isn't wanted, or something of it is wrong.
fn sftp_login(keys: &mut Keys<'_>, is_wanted: bool) -> Option<SftpLogin> {
    let host_key = Key::optional("host_key", "Of a server of SFTP: the fingerprint of its host key, as `ssh-keygen -lf` tells it.");
    let is_fingerprint = |text: &str| {
        let digest = text.strip_prefix("SHA256:")?;
        (digest.len() == 43 && digest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))).then(|| text.to_owned())
    };
    let host_key = keys.parsed(host_key, "fingerprint", "write \"SHA256:\" and 43 characters, as `ssh-keygen -lf` tells it", is_fingerprint);
    let key = address::environment(keys, Key::optional("key", "By which it knows us: `env:NAME` of a private key in OpenSSH's form."));
    let password = address::environment(keys, Key::optional("password", "Instead of `key`: `env:NAME` of a password."));
    if is_wanted && !keys.has("host_key") {
        let mend = "write host_key = \"SHA256:…\", as `ssh-keyscan HOST | ssh-keygen -lf -` tells it";
        keys.problem(keys.line(), "`host_key` is missing: without it, anybody could stand in for the server", mend);
    }
    if is_wanted && keys.has("key") == keys.has("password") {
        keys.problem(keys.line(), "the server must know us by either `key` or `password`", "write one of key = \"env:NAME\" and password = \"env:NAME\"");
    }
    let proof = key.map(|at| SftpProof::Key(at.value)).or(password.map(|at| SftpProof::Password(at.value)));
    Some(SftpLogin { host_key: host_key?.value, proof: proof? }).filter(|_| is_wanted)
}
