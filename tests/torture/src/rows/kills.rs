//! `kill -9` at random moments: of the kiosk's real program while it seals, of the province's while it takes in.

use crate::place::enrol;
use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, ensure};
use domain::delivery::Watermark;
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::{Context, SigningKey};
use seal::manifest::Manifest;
use seal::signed::Signed;
use serde_json::{Value, json};
use service::admin::Admin;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::tables::{item, setting};
use store::{Outbox, SealedFiles};
use stories::counter::{Counter, PIN, items};
use stories::desk::noise;
use stories::seeded::Seeded;
use stories::{Kiosk, Province, Rule, form};
use wire::Sha256;
use wire::acknowledgement::{AckFile, Acknowledgement};

const ROWS_MAX: u32 = 100_000;
/// Within so many kills a control loses something.
const CONTROL_KILLS_MAX: u32 = 25;

fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(copied.success(), "cp ended with {copied}");
    Ok(())
}

// ---- the kiosk --------------------------------------------------------------------------------------------------

/// A kiosk whose open dossier waits for nothing but the seal.
struct Ready {
    folder: PathBuf,
    officer: Value,
    dossier: String,
    /// How long the seal takes when nobody kills it.
    takes: Duration,
}

fn make_ready(plan: &Plan, keep: &Path) -> Result<(Ready, Counter)> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    kiosk.close()?;
    let folder = keep.join("ready");
    copy(&counter.data(), &folder)?;
    let mut ready = Ready {
        officer: counter.officer().clone(),
        folder,
        dossier,
        takes: Duration::ZERO,
    };
    let once = tempfile::tempdir_in(&plan.scratch)?;
    let mut kiosk = ready.open(&once.path().join("kiosk"), true)?;
    let began = Instant::now();
    kiosk.call("seal_dossier", json!({ "dossier": ready.dossier }))?;
    ready.takes = began.elapsed();
    kiosk.close()?;
    Ok((ready, counter))
}

impl Ready {
    /// Opens the kiosk on a copy and signs in; `fresh` makes the copy.
    fn open(&self, data: &Path, fresh: bool) -> Result<Kiosk> {
        if fresh {
            copy(&self.folder, data)?;
        }
        let mut kiosk = Kiosk::open(data)?;
        kiosk.call("sign_in", json!({ "operator": self.officer, "pin": PIN }))?;
        if fresh {
            kiosk.call("open_dossier", json!({ "dossier": self.dossier }))?;
        }
        Ok(kiosk)
    }

    /// Seals, kills after `wait`, and answers what is on disk and whether the receipt had been promised.
    fn kill_once(&self, data: &Path, wait: Duration, promises: Promises) -> Result<(bool, usize)> {
        let mut kiosk = self.open(data, true)?;
        let asked = kiosk.send("operator", "seal_dossier", json!({ "dossier": self.dossier }))?;
        std::thread::sleep(wait);
        let heard = kiosk.kill_and_hear()?;
        let answered = heard
            .iter()
            .any(|m| m.get("id") == Some(&json!(asked)) && m.get("result").is_some());
        let promised = promises == Promises::WhenAsked || answered;
        let outbox = Outbox::open(data)?;
        let files = SealedFiles::open(data)?;
        let rows = item::newest(outbox.db(), ROWS_MAX)?;
        for row in &rows {
            ensure!(
                row.dossier.to_string() == self.dossier,
                "a stranger in the outbox"
            );
            let sealed = SealedDossier::from_bytes(&item::envelope(outbox.db(), &row.dossier)?)?;
            for blob in &Manifest::from_bytes(&sealed.manifest)?.blobs {
                files.verify(blob).context("dangling: a row without its file")?;
            }
        }
        Ok((promised, rows.len()))
    }

