//! The binary as processes: one that runs on is killed when it is dropped.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use super::wait_for;

pub fn pingpost() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pingpost"));
    command.env_remove("PINGPOST_MASTER_KEY").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// What a command that has ended said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    #[track_caller]
    pub fn refused(self) -> Self {
        assert_eq!(self.code, 1, "{self:?}");
        self
    }
}

pub fn run(args: &[&str]) -> Ran {
    run_in(Path::new("."), args)
}

pub fn run_in(directory: &Path, args: &[&str]) -> Ran {
    ran(pingpost().current_dir(directory).args(args))
}

pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// A process that runs until it is told otherwise, with all that it says on standard error.
pub struct Running {
    child: Child,
    said: Arc<Mutex<Vec<u8>>>,
    listener: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (stderr, heard) = (child.stderr.take().unwrap(), Arc::clone(&said));
        let listener = std::thread::spawn(move || {
            let mut lines = BufReader::new(stderr);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                heard.lock().unwrap().append(&mut line);
            }
            drop(lines.read_to_end(&mut line));
        });
        Self { child, said, listener: Some(listener) }
    }

    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    /// What follows `before` in a notice, up to the end of the word.
    pub fn announced(&mut self, before: &str) -> String {
        wait_for(before, || {
            let said = self.said();
            let word = said.split_once(before).and_then(|(_, after)| after.split_once('\n')).map(|(line, _)| line.trim().to_owned());
            assert!(word.is_some() || self.child.try_wait().unwrap().is_none(), "it ended: {said}");
            word
        })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let status = wait_for("the end of a process", || self.child.try_wait().unwrap());
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
