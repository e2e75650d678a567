//! Buyers that get files, on OpenSSH's own server: whole and under their name once the sale is settled.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::json;

use crate::support::{
    Market, Person, World,
    process::{pingpost, ran},
    wait_for,
    world::{row, rows},
};

const KEY: &str = "PINGPOST_TEST_SFTP_KEY";
const SSHD: &str = "/usr/sbin/sshd";

/// OpenSSH's server with keys and a directory of its own, ended with the value.
struct Server {
    directory: tempfile::TempDir,
    port: u16,
    user: String,
    sshd: Child,
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Server {
    /// None where it isn't installed and nothing may be: that is said by the tests' script.
    fn start() -> Option<Self> {
        if !Path::new(SSHD).exists() {
            assert_eq!(std::env::var("PINGPOST_TEST_SFTP").as_deref(), Ok("skip"), "{SSHD} is missing: install Debian's openssh-server");
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        std::fs::create_dir(at("leads")).unwrap();
        for name in ["host", "user"] {
            done(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &at(name)]));
        }
        std::fs::copy(at("user.pub"), at("authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // With PAM, it doesn't look up by itself whether the account has a password, which only root may.
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nUsePAM yes\nStrictModes no\nSubsystem sftp internal-sftp\n",
            at("host"),
            at("authorized")
        );
        std::fs::write(at("config"), config).unwrap();
        let is_root = done(Command::new("id").arg("-u")) == "0";
        let user = if is_root { "nobody".to_owned() } else { done(Command::new("id").arg("-un")) };
        let mut sshd = if is_root {
            done(Command::new("chown").args(["-R", &user]).arg(directory.path()));
            let mut command = Command::new("runuser");
            command.args(["-u", &user, "--", SSHD]);
            command
        } else {
            Command::new(SSHD)
        };
        let sshd = sshd.args(["-D", "-e", "-f", &at("config")]).stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for("a server of SFTP", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(Self { directory, port, user, sshd })
    }

    fn fingerprint(&self) -> String {
        let told = done(Command::new("ssh-keygen").arg("-lf").arg(self.directory.path().join("host.pub")));
        told.split_whitespace().nth(1).unwrap().to_owned()
    }

    fn leads(&self) -> PathBuf {
        self.directory.path().join("leads")
    }

    fn files(&self) -> Vec<(String, String)> {
        let files = std::fs::read_dir(self.leads()).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap())).collect()
    }

    fn key(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("user")).unwrap()
    }

    /// A buyer that gets files at a fixed price, beside one that bids less.
    fn market(&self, fingerprint: &str, directory: &str) -> Market {
        let address = format!("sftp://{}@127.0.0.1:{}{directory}", self.user, self.port);
        let filed = format!(
            "label = \"filed\"\ncredit = \"500.00\"\n[endpoint]\nprotocol = \"sftp\"\npost_url = \"{address}\"\ntest_post_url = \"{address}\"\n\
             host_key = \"{fingerprint}\"\nkey = \"env:{KEY}\"\n[contracts.main]\nvertical = \"loans\"\ntags = [\"all\"]\nprice = \"30.00\"\n"
        );
        let tier = "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"";
        Market::of_bids(&["20.00"]).tree("max_disclosures = 3", tier).file("buyers/filed.toml", &filed)
    }

    fn world(&self, market: Market, key: &str) -> World {
        let mut world = World::without_market(market);
        world.serve_env = vec![(KEY.into(), key.into())];
        world.apply().done();
        world.key = world.new_key("--supplier", "acme");
        world.serve();
        world
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.sshd.kill());
        drop(self.sshd.wait());
    }
}

#[test]
fn a_lead_goes_as_a_file_and_is_sold_once_it_has_its_name() {
    let Some(server) = Server::start() else { return };
    let directory = server.leads();
    let market = server.market(&server.fingerprint(), directory.to_str().unwrap());
    let world = server.world(market, &server.key());
    let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let [(name, text)] = server.files().try_into().unwrap();
    assert!(name.starts_with("post_") && name.ends_with(".csv"), "{name}");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("post_id,vertical,sale,price,currency,test,amount,"), "{text}");
    assert!(lines[1].contains(&format!("+1{}", Person(1).phone())) && lines[1].contains(",exclusive,30.00,USD,false,"), "{text}");
    let trace = world.trace(&lead);
    assert_eq!((&row(&trace, "sales", "filed")["status"], rows(&trace, "ledger").len()), (&json!("sold"), 3));
    assert!(!world.has_seen("alpha", &Person(1).phone()));
    let logs = world.logs();
    for secret in Person(1).secrets().into_iter().chain(["PRIVATE KEY".to_owned()]) {
        assert!(!logs.contains(&secret), "{secret} is logged");
    }

    let market = world.market_directory();
    let sent = ran(pingpost().env(KEY, server.key()).args(["try", "filed/main", "--send", "--market", market.to_str().unwrap()])).done().stdout;
    assert!(sent.contains("Read as accepted") && sent.contains("post_id,vertical"), "{sent}");
    assert_eq!(server.files().len(), 2);
}

/// Nothing left: another host key, another key of ours, no such directory. The next buyer has the lead.
#[test]
fn what_can_not_be_put_there_leaves_the_lead_to_the_next_buyer() {
    let Some(server) = Server::start() else { return };
    let fingerprint = server.fingerprint();
    let stranger = format!("SHA256:{}", "A".repeat(43));
    let host_key = std::fs::read_to_string(server.directory.path().join("host")).unwrap();
    let leads = server.leads().to_str().unwrap().to_owned();
    for (fingerprint, directory, key, reason) in [
        (&stranger, &leads, server.key(), "sftp: another host key than the buyer's file has"),
        (&fingerprint, &leads, host_key, "sftp: the login"),
        (&fingerprint, &leads, "no key".into(), "the key is none of OpenSSH, or has a passphrase"),
        (&fingerprint, &format!("{leads}/none"), server.key(), "sftp: no file can be made in the directory"),
    ] {
        let world = server.world(server.market(fingerprint, directory), &key);
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        let trace = world.trace(&lead);
        let sale = row(&trace, "sales", "filed");
        assert!(sale["status"] == "void" && sale["reason"].as_str().unwrap().contains(reason), "{sale}");
        assert_eq!(row(&trace, "sales", "alpha")["status"], "sold");
        assert!(server.files().is_empty());
    }
}
