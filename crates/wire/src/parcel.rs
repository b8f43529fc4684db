//! A sealed dossier outside any network: one folder on a stick, or on a disk that two machines see.
//!
//! `DONGHANH/<dossier id>/` holds `envelope.cbor`, `device.json` (the signed certificate of the device that sealed it),
//! every file under its hash, and, once somebody has it, the province's `acknowledgement.json`.
//!
//! **Invariants:** a folder without `.part` was written whole and read back; names are random ids and hashes, so that
//! whoever finds a stick learns nothing; what is read here is hostile until its signatures and hashes were checked.

use crate::limits::BLOB_BYTES_MAX;
use domain::ids::DossierId;
use seal::SealError;
use seal::envelope::{ENVELOPE_BYTES_MAX, SealedDossier};
use seal::manifest::BlobRecord;
use seal::signed::Signed;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The one folder that is ours on a stick.
pub const ROOT: &str = "DONGHANH";
pub const ENVELOPE: &str = "envelope.cbor";
pub const CERTIFICATE: &str = "device.json";
pub const ACKNOWLEDGEMENT: &str = "acknowledgement.json";
/// Names the stick, so that two copies on one stick count as one.
pub const STICK: &str = "stick.id";
/// The province's catalogue, as its signed bundle: for machines that no network reaches.
pub const CATALOGUE: &str = "catalogue.bundle";
/// Ends the name of what is not finished yet.
pub const UNFINISHED: &str = "part";
/// Folders that are looked at on one stick: more than a counter seals in a year.
pub const PARCELS_MAX: usize = 20_000;
/// A signed certificate or acknowledgement, bytes: a hundred files are named in it.
const SIGNED_BYTES_MAX: usize = 64 * 1024;

/// One dossier as it lies there; nothing is verified yet but its shape.
#[derive(Debug)]
pub struct Parcel {
    pub folder: PathBuf,
    pub dossier: DossierId,
    pub envelope: SealedDossier,
    pub certificate: Option<Signed>,
    pub acknowledgement: Option<Signed>,
}

/// Why a folder is no parcel.
#[derive(Debug, thiserror::Error)]
pub enum NotAParcel {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("the folder has another dossier's name")]
    Name,
}

/// Every finished parcel below `folder`, which holds [`ROOT`]; none where there is no such folder.
///
/// # Errors
/// Those of reading the folder.
pub fn list(folder: &Path) -> io::Result<Vec<(DossierId, PathBuf)>> {
    let entries = match std::fs::read_dir(folder.join(ROOT)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for entry in entries.take(PARCELS_MAX) {
        let entry = entry?;
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        // A link on a stick could lead anywhere on this machine.
        if let (Some(id), true) = (id, entry.file_type()?.is_dir()) {
            found.push((id, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

impl Parcel {
    /// Reads everything but the files.
    ///
    /// # Errors
    /// [`NotAParcel`].
    pub fn read(dossier: DossierId, folder: PathBuf) -> Result<Self, NotAParcel> {
        let envelope = small(&folder.join(ENVELOPE), ENVELOPE_BYTES_MAX)?.ok_or(NotAParcel::Name)?;
        let envelope = SealedDossier::from_bytes(&envelope)?;
        let manifest = seal::manifest::Manifest::from_bytes(&envelope.manifest)?;
        if manifest.dossier_id() != dossier {
            return Err(NotAParcel::Name);
        }
        Ok(Self {
            certificate: signed(&folder.join(CERTIFICATE))?,
            acknowledgement: signed(&folder.join(ACKNOWLEDGEMENT))?,
            folder,
            dossier,
            envelope,
        })
    }

    /// Opens a file of it, at most one byte longer than it may be.
    ///
    /// # Errors
    /// Those of opening; a file that is no plain file.
    pub fn open(&self, blob: &BlobRecord) -> io::Result<impl Read + use<>> {
        plain(&self.folder.join(blob.name())).map(|file| file.take(blob.len.min(BLOB_BYTES_MAX) + 1))
    }
}

/// Leaves the province's word beside the dossier it is about, durably.
///
/// # Errors
/// Those of writing: a stick may be full, locked or gone.
pub fn leave_acknowledgement(folder: &Path, signed: &Signed) -> io::Result<()> {
    let json = serde_json::to_vec(signed).map_err(io::Error::other)?;
    write_durably(&folder.join(ACKNOWLEDGEMENT), &json)
}

/// Beside it first, fsynced, then renamed over the old one.
///
/// # Errors
/// Those of writing.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension(UNFINISHED);
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes names durable. Some file systems of sticks have no such call and say so: they are no worse for it.
///
/// # Errors
/// Those of the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(folder)?.sync_all() {
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {}
        other => other?,
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Only a plain file: no link, no device, no pipe that never ends.
fn plain(path: &Path) -> io::Result<File> {
    if std::fs::symlink_metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::from(io::ErrorKind::InvalidInput))
    }
}

/// `None` where there is no such file.
///
/// # Errors
/// Those of reading; a file that is longer than `max`.
pub fn small(path: &Path, max: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match plain(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.take(u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() > max {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(Some(bytes))
}

/// A signed document; one that does not read back counts as absent, because it proves nothing.
fn signed(path: &Path) -> io::Result<Option<Signed>> {
    Ok(small(path, SIGNED_BYTES_MAX)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_half_written_folders_and_foreign_names_are_no_parcels() {
        let stick = tempfile::tempdir().unwrap();
        assert!(list(stick.path()).unwrap().is_empty(), "an empty stick");
        let root = stick.path().join(ROOT);
        let id = "00000000-0000-4000-8000-000000000001";
        for name in [id, "00000000-0000-4000-8000-000000000002.part", "photos"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc", root.join("00000000-0000-4000-8000-000000000003")).unwrap();
        let found = list(stick.path()).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        let (dossier, folder) = found[0].clone();
        assert!(matches!(
            Parcel::read(dossier, folder.clone()),
            Err(NotAParcel::Name)
        ));
        std::fs::write(folder.join(ENVELOPE), vec![0; ENVELOPE_BYTES_MAX + 1]).unwrap();
        assert!(
            matches!(Parcel::read(dossier, folder), Err(NotAParcel::Io(_))),
            "too long to be read"
        );
    }
}
