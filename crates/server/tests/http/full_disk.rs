//! A disk that fills up: new leads are refused before the last of it is used, and what is under way is still booked.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use serde_json::json;

use crate::support::{
    Buyer, Call, Market, Person, World,
    gate::Gate,
    peer::{Peer, pleased},
    wait_for,
    world::{row, rows},
};

/// A file system of its own, in memory. It goes away with this, whoever still uses it.
struct Mounted(PathBuf);

impl Mounted {
    /// None where that takes more rights than the test has.
    fn at(directory: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(directory).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(directory).output();
        mount.is_ok_and(|mount| mount.status.success()).then(|| Self(directory.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
    }
}

/// Leaves less than a twentieth, and more than a run needs to end.
fn fill(directory: &Path) -> PathBuf {
    let path = directory.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    while fs4::available_space(directory).unwrap() > fs4::total_space(directory).unwrap() / 25 {
        file.write_all(&[7; 64 * 1024]).unwrap();
    }
    path
}

#[test]
fn new_leads_are_refused_while_running_posts_are_booked() {
    let gate = Gate::default();
    gate.close();
    let of_buyer = gate.clone();
    let peer = Peer::answering(move |heard| {
        if heard.path.ends_with("/post") {
            of_buyer.pass();
        }
        pleased(heard)
    });
    let mut world = World::without_market(Market::new().buyer(Buyer::played("alpha", &peer.at)));
    let Some(mounted) = Mounted::at(&world.data(), "64m") else {
        return eprintln!("SKIPPED: a file system can't be mounted here, so none can be filled");
    };
    world.apply().done();
    world.key = world.new_key("--supplier", "acme");
    world.serve();

    let lead = thread::scope(|scope| {
        let lead = scope.spawn(|| world.call("/v1/leads/loans").once("one").json(&Person(1).lead()).send());
        wait_for("the post", || Some(()).filter(|()| peer.posts().len() == 1));
        let filler = fill(&mounted.0);
        let ready = || Call::get(world.url("/readyz")).send().status;
        wait_for("a full disk", || Some(()).filter(|()| ready() == 503));
        for refused in [world.ping(&Person(2).attributes()), world.lead(&Person(2).lead())] {
            let refused = refused.expect(503);
            assert_eq!(refused.json()["type"], "/problems/unavailable");
            assert!(refused.text.contains("disk") && !refused.header("retry-after").is_empty(), "{}", refused.text);
        }
        gate.open();
        let lead = lead.join().unwrap().ok("sold").word("lead_id");
        std::fs::remove_file(filler).unwrap();
        wait_for("room", || Some(()).filter(|()| ready() == 200));
        lead
    });
    let trace = world.trace(&lead);
    assert_eq!(row(&trace, "sales", "alpha")["status"], json!("sold"));
    assert_eq!(rows(&trace, "ledger").len(), 3);
    world.lead(&Person(2).lead()).ok("sold");
}
