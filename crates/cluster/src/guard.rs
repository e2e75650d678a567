//! The process that outlives the tests for a moment, and takes their cluster away.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use super::programs::Programs;

/// Waits for the end of its input, which is the end of the tests' process, however that comes about.
#[derive(Debug)]
pub(crate) struct Guard {
    process: Child,
}

impl Guard {
    pub fn of(programs: &Programs, folder: &Path) -> Self {
        let (stop, folder) = (programs.shell("pg_ctl"), folder.display());
        // Signals to the tests' group are not its own: Ctrl-C ends the tests, and then their cluster.
        let script = format!("trap '' INT TERM HUP; read -r _; {stop} -D {folder}/data -m immediate -w stop; rm -rf {folder}");
        let process = Command::new("sh").arg("-c").arg(script).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self { process: process.unwrap_or_else(|error| panic!("sh: {error}")) }
    }

    #[cfg(test)]
    pub fn end(self) {
        drop(self);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        drop(self.process.wait());
    }
}
