//! A second copy of the province on another disk, and the way back from it.
//!
//! **Invariants:** the durable watermark moves only after the snapshot of the database and every file of an acknowledged
//! dossier that it names are on the other disk, fsynced, each file compared with its hash on the way; where one cannot be,
//! the acknowledgement is taken back first (`mending`). A database that is damaged, or knows less than its last backup, is
//! not copied. `backup.json` is written last, so that a backup that was cut is the one before it; the keys lie in it
//! encrypted to the intake and recovery keys only; a restored province has a new epoch before anything can serve it.
//!
//! The target is a folder: a second disk, a mounted share, a mounted bucket. It must not be on the province's own disk.

use crate::admin::new_epoch;
use crate::copies::{Copies, copy, named};
use crate::mending::{Both, Mended, Reading};
use crate::province::{
    DataDir, ROOT_CERTIFICATE, ROOT_KEY, SERVER_CERTIFICATE, SERVER_KEY, SIGNING_KEY, make_private_dir,
    sync_dir, write_private,
};
use crate::store::{self, immediate, meta, soundness};
use crate::{Refusal, ServiceError, intake};
use domain::delivery::Watermark;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use seal::keys::OpeningKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use wire::Sha256;

/// Snapshots of the database that are kept; the files are shared by all.
const SNAPSHOTS_KEPT: usize = 3;
const NOTE: &str = "backup.json";
const KEYS: &str = "keys.age";
const SETTINGS: &str = "province.json";
const COPIED_KEYS: [&str; 5] = [
    SIGNING_KEY,
    ROOT_KEY,
    ROOT_CERTIFICATE,
    SERVER_KEY,
    SERVER_CERTIFICATE,
];

/// `backup.json`: the newest whole backup of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    version: u32,
    covers: Watermark,
    at: Timestamp,
    database: String,
    database_sha256: Sha256,
    #[serde(default)]
    dossiers: u64,
}

/// What a backup came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    pub covers: Watermark,
    #[serde(flatten)]
    pub mended: Mended,
}

/// What a restore came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    pub epoch: u64,
    pub files: u64,
    /// Files that the backup no longer has whole: their kiosks are asked for them again.
    pub files_missing: u64,
}

/// Copies everything to `to` and moves the durable watermark to what the copy covers.
///
/// # Errors
/// [`Refusal::DatabaseDamaged`], [`Refusal::OlderThanBackup`], [`Refusal::DiskFailed`]: then the backups of before stand as
/// they were. [`ServiceError::Io`].
pub fn make(
    dir: &DataDir,
    conn: &mut Connection,
    to: &Path,
    reading: Reading,
    now: Timestamp,
) -> Result<Made, ServiceError> {
    let _alone = alone(dir)?;
    let (snapshots, blobs) = (to.join("snapshots"), to.join("blobs"));
    for folder in [to, &snapshots, &blobs] {
        make_private_dir(folder)?;
    }
    let taken = snapshots.join("taken.new");
    let _ = std::fs::remove_file(&taken);
    soundness::structure(conn, now)?;
    conn.execute("VACUUM INTO ?1", [taken.to_string_lossy()])
        .map_err(|e| soundness::or_damaged(e.into()))?;
    let snapshot = Connection::open_with_flags(&taken, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if !meta::epoch_is_sound(&snapshot).map_err(soundness::or_damaged)? {
        return Err(Refusal::DatabaseDamaged.into());
    }
    let covers = meta::watermark(&snapshot)?;
    let dossiers = soundness::dossiers(&snapshot)?;
    follows(to, covers, dossiers)?;
    let files = named(&snapshot)?;
    drop(snapshot);
    let mended = Both::new(dir, to, now).mend(conn, &files, reading)?;
    let name = format!("{}-{:020}-{}.db", covers.epoch, covers.lsn, now.as_millisecond());
    let database_sha256 =
        copy(&taken, &snapshots.join(&name), None)?.ok_or(ServiceError::Damaged("snapshot"))?;
    let _ = std::fs::remove_file(&taken);
    sync_dir(&snapshots)?;
    copy_identity(dir, to)?;
    let note = Note {
        version: 1,
        covers,
        at: now,
        database: name.clone(),
        database_sha256,
        dossiers,
    };
    let json = serde_json::to_vec_pretty(&note).map_err(|_| ServiceError::Damaged("backup note"))?;
    write_private(&to.join(NOTE), &json)?;
    sync_dir(to)?;
    forget_old(&snapshots, &name)?;
    // Whatever lost a file on the way here has no acknowledgement any more that this could cover.
    immediate(conn, |tx| meta::backed_up(tx, covers))?;
    Ok(Made { covers, mended })
}

/// Reads on through the files of both disks and mends them, where there is nothing new to back up.
///
/// # Errors
/// As [`make`].
pub fn read_on(
    dir: &DataDir,
    conn: &mut Connection,
    to: &Path,
    now: Timestamp,
) -> Result<Mended, ServiceError> {
    let _alone = alone(dir)?;
    let files = named(conn)?;
    Both::new(dir, to, now).mend(conn, &files, Reading::InTurn)
}

/// One backup at a time, in all processes.
fn alone(dir: &DataDir) -> Result<File, ServiceError> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.backup_lock_file());
    let lock = lock.map_err(ServiceError::io("opening the backup's lock"))?;
    lock.lock()
        .map_err(ServiceError::io("waiting for another backup"))?;
    Ok(lock)
}

