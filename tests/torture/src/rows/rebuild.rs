//! A damaged index: set aside, and made again from the records beside the sealed files and the machine's card, with
//! the very functions that the kiosk opens with. Nothing that was sealed is lost, nothing is sent as new twice, no
//! number is given out twice, and what a person took back stays here.

use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, ensure};
use domain::delivery::{Delivery, Event, HeldReason};
use domain::ids::DossierId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use store::tables::item;
use store::{Card, Outbox, SealedFiles, StoreError};
use stories::desk::noise;
use stories::place::{Enrolled, Place};
use stories::seeded::Seeded;
use sync::rebuild::{self, Keys};

const DOSSIERS: u64 = 30;

/// A counter's disk as it lay there when the program ended.
struct Disk {
    dir: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    sealed: BTreeMap<DossierId, [u8; 32]>,
    withdrawn: DossierId,
    chain: store::outbox::Chain,
}

fn keep(dir: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for folder in [dir.to_owned(), dir.join("sealed")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() && !path.to_string_lossy().ends_with("-shm") {
                files.push((path.clone(), std::fs::read(&path)?));
            }
        }
    }
    Ok(files)
}

/// Thirty dossiers: the first ones acknowledged, one taken back, the others waiting.
fn disk(place: &Place, counter: &mut Enrolled) -> Result<Disk> {
    for n in 0..DOSSIERS / 3 {
        counter.desk.seal(&[noise(900, n + 1)])?;
    }
    let engine = place.engine(counter, place.url())?;
    let pass = engine.send_now();
    ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    place.runtime.block_on(engine.stop());
    for n in DOSSIERS / 3..DOSSIERS {
        counter.desk.seal(&[noise(900, n + 1), noise(300, n + 100)])?;
    }
    let mut sealed = BTreeMap::new();
    let rows = item::newest(counter.desk.outbox.db(), 1000)?;
    for row in &rows {
        sealed.insert(row.dossier, row.manifest_sha256);
    }
    let withdrawn = rows.first().context("no rows")?.dossier;
    let reason = HeldReason::ConsentWithdrawn;
    counter.desk.files.records().mark_withdrawn(&withdrawn)?;
    counter
        .desk
        .outbox
        .step(&withdrawn, Event::NeedsPerson { reason }, |_| Ok(()))?;
    Card::of(&counter.desk.outbox)?.keep(&counter.folder)?;
    Ok(Disk {
        dir: counter.folder.clone(),
        files: keep(&counter.folder)?,
        sealed,
        withdrawn,
        chain: counter.desk.outbox.chain()?,
    })
}

fn lay(disk: &Disk, but: impl Fn(&Path) -> bool) -> Result<()> {
    for folder in [disk.dir.clone(), disk.dir.join("sealed")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                std::fs::remove_file(path)?;
            }
        }
    }
    for (path, was) in disk.files.iter().filter(|(path, _)| but(path)) {
        std::fs::write(path, was)?;
    }
    Ok(())
}

/// How the index goes.
fn damage(disk: &Disk, random: &mut Seeded) -> Result<()> {
    let path = disk.dir.join("outbox.db");
    let mut bytes = std::fs::read(&path)?;
    let len = bytes.len();
    let wal = disk.dir.join("outbox.db-wal");
    match random.below(5) {
        // Noise from end to end, and in what was not yet carried over.
        0 => {
            bytes = noise(len, random.number());
            let _ = std::fs::remove_file(wal);
        }
        // Its head alone.
        1 => {
            bytes.splice(..100.min(len), noise(100.min(len), random.number()));
            let _ = std::fs::remove_file(wal);
        }
        // Cut in the middle.
        2 => {
            bytes.truncate(usize::try_from(random.below(len as u64))?);
            let _ = std::fs::remove_file(wal);
        }
        // Gone.
        3 => {
            std::fs::remove_file(&path)?;
            let _ = std::fs::remove_file(wal);
            return Ok(());
        }
        // Zeroes over most of it.
        _ => {
            let from = usize::try_from(random.below(len as u64 / 2))?;
            bytes.iter_mut().skip(from).for_each(|b| *b = 0);
            let _ = std::fs::remove_file(wal);
        }
    }
    Ok(std::fs::write(&path, bytes)?)
}

/// As `app::rebuild::open`. Answers whether the index was made again.
pub(super) fn open(dir: &Path, keys: &Keys, on: bool) -> Result<(Outbox, bool)> {
    let card = Card::read(dir).context("no card")?;
    let found = if Outbox::is_there(dir) {
        Outbox::open(dir).and_then(|o| o.check().map(|()| o))
    } else {
        Err(StoreError::Damaged("outbox.db"))
    };
    match found {
        Ok(outbox) => {
            // An older state of itself, where what was not carried over is gone.
            if on {
                rebuild::take_in(&outbox, &SealedFiles::open(dir)?, keys, 1)?;
            }
            Ok((outbox, false))
        }
        Err(StoreError::Damaged(_)) => {
            let making = dir.join("making-index");
            let _ = std::fs::remove_dir_all(&making);
            std::fs::create_dir_all(&making)?;
            let outbox = Outbox::open(&making)?;
            card.restore(outbox.db())?;
            if on {
                let rebuilt = rebuild::take_in(&outbox, &SealedFiles::open(dir)?, keys, 1)?;
                rebuild::skip_numbers(&outbox, rebuilt.damaged)?;
            }
            Outbox::set_aside(dir, 1)?;
            Ok((outbox.put_in_place(&making, dir)?, true))
        }
        Err(other) => Err(other.into()),
    }
}

