//! One connection, driven by its own small runtime, so that engines and readers stay synchronous.
//!
//! Writes whose count nobody needs are sent and not waited for: the next read, or the commit, waits for all of them. The
//! server works them off in their order, and one that fails makes everything after it fail.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_util::TryStreamExt;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Error, Statement, error::SqlState};

use super::{
    address::{Address, CONNECT_TIMEOUT, Tls},
    encryption::encryption,
};
use crate::{
    open_error::OpenError,
    sql::{
        db::{Db, Param, Row, Value},
        failure::{Failure, Result},
    },
};

/// A statement that the server has not answered after this is given up, and with it the connection.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// The same for a statement that counts a whole store.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What every transaction sets for itself, as a pooler may give each another connection: commits are durable, nothing waits for
/// ever, and a node that vanishes in the middle of one holds its locks for no longer.
const IN_TRANSACTION: &str = "SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = '15s'; SET LOCAL idle_in_transaction_session_timeout = '10s'";

type Sent = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

pub(super) struct Session {
    /// Taken only to be shut down.
    runtime: Option<Runtime>,
    client: Arc<Client>,
    prepares: bool,
    statements: RefCell<HashMap<String, Statement>>,
    /// Writes that were sent and not yet answered.
    sent: RefCell<VecDeque<Sent>>,
    /// Whether answers may take longer than those that somebody waits for.
    is_patient: Cell<bool>,
    /// No answer came in time: nothing more is asked of it.
    is_stuck: Cell<bool>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("prepares", &self.prepares).finish_non_exhaustive()
    }
}

