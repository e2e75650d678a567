//! chromedriver and its Chromium, which never outlive the tests.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// Waits for the end of its input, which is the end of the tests' process, however that comes about: then it ends chromedriver, and
/// whatever runs on the profile that these tests alone have. Ctrl-C ends the tests, and then their browser.
const GUARD: &str = r#"
trap '' INT TERM HUP
(trap - INT TERM HUP; exec chromedriver --port="$1") </dev/null &
read -r _
kill -KILL $!
for process in /proc/[0-9]*; do
    if grep -qsF -e "--user-data-dir=$2" "$process/cmdline"; then kill -KILL "${process#/proc/}"; fi
done
until rm -rf "$2"; do :; done
"#;

pub struct Driver {
    guard: Child,
    pub port: u16,
    pub profile: PathBuf,
}

impl Driver {
    /// It takes a moment until it listens.
    pub fn start() -> Self {
        let port = cluster::free_port();
        let profile = tempfile::Builder::new().prefix("pingpost-browser-").tempdir().unwrap().keep();
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "sh", &port.to_string()]).arg(&profile).current_dir("/");
        let guard = guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { guard, port, profile }
    }

    /// What the end of the tests' process does, too.
    pub fn end(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }

    /// How many processes there are of its Chromium.
    pub fn chromiums(&self) -> usize {
        let flag = format!("--user-data-dir={}", self.profile.display());
        let is_of_it = |path: PathBuf| std::fs::read(path.join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&flag));
        std::fs::read_dir("/proc").unwrap().flatten().filter(|entry| is_of_it(entry.path())).count()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}