/// What is wrong with an index that was opened, if anything.
fn fault(disk: &Disk, outbox: &Outbox, made: bool) -> Result<Option<String>> {
    let rows = item::newest(outbox.db(), 1000)?;
    let found: BTreeMap<_, _> = rows.iter().map(|r| (r.dossier, r.manifest_sha256)).collect();
    if found != disk.sealed {
        return Ok(Some(format!("{} of {} dossiers", found.len(), disk.sealed.len())));
    }
    let taken_back = rows
        .iter()
        .find(|r| r.dossier == disk.withdrawn)
        .map(|r| r.delivery);
    let reason = HeldReason::ConsentWithdrawn;
    if taken_back != Some(Delivery::Held { reason }) {
        return Ok(Some(format!("taken back, and now {taken_back:?}")));
    }
    let acknowledged = rows.iter().filter(|r| r.delivery.is_acknowledged()).count() as u64;
    if made && acknowledged != DOSSIERS / 3 {
        return Ok(Some(format!("{acknowledged} acknowledged")));
    }
    if outbox.chain()? != disk.chain {
        return Ok(Some("the chain of numbers is another".into()));
    }
    Ok(None)
}

/// Damaged indexes; after the last one everything is sent with the real engine.
pub fn rebuild(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(60, 2000);
    let mut row = Row::new("rebuild", "damaged indexes", plan, wanted);
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    let disk = disk(&place, &mut counter)?;
    let keys = Keys {
        device: counter.link.device_key.verify_key(),
        province: counter.link.signing_key,
    };
    let before: BTreeSet<_> = place.admin()?.dossiers()?.into_iter().map(|d| d.id).collect();
    // The desk's own connection is at the old files.
    drop(counter.desk);
    let mut random = Seeded::new(plan.seed);
    let mut again = 0;
    for n in 0..wanted {
        lay(&disk, |_| true)?;
        damage(&disk, &mut random)?;
        let (outbox, made) = open(&disk.dir, &keys, true).with_context(|| format!("damage {n}"))?;
        again += u64::from(made);
        if let Some(what) = fault(&disk, &outbox, made)? {
            row.breaks(format!("damage {n}: {what}"));
        }
        row.done += 1;
    }
    let engine = stories::place::engine(&disk.dir, &counter.link, place.url(), place.runtime.handle())?;
    let pass = engine.send_now();
    place.runtime.block_on(engine.stop());
    let outbox = Outbox::open(&disk.dir)?;
    let mut there = 0;
    for dossier in disk.sealed.keys() {
        let delivery = item::get(outbox.db(), dossier)?.context("no row")?.delivery;
        there += u64::from(delivery.is_acknowledged());
    }
    let views = place.admin()?.dossiers()?;
    let forks: usize = views.iter().map(|d| d.forks.len()).sum();
    if there != DOSSIERS - 1 || views.len() as u64 != DOSSIERS - 1 || forks > 0 {
        row.breaks(format!(
            "{there} acknowledged, {} at the province, {forks} forks: {pass:?}",
            views.len()
        ));
    }
    row.note = format!(
        "{again} made again from the disk; then {} went that the province had not, {} were known there, none twice",
        views.len() - before.len(),
        before.len()
    );
    lay(&disk, |_| true)?;
    std::fs::write(disk.dir.join("outbox.db"), noise(5000, plan.seed))?;
    let _ = std::fs::remove_file(disk.dir.join("outbox.db-wal"));
    let (bare, _) = open(&disk.dir, &keys, false)?;
    let lost = disk.sealed.len() - item::newest(bare.db(), 1000)?.len();
    row.control("rebuild off", lost > 0, format!("{lost} dossiers lost"));
    drop(bare);
    lay(&disk, |path| path.extension().is_none_or(|e| e != "withdrawn"))?;
    std::fs::write(disk.dir.join("outbox.db"), noise(5000, plan.seed))?;
    let _ = std::fs::remove_file(disk.dir.join("outbox.db-wal"));
    let (forgetful, _) = open(&disk.dir, &keys, true)?;
    let state = item::get(forgetful.db(), &disk.withdrawn)?
        .context("no row")?
        .delivery;
    row.control(
        "no mark of what was taken back",
        state == Delivery::Sealed,
        format!("it would have been sent: {}", state.as_str()),
    );
    place.close();
    Ok(row)
}
