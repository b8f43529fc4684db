//! Long queues: twenty thousand dossiers on a kiosk, millions held by a province. What the engine asks before each thing
//! it does comes as fast as from a short queue, and the real programs start soon and stay small.

use super::kills::Life;
use super::whole;
use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, bail, ensure};
use domain::delivery::{Delivery, Watermark};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use store::Outbox;
use store::tables::item;
use stories::counter::PIN;
use stories::desk::{Desk, noise};
use stories::place::{Enrolled, enrol};
use stories::{Province, counter};
use tokio::runtime::Handle;

/// Words that start this program to measure itself alone.
pub const KIOSK: &str = "as-queue";

const SHORT_QUEUE: u64 = 1000;
const START_MAX: Duration = Duration::from_secs(5);
/// To show a list of five hundred, with what stands above it.
const LISTED_MAX: Duration = Duration::from_millis(500);
const RESIDENT_KB_MAX: u64 = 200 * 1024;
const SAMPLES: usize = 200;
/// Without an index each answer takes so long that these are enough.
const CONTROL_SAMPLES: usize = 20;
/// Held dossiers from which a search without an index is longer than everything else that taking one in costs.
const HELD_DISTINCT_FROM: u64 = 1_000_000;

fn p99(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() * 99 / 100).copied().unwrap_or_default()
}

fn times(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

/// The most that a process ever had in memory, in kB.
fn peak_kb(process: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|text| text.trim().split(' ').next());
    Ok(number.context("no VmHWM")?.parse()?)
}

// ---- the kiosk --------------------------------------------------------------------------------------------------

/// Seals so many. Each has its own form, record and file; the file of all but the first is the first one's with a number
/// behind it, which nobody but the province could tell from a sealed one.
fn fill(desk: &mut Desk, count: u64) -> Result<()> {
    let first = desk.seal(&[noise(300, 7)])?;
    let blob = whole::manifest(&desk.outbox, &first)?.blobs;
    let model = std::fs::read(desk.files.path(&blob.first().context("no file")?.name()))?;
    for n in 1..count {
        let bytes = [model.as_slice(), &n.to_le_bytes()].concat();
        let blob = seal::blob::record_of(&bytes);
        std::fs::write(desk.files.path(&blob.name()), bytes)?;
        desk.seal_with(vec![blob])?;
    }
    Ok(())
}

/// Of `sync::pass`.
const DUE_MAX: u32 = 200;
const RECENT_MAX: u32 = 50;

/// What the engine asks before each thing that it does, and between two passes: `sync::pass`, `facts` and `queue`.
fn ask(outbox: &Outbox) -> Result<usize> {
    let (db, now) = (outbox.db(), jiff::Timestamp::now().as_millisecond());
    let forms = item::due_in(db, "sealed", now, DUE_MAX)?.len();
    item::due_in(db, "registered", now, DUE_MAX)?;
    item::in_state(db, "received")?;
    item::newest(db, RECENT_MAX)?;
    item::next_turn(db)?;
    Ok(forms)
}

/// What it asks before each file, once the province has every form: `sync::scans`.
fn ask_for_files(outbox: &Outbox) -> Result<usize> {
    let (db, now) = (outbox.db(), jiff::Timestamp::now().as_millisecond());
    item::due_in(db, "sealed", now, DUE_MAX)?;
    item::overtaken(db, sync::plan::OVERTAKEN_MAX)?;
    Ok(item::due_in(db, "registered", now, DUE_MAX)?.len())
}

/// The province has every form, and of the oldest dossiers everything.
fn forms_are_there(outbox: &Outbox) -> Result<()> {
    const WHOLE: u32 = 100;
    let at = Watermark { epoch: 1, lsn: 1 };
    let sql = "UPDATE item SET state = ?1, delivery = ?2, waiting = ?3 WHERE device_seq <= ?4";
    for (delivery, to) in [
        (Delivery::Registered, u32::MAX),
        (Delivery::Received { at }, WHOLE),
    ] {
        let json = serde_json::to_string(&delivery)?;
        let word = (delivery.as_str(), json, delivery.is_waiting(), to);
        outbox.db().execute(sql, word)?;
    }
    Ok(())
}

