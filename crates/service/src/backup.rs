//! A second copy of the province on another disk, and the way back from it.
//!
//! **Invariants:** the durable watermark moves only after the snapshot of the database and every file that it names
//! are on the other disk, fsynced, each file compared with its hash on the way; `backup.json` is written last, so that
//! a backup that was cut is the one before it; the keys lie in it encrypted to the intake and recovery keys only; a
//! restored province has a new epoch before anything can serve it.
//!
//! The target is a folder: a second disk, a mounted share, a mounted bucket. It must not be on the province's own disk.

use crate::admin::new_epoch;
use crate::province::{
    DataDir, ROOT_CERTIFICATE, ROOT_KEY, SERVER_CERTIFICATE, SERVER_KEY, SIGNING_KEY, make_private_dir,
    sync_dir, write_private,
};
use crate::store::{self, immediate, meta};
use crate::{Refusal, ServiceError};
use domain::delivery::Watermark;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use seal::keys::OpeningKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256 as Hasher};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
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
}

/// What a backup came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    pub covers: Watermark,
    pub files_copied: u64,
    pub files: u64,
}

/// What a restore came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    pub epoch: u64,
    pub files: u64,
    /// Files that the backup no longer has whole: their kiosks are asked for them again.
    pub files_missing: u64,
}

/// A file that a snapshot names.
struct Named {
    dossier: String,
    sha256: Sha256,
    len: u64,
}

fn named(snapshot: &Connection) -> Result<Vec<Named>, ServiceError> {
    let mut statement = snapshot.prepare("SELECT dossier, sha256, len FROM blobs WHERE done = 1")?;
    let rows = statement.query_map([], |r| {
        Ok(Named {
            dossier: r.get(0)?,
            sha256: Sha256(r.get(1)?),
            len: u64::try_from(r.get::<_, i64>(2)?).unwrap_or(0),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Copies and hashes; the name appears only with the right hash, fsynced. `false` where the bytes are others.
fn copy(from: &Path, to: &Path, wanted: Option<&Sha256>) -> Result<Option<Sha256>, ServiceError> {
    let beside = to.with_extension("part");
    let run = || -> std::io::Result<Sha256> {
        let (mut source, mut target) = (File::open(from)?, File::create(&beside)?);
        let (mut hasher, mut buffer) = (Hasher::new(), vec![0; 256 * 1024]);
        loop {
            let read = source.read(&mut buffer)?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            hasher.update(bytes);
            target.write_all(bytes)?;
        }
        target.sync_all()?;
        Ok(Sha256(hasher.finalize().into()))
    };
    let hash = run().map_err(ServiceError::io("copying a file"))?;
    if wanted.is_some_and(|wanted| *wanted != hash) {
        let _ = std::fs::remove_file(&beside);
        return Ok(None);
    }
    std::fs::rename(&beside, to).map_err(ServiceError::io("naming a copied file"))?;
    Ok(Some(hash))
}

/// Copies everything to `to` and moves the durable watermark to what the copy covers.
///
/// # Errors
/// [`ServiceError::Io`]; [`ServiceError::Damaged`] where a file on the province's disk is not what it was.
pub fn make(dir: &DataDir, conn: &mut Connection, to: &Path, now: Timestamp) -> Result<Made, ServiceError> {
    let (snapshots, blobs) = (to.join("snapshots"), to.join("blobs"));
    for folder in [to, &snapshots, &blobs] {
        make_private_dir(folder)?;
    }
    let taken = snapshots.join("taken.new");
    let _ = std::fs::remove_file(&taken);
    conn.execute("VACUUM INTO ?1", [taken.to_string_lossy()])?;
    let snapshot = Connection::open_with_flags(&taken, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let (covers, files) = (meta::watermark(&snapshot)?, named(&snapshot)?);
    drop(snapshot);
    let files_copied = copy_files(dir, &blobs, &files)?;
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
    };
    let json = serde_json::to_vec_pretty(&note).map_err(|_| ServiceError::Damaged("backup note"))?;
    write_private(&to.join(NOTE), &json)?;
    sync_dir(to)?;
    forget_old(&snapshots, &name)?;
    immediate(conn, |tx| meta::backed_up(tx, covers))?;
    Ok(Made {
        covers,
        files_copied,
        files: files.len() as u64,
    })
}

fn copy_files(dir: &DataDir, blobs: &Path, files: &[Named]) -> Result<u64, ServiceError> {
    let mut copied = 0;
    let mut folders = std::collections::BTreeSet::new();
    for file in files {
        let folder = blobs.join(&file.dossier);
        let target = folder.join(file.sha256.to_string());
        if std::fs::metadata(&target).is_ok_and(|m| m.len() == file.len) {
            continue;
        }
        make_private_dir(&folder)?;
        let source = dir.blobs().join(&file.dossier).join(file.sha256.to_string());
        copy(&source, &target, Some(&file.sha256))?.ok_or(ServiceError::Damaged("sealed file"))?;
        folders.insert(folder);
        copied += 1;
    }
    for folder in &folders {
        sync_dir(folder)?;
    }
    sync_dir(blobs)?;
    Ok(copied)
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
    let mut files_missing = 0;
    for file in &files {
        let folder = dir.blobs().join(&file.dossier);
        make_private_dir(&folder)?;
        let name = file.sha256.to_string();
        let source = from.join("blobs").join(&file.dossier).join(&name);
        let whole = source.exists() && copy(&source, &folder.join(&name), Some(&file.sha256))?.is_some();
        // The row is mended when its kiosk offers the dossier again.
        files_missing += u64::from(!whole);
        sync_dir(&folder)?;
    }
    sync_dir(&dir.blobs())?;
    let epoch = immediate(&mut conn, |tx| new_epoch(tx, now))?;
    // Last: a directory without settings is not a province, and nothing serves it under the old epoch.
    let settings = std::fs::read(from.join(SETTINGS)).map_err(|_| Refusal::NoBackup)?;
    write_private(&dir.settings_file(), &settings)?;
    sync_dir(dir.path())?;
    Ok(Restored {
        epoch,
        files: files.len() as u64,
        files_missing,
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
