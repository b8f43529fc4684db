//! The province's files, database and log.
//!
//! A damaged file is put back from the backup or, where that has none, asked for again; the dossiers beside it go on. A
//! damaged database never comes into a backup. What the database says of a dossier is held against the dossier's own
//! sealed manifest.

use super::damage::{Kept, damage, is_sealed_file, keep, name, one_of};
use super::{Place, Seen};
use crate::row::Plan;
use anyhow::{Result, ensure};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::OpeningKey;
use seal::manifest::Manifest;
use service::ServiceError;
use service::admin::{Admin, DossierView, read_key};
use service::mending::Reading;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::tables::item;
use stories::desk::noise;
use stories::seeded::Seeded;
use wire::Sha256;

pub const DOSSIERS: u64 = 20;
/// What a desk without people seals as the form.
const FORM: [u8; 2000] = [7; 2000];

/// A province with acknowledged dossiers, closed.
pub struct Lying {
    folder: tempfile::TempDir,
    data: PathBuf,
    intake: OpeningKey,
    was: BTreeMap<DossierId, [u8; 32]>,
    files: Vec<Kept>,
    /// With the last commits in the log.
    open: Vec<Kept>,
    closed: Vec<u8>,
    /// A backup of all of it.
    backup: PathBuf,
}

pub fn province(plan: &Plan) -> Result<Lying> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = stories::place::Place::open(folder.path())?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    for n in 0..DOSSIERS {
        counter.desk.seal(&[noise(2000, n + 1), noise(500, n + 70)])?;
    }
    let engine = place.engine(&counter, place.url())?;
    let pass = engine.send_now();
    ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    place.runtime.block_on(engine.stop());
    let rows = item::newest(counter.desk.outbox.db(), 1000)?;
    let was: BTreeMap<_, _> = rows.iter().map(|r| (r.dossier, r.manifest_sha256)).collect();
    let (data, mut files, mut open) = (place.province.clone(), Vec::new(), Vec::new());
    for entry in std::fs::read_dir(data.join("blobs"))? {
        keep(&entry?.path(), &mut files)?;
    }
    keep(&data, &mut open)?;
    open.retain(|(path, _)| name(path).starts_with("province.db"));
    ensure!(open.len() == 2, "no log beside the database");
    place.close();
    let closed = std::fs::read(data.join("province.db"))?;
    let backup = folder.path().join("backup");
    Admin::open(&data)?.backup(&backup, Reading::InTurn)?;
    let intake = read_key(&service::DataDir::new(&data).key_file(service::province::INTAKE_KEY))?;
    Ok(Lying {
        folder,
        data,
        intake,
        was,
        files,
        open,
        closed,
        backup,
    })
}

impl Lying {
    pub fn inject(&self, place: Place, random: &mut Seeded) -> Result<Seen> {
        self.lay(place != Place::ProvinceLog)?;
        match place {
            Place::ProvinceFile => self.file(random),
            Place::ProvinceLog => {
                for (path, was) in self.open.iter().filter(|(path, _)| name(path).ends_with("-wal")) {
                    let mut content = was.clone();
                    damage(&mut content, random);
                    std::fs::write(path, content)?;
                }
                self.back_up(true)
            }
            _ => {
                let mut content = self.closed.clone();
                damage(&mut content, random);
                std::fs::write(self.data.join("province.db"), content)?;
                self.back_up(false)
            }
        }
    }

    /// The backup of a damaged database: made only where every dossier in it is what it was. An index that was damaged is
    /// mended on the way: then each is found again, too.
    fn back_up(&self, log: bool) -> Result<Seen> {
        let mut seen = self.read(log);
        if seen.refused {
            return Ok(seen);
        }
        let note = std::fs::read(self.backup.join("backup.json"))?;
        let made = Admin::open(&self.data).and_then(|mut a| a.backup(&self.backup, Reading::InTurn));
        if made.is_ok() {
            let after = self.read(log);
            seen.wrong += after.found + after.older;
            return Ok(seen);
        }
        seen.stopped = true;
        seen.wrong += u64::from(note != std::fs::read(self.backup.join("backup.json"))?);
        Ok(seen)
    }

