//! Buyers that get files, on OpenSSH's own server: whole and under their name once the sale is settled.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
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

    /// A way to the server that is lost so many times, each before the first word of the server that comes when the directory `is_lost`.
    fn lossy_way(&self, losses: usize, is_lost: fn(&Path) -> bool) -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, way_on, leads) = (listener.local_addr().unwrap().port(), self.port, self.leads());
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let is_lossy = counted.fetch_add(1, Ordering::SeqCst) < losses;
                let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", way_on)).unwrap());
                let (mut said, mut heard) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut said, &mut heard).and_then(|_| heard.shutdown(Shutdown::Write)));
                let leads = leads.clone();
                std::thread::spawn(move || pass_on(server, client, || is_lossy && is_lost(&leads)));
            }
        });
        (port, tries)
    }

    fn key(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("user")).unwrap()
    }

    /// A buyer that gets files at a fixed price, beside one that bids less.
    fn market(&self, fingerprint: &str, directory: &str) -> Market {
        self.market_at(self.port, fingerprint, directory)
    }

    fn market_at(&self, port: u16, fingerprint: &str, directory: &str) -> Market {
        let address = format!("sftp://{}@127.0.0.1:{port}{directory}", self.user);
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

/// Until it is lost: then both sides are cut off.
fn pass_on(mut server: TcpStream, mut client: TcpStream, is_lost: impl Fn() -> bool) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = server.read(&mut buffer) {
        if is_lost() || client.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    drop((server.shutdown(Shutdown::Both), client.shutdown(Shutdown::Both)));
}

fn has_file(leads: &Path, ending: &str) -> bool {
    std::fs::read_dir(leads).unwrap().any(|entry| {
        let entry = entry.unwrap();
        entry.file_name().to_string_lossy().ends_with(ending) && entry.metadata().is_ok_and(|found| found.len() > 0)
    })
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

/// Half of it was written; or it has its name, and nobody heard so. The lead waits for the same file, and is nobody else's.
#[test]
fn what_was_lost_half_way_is_put_there_once_more_and_is_one_file() {
    let Some(server) = Server::start() else { return };
    let is_half: fn(&Path) -> bool = |leads| has_file(leads, ".csv.part");
    let is_whole: fn(&Path) -> bool = |leads| has_file(leads, ".csv");
    // Once more at once; and where that is lost, too, seconds later, while nobody knows.
    for (number, losses, is_lost, first) in [(1, 1, is_half, "sold"), (2, 1, is_whole, "sold"), (3, 2, is_half, "pending")] {
        let (way, tries) = server.lossy_way(losses, is_lost);
        let market = server.market_at(way, &server.fingerprint(), server.leads().to_str().unwrap());
        let world = server.world(market, &server.key());
        let lead = world.lead(&Person(number).lead()).ok(first).word("lead_id");
        wait_for("the last try", || Some(()).filter(|()| world.status(&lead).json()["status"] == "sold"));
        assert_eq!(tries.load(Ordering::SeqCst), losses + 1);
        let [(name, text)] = server.files().try_into().unwrap();
        assert!(name.ends_with(".csv"), "{name}");
        assert!(text.lines().count() == 2 && text.contains(&Person(number).phone()), "{text}");
        assert!(!world.has_seen("alpha", &Person(number).phone()));
        for secret in Person(number).secrets() {
            assert!(!world.logs().contains(&secret), "{secret} is logged");
        }
        std::fs::remove_file(server.leads().join(name)).unwrap();
    }
}
