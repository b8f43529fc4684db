//! What a durable commit costs: the kiosk's queue against the bare disk, encrypted against plain, many at once against
//! one by one.

use crate::sides::{Figure, Gate, timed};
use domain::ids::{DossierId, ProcedureCode};
use service::{GroupWriter, ServiceError};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use store::tables::audit;
use store::tables::item::NewItem;
use store::{Drafts, Outbox};
use stories::desk::noise;

/// An envelope without its papers.
pub const ROW_BYTES: usize = 2500;
const CLIENTS: u64 = 128;
/// Commits of one measurement: one alone is the disk's mood.
const RUN: usize = 20;
const TABLE: &str = "CREATE TABLE measured (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT";
const ROW: &str = "INSERT INTO measured (body) VALUES (?1)";

pub fn figures(rounds: usize) -> anyhow::Result<Vec<Figure>> {
    Ok(vec![
        enqueue(rounds)?,
        enqueue_growing(rounds)?,
        encrypted(rounds)?,
        grouped(rounds.min(5))?,
    ])
}

/// The transaction that puts a sealed envelope into the queue.
fn queue_one(outbox: &mut Outbox, envelope: &[u8]) -> anyhow::Result<()> {
    let (chain, code) = (outbox.chain()?, ProcedureCode::from("1.001193"));
    let dossier = DossierId(seal::random::uuid()?);
    let new = NewItem {
        dossier,
        device_seq: chain.device_seq + 1,
        receipt_number: "DH-00001-00001-00",
        procedure_code: &code,
        envelope,
        manifest_sha256: [3; 32],
        sealed_files: &[],
        sealed_ms: 1,
        takes_back: None,
    };
    let line = audit::Entry {
        at_ms: 0,
        what: "sealed",
        dossier: Some(dossier),
        who: None,
        note: None,
    };
    Ok(outbox.commit_sealed(&chain, &new, &line)?)
}

/// Bytes that one such commit writes: what its write-ahead log grows by.
fn written(outbox: &mut Outbox, dir: &Path, envelope: &[u8]) -> anyhow::Result<usize> {
    outbox
        .db()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    queue_one(outbox, envelope)?;
    let log = std::fs::metadata(dir.join("outbox.db-wal"))?;
    Ok(usize::try_from(log.len())?)
}

/// Pages after which SQLite carries its log over and begins it anew, in the same bytes.
const LOG_PAGES: u64 = 1000;
const PAGE: u64 = 4096;

fn log_len(dir: &Path) -> anyhow::Result<u64> {
    Ok(std::fs::metadata(dir.join("outbox.db-wal"))?.len())
}

/// The log has its length and is overwritten, as the other side's file is; carrying it over is in the time.
fn enqueue(rounds: usize) -> anyhow::Result<Figure> {
    let dir = tempfile::tempdir_in(".")?;
    let mut outbox = Outbox::open(dir.path())?;
    let envelope = noise(ROW_BYTES, 3);
    let block = noise(written(&mut outbox, dir.path(), &envelope)?, 9);
    while log_len(dir.path())? < LOG_PAGES * PAGE {
        queue_one(&mut outbox, &envelope)?;
    }
    let mut file = File::create(dir.path().join("block"))?;
    file.write_all(&block)?;
    file.sync_all()?;
    Figure::measure(
        ("durable enqueue (R1, goal 1.11)", Gate::AtMost(2.0)),
        ("the seal's one transaction, 20 times", || {
            timed(|| (0..RUN).try_for_each(|_| queue_one(&mut outbox, &envelope)))
        }),
        (
            "the bytes that it writes, overwritten and fdatasync, 20 times",
            || timed(|| (0..RUN).try_for_each(|_| overwrite(&mut file, &block))),
        ),
        rounds.max(5) * 4,
    )
}

/// In the first hours after the start the log still grows, and the file system writes its new length down each time.
/// So does a bare file that grows.
fn enqueue_growing(rounds: usize) -> anyhow::Result<Figure> {
    let dir = tempfile::tempdir_in(".")?;
    let mut outbox = Outbox::open(dir.path())?;
    let envelope = noise(ROW_BYTES, 3);
    let block = noise(written(&mut outbox, dir.path(), &envelope)?, 9);
    let mut file = File::create(dir.path().join("growing"))?;
    Figure::measure(
        ("the same into a growing log", Gate::AtMost(2.0)),
        ("the seal's one transaction, 10 times, log begun anew", || {
            outbox
                .db()
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            timed(|| (0..RUN / 2).try_for_each(|_| queue_one(&mut outbox, &envelope)))
        }),
        ("the same bytes appended to a new file and fdatasync", || {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.sync_all()?;
            timed(|| {
                (0..RUN / 2).try_for_each(|_| {
                    file.write_all(&block)?;
                    Ok(file.sync_data()?)
                })
            })
        }),
        rounds.max(5) * 2,
    )
}

fn overwrite(file: &mut File, block: &[u8]) -> anyhow::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(block)?;
    Ok(file.sync_data()?)
}

/// Both files are opened by the product's own code, with the same pragmas; one has a key.
fn encrypted(rounds: usize) -> anyhow::Result<Figure> {
    let dir = tempfile::tempdir_in(".")?;
    let (drafts, plain) = (Drafts::open(dir.path(), &[7; 32])?, Outbox::open(dir.path())?);
    drafts.db().execute_batch(TABLE)?;
    plain.db().execute_batch(TABLE)?;
    let body = noise(ROW_BYTES, 4);
    Figure::measure(
        ("encrypted commit (R2, goal 1.25)", Gate::AtMost(1.43)),
        ("20 rows into the encrypted database, each committed", || {
            timed(|| {
                (0..RUN)
                    .try_for_each(|_| drafts.db().execute(ROW, (&body,)).map(drop))
                    .map_err(Into::into)
            })
        }),
        ("the same into a plain one", || {
            timed(|| {
                (0..RUN)
                    .try_for_each(|_| plain.db().execute(ROW, (&body,)).map(drop))
                    .map_err(Into::into)
            })
        }),
        rounds.max(5) * 2,
    )
}

fn grouped(rounds: usize) -> anyhow::Result<Figure> {
    let dir = tempfile::tempdir_in(".")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()?;
    let (ours, other) = (dir.path().join("group.db"), dir.path().join("single.db"));
    let (ours, other) = (service::open_database(&ours)?, service::open_database(&other)?);
    ours.execute_batch(TABLE)?;
    other.execute_batch(TABLE)?;
    let writer = Arc::new(GroupWriter::start(ours)?);
    let body = Arc::new(noise(ROW_BYTES, 5));
    let figure = Figure::measure(
        ("128 clients, group commit (R6, goal 0.143)", Gate::AtMost(0.143)),
        ("128 commits asked at once of the service's writer", || {
            timed(|| runtime.block_on(all_at_once(&writer, &body)))
        }),
        ("128 commits one by one", || {
            timed(|| {
                for _ in 0..CLIENTS {
                    other.execute(ROW, (body.as_slice(),))?;
                }
                Ok(())
            })
        }),
        rounds,
    );
    writer.stop();
    figure
}

async fn all_at_once(writer: &Arc<GroupWriter>, body: &Arc<Vec<u8>>) -> anyhow::Result<()> {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (writer, body) = (Arc::clone(writer), Arc::clone(body));
            tokio::spawn(async move {
                let job = writer.write(move |conn| {
                    conn.execute(ROW, (body.as_slice(),))?;
                    Ok::<_, ServiceError>(())
                });
                job.await
            })
        })
        .collect();
    for client in clients {
        client.await??;
    }
    Ok(())
}
