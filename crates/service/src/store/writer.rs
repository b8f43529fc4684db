//! The one writer: a thread that gathers what waits into one transaction (group commit).
//!
//! **Invariants:** a job is answered only after the commit that holds it; each job stands in a savepoint of its
//! own, so that one refused job undoes nothing of its neighbours; after a failed commit by input or output the
//! writer ends, since what the disk then holds is unknown; whoever waits at the gate writes before the next group.

use super::turn::Gate;
use crate::ServiceError;
use rusqlite::{Connection, ErrorCode};
use std::sync::Mutex;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs of one transaction: near the knee where more gain nothing.
const GROUP_MAX: usize = 256;
/// Jobs that wait; behind them callers wait in turn.
const WAITING_MAX: usize = 1024;

type Answer = Box<dyn FnOnce(Option<ServiceError>) + Send>;
type Job = Box<dyn FnOnce(Option<&Connection>) -> Answer + Send>;

/// The way to the writing thread.
pub struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// # Errors
    /// [`ServiceError::Io`] where no thread can be started.
    pub fn start(conn: Connection) -> Result<Self, ServiceError> {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || run(&conn, waiting))
            .map_err(ServiceError::io("starting the writer"))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs `work` in the next transaction and answers after its commit. Once handed over it is done even when
    /// the caller goes away.
    ///
    /// # Errors
    /// Those of `work` and of the commit; [`ServiceError::WriterStopped`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let result = conn.map_or(Err(ServiceError::WriterStopped), |conn| in_savepoint(conn, work));
            Box::new(move |failure| {
                // A caller that has gone away needs no answer.
                let _ = answer.send(failure.map_or(result, Err));
            })
        });
        let jobs = self.jobs.lock().map_err(|_| ServiceError::WriterStopped)?.clone();
        jobs.ok_or(ServiceError::WriterStopped)?
            .send(job)
            .await
            .map_err(|_| ServiceError::WriterStopped)?;
        answered.await.map_err(|_| ServiceError::WriterStopped)?
    }

    /// Ends the thread once everything that waits is committed.
    pub fn stop(&self) {
        if let Ok(mut jobs) = self.jobs.lock() {
            jobs.take();
        }
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer ended in a panic");
        }
    }
}

fn in_savepoint<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    conn.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = work(conn);
    if result.is_err() {
        conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    conn.prepare_cached("RELEASE job")?.execute([])?;
    result
}

fn run(conn: &Connection, mut waiting: mpsc::Receiver<Job>) {
    let gate = Gate::beside(conn);
    while let Some(first) = waiting.blocking_recv() {
        if let Err(failure) = group(conn, &gate, first, &mut waiting)
            && ends_the_writer(&failure)
        {
            tracing::error!(%failure, "the writer stops: what the disk holds is unknown");
            return;
        }
    }
}

/// One transaction. The error is the transaction's, already told to every job in it.
fn group(
    conn: &Connection,
    gate: &Gate,
    first: Job,
    waiting: &mut mpsc::Receiver<Job>,
) -> Result<(), rusqlite::Error> {
    let turn = gate.enter();
    let begun = conn.execute_batch("BEGIN IMMEDIATE");
    drop(turn);
    let open = begun.is_ok().then_some(conn);
    let mut answers = vec![first(open)];
    while answers.len() < GROUP_MAX
        && let Ok(job) = waiting.try_recv()
    {
        answers.push(job(open));
    }
    let done = begun.and_then(|()| conn.execute_batch("COMMIT"));
    if done.is_err() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    for answer in answers {
        answer(done.as_ref().err().map(again));
    }
    done
}

/// The same failure for each of many.
fn again(failure: &rusqlite::Error) -> ServiceError {
    match failure {
        rusqlite::Error::SqliteFailure(code, _) => rusqlite::Error::SqliteFailure(*code, None).into(),
        // rusqlite's enum is open, and nothing else is told apart.
        _ => ServiceError::WriterStopped,
    }
}

fn ends_the_writer(failure: &rusqlite::Error) -> bool {
    matches!(
        failure.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_refused_job_undoes_itself_and_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.db");
        let writer = Arc::new(Writer::start(crate::store::open(&path).unwrap()).unwrap());
        let jobs = (0..64_i64).map(|n| {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move {
                writer
                    .write(move |conn| {
                        conn.execute("INSERT INTO meta VALUES (?1, ?2)", (format!("k{n}"), n))?;
                        if n % 2 == 0 {
                            Ok(n)
                        } else {
                            Err(ServiceError::Damaged("on purpose"))
                        }
                    })
                    .await
            })
        });
        for (n, job) in jobs.collect::<Vec<_>>().into_iter().enumerate() {
            assert_eq!(job.await.unwrap().is_ok(), n % 2 == 0);
        }
        writer.stop();
        assert!(matches!(
            writer.write(|_| Ok(())).await,
            Err(ServiceError::WriterStopped)
        ));
        let conn = crate::store::open(&path).unwrap();
        let kept: i64 = conn
            .query_row("SELECT count(*) FROM meta WHERE key LIKE 'k%'", [], |r| r.get(0))
            .unwrap();
        assert_eq!(kept, 32, "exactly the jobs that were answered with success");
    }

    /// A service under constant load, and somebody who administers beside it: each write of theirs is the next or next
    /// but one.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn who_administers_beside_a_busy_service_has_their_turn() {
        const WRITES: i64 = 20;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.db");
        let writer = Arc::new(Writer::start(crate::store::open(&path).unwrap()).unwrap());
        let busy = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let load: Vec<_> = (0..64_i64)
            .map(|who| {
                let (writer, busy) = (Arc::clone(&writer), Arc::clone(&busy));
                tokio::spawn(async move {
                    let mut n = 0_i64;
                    while busy.load(std::sync::atomic::Ordering::Relaxed) {
                        n += 1;
                        let key = format!("{who}-{n}");
                        let put = move |conn: &Connection| {
                            conn.execute("INSERT INTO meta VALUES (?1, ?2)", (key, n))?;
                            Ok(())
                        };
                        writer.write(put).await.unwrap();
                    }
                    n
                })
            })
            .collect();
        let administers = tokio::task::spawn_blocking(move || {
            let mut conn = crate::store::open(&path).unwrap();
            let mut slowest = std::time::Duration::ZERO;
            for n in 0..WRITES {
                let began = std::time::Instant::now();
                crate::store::immediate(&mut conn, |tx| {
                    tx.execute("INSERT INTO meta VALUES (?1, ?2)", (format!("admin-{n}"), n))?;
                    Ok(())
                })
                .unwrap();
                slowest = slowest.max(began.elapsed());
            }
            slowest
        });
        let slowest = administers.await.unwrap();
        busy.store(false, std::sync::atomic::Ordering::Relaxed);
        let mut written = 0;
        for one in load {
            written += one.await.unwrap();
        }
        eprintln!("the slowest of {WRITES} waited {slowest:?} beside {written} jobs");
        assert!(
            slowest < std::time::Duration::from_secs(2),
            "waited {slowest:?} beside {written} jobs"
        );
        assert!(written > WRITES, "the service went on: {written}");
    }
}