    /// Opened again: the dossier is there once, sealed or to be sealed.
    fn once_only(&self, data: &Path, sealed: bool) -> Result<()> {
        let mut kiosk = self.open(data, false)?;
        if !sealed {
            kiosk
                .call("open_dossier", json!({ "dossier": self.dossier }))
                .context("lost: neither sealed nor a draft")?;
            kiosk.call("seal_dossier", json!({ "dossier": self.dossier }))?;
        }
        let all = items(&mut kiosk)?;
        ensure!(all.len() == 1, "dup: {} in the outbox", all.len());
        let again = kiosk.call("seal_dossier", json!({ "dossier": self.dossier }));
        ensure!(
            items(&mut kiosk)?.len() == 1,
            "dup: sealed a second time: {again:?}"
        );
        kiosk.kill()
    }
}

/// When the person has been told that the dossier is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promises {
    /// By the kiosk's own answer.
    WhenAnswered,
    /// The control: somebody in front of the kiosk says it as soon as it is asked for.
    WhenAsked,
}

/// Kiosks that are killed beside each other: most of a round is waiting for a program to start.
const BESIDE: u32 = 4;

/// One round: killed `wait` after the seal was asked for, looked at, and opened again.
fn round(ready: &Ready, scratch: &Path, wait: Duration, promises: Promises) -> Result<(bool, usize)> {
    let folder = tempfile::tempdir_in(scratch)?;
    let data = folder.path().join("kiosk");
    let (promised, rows) = ready.kill_once(&data, wait, promises)?;
    ensure!(rows <= 1, "dup: {rows} rows");
    ensure!(!promised || rows == 1, "lost: a receipt without a row");
    ready.once_only(&data, rows == 1)?;
    Ok((promised, rows))
}

/// The kiosk's headless program, killed while it seals.
pub fn kiosk(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(20, 2000);
    let mut row = Row::new("kill-kiosk", "kills", plan, wanted);
    let keep = tempfile::tempdir_in(&plan.scratch)?;
    let (ready, _counter) = make_ready(plan, keep.path())?;
    let mut random = Seeded::new(plan.seed);
    // Beside each other they take longer, and a kill has to fall anywhere within.
    let longest = u64::try_from(ready.takes.as_micros()).unwrap_or(u64::MAX) * u64::from(BESIDE);
    let waits: Vec<_> = (0..wanted)
        .map(|_| Duration::from_micros(random.below(longest)))
        .collect();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some((kill, wait)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            waits.get(at).map(|wait| (at, *wait))
        } {
            let came = round(&ready, &plan.scratch, wait, Promises::WhenAnswered);
            done.push((kill, wait, came));
        }
        done
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..BESIDE).map(|_| scope.spawn(worker)).collect();
        all.into_iter()
            .filter_map(|one| one.join().ok())
            .flatten()
            .collect()
    });
    let (mut promises, mut sealed_ones) = (0, 0);
    for (kill, wait, came) in done {
        match came {
            Ok((promised, rows)) => {
                promises += u32::from(promised);
                sealed_ones += rows;
            }
            Err(why) => row.breaks(format!("kill {kill} after {wait:?}: {why:#}")),
        }
        row.done += 1;
    }
    row.note = format!(
        "a seal takes {:?}; {sealed_ones} were committed, {promises} answered before the kill",
        ready.takes
    );
    let (caught, how) = early(&ready, plan, &mut random, longest);
    row.control("acknowledge before commit", caught, how);
    Ok(row)
}

/// Kills of the control until the same judgement finds one lost.
fn early(ready: &Ready, plan: &Plan, random: &mut Seeded, longest: u64) -> (bool, String) {
    for kill in 1..=CONTROL_KILLS_MAX {
        let wait = Duration::from_micros(random.below(longest / u64::from(BESIDE)));
        if let Err(why) = round(ready, &plan.scratch, wait, Promises::WhenAsked) {
            let why = format!("{why:#}");
            return (why.contains("lost: a receipt"), format!("{why}, at kill {kill}"));
        }
    }
    (false, format!("none lost in {CONTROL_KILLS_MAX} kills"))
}