    /// After all of it: a province made of the backup has every dossier.
    pub fn way_back(&self) -> Result<()> {
        let data = self.folder.path().join("way back");
        let dir = service::DataDir::new(&data);
        let now = jiff::Timestamp::now();
        let done = service::backup::restore(&self.backup, &dir, &self.intake, now)?;
        ensure!(done.files_missing == 0, "{done:?}");
        let seen = read(&data, &self.was, &self.intake, false);
        ensure!(seen.good == DOSSIERS, "{seen:?}");
        Ok(())
    }

    fn lay(&self, closed: bool) -> Result<()> {
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.data.join(format!("province.db{end}")));
        }
        if closed {
            return Ok(std::fs::write(self.data.join("province.db"), &self.closed)?);
        }
        for (path, was) in &self.open {
            std::fs::write(path, was)?;
        }
        Ok(())
    }

    /// A damaged file, on either disk, or gone.
    fn file(&self, random: &mut Seeded) -> Result<Seen> {
        let (path, was) = one_of(&self.files, random, is_sealed_file)?;
        let inside = path.strip_prefix(self.data.join("blobs"))?;
        let there = self.backup.join("blobs").join(inside);
        let in_backup = random.below(3);
        let hurt = if in_backup == 2 { &there } else { path };
        let mut content = was.clone();
        let mut is_other = damage(&mut content, random);
        if random.below(4) == 0 {
            std::fs::remove_file(hurt)?;
            is_other = true;
        } else {
            std::fs::write(hurt, &content)?;
        }
        let fresh = tempfile::tempdir_in(self.folder.path())?;
        let (to, wanted) = match in_backup {
            0 => (fresh.path(), [0, 0, 1]),
            1 => (self.backup.as_path(), [0, 1, 0]),
            _ => (self.backup.as_path(), [1, 0, 0]),
        };
        let all = if in_backup == 0 {
            self.files.len() as u64
        } else {
            0
        };
        let made = Admin::open(&self.data)?.backup(to, Reading::Everything)?.mended;
        let mut came = [made.files_copied, made.put_back, made.asked_again];
        if in_backup == 0 {
            // Into an empty folder everything goes that is whole.
            came[0] = all - u64::from(is_other) - came[0];
        }
        let mut seen = Seen::default();
        let is_mended = came == if is_other { wanted } else { [0; 3] };
        let is_here = std::fs::read(path).is_ok_and(|bytes| bytes == *was);
        let lost = is_other && in_backup == 0;
        if !is_mended || is_here == lost || !holds_only_whole(to)? {
            seen.wrong += 1;
        }
        seen.found += u64::from(is_other);
        let others = self.read(false);
        if others.good != DOSSIERS - u64::from(lost) {
            seen.wrong += 1;
        }
        seen.good = others.good.min(DOSSIERS - 1);
        let _ = std::fs::remove_file(path.with_extension("damaged"));
        std::fs::write(path, was)?;
        Ok(seen)
    }

    fn read(&self, log: bool) -> Seen {
        read(&self.data, &self.was, &self.intake, log)
    }

    /// The control: a backup that goes by a file's length.
    pub fn by_length(&self, random: &mut Seeded) -> Result<u32> {
        let (mut wrong, copied) = (0, self.folder.path().join("copied"));
        for _ in 0..50 {
            let (path, was) = one_of(&self.files, random, is_sealed_file)?;
            let mut content = was.clone();
            damage(&mut content, random);
            std::fs::write(path, &content)?;
            if std::fs::metadata(path)?.len() == was.len() as u64 {
                std::fs::copy(path, &copied)?;
                let is_other = Sha256::of(&std::fs::read(&copied)?).to_string() != name(path);
                wrong += u32::from(is_other);
            }
            std::fs::write(path, was)?;
        }
        Ok(wrong)
    }

    /// The control: a database of which SQLite alone says that it is sound, before and after it was copied.
    pub fn by_pages(&self, random: &mut Seeded) -> Result<u32> {
        let (mut wrong, copied) = (0, self.folder.path().join("copied.db"));
        for _ in 0..200 {
            self.lay(true)?;
            let mut content = self.closed.clone();
            damage(&mut content, random);
            std::fs::write(self.data.join("province.db"), content)?;
            let _ = std::fs::remove_file(&copied);
            let is_sound = || -> Result<bool> {
                let db = service::open_database(&self.data.join("province.db"))?;
                let word: String = db.query_row("PRAGMA quick_check(1)", [], |r| r.get(0))?;
                db.execute("VACUUM INTO ?1", [copied.to_string_lossy()])?;
                Ok(word == "ok")
            };
            let seen = is_sound().unwrap_or(false).then(|| self.read(false));
            wrong += u32::from(seen.is_some_and(|seen| seen.found + seen.wrong > 0));
        }
        self.lay(true)?;
        Ok(wrong)
    }
}