/// The 99th percentile, of two rounds the better one: what else the machine is at is not the queue's.
fn timed(question: impl Fn() -> Result<usize>, samples: usize) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..2 {
        let mut all = Vec::new();
        for _ in 0..samples {
            let began = Instant::now();
            let due = question()?;
            all.push(began.elapsed());
            ensure!(due > 0, "nothing is due");
        }
        best = best.min(p99(all));
    }
    Ok(best)
}

/// Opens a queue and measures, in a process of its own.
pub fn as_kiosk(words: &[String]) -> Result<()> {
    let [folder, samples] = words else {
        bail!("as-queue FOLDER SAMPLES")
    };
    let outbox = Outbox::open(Path::new(folder))?;
    let samples = samples.parse()?;
    let asked = timed(|| ask(&outbox), samples)?;
    let counted = timed(|| Ok(item::depth(outbox.db())?.0 as usize), samples)?;
    outbox.db().execute_batch("BEGIN")?;
    forms_are_there(&outbox)?;
    let files = timed(|| ask_for_files(&outbox), samples)?;
    outbox.db().execute_batch("ROLLBACK")?;
    println!(
        "{}",
        json!({ "asked_ns": asked.as_nanos(), "counted_ns": counted.as_nanos(), "files_ns": files.as_nanos() })
    );
    Ok(())
}

struct Measured {
    asked: Duration,
    counted: Duration,
    files: Duration,
}

fn measure(folder: &Path, samples: usize) -> Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .arg(KIOSK)
        .arg(folder)
        .arg(samples.to_string())
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let value: Value = serde_json::from_slice(&output.stdout).with_context(|| text.into_owned())?;
    let number = |name: &str| value.get(name).and_then(Value::as_u64).context("no number");
    Ok(Measured {
        asked: Duration::from_nanos(number("asked_ns")?),
        counted: Duration::from_nanos(number("counted_ns")?),
        files: Duration::from_nanos(number("files_ns")?),
    })
}

/// What the real program took.
struct Started {
    /// Until it answered for the first time.
    answered: Duration,
    /// To show the queue's list, as it is shown again whenever a dossier moves; of several the quickest.
    listed: Duration,
    resident_kb: u64,
}

/// The real program on that disk, with no network: an officer signs in, looks at the queue and presses "Gửi ngay".
fn start(life: &Life) -> Result<Started> {
    const LOOKS: usize = 5;
    let began = Instant::now();
    let mut kiosk = life.open()?;
    let answered = began.elapsed();
    kiosk.call("sign_in", json!({ "operator": life.officer(), "pin": PIN }))?;
    let mut listed = Duration::MAX;
    for _ in 0..LOOKS {
        let began = Instant::now();
        ensure!(!counter::items(&mut kiosk)?.is_empty(), "an empty queue");
        listed = listed.min(began.elapsed());
    }
    kiosk.call("send_now", json!({}))?;
    let resident_kb = peak_kb(&kiosk.pid().to_string())?;
    kiosk.close()?;
    Ok(Started {
        answered,
        listed,
        resident_kb,
    })
}