// ---- the province -----------------------------------------------------------------------------------------------

struct Killed {
    province: Province,
    sent: Vec<DossierId>,
}

impl Killed {
    /// Everything that the kiosk took an acknowledgement for is whole at the province.
    fn holds(&self, acknowledged: &[DossierId]) -> Result<()> {
        let admin = Admin::open(self.province.data())?;
        for id in acknowledged {
            let view = admin.dossier(id).with_context(|| format!("lost: {id}"))?;
            ensure!(
                view.completed_at.is_some(),
                "lost: {id} is acknowledged and not complete"
            );
            for file in &view.files {
                let path = self
                    .province
                    .data()
                    .join("blobs")
                    .join(id.to_string())
                    .join(file.sha256.to_string());
                let len = std::fs::metadata(&path)
                    .with_context(|| format!("dangling: a file of {id}"))?
                    .len();
                ensure!(len == file.bytes, "torn: a file of {id}");
            }
        }
        Ok(())
    }
}

fn acknowledged(folder: &Path, of: &[DossierId]) -> Result<Vec<DossierId>> {
    let outbox = Outbox::open(folder)?;
    let mut all = Vec::new();
    for id in of {
        if item::get(outbox.db(), id)?.is_some_and(|row| row.delivery.is_acknowledged()) {
            all.push(*id);
        }
    }
    Ok(all)
}

/// The province's real program, killed while a real engine sends to it.
pub fn province(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(30, 1000);
    let mut row = Row::new("kill-province", "kills", plan, wanted);
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut killed = Killed {
        province: Province::start()?,
        sent: Vec::new(),
    };
    let data = killed.province.data();
    let mut counter = enrol(
        runtime.handle(),
        &killed.province.url(),
        &data,
        &folder.path().join("kiosk"),
    )?;
    let mut random = Seeded::new(plan.seed);
    let mut in_the_middle = 0;
    // How long three dossiers take when nobody kills: a kill falls anywhere within, and a little after.
    let longest = {
        let engine = counter.engine(runtime.handle(), &killed.province.url())?;
        let mut first = Vec::new();
        for _ in 0..3 {
            first.push(counter.desk.seal(&[noise(200_000, random.number())])?);
        }
        let began = Instant::now();
        let _ = engine.send_now();
        let took = began.elapsed();
        runtime.block_on(engine.stop());
        killed.sent.extend(first);
        u64::try_from(took.as_micros()).unwrap_or(u64::MAX) * 2
    };
    for kill in 0..wanted {
        let engine = counter.engine(runtime.handle(), &killed.province.url())?;
        let mut fresh = Vec::new();
        for _ in 0..1 + random.below(3) {
            let size = usize::try_from(1000 + random.below(400_000)).unwrap_or(1000);
            fresh.push(counter.desk.seal(&[noise(size, random.number())])?);
        }
        let wait = Duration::from_micros(random.below(longest));
        std::thread::scope(|scope| -> Result<()> {
            let pass = scope.spawn(|| engine.send_now());
            std::thread::sleep(wait);
            killed.province.kill()?;
            let _ = pass.join();
            Ok(())
        })?;
        runtime.block_on(engine.stop());
        let done = acknowledged(&counter.folder, &fresh)?;
        in_the_middle += u32::from(!done.is_empty() && done.len() < fresh.len());
        if let Err(why) = killed.holds(&done) {
            row.breaks(format!("kill {kill} after {wait:?}: {why:#}"));
        }
        killed.sent.extend(fresh);
        killed.province.serve()?;
        row.done += 1;
    }
    let engine = counter.engine(runtime.handle(), &killed.province.url())?;
    for _ in 0..20 {
        let _ = engine.send_now();
        if acknowledged(&counter.folder, &killed.sent)?.len() == killed.sent.len() {
            break;
        }
    }
    runtime.block_on(engine.stop());
    let done = acknowledged(&counter.folder, &killed.sent)?;
    let views = Admin::open(killed.province.data())?.dossiers()?;
    if done.len() != killed.sent.len() {
        row.breaks(format!("stuck: {} of {} arrived", done.len(), killed.sent.len()));
    }
    if views.len() != killed.sent.len() {
        row.breaks(format!(
            "dup: {} at the province, {} were sealed",
            views.len(),
            killed.sent.len()
        ));
    }
    if let Err(why) = killed.holds(&done) {
        row.breaks(format!("at the end: {why:#}"));
    }
    row.note = format!(
        "{} dossiers, {in_the_middle} kills fell between two acknowledgements",
        killed.sent.len()
    );
    let (caught, how) = early_province(&mut killed, &mut counter, runtime.handle(), &mut random, longest)?;
    row.control("acknowledge before commit", caught, how);
    Ok(row)
}

