//! The status feed's cursor while many write: the real store of the service, its group commit, and a second process's
//! connection beside it. Whoever follows the cursor sees every committed event once and in order, whatever was refused
//! or rolled back in between. The service has SQLite alone; there is no other database to try.
//!
//! **Invariant:** each writer numbers what it commits for a device from 1, inside the event, and a follower takes nothing
//! but the next number: one that is missing was skipped, one that is smaller came twice or out of order.

use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, ensure};
use domain::ids::{DeviceId, DossierId};
use domain::province::CaseStatus;
use jiff::Timestamp;
use rusqlite::Connection;
use service::{FeedReaders, GroupWriter, ServiceError, feed, in_one_transaction, open_database};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use stories::seeded::Seeded;
use tokio::runtime::Runtime;
use wire::limits::EVENTS_MAX;
use wire::sync::{Event, EventKind};

const WRITERS: usize = 64;
/// Of these, writers with a connection of their own, as the `admin` commands beside a running service.
const BESIDE: usize = 2;
const DEVICES: usize = 8;
/// Events of one job at most.
const JOB_MAX: u64 = 24;
/// One job in so many is refused after it wrote.
const REFUSED: u64 = 12;

/// One device with one dossier.
#[derive(Clone, Copy)]
struct Kiosk {
    device: DeviceId,
    dossier: DossierId,
}

/// A store with its kiosks, and how many events of each writer were committed for each.
struct Feed {
    path: PathBuf,
    kiosks: Vec<Kiosk>,
    writer: GroupWriter,
    readers: FeedReaders,
    committed: Vec<Vec<AtomicU64>>,
    left: AtomicU64,
    written: AtomicBool,
    /// How often a writer beside the service was told that the database is locked.
    locked: AtomicU64,
}

fn put(conn: &Connection, kiosk: Kiosk) -> rusqlite::Result<()> {
    let (device, dossier) = (kiosk.device.to_string(), kiosk.dossier.to_string());
    conn.execute(
        "INSERT OR IGNORE INTO enrol_codes (id, selector, code_sha256, made_at, expires_at) VALUES (1, 's', x'00', 0, 0)",
        [],
    )?;
    conn.execute(
        "INSERT INTO devices (id, state, key, class, counter_name, code_id, ticket_sha256, requested_at)
         VALUES (?1, 'approved', x'00', 'field', 'Quầy', 1, CAST(?1 AS BLOB), 0)",
        [&device],
    )?;
    conn.execute(
        "INSERT INTO dossiers (id, device, manifest_sha256, envelope, receipt_number, procedure_code, lookup_tag, low_trust, state, registered_at)
         VALUES (?1, ?2, x'00', x'00', '', '', x'00', 0, 'complete', 0)",
        [&dossier, &device],
    )?;
    Ok(())
}

impl Feed {
    fn new(folder: &Path, events: u64, random: &mut Seeded) -> Result<Self> {
        let path = folder.join("province.db");
        let mut id = || uuid::Uuid::from_u64_pair(random.number(), random.number());
        let kiosks: Vec<Kiosk> = (0..DEVICES)
            .map(|_| Kiosk {
                device: DeviceId(id()),
                dossier: DossierId(id()),
            })
            .collect();
        let conn = open_database(&path)?;
        for kiosk in &kiosks {
            put(&conn, *kiosk)?;
        }
        Ok(Self {
            readers: FeedReaders::new(path.clone()),
            writer: GroupWriter::start(conn)?,
            path,
            kiosks,
            committed: (0..WRITERS)
                .map(|_| (0..DEVICES).map(|_| AtomicU64::new(0)).collect())
                .collect(),
            left: AtomicU64::new(events),
            written: AtomicBool::new(false),
            locked: AtomicU64::new(0),
        })
    }

    /// How many of the wanted events this job takes.
    fn take(&self, most: u64) -> u64 {
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(most))
            });
        taken.map_or(0, |left| left.min(most))
    }
}