/// Is every file of a backup what its name says?
fn holds_only_whole(backup: &Path) -> Result<bool> {
    for dossier in std::fs::read_dir(backup.join("blobs"))? {
        let mut files = Vec::new();
        keep(&dossier?.path(), &mut files)?;
        if files
            .iter()
            .any(|(path, bytes)| Sha256::of(bytes).to_string() != name(path))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the database of a province says of every dossier.
fn read(data: &Path, all: &BTreeMap<DossierId, [u8; 32]>, intake: &OpeningKey, log: bool) -> Seen {
    let mut seen = Seen::default();
    let opened = service::open_database(&data.join("province.db")).map_err(anyhow::Error::from);
    let (Ok(db), Ok(admin)) = (opened, Admin::open(data)) else {
        seen.refused = true;
        return seen;
    };
    for (dossier, was) in all {
        let view = admin.dossier(dossier);
        let envelope: Result<Vec<u8>, _> = db.query_row(
            "SELECT envelope FROM dossiers WHERE id = ?1",
            [dossier.to_string()],
            |r| r.get(0),
        );
        match (view, envelope) {
            (Ok(view), Ok(envelope)) => one(&view, &envelope, *was, intake, log, &mut seen),
            // With the log gone it may never have come.
            (Err(ServiceError::Refused(_)), Err(rusqlite::Error::QueryReturnedNoRows)) if log => {
                seen.older += 1;
            }
            _ => seen.found += 1,
        }
    }
    seen
}

fn one(view: &DossierView, envelope: &[u8], was: [u8; 32], intake: &OpeningKey, log: bool, seen: &mut Seen) {
    let Some((sealed, manifest)) = SealedDossier::from_bytes(envelope)
        .and_then(|sealed| Manifest::from_bytes(&sealed.manifest).map(|manifest| (sealed, manifest)))
        .ok()
    else {
        seen.found += 1;
        return;
    };
    let hash = sealed.sha256();
    if hash != view.manifest_sha256.0 {
        seen.found += 1;
        return;
    }
    let form = seal::form::decrypt(&manifest.sealed_form, intake);
    if hash != was || form.is_ok_and(|form| form.as_slice() != FORM) {
        seen.wrong += 1;
        return;
    }
    let files = view.files.len() == manifest.blobs.len()
        && manifest
            .blobs
            .iter()
            .all(|blob| view.files.iter().any(|f| f.sha256.0 == blob.sha256));
    let unfinished = view.completed_at.is_none() || view.files.iter().any(|f| !f.held);
    if log && unfinished {
        seen.older += 1;
    } else if !files || unfinished || view.receipt_number != manifest.receipt_number {
        seen.beside += 1;
    } else {
        seen.good += 1;
    }
}
