//! `pingpost serve`.

use std::{
    fs::File,
    future::Future,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use tokio::net::TcpListener;

use super::{
    Done, Failure, StoreArgs,
    opened::{LOCK_FILE, Opened},
};
use crate::{
    alerts,
    background::Background,
    config::{ConfigFile, DEFAULT_DRAIN, DEFAULT_FILE, DEFAULT_LISTEN, DEFAULT_LOG_FILTER},
    disk, driver,
    egress::{Egress, Settings},
    figures,
    intake::Mount,
    listen, load_watch,
    logs::{self, LogFormat},
    mail::Mailer,
    market_watch, metrics,
    node::Node,
    notices,
    overload::Most,
    recovery,
    routes::routes,
    screen::notice,
    writer,
};

#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// The address to listen on  [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "PINGPOST_LISTEN")]
    listen: Option<SocketAddr>,
    /// A configuration file; --print-config shows all keys
    #[arg(long, value_name = "FILE", env = "PINGPOST_CONFIG")]
    config: Option<PathBuf>,
    /// Print the commented default configuration file, and do nothing else
    #[arg(long)]
    print_config: bool,
    /// Whose interfaces suppliers may speak: NAME or NAME=/PREFIX, of boberdoo, leadspedia, lead_prosper, leadconduit  [default: none]
    #[arg(long, value_name = "NAME", value_delimiter = ',', env = "PINGPOST_DIALECTS")]
    dialects: Vec<Mount>,
    /// How logs are written to standard error  [default: text]
    #[arg(long, env = "PINGPOST_LOG_FORMAT")]
    log_format: Option<LogFormat>,
    /// What is logged, such as info or pingpost=debug  [default: info]
    #[arg(long, env = "PINGPOST_LOG_FILTER")]
    log_filter: Option<String>,
}

pub fn serve(args: ServeArgs) -> Done {
    if args.print_config {
        print!("{DEFAULT_FILE}");
        return Ok(());
    }
    let file = args.config.as_deref().map(ConfigFile::read).transpose().map_err(Failure::of)?.unwrap_or_default();
    let filter = args.log_filter.or(file.log_filter).unwrap_or_else(|| DEFAULT_LOG_FILTER.into());
    logs::start(args.log_format.or(file.log_format).unwrap_or_default(), &filter);
    let is_said = args.store.data.is_some() || args.store.database.is_some();
    let store = StoreArgs {
        data: args.store.data.or(file.data.filter(|_| !is_said)),
        database: args.store.database.or(file.database.filter(|_| !is_said)),
        master_key: args.store.master_key.or(file.master_key),
        is_temporary: false,
    };
    let mailer = file.smtp.map(Mailer::new).transpose().map_err(Failure::of)?;
    let dialects = mounts(args.dialects, file.dialects)?;
    let opened = store.open_or_make()?;
    let listen = args.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN);
    let drain = file.drain_s.map_or(DEFAULT_DRAIN, Duration::from_secs);
    let most = Most { runs: file.most_runs, wait_ms: file.most_wait_ms, lag_ms: file.most_lag_ms };
    let runtime = runtime()?;
    let done = runtime.block_on(async move {
        let listener = TcpListener::bind(listen).await.map_err(|error| Failure(format!("{listen} can't be listened on: {error}")))?;
        let running = start(opened, most, mailer).await?;
        notice(&format!("pingpost listens on http://{}", listener.local_addr().map_err(Failure::of)?));
        if running.node.market().is_none() {
            notice("no market yet: `pingpost apply MARKET` on the same store; it is taken up without a restart");
        }
        if running.node.page_readers.read(|reader| reader.people()).await.map_err(Failure::of)?.is_empty() {
            notice("nobody can sign in to the console yet: `pingpost person add NAME --role owner` on the same store");
        }
        running.serve(listener, dialects, ended_by_signal_twice(), drain).await
    });
    // What still blocks, such as a look-up of a name, is not waited for.
    runtime.shutdown_background();
    done
}

/// What is said by flag or environment goes before what the file says.
fn mounts(said: Vec<Mount>, of_file: Option<Vec<Mount>>) -> Result<Vec<Mount>, Failure> {
    let mounts = if said.is_empty() { of_file.unwrap_or_default() } else { said };
    let twice = mounts.iter().enumerate().find(|(place, mount)| mounts[..*place].contains(mount));
    match twice {
        Some((_, mount)) => Err(Failure(format!("the dialect {} is named twice at the same address", mount.dialect.name))),
        None => Ok(mounts),
    }
}

pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::of)
}