fn is_locked(failure: &ServiceError) -> bool {
    let ServiceError::Database(failure) = failure else {
        return false;
    };
    failure.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

fn kind(writer: usize, number: u64) -> EventKind {
    EventKind::Case {
        status: CaseStatus::Processing,
        official_code: None,
        note: Some(format!("{writer} {number}")),
    }
}

/// The writer and its number of an event.
fn read(event: &Event) -> Option<(usize, u64)> {
    let EventKind::Case { note: Some(note), .. } = &event.kind else {
        return None;
    };
    let (writer, number) = note.split_once(' ')?;
    Some((writer.parse().ok()?, number.parse().ok()?))
}

/// Events of one job: for which kiosk, and the number of each.
type Job = Vec<(Kiosk, EventKind)>;

fn append(conn: &Connection, job: &Job, refused: bool) -> Result<(), ServiceError> {
    for (kiosk, kind) in job {
        feed::append(conn, &kiosk.dossier, kind, Timestamp::UNIX_EPOCH)?;
    }
    if refused {
        Err(ServiceError::Damaged("on purpose"))
    } else {
        Ok(())
    }
}

impl Feed {
    fn job(&self, writer: usize, of: u64, counts: &mut [u64; DEVICES], random: &mut Seeded) -> Job {
        (0..of)
            .map(|_| {
                let which = usize::try_from(random.below(DEVICES as u64)).unwrap_or(0);
                counts[which] += 1;
                (self.kiosks[which], kind(writer, counts[which]))
            })
            .collect()
    }

    fn commits(&self, writer: usize, counts: &[u64; DEVICES]) {
        for (committed, count) in self.committed[writer].iter().zip(counts) {
            committed.store(*count, Ordering::Relaxed);
        }
    }

    /// One writer among many, through the group commit.
    async fn write(self: Arc<Self>, writer: usize, seed: u64) -> Result<()> {
        let mut random = Seeded::new(seed);
        let mut counts = [0; DEVICES];
        loop {
            let refused = random.below(REFUSED) == 0;
            let most = 1 + random.below(JOB_MAX);
            let of = if refused { most } else { self.take(most) };
            if of == 0 {
                return Ok(());
            }
            let mut after = counts;
            let job = self.job(writer, of, &mut after, &mut random);
            let came = self.writer.write(move |conn| append(conn, &job, refused)).await;
            ensure!(came.is_ok() != refused, "{came:?}");
            if !refused {
                counts = after;
                self.commits(writer, &counts);
            }
        }
    }

    /// One writer with a connection of its own.
    fn write_beside(&self, writer: usize, seed: u64) -> Result<()> {
        let mut conn = open_database(&self.path)?;
        let mut random = Seeded::new(seed);
        let mut counts = [0; DEVICES];
        loop {
            let of = self.take(1 + random.below(JOB_MAX));
            if of == 0 {
                return Ok(());
            }
            let job = self.job(writer, of, &mut counts, &mut random);
            // The service leaves hardly a gap between two groups: whoever waits for longer than the database's ten
            // seconds is told that it is locked, nothing of theirs is kept, and they press again.
            while let Err(failure) = in_one_transaction(&mut conn, |tx| append(tx, &job, false)) {
                ensure!(is_locked(&failure), "{failure}");
                self.locked.fetch_add(1, Ordering::Relaxed);
            }
            self.commits(writer, &counts);
            std::thread::sleep(Duration::from_millis(random.below(3)));
        }
    }

    /// A kiosk that asks again and again, as the small question does. Answers how many events it saw.
    async fn follow(self: Arc<Self>, which: usize) -> Result<u64> {
        let kiosk = self.kiosks[which];
        let mut next: BTreeMap<usize, u64> = BTreeMap::new();
        let (mut cursor, mut seen) = (0, 0);
        loop {
            // Read before the page: nothing that is written after an empty page can be missed.
            let over = self.written.load(Ordering::Acquire);
            let page = self
                .readers
                .read(move |conn| feed::after(conn, &kiosk.device, cursor, EVENTS_MAX))
                .await?;
            for event in &page {
                ensure!(event.seq > cursor, "out of order: {} after {cursor}", event.seq);
                cursor = event.seq;
                let (writer, number) = read(event).context("a strange event")?;
                let wanted = next.entry(writer).or_insert(1);
                ensure!(number >= *wanted, "twice: {number} of writer {writer}");
                ensure!(
                    number == *wanted,
                    "skipped: {wanted} of writer {writer}, {number} came"
                );
                *wanted += 1;
                seen += 1;
            }
            if page.is_empty() && over {
                break;
            }
        }
        let all: u64 = self
            .committed
            .iter()
            .map(|w| w[which].load(Ordering::Relaxed))
            .sum();
        ensure!(seen == all, "skipped: {seen} of {all} were seen");
        Ok(seen)
    }
}

/// Writers and followers to the end. Answers how many events were seen by whom they are for.
fn run(runtime: &Runtime, feed: &Arc<Feed>, seed: u64, early: bool) -> Result<u64> {
    runtime.block_on(async {
        let followers: Vec<_> = (0..DEVICES)
            .map(|which| tokio::spawn(Arc::clone(feed).follow(which)))
            .collect();
        let numbers = Arc::new(AtomicU64::new(0));
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (feed, seed) = (Arc::clone(feed), seed + writer as u64);
            if early {
                writers.spawn(feed.write_early(writer, seed, Arc::clone(&numbers)));
            } else if writer < BESIDE {
                writers.spawn_blocking(move || feed.write_beside(writer, seed));
            } else {
                writers.spawn(feed.write(writer, seed));
            }
        }
        let mut came = Ok(());
        while let Some(one) = writers.join_next().await {
            came = came.and(one?);
        }
        feed.written.store(true, Ordering::Release);
        let mut seen = Ok(0);
        for follower in followers {
            let one = follower.await?;
            seen = seen.and_then(|seen: u64| Ok(seen + one?));
        }
        came.and(seen)
    })
}