/// A database that knows less than its last backup has lost commits: a damaged log, an older copy put in its place.
fn follows(to: &Path, covers: Watermark, dossiers: u64) -> Result<(), ServiceError> {
    let last = std::fs::read(to.join(NOTE)).ok();
    let last: Option<Note> = last.and_then(|json| serde_json::from_slice(&json).ok());
    let lost = last.is_some_and(|last| {
        last.covers.epoch == covers.epoch && (last.covers.lsn > covers.lsn || last.dossiers > dossiers)
    });
    if lost {
        Err(Refusal::OlderThanBackup.into())
    } else {
        Ok(())
    }
}

/// Settings in the clear (they are public), keys encrypted to whoever holds the intake or the recovery key.
fn copy_identity(dir: &DataDir, to: &Path) -> Result<(), ServiceError> {
    let mut keys = BTreeMap::new();
    for name in COPIED_KEYS {
        let text = std::fs::read_to_string(dir.key_file(name)).map_err(ServiceError::io("reading a key"))?;
        keys.insert(name, text);
    }
    let json = zeroize::Zeroizing::new(serde_json::to_vec(&keys).map_err(|_| ServiceError::Damaged("keys"))?);
    let settings = dir.settings()?;
    write_private(&to.join(KEYS), &seal::form::encrypt(&json, &settings.recipients)?)?;
    let public = std::fs::read(dir.settings_file()).map_err(ServiceError::io("reading the settings"))?;
    write_private(&to.join(SETTINGS), &public)
}

fn forget_old(snapshots: &Path, newest: &str) -> Result<(), ServiceError> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(snapshots)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|e| e == "db") && entry.file_name() != newest {
                found.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        found.sort();
        let old = found.len().saturating_sub(SNAPSHOTS_KEPT - 1);
        Ok(found.into_iter().take(old).map(|(_, path)| path).collect())
    };
    for path in list().map_err(ServiceError::io("listing snapshots"))? {
        std::fs::remove_file(path).map_err(ServiceError::io("removing an old snapshot"))?;
    }
    Ok(())
}

/// No word of an epoch that has ended stands, and a kiosk may have heard a newer one than the backup knows: the largest whole
/// number that every reader of JSON keeps.
const LSN_MAX: u64 = (1 << 53) - 1;

/// Makes a province again out of a backup, in an empty directory. Its epoch is new: every kiosk offers again what it
/// still has.
///
/// # Errors
/// [`Refusal::AlreadyThere`], [`Refusal::NoBackup`], [`seal::SealError::Decrypt`] with another key.
pub fn restore(
    from: &Path,
    dir: &DataDir,
    key: &OpeningKey,
    now: Timestamp,
) -> Result<Restored, ServiceError> {
    if dir.settings_file().exists() || dir.database().exists() {
        return Err(Refusal::AlreadyThere.into());
    }
    let text = std::fs::read(from.join(NOTE)).map_err(|_| Refusal::NoBackup)?;
    let note: Note = serde_json::from_slice(&text).map_err(|_| Refusal::NoBackup)?;
    for folder in [dir.path(), &dir.path().join("keys"), &dir.blobs()] {
        make_private_dir(folder)?;
    }
    restore_keys(from, dir, key)?;
    let snapshot = from.join("snapshots").join(&note.database);
    copy(&snapshot, &dir.database(), Some(&note.database_sha256))?.ok_or(Refusal::NoBackup)?;
    let mut conn = store::open(&dir.database())?;
    let files = named(&conn)?;
    let (backup, here) = (Copies(from.join("blobs")), Copies(dir.blobs()));
    let mut missing = Vec::new();
    for file in &files {
        if !here.take(file, &backup)? {
            missing.push(file);
        }
        sync_dir(&here.folder(&file.dossier))?;
    }
    sync_dir(&dir.blobs())?;
    let epoch = immediate(&mut conn, |tx| {
        // First: whoever let go of a missing file hears of it by a number larger than any before.
        let epoch = new_epoch(tx, now)?;
        for file in &missing {
            store::blobs::set_done(tx, &file.dossier, &file.sha256, false)?;
            let row = store::dossiers::find(tx, &file.dossier)?;
            let word = row.and_then(|row| row.acknowledged_at());
            let at = word.map(|at| Watermark { lsn: LSN_MAX, ..at });
            intake::take_word_back(tx, &file.dossier, at, "not in the backup", now)?;
        }
        Ok(epoch)
    })?;
    // Last: a directory without settings is not a province, and nothing serves it under the old epoch.
    let settings = std::fs::read(from.join(SETTINGS)).map_err(|_| Refusal::NoBackup)?;
    write_private(&dir.settings_file(), &settings)?;
    sync_dir(dir.path())?;
    Ok(Restored {
        epoch,
        files: files.len() as u64,
        files_missing: missing.len() as u64,
    })
}

fn restore_keys(from: &Path, dir: &DataDir, key: &OpeningKey) -> Result<(), ServiceError> {
    let sealed = std::fs::read(from.join(KEYS)).map_err(|_| Refusal::NoBackup)?;
    let json = seal::form::decrypt(&sealed, key)?;
    let keys: BTreeMap<String, String> =
        serde_json::from_slice(&json).map_err(|_| ServiceError::Damaged("keys"))?;
    for name in COPIED_KEYS {
        let text = keys.get(name).ok_or(ServiceError::Damaged("keys"))?;
        write_private(&dir.key_file(name), text.as_bytes())?;
    }
    Ok(())
}