/// A node with its writer and its background tasks.
pub struct Running {
    pub node: Arc<Node>,
    prometheus: metrics_exporter_prometheus::PrometheusHandle,
    writers: Vec<std::thread::JoinHandle<()>>,
    background: Background,
    /// Held as long as the node runs; none where other nodes may share the store.
    alone: Option<File>,
}

/// Starts a node on an opened store: the newest market taken up, what was cut off recovered.
pub async fn start(opened: Opened, most: Most, mailer: Option<Mailer>) -> Result<Running, Failure> {
    let prometheus = metrics::install().map_err(Failure::of)?;
    let place = opened.readers.place().clone();
    let alone = place.file().map(|path| alone_on(path)).transpose()?;
    let (mut writer, thread) = writer::start(opened.engine).map_err(Failure::of)?;
    let mut writers = vec![thread];
    if alone.is_none() {
        let master = opened.master.clone();
        let second = tokio::task::spawn_blocking(move || place.engine(&master)).await.map_err(Failure::of)?.map_err(Failure::of)?;
        let (both, thread) = writer.with_second(second).map_err(Failure::of)?;
        writer = both;
        writers.push(thread);
    }
    let egress = Egress::new(Settings::standard().map_err(Failure::of)?);
    let background = Background::start().map_err(Failure::of)?;
    let node = Node::new(writer, opened.readers, opened.master, egress, mailer, background.handle().clone());
    market_watch::take_up_newest(&node).await.map_err(Failure::of)?;
    recovery::at_start(&node, alone.is_some()).await.map_err(Failure::of)?;
    tokio::spawn(metrics::tidy_up(prometheus.clone()));
    tokio::spawn(market_watch::follow(Arc::clone(&node)));
    let pulse = alone.is_none().then(recovery::Pulse::now);
    if let Some(pulse) = &pulse {
        tokio::spawn(recovery::beat(Arc::clone(&node), pulse.clone()));
    }
    tokio::spawn(recovery::watch(Arc::clone(&node), pulse));
    tokio::spawn(recovery::reconcile(Arc::clone(&node)));
    tokio::spawn(notices::tell(Arc::clone(&node)));
    tokio::spawn(figures::keep_tallies(Arc::clone(&node)));
    background.handle().spawn(figures::keep_figures(Arc::clone(&node)));
    background.handle().spawn(alerts::watch(Arc::clone(&node)));
    tokio::spawn(alerts::tell(Arc::clone(&node)));
    tokio::spawn(disk::watch(Arc::clone(&node.disk)));
    let limits = most.limits();
    node.overload.limit_runs(limits.runs);
    tokio::spawn(load_watch::watch(Arc::clone(&node), limits));
    Ok(Running { node, prometheus, writers, background, alone })
}

/// Takes the store's lock: a second node on it would end the runs of the first as cut off.
pub fn alone_on(store: &Path) -> Result<File, Failure> {
    let path = store.with_file_name(LOCK_FILE);
    let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(Failure(format!("another `serve` or `demo` runs on {}: end that one first", store.display()))),
        Err(std::fs::TryLockError::Error(error)) => Err(Failure(format!("{}: {error}", path.display()))),
    }
}

impl Running {
    /// Serves until `end`, then drains: requests first, then runs, both within `drain`, then the writer's queue.
    pub async fn serve(self, listener: TcpListener, dialects: Vec<Mount>, end: impl Future<Output = ()>, drain: Duration) -> Done {
        let node = Arc::clone(&self.node);
        let end = async move {
            end.await;
            // Whoever watches would hold up the drain.
            node.live.end();
        };
        let left = listen::serve(listener, routes(Arc::clone(&self.node), self.prometheus, &dialects), end, drain).await;
        if !driver::drain(&self.node, left).await {
            tracing::warn!(runs = self.node.runs.len(), "some runs were cut off at the end; they are recovered at the next start");
        }
        figures::keep_tallies_now(&self.node).await;
        alerts::release(&self.node).await;
        drop(self.background);
        self.node.writer.close();
        let writers = self.writers;
        let ended = tokio::task::spawn_blocking(move || writers.into_iter().try_for_each(std::thread::JoinHandle::join)).await.map_err(Failure::of)?;
        drop(self.alone);
        ended.map_err(|_| Failure("the writer ended with a panic".into()))
    }
}

/// The first signal ends in order; from then on, another one ends at once.
async fn ended_by_signal_twice() {
    ended_by_signal().await;
    tokio::spawn(async {
        ended_by_signal().await;
        notice("told twice: ended at once; what was cut off is recovered at the next start");
        std::process::exit(0);
    });
}

/// SIGTERM, or Ctrl-C.
pub async fn ended_by_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
