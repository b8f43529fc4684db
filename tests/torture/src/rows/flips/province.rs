//! The province's files, database and log.
//!
//! A damaged file is found when it is copied to the backup or written out for a clerk; a damaged database when it is
//! opened or read. What the database says of a dossier is held against the dossier's own sealed manifest.

use super::damage::{Kept, damage, is_sealed_file, keep, name, one_of};
use super::{Place, Seen};
use crate::row::Plan;
use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::OpeningKey;
use seal::manifest::Manifest;
use service::ServiceError;
use service::admin::{Admin, DossierView, read_key};
use std::collections::BTreeMap;
use std::path::PathBuf;
use store::tables::item;
use stories::desk::noise;
use stories::seeded::Seeded;

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
}

pub fn province(plan: &Plan) -> Result<Lying> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = crate::place::Place::open(folder.path())?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    for n in 0..DOSSIERS {
        counter.desk.seal(&[noise(2000, n + 1), noise(500, n + 70)])?;
    }
    let engine = place.engine(&counter, &place.url()?)?;
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
    let intake = read_key(&service::DataDir::new(&data).key_file(service::province::INTAKE_KEY))?;
    Ok(Lying {
        folder,
        data,
        intake,
        was,
        files,
        open,
        closed,
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
                Ok(self.read(true))
            }
            _ => {
                let mut content = self.closed.clone();
                damage(&mut content, random);
                std::fs::write(self.data.join("province.db"), content)?;
                Ok(self.read(false))
            }
        }
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

    /// A damaged file is not copied to the backup, and the others of the dossiers are what they were.
    fn file(&self, random: &mut Seeded) -> Result<Seen> {
        let (path, was) = one_of(&self.files, random, is_sealed_file)?;
        let mut content = was.clone();
        damage(&mut content, random);
        std::fs::write(path, &content)?;
        let backup = tempfile::tempdir_in(self.folder.path())?;
        let made = Admin::open(&self.data)?.backup(backup.path());
        let mut seen = Seen::default();
        match made {
            Err(ServiceError::Damaged(_)) => seen.found += 1,
            Err(other) => return Err(other.into()),
            Ok(_) => seen.wrong += 1,
        }
        let others = self.read(false);
        std::fs::write(path, was)?;
        seen.good = others.good.min(DOSSIERS - 1);
        Ok(seen)
    }

    /// What the database says of every dossier.
    fn read(&self, log: bool) -> Seen {
        let mut seen = Seen::default();
        let path = self.data.join("province.db");
        let opened = service::open_database(&path).map_err(anyhow::Error::from);
        let (Ok(db), Ok(admin)) = (opened, Admin::open(&self.data)) else {
            seen.refused = true;
            return seen;
        };
        for (dossier, was) in &self.was {
            let view = admin.dossier(dossier);
            let envelope: Result<Vec<u8>, _> = db.query_row(
                "SELECT envelope FROM dossiers WHERE id = ?1",
                [dossier.to_string()],
                |r| r.get(0),
            );
            match (view, envelope) {
                (Ok(view), Ok(envelope)) => self.one(&view, &envelope, *was, log, &mut seen),
                // With the log gone it may never have come.
                (Err(ServiceError::Refused(_)), Err(rusqlite::Error::QueryReturnedNoRows)) if log => {
                    seen.older += 1;
                }
                _ => seen.found += 1,
            }
        }
        seen
    }

    fn one(&self, view: &DossierView, envelope: &[u8], was: [u8; 32], log: bool, seen: &mut Seen) {
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
        let form = seal::form::decrypt(&manifest.sealed_form, &self.intake);
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

    /// The control: a file that has its length is taken for whole.
    pub fn by_length(&self, random: &mut Seeded) -> Result<u32> {
        let mut wrong = 0;
        for _ in 0..50 {
            let (path, was) = one_of(&self.files, random, is_sealed_file)?;
            let mut content = was.clone();
            damage(&mut content, random);
            std::fs::write(path, &content)?;
            let len = std::fs::metadata(path).context("gone")?.len();
            wrong += u32::from(len == was.len() as u64 && content != *was);
            std::fs::write(path, was)?;
        }
        Ok(wrong)
    }
}