/// The control: whatever the kiosk had begun to send when the province was killed it has an acknowledgement for, signed
/// with the province's own key. The same judgement, until it finds one lost.
fn early_province(
    killed: &mut Killed,
    counter: &mut crate::place::Counter,
    runtime: &tokio::runtime::Handle,
    random: &mut Seeded,
    longest: u64,
) -> Result<(bool, String)> {
    let key = service::DataDir::new(killed.province.data()).signing_key()?;
    for kill in 1..=CONTROL_KILLS_MAX {
        let engine = counter.engine(runtime, &killed.province.url())?;
        let mut fresh = Vec::new();
        for _ in 0..3 {
            fresh.push(counter.desk.seal(&[noise(200_000, random.number())])?);
        }
        let wait = Duration::from_micros(random.below(longest));
        std::thread::scope(|scope| -> Result<()> {
            let pass = scope.spawn(|| engine.send_now());
            std::thread::sleep(wait);
            killed.province.kill()?;
            let _ = pass.join();
            Ok(())
        })?;
        runtime.block_on(engine.stop());
        let mut taken = 0;
        for dossier in &fresh {
            taken += usize::from(acknowledge_early(&counter.folder, dossier, &key)?);
        }
        let done = acknowledged(&counter.folder, &fresh)?;
        let judged = killed.holds(&done);
        killed.province.serve()?;
        if let Err(why) = judged {
            let why = format!("{why:#}");
            return Ok((
                why.contains("lost"),
                format!("{why}, at kill {kill}, {taken} said too early"),
            ));
        }
    }
    Ok((false, format!("none lost in {CONTROL_KILLS_MAX} kills")))
}

/// Takes an early word for what was begun, as the kiosk takes any: through its own verification.
fn acknowledge_early(folder: &Path, dossier: &DossierId, key: &SigningKey) -> Result<bool> {
    let mut outbox = Outbox::open(folder)?;
    let row = item::get(outbox.db(), dossier)?.context("no row")?;
    if !row.attempted || row.delivery.is_acknowledged() {
        return Ok(false);
    }
    let sealed = SealedDossier::from_bytes(&item::envelope(outbox.db(), dossier)?)?;
    let manifest = Manifest::from_bytes(&sealed.manifest)?;
    let epoch = setting::get::<sync::decide::SeenEpoch>(outbox.db(), setting::Name::ProvinceEpoch)?
        .context("no epoch")?
        .epoch;
    let ack = Acknowledgement {
        dossier: *dossier,
        manifest_sha256: Sha256(sealed.sha256()),
        files: manifest
            .blobs
            .iter()
            .map(|b| AckFile {
                sha256: Sha256(b.sha256),
                len: b.len,
            })
            .collect(),
        at: Watermark { epoch, lsn: 1 },
        received_at: jiff::Timestamp::now(),
    };
    let signed = Signed::seal(key, Context::Acknowledgement, &ack)?;
    Ok(sync::carried::acknowledgement(
        &mut outbox,
        &key.verify_key(),
        dossier,
        &signed,
        1,
    )?)
}
