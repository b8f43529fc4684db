//! Long queues: twenty thousand dossiers on a kiosk, millions held by a province. The next item comes as fast as from
//! a short queue, and the start stays short.

use crate::place::{Counter, Place};
use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, bail, ensure};
use domain::ids::{DossierId, ProcedureCode};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use store::Outbox;
use store::tables::item::{self, NewItem};
use stories::desk::noise;

/// Words that start this program to measure itself alone.
pub const KIOSK: &str = "as-queue";

const SHORT_QUEUE: u64 = 1000;
const START_MAX: Duration = Duration::from_secs(5);
const RESIDENT_KB_MAX: u64 = 200 * 1024;
const SAMPLES: usize = 400;
/// Held dossiers from which a search without an index is longer than everything else that taking one in costs.
const HELD_DISTINCT_FROM: u64 = 1_000_000;

fn p99(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() * 99 / 100).copied().unwrap_or_default()
}

fn times(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

// ---- the kiosk --------------------------------------------------------------------------------------------------

fn fill(folder: &Path, count: u64) -> Result<()> {
    let outbox = Outbox::open(folder)?;
    let (code, envelope) = (ProcedureCode::from("1.001193"), noise(2500, 7));
    outbox.db().execute_batch("BEGIN")?;
    for n in 0..count {
        let new = NewItem {
            dossier: DossierId(seal::random::uuid()?),
            device_seq: n + 1,
            receipt_number: "DH-00001-00001-00",
            procedure_code: &code,
            envelope: &envelope,
            manifest_sha256: [3; 32],
            sealed_files: &[],
            sealed_ms: 1,
            takes_back: None,
        };
        item::insert(outbox.db(), &new)?;
    }
    Ok(outbox.db().execute_batch("COMMIT")?)
}

/// Opens a queue and measures, in a process of its own.
pub fn as_kiosk(words: &[String]) -> Result<()> {
    let [folder] = words else { bail!("as-queue FOLDER") };
    let began = Instant::now();
    let outbox = Outbox::open(Path::new(folder))?;
    item::depth(outbox.db())?;
    let start = began.elapsed();
    let mut all = Vec::new();
    for _ in 0..SAMPLES {
        let began = Instant::now();
        let due = item::due(outbox.db(), 10, 1)?;
        item::next_turn(outbox.db())?;
        all.push(began.elapsed());
        ensure!(due.len() == 1, "nothing is due");
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|text| text.trim().split(' ').next()?.parse::<u64>().ok());
    println!(
        "{}",
        json!({ "p99_ns": p99(all).as_nanos(), "start_ms": start.as_millis(), "resident_kb": resident })
    );
    Ok(())
}

struct Measured {
    p99: Duration,
    start: Duration,
    resident_kb: u64,
}

fn measure(folder: &Path) -> Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .arg(KIOSK)
        .arg(folder)
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let value: Value = serde_json::from_slice(&output.stdout).with_context(|| text.into_owned())?;
    let number = |name: &str| value.get(name).and_then(Value::as_u64).context("no number");
    Ok(Measured {
        p99: Duration::from_nanos(number("p99_ns")?),
        start: Duration::from_millis(number("start_ms")?),
        resident_kb: number("resident_kb")?,
    })
}

/// Twenty thousand on the kiosk.
pub fn kiosk(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(20_000, 20_000);
    let mut row = Row::new("queue-kiosk", "queued dossiers", plan, wanted);
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let (short, long) = (folder.path().join("short"), folder.path().join("long"));
    for (path, count) in [(&short, SHORT_QUEUE), (&long, wanted)] {
        std::fs::create_dir(path)?;
        fill(path, count)?;
    }
    let (few, many) = (measure(&short)?, measure(&long)?);
    row.done = wanted;
    let ratio = times(many.p99, few.p99);
    row.note = format!(
        "next item p99 {:?} against {:?} ({ratio:.2}); start {:?}; {} MB resident",
        many.p99,
        few.p99,
        many.start,
        many.resident_kb / 1024
    );
    if ratio > 2.0 {
        row.breaks(format!("the next item takes {ratio:.2} times as long"));
    }
    if many.start > START_MAX || many.resident_kb > RESIDENT_KB_MAX {
        row.breaks("start or memory");
    }
    Outbox::open(&long)?
        .db()
        .execute_batch("DROP INDEX item_waiting")?;
    let ratio = times(measure(&long)?.p99, few.p99);
    row.control("no index", ratio > 2.0, format!("{ratio:.1} times as long"));
    Ok(row)
}