/// Twenty thousand on the kiosk.
pub fn kiosk(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(6_000, 20_000);
    let mut row = Row::new("queue-kiosk", "queued dossiers", plan, wanted);
    let province = Province::start()?;
    let mut lives = Vec::new();
    for count in [SHORT_QUEUE, wanted] {
        let mut life = Life::enrol(&province, &plan.scratch)?;
        life.people()?.close()?;
        life.away(true);
        fill(&mut life.desk()?, count)?;
        lives.push(life);
    }
    let [short, long] = lives.as_slice() else {
        bail!("two queues")
    };
    let (few, many) = (measure(&short.data(), SAMPLES)?, measure(&long.data(), SAMPLES)?);
    let Started {
        answered,
        listed,
        resident_kb,
    } = start(long)?;
    row.done = wanted;
    row.note = format!(
        "what the engine asks p99 {:?} against {:?}, before a file {:?} against {:?}, a count of all {:?}; the program answers after {answered:?}, shows its list in {listed:?}, {} MB at most",
        many.asked,
        few.asked,
        many.files,
        few.files,
        many.counted,
        resident_kb / 1024
    );
    for (what, ratio) in [
        ("the engine's questions take", times(many.asked, few.asked)),
        ("those before a file take", times(many.files, few.files)),
    ] {
        if ratio > 2.0 {
            row.breaks(format!("{what} {ratio:.2} times as long"));
        }
    }
    if listed > LISTED_MAX {
        row.breaks(format!("the list is shown after {listed:?}"));
    }
    if answered > START_MAX || resident_kb > RESIDENT_KB_MAX {
        row.breaks(format!("answered after {answered:?}, {resident_kb} kB in memory"));
    }
    Outbox::open(&long.data())?
        .db()
        .execute_batch("DROP INDEX item_waiting; DROP INDEX item_state")?;
    let ratio = times(measure(&long.data(), CONTROL_SAMPLES)?.asked, few.asked);
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

/// From "Gửi ngay" to the acknowledgement, of so many dossiers one by one: the 99th percentile.
fn take_in(
    province: &Province,
    counter: &mut Enrolled,
    runtime: &Handle,
    seed: u64,
    samples: u64,
) -> Result<Duration> {
    let engine = counter.engine(runtime, &province.url())?;
    let mut all = Vec::new();
    for n in 0..samples {
        let sealed = counter.desk.seal(&[noise(600, seed + n)])?;
        let began = Instant::now();
        let pass = engine.send_now();
        all.push(began.elapsed());
        let row = item::get(counter.desk.outbox.db(), &sealed)?;
        let whole = row.is_some_and(|row| row.delivery.is_acknowledged());
        ensure!(whole, "not acknowledged: {pass:?}");
    }
    runtime.block_on(engine.stop());
    Ok(p99(all))
}

/// Dossiers that are taken in one by one: three are above the 99th percentile.
const TAKEN_IN: u64 = 300;
/// As [`CONTROL_SAMPLES`].
const TAKEN_IN_OF_CONTROL: u64 = 40;

/// Millions at the province: its real program.
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
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let runtime = runtime.handle();
    let mut province = Province::start()?;
    let data = province.data();
    let mut counter = enrol(runtime, &province.url(), &data, &folder.path().join("kiosk"))?;
    hold(&data, 1, SHORT_QUEUE)?;
    let few = take_in(&province, &mut counter, runtime, 1, TAKEN_IN)?;
    province.stop()?;
    hold(&data, SHORT_QUEUE + 1, wanted)?;
    let began = Instant::now();
    province.serve()?;
    let start = began.elapsed();
    let many = take_in(&province, &mut counter, runtime, 1000, TAKEN_IN)?;
    let pid = province.pid().context("the province does not run")?;
    let resident_kb = peak_kb(&pid.to_string())?;
    row.done = wanted;
    let ratio = times(many, few);
    row.note = format!(
        "taking one in: p99 {many:?} against {few:?} ({ratio:.2}); start {start:?}, {} MB at most",
        resident_kb / 1024
    );
    if ratio > 2.0 || start > START_MAX || resident_kb > RESIDENT_KB_MAX {
        row.breaks(format!(
            "{ratio:.2} times as long, start {start:?}, {resident_kb} kB in memory"
        ));
    }
    rusqlite::Connection::open(data.join("province.db"))?
        .execute_batch("DROP INDEX events_by_device; DROP INDEX dossiers_by_receipt_number")?;
    let bare = take_in(&province, &mut counter, runtime, 2000, TAKEN_IN_OF_CONTROL)?;
    let ratio = times(bare, few);
    row.control("no index", ratio > 2.0, format!("{ratio:.1} times as long"));
    province.stop()?;
    Ok(row)
}
