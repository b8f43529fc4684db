//! The files of dossiers as they lie on a disk, the province's or the backup's: one layout, each file under its hash.
//!
//! **Invariants:** a copy gets its name only with the right hash, fsynced; a failure to read that is the disk's own word on
//! one file counts as damage, any other (no right, no room, no handle) is a failure of the whole run, so that a mistake of
//! the system is never taken for lost files.

use crate::ServiceError;
use crate::province::make_private_dir;
use domain::ids::DossierId;
use rusqlite::Connection;
use sha2::{Digest, Sha256 as Hasher};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use wire::Sha256;

/// Bytes read at once.
const READ_AT_ONCE: usize = 256 * 1024;
/// Beside a copy's name until it is whole; no upload uses it.
const UNFINISHED: &str = "copying";
/// Where a damaged file goes: of what no other copy comes for, most pages can still be saved by hand.
const SET_ASIDE: &str = "damaged";

/// A file that the database calls whole.
pub(crate) struct Named {
    pub dossier: DossierId,
    pub sha256: Sha256,
    pub len: u64,
}

/// All of them, in the order in which they are read through.
///
/// # Errors
/// The database's.
pub(crate) fn named(conn: &Connection) -> Result<Vec<Named>, ServiceError> {
    let sql = "SELECT dossier, sha256, len FROM blobs WHERE done = 1 ORDER BY dossier, sha256";
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([], |r| {
        Ok((r.get::<_, String>(0)?, r.get(1)?, r.get::<_, i64>(2)?))
    })?;
    rows.map(|row| {
        let (dossier, sha256, len) = row?;
        Ok(Named {
            dossier: dossier.parse().map_err(|_| ServiceError::Damaged("dossier id"))?,
            sha256: Sha256(sha256),
            len: u64::try_from(len).unwrap_or(0),
        })
    })
    .collect()
}

/// A folder that holds them.
pub(crate) struct Copies(pub PathBuf);

impl Copies {
    pub(crate) fn folder(&self, dossier: &DossierId) -> PathBuf {
        self.0.join(dossier.to_string())
    }

    pub(crate) fn path(&self, file: &Named) -> PathBuf {
        self.folder(&file.dossier).join(file.sha256.to_string())
    }

    /// Is it here, by its length, or by its content where it is to be read?
    ///
    /// # Errors
    /// [`ServiceError::Io`] where that cannot be told.
    pub(crate) fn has(&self, file: &Named, by_content: bool) -> Result<bool, ServiceError> {
        let path = self.path(file);
        let looked = std::fs::metadata(&path).and_then(|found| {
            let fits = found.is_file() && found.len() == file.len;
            Ok(fits && (!by_content || hash(&path, std::io::sink())? == file.sha256))
        });
        match looked {
            Err(failure) if is_damage(&failure) => Ok(false),
            other => other.map_err(ServiceError::io("reading a sealed file")),
        }
    }

    /// Takes a copy from another disk; `false` where it is not whole there. Its name is durable after a sync of the folders.
    ///
    /// # Errors
    /// [`ServiceError::Io`].
    pub(crate) fn take(&self, file: &Named, from: &Self) -> Result<bool, ServiceError> {
        make_private_dir(&self.folder(&file.dossier))?;
        let copied = copy(&from.path(file), &self.path(file), Some(&file.sha256))?;
        Ok(copied.is_some())
    }

    /// Lets the name of a damaged file be free for a whole one.
    ///
    /// # Errors
    /// [`ServiceError::Io`].
    pub(crate) fn set_aside(&self, file: &Named) -> Result<(), ServiceError> {
        let path = self.path(file);
        match std::fs::rename(&path, path.with_extension(SET_ASIDE)) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                Err(ServiceError::io("setting a damaged file aside")(e))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The whole file has come: what was set aside for it is of no more use.
    pub(crate) fn forget_damaged(path: &Path) {
        let _ = std::fs::remove_file(path.with_extension(SET_ASIDE));
    }
}

/// Does this failure say that the bytes of one file are gone?
fn is_damage(failure: &std::io::Error) -> bool {
    /// The disk could not read it; the file system's own record of it is wrong (EIO, EBADMSG, EUCLEAN).
    const UNREADABLE: [i32; 3] = [5, 74, 117];
    let gone = matches!(failure.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof);
    gone || failure
        .raw_os_error()
        .is_some_and(|code| UNREADABLE.contains(&code))
}

/// Reads from the disk itself where the system lets go of what it has in memory.
fn hash(path: &Path, mut into: impl Write) -> std::io::Result<Sha256> {
    let mut source = File::open(path)?;
    #[cfg(unix)]
    let _ = rustix::fs::fadvise(&source, 0, None, rustix::fs::Advice::DontNeed);
    let (mut hasher, mut buffer) = (Hasher::new(), vec![0; READ_AT_ONCE]);
    loop {
        let read = source.read(&mut buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(Sha256(hasher.finalize().into()));
        }
        hasher.update(bytes);
        into.write_all(bytes).map_err(NotTheSource::wrap)?;
    }
}

/// A failure to write what was read: never the source's.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct NotTheSource(std::io::Error);

impl NotTheSource {
    fn wrap(failure: std::io::Error) -> std::io::Error {
        std::io::Error::new(failure.kind(), Self(failure))
    }
}

/// Copies and hashes; the name appears only with the right hash, fsynced. `None` where the source's bytes are others, or
/// gone.
///
/// # Errors
/// [`ServiceError::Io`].
pub(crate) fn copy(from: &Path, to: &Path, wanted: Option<&Sha256>) -> Result<Option<Sha256>, ServiceError> {
    let beside = to.with_extension(UNFINISHED);
    let failed = || ServiceError::io("copying a file");
    let target = File::create(&beside).map_err(failed())?;
    let came = match hash(from, &target) {
        Err(e) if wanted.is_some() && is_damage(&e) => None,
        other => Some(other.map_err(failed())?).filter(|hash| wanted.is_none_or(|wanted| wanted == hash)),
    };
    match came {
        Some(_) => {
            target.sync_all().map_err(failed())?;
            std::fs::rename(&beside, to).map_err(ServiceError::io("naming a copied file"))?;
        }
        None => std::fs::remove_file(&beside).map_err(failed())?,
    }
    Ok(came)
}