impl Feed {
    /// The control: the number is taken first, as a sequence of the database gives it, and its transaction commits when it
    /// does.
    async fn write_early(self: Arc<Self>, writer: usize, seed: u64, numbers: Arc<AtomicU64>) -> Result<()> {
        let mut random = Seeded::new(seed);
        let mut counts = [0; DEVICES];
        while self.take(1) > 0 {
            let [(kiosk, kind)] = self
                .job(writer, 1, &mut counts, &mut random)
                .try_into()
                .map_err(|_| anyhow::anyhow!("one event"))?;
            let seq = 1 + numbers.fetch_add(1, Ordering::Relaxed);
            // Whatever a transaction does between its number and its commit.
            for _ in 0..random.below(4) {
                tokio::task::yield_now().await;
            }
            let json = serde_json::to_string(&kind)?;
            let ids = (
                seq.cast_signed(),
                kiosk.device.to_string(),
                kiosk.dossier.to_string(),
                json,
            );
            let sql = "INSERT INTO events (seq, device, dossier, kind, at) VALUES (?1, ?2, ?3, ?4, 0)";
            self.writer
                .write(move |conn| Ok(conn.execute(sql, ids).map(drop)?))
                .await?;
            self.commits(writer, &counts);
        }
        Ok(())
    }
}

/// The feed under 64 writers.
pub fn cursor(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(40_000, 1_000_000);
    let mut row = Row::new("cursor", "events of 64 writers", plan, wanted);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut random = Seeded::new(plan.seed);
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let feed = Arc::new(Feed::new(folder.path(), wanted, &mut random)?);
    let began = std::time::Instant::now();
    match run(&runtime, &feed, plan.seed, false) {
        Ok(seen) => row.done = seen,
        Err(why) => row.breaks(format!("{why:#}")),
    }
    feed.writer.stop();
    #[expect(clippy::cast_precision_loss, reason = "a count of events, for the eye")]
    let wanted = wanted as f64;
    row.note = format!(
        "{DEVICES} followers beside them, one job in {REFUSED} refused after it wrote, {BESIDE} writers with connections of their \
         own, {} times told that the database is locked; {:.0} events/s",
        feed.locked.load(Ordering::Relaxed),
        wanted / began.elapsed().as_secs_f64()
    );
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let early = Arc::new(Feed::new(folder.path(), 4000, &mut random)?);
    let came = run(&runtime, &early, plan.seed, true);
    early.writer.stop();
    let how = came
        .as_ref()
        .map_or_else(|why| format!("{why:#}"), |seen| format!("{seen} seen"));
    row.control("number taken before the commit", came.is_err(), how);
    Ok(row)
}
