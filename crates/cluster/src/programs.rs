//! PostgreSQL's programs, and the user that they run as: they refuse to run as root.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

#[derive(Clone, Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
    /// Whom to run as, where the tests run as root.
    user: Option<&'static str>,
}

impl Programs {
    /// The newest that is installed.
    pub fn find() -> Option<Self> {
        let folder = match std::env::var_os("PINGPOST_POSTGRES_BIN") {
            Some(folder) => PathBuf::from(folder),
            None => newest(Path::new("/usr/lib/postgresql"))?,
        };
        folder.join("initdb").exists().then(|| Self { folder, user: unprivileged() })
    }

    /// A folder that the programs' user owns.
    pub fn new_folder(&self) -> PathBuf {
        let folder = tempfile::Builder::new().prefix("pingpost-postgres-").tempdir().unwrap_or_else(|error| panic!("no temporary directory: {error}")).keep();
        if let Some(user) = self.user {
            must("chown", Command::new("chown").arg(user).arg(&folder));
        }
        folder
    }

    /// The words of a shell that run a program.
    pub fn shell(&self, program: &str) -> String {
        let program = self.folder.join(program).display().to_string();
        self.user.map_or(program.clone(), |user| format!("runuser -u {user} -- {program}"))
    }

    /// Runs a program to its end, and gives what it printed.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        self.try_run(program, arguments).unwrap_or_else(|error| panic!("{program}: {error}"))
    }

    pub fn try_run(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let path = self.folder.join(program);
        let mut command = match self.user {
            None => Command::new(path),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
        };
        finished(command.args(arguments).current_dir("/"))
    }
}

fn newest(folder: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    versions.max().map(|version| folder.join(version.to_string()).join("bin"))
}

/// None where this process isn't root's.
fn unprivileged() -> Option<&'static str> {
    let id = finished(Command::new("id").arg("-u")).unwrap_or_default();
    if id.trim() != "0" {
        return None;
    }
    let has_postgres = finished(Command::new("id").arg("postgres")).is_ok();
    Some(if has_postgres { "postgres" } else { "nobody" })
}

fn must(what: &str, command: &mut Command) {
    finished(command).unwrap_or_else(|error| panic!("{what}: {error}"));
}

/// A file takes what it prints: a server that it starts would keep a pipe open.
fn finished(command: &mut Command) -> Result<String, String> {
    let of = |error: std::io::Error| error.to_string();
    let (mut printed, mut complained) = (tempfile::tempfile().map_err(of)?, tempfile::tempfile().map_err(of)?);
    command.stdin(Stdio::null()).stdout(printed.try_clone().map_err(of)?).stderr(complained.try_clone().map_err(of)?);
    let status = command.status().map_err(of)?;
    if status.success() { whole(&mut printed) } else { Err(format!("{status}: {}", whole(&mut complained)?)) }
}

fn whole(file: &mut std::fs::File) -> Result<String, String> {
    use std::io::{Read, Seek};
    let mut text = String::new();
    file.rewind().and_then(|()| file.read_to_string(&mut text)).map_err(|error| error.to_string())?;
    Ok(text)
}