// ---- the province -----------------------------------------------------------------------------------------------

const HOLD: &str = "
    WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
    INSERT INTO dossiers (id, device, manifest_sha256, envelope, receipt_number, procedure_code, lookup_tag, low_trust,
                          state, registered_at, completed_at)
    SELECT printf('%08x-0000-4000-8000-000000000000', (i * 2654435761) & 4294967295), (SELECT id FROM devices LIMIT 1),
           zeroblob(32), zeroblob(200), printf('DH-00009-%d', i), '1.001193', zeroblob(32), 0, 'complete', i, i FROM n";
const TELL: &str = "
    WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
    INSERT INTO events (seq, device, dossier, kind, at)
    SELECT i, printf('%d', i % 2000), 'x', '{\"kind\":\"recall\"}', i FROM n";

/// Holds that many dossiers and events of other counters.
fn hold(province: &Path, from: u64, to: u64) -> Result<()> {
    let db = rusqlite::Connection::open(province.join("province.db"))?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")?;
    let (from, to) = (i64::try_from(from)?, i64::try_from(to)?);
    db.execute(HOLD, [from, to])?;
    db.execute(TELL, [from, to])?;
    db.execute("UPDATE meta SET value = ?1 WHERE key = 'seq'", [to])?;
    Ok(())
}

/// From "Gửi ngay" to the acknowledgement, of dossiers one by one.
fn take_in(place: &Place, counter: &mut Counter, seed: u64) -> Result<Duration> {
    let engine = place.engine(counter, &place.url()?)?;
    let mut all = Vec::new();
    for n in 0..60 {
        let sealed = counter.desk.seal(&[noise(600, seed + n)])?;
        let began = Instant::now();
        let pass = engine.send_now();
        all.push(began.elapsed());
        let row = item::get(counter.desk.outbox.db(), &sealed)?;
        let whole = row.is_some_and(|row| row.delivery.is_acknowledged());
        ensure!(whole, "not acknowledged: {pass:?}");
    }
    place.runtime.block_on(engine.stop());
    all.sort_unstable();
    // The worst one of sixty is the machine's; the ninth tenth is the queue's.
    Ok(all.get(54).copied().unwrap_or_default())
}

/// Millions at the province.
pub fn province(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(100_000, 2_500_000);
    let mut row = Row::new("held-province", "held dossiers", plan, wanted);
    if wanted < HELD_DISTINCT_FROM {
        row.breaks(format!(
            "below {HELD_DISTINCT_FROM} held dossiers the control is not told from noise: not judged"
        ));
        return Ok(row);
    }
    let folder = tempfile::tempdir()?;
    let place = Place::open(folder.path())?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    hold(&place.province, 1, SHORT_QUEUE)?;
    let few = take_in(&place, &mut counter, 1)?;
    place.close();
    hold(&folder.path().join("province"), SHORT_QUEUE + 1, wanted)?;
    let began = Instant::now();
    let place = Place::open(folder.path())?;
    let start = began.elapsed();
    counter.link.service_url = place.url()?;
    let many = take_in(&place, &mut counter, 1000)?;
    row.done = wanted;
    let ratio = times(many, few);
    row.note = format!("taking one in: {many:?} against {few:?} ({ratio:.2}); start {start:?}");
    if ratio > 2.0 || start > START_MAX {
        row.breaks(format!("{ratio:.2} times as long, start {start:?}"));
    }
    rusqlite::Connection::open(place.province.join("province.db"))?
        .execute_batch("DROP INDEX events_by_device; DROP INDEX dossiers_by_receipt_number")?;
    let bare = take_in(&place, &mut counter, 2000)?;
    let ratio = times(bare, few);
    row.control("no index", ratio > 2.0, format!("{ratio:.1} times as long"));
    place.close();
    Ok(row)
}
