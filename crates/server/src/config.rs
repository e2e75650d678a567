//! Configuration of `serve`: flags, then environment (`PINGPOST_*`), then file. The commented default file is the defaults.

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

use crate::{intake::Mount, logs::LogFormat, mail::SmtpSettings};

/// The default file, which is also the documentation of every key.
pub const DEFAULT_FILE: &str = include_str!("../pingpost.toml");

/// What a file may say. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    pub listen: Option<SocketAddr>,
    pub data: Option<PathBuf>,
    pub database: Option<String>,
    pub master_key: Option<PathBuf>,
    pub dialects: Option<Vec<Mount>>,
    pub log_format: Option<LogFormat>,
    pub log_filter: Option<String>,
    pub drain_s: Option<u64>,
    pub most_runs: Option<NonZeroUsize>,
    pub most_wait_ms: Option<NonZeroU32>,
    pub most_lag_ms: Option<NonZeroU32>,
    pub smtp: Option<SmtpSettings>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    #[error("{0}: {1}")]
    Toml(PathBuf, toml::de::Error),
}

impl ConfigFile {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File(path.to_owned(), error))?;
        toml::from_str(&text).map_err(|error| ConfigError::Toml(path.to_owned(), error))
    }
}

/// Where nothing is said.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
pub const DEFAULT_LOG_FILTER: &str = "info";
pub const DEFAULT_DRAIN: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overload::{DEFAULT_MOST_LAG_MS, DEFAULT_MOST_RUNS, DEFAULT_MOST_WAIT_MS};

    /// The default file with the comment marks of its keys taken off says exactly the defaults.
    #[test]
    fn the_commented_default_file_is_the_defaults() {
        let keys: String = DEFAULT_FILE.lines().filter_map(|line| line.strip_prefix("#= ")).map(|line| format!("{line}\n")).collect();
        let file: ConfigFile = toml::from_str(&keys).unwrap();
        let expected = ConfigFile {
            listen: Some(DEFAULT_LISTEN),
            data: Some("pingpost-data".into()),
            database: None,
            master_key: None,
            dialects: Some(Vec::new()),
            log_format: Some(LogFormat::default()),
            log_filter: Some(DEFAULT_LOG_FILTER.into()),
            drain_s: Some(DEFAULT_DRAIN.as_secs()),
            most_runs: NonZeroUsize::new(DEFAULT_MOST_RUNS),
            most_wait_ms: NonZeroU32::new(DEFAULT_MOST_WAIT_MS),
            most_lag_ms: NonZeroU32::new(DEFAULT_MOST_LAG_MS),
            smtp: None,
        };
        assert_eq!(file, expected);
        assert_eq!(toml::from_str::<ConfigFile>(DEFAULT_FILE).unwrap(), ConfigFile::default(), "as it stands, it sets nothing");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<ConfigFile>("listn = \"127.0.0.1:1\"").is_err());
    }
}