impl Session {
    pub fn connect(address: &Address) -> Result<Self, OpenError> {
        let failed = |why: String| OpenError::Unreachable(format!("{}: {why}", address.place()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| failed(error.to_string()))?;
        let tls = match &address.tls {
            Tls::Off => None,
            Tls::On { roots } => Some(encryption(roots.as_deref())?),
        };
        let client = runtime.block_on(async {
            let connecting = connect(&address.config, tls);
            match tokio::time::timeout(CONNECT_TIMEOUT * 2, connecting).await {
                Ok(connected) => connected.map_err(|error| failed(said(&error))),
                Err(_) => Err(failed("it does not answer".into())),
            }
        })?;
        Ok(Self {
            runtime: Some(runtime),
            client: Arc::new(client),
            prepares: address.prepares,
            statements: RefCell::default(),
            sent: RefCell::default(),
            is_patient: Cell::new(false),
            is_stuck: Cell::new(false),
        })
    }

    /// Begins a transaction. The server hears of it with the first read.
    pub fn begin(&self, mode: &str) {
        self.is_patient.set(false);
        let (client, sql) = (Arc::clone(&self.client), format!("BEGIN {mode}; {IN_TRANSACTION}"));
        self.send(async move { client.batch_execute(&sql).await });
    }

    /// Begins a transaction that may take its time.
    pub fn begin_long(&self, mode: &str) {
        const PATIENTLY: &str = "SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
        let (client, sql) = (Arc::clone(&self.client), format!("BEGIN {mode}; {PATIENTLY}"));
        self.is_patient.set(true);
        self.send(async move { client.batch_execute(&sql).await });
    }

    /// Commits, and says whether that is known.
    pub fn commit(&self) -> Result<(), Uncommitted> {
        let client = Arc::clone(&self.client);
        let (before, commit) = self.wait(async move { client.batch_execute("COMMIT").await }).map_err(Uncommitted::Unknown)?;
        // After a failed write the commit was a rollback; but a lost connection says nothing.
        if let Err(error) = before {
            return Err(if is_lost(&error) { Uncommitted::Unknown(failure(&error)) } else { Uncommitted::Not(failure(&error)) });
        }
        commit.map_err(|error| if is_surely_not_committed(&error) { Uncommitted::Not(failure(&error)) } else { Uncommitted::Unknown(failure(&error)) })
    }

    /// Ends a transaction that came to nothing. Whether that worked is whether the session is still good.
    pub fn roll_back(&self) -> bool {
        let client = Arc::clone(&self.client);
        !self.is_stuck.get() && matches!(self.wait(async move { client.batch_execute("ROLLBACK").await }), Ok((_, Ok(()))))
    }

    /// Runs several statements without parameters, outside of a transaction or in it.
    pub fn script(&self, sql: &str) -> Result<()> {
        let client = Arc::clone(&self.client);
        let sql = sql.to_owned();
        self.answer(async move { client.batch_execute(&sql).await })
    }

    /// Sends one statement without parameters, whose rows nobody needs.
    pub fn write_plain(&self, sql: &str) -> Result<()> {
        let (client, sql) = (Arc::clone(&self.client), sql.to_owned());
        self.send(async move { client.batch_execute(&sql).await });
        Ok(())
    }

    /// The rows of a statement whose parameters are arrays of bytes for parameters.
    pub fn rows_of(&self, sql: &str, params: Vec<Vec<Vec<u8>>>) -> Result<Vec<Row>> {
        let client = Arc::clone(&self.client);
        let prepared = if self.prepares { Some(self.prepared(sql)?) } else { None };
        let sql = dollars(sql);
        self.answer(async move {
            let rows = match prepared {
                Some(statement) => client.query_raw(&statement, params).await?,
                None => client.query_typed_raw(&sql, params.into_iter().map(|param| (param, tokio_postgres::types::Type::BYTEA_ARRAY))).await?,
            };
            rows.try_collect::<Vec<_>>().await
        })
        .and_then(read)
    }

    fn prepared(&self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let (client, text) = (Arc::clone(&self.client), dollars(sql));
        let statement = self.answer(async move { client.prepare(&text).await })?;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// The sending of a statement that changes rows, prepared or not.
    fn changing(&self, sql: &str, params: &[Param<'_>]) -> Result<impl Future<Output = Result<u64, Error>> + Send + use<>> {
        let client = Arc::clone(&self.client);
        let prepared = if self.prepares { Some(self.prepared(sql)?) } else { None };
        let text = dollars(sql);
        let params: Vec<Param<'static>> = params.iter().cloned().map(Param::into_owned).collect();
        Ok(async move {
            match prepared {
                Some(statement) => client.execute_raw(&statement, params).await,
                None => {
                    let typed: Vec<_> = params.iter().map(|param| (param as &(dyn tokio_postgres::types::ToSql + Sync), param.type_of())).collect();
                    client.execute_typed(&text, &typed).await
                }
            }
        })
    }

    /// Sends, and leaves the answer to be waited for later.
    fn send(&self, future: impl Future<Output = Result<(), Error>> + Send + 'static) {
        let mut sent: Sent = Box::pin(future);
        // The first poll hands the message over, in the order of the calls.
        if let Poll::Ready(result) = sent.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            sent = Box::pin(std::future::ready(result));
        }
        self.sent.borrow_mut().push_back(sent);
    }

    /// The answer to a statement, after the answers to all that was sent before it.
    fn answer<T>(&self, future: impl Future<Output = Result<T, Error>> + Send) -> Result<T> {
        let (before, answer) = self.wait(future)?;
        before.and(answer).map_err(|error| failure(&error))
    }

    fn wait<T>(&self, future: impl Future<Output = Result<T, Error>> + Send) -> Result<(Result<(), Error>, Result<T, Error>)> {
        let lost = |why: &str| Failure::Lost(why.to_owned());
        let runtime = self.runtime.as_ref().ok_or_else(|| lost("it was closed"))?;
        if self.is_stuck.get() {
            return Err(lost("it did not answer"));
        }
        let sent = self.sent.take();
        let mut future = std::pin::pin!(future);
        let waiting = async {
            // Handed over before anything is waited for.
            let early = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
            let mut before = Ok(());
            for write in sent {
                before = before.and(write.await);
            }
            match early {
                Poll::Ready(answer) => (before, answer),
                Poll::Pending => (before, future.await),
            }
        };
        let timeout = if self.is_patient.get() { PATIENCE } else { ANSWER_TIMEOUT };
        let answered = runtime.block_on(async { tokio::time::timeout(timeout, waiting).await });
        answered.map_err(|_| {
            self.is_stuck.set(true);
            lost("it did not answer")
        })
    }
}

async fn connect(config: &tokio_postgres::Config, tls: Option<tokio_postgres_rustls::MakeRustlsConnect>) -> Result<Client, Error> {
    let client = match tls {
        None => {
            let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            client
        }
        Some(tls) => {
            let (client, connection) = config.connect(tls).await?;
            tokio::spawn(connection);
            client
        }
    };
    Ok(client)
}

impl Drop for Session {
    fn drop(&mut self) {
        // Without waiting: whoever drops it may be on a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Db for Session {
    fn change(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let changing = self.changing(sql, params)?;
        self.answer(changing)
    }

    fn write(&self, sql: &str, params: &[Param<'_>]) -> Result<()> {
        let changing = self.changing(sql, params)?;
        self.send(async move { changing.await.map(drop) });
        Ok(())
    }

    fn rows(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let client = &self.client;
        if self.prepares {
            let statement = self.prepared(sql)?;
            return self.answer(async { client.query_raw(&statement, params).await?.try_collect::<Vec<_>>().await }).and_then(read);
        }
        let text = dollars(sql);
        let typed = params.iter().map(|param| (param, param.type_of()));
        self.answer(async { client.query_typed_raw(&text, typed).await?.try_collect::<Vec<_>>().await }).and_then(read)
    }
}

/// Why a commit was not heard of.
#[derive(Debug)]
pub(super) enum Uncommitted {
    /// It did not happen.
    Not(Failure),
    Unknown(Failure),
}

impl Uncommitted {
    pub fn failure(self) -> Failure {
        match self {
            Self::Not(failure) | Self::Unknown(failure) => failure,
        }
    }
}

/// Parameters as PostgreSQL writes them. No statement has a question mark that isn't one.
fn dollars(sql: &str) -> String {
    sql.replace('?', "$")
}

fn read(rows: Vec<tokio_postgres::Row>) -> Result<Vec<Row>> {
    let row =
        |row: &tokio_postgres::Row| (0..row.len()).map(|column| row.try_get::<_, Value>(column).map_err(|_| Failure::Column)).collect::<Result<_>>().map(Row);
    rows.iter().map(row).collect()
}

fn failure(error: &Error) -> Failure {
    match error.code() {
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Failure::Contended(said(error)),
        _ if is_lost(error) => Failure::Lost(said(error)),
        _ => Failure::Database(said(error)),
    }
}

/// Whether the connection is gone: cut off, or ended by the server.
fn is_lost(error: &Error) -> bool {
    let ended = |code: &SqlState| {
        matches!(*code, SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT)
    };
    error.code().map_or_else(|| error.is_closed() || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>()), ended)
}

/// Only what certainly rolls back: a broken constraint, a conflict, no room.
fn is_surely_not_committed(error: &Error) -> bool {
    error.code().is_some_and(|code| ["23", "53"].iter().any(|class| code.code().starts_with(class)) || ["40001", "40P01"].contains(&code.code()))
}

/// What an error says without any value: the server's details repeat the values of a row.
pub(super) fn said(error: &Error) -> String {
    match error.as_db_error() {
        Some(of_server) => of_server.message().to_owned(),
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
