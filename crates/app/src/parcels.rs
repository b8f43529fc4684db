//! Copies of sealed dossiers on a stick: written, synced, read back from the medium, and only then given their name.
//!
//! **Invariants:** a copy counts only after its bytes came back from the stick with the right hashes; a folder on this
//! machine's own disk is no second copy; another content under a known id is never overwritten.

use crate::problem::{Problem, ProblemCode};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::manifest::{BlobRecord, Manifest};
use seal::signed::Signed;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use store::SealedFiles;
use wire::parcel::{self, CERTIFICATE, ENVELOPE, ROOT, STICK, UNFINISHED};

/// A stick that can be written.
pub(crate) struct Stick {
    root: PathBuf,
    /// Random, kept on the stick itself.
    pub id: String,
}

/// What is to be copied.
pub(crate) struct Outgoing<'a> {
    pub dossier: DossierId,
    pub envelope: &'a [u8],
    pub certificate: Option<&'a Signed>,
}

/// What came of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    Copied,
    There,
    /// Another content lies there under this id.
    Other,
    /// The bytes on this machine, or its envelope, are not what was sealed.
    DamagedHere,
}

fn of_stick(e: &io::Error) -> Problem {
    let code = match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ProblemCode::StickFull
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ProblemCode::StickMissing,
        _ => ProblemCode::StickTrouble,
    };
    tracing::warn!(kind = ?e.kind(), "stick");
    code.into()
}

/// # Errors
/// `stick_missing` where there is no such folder.
pub(crate) fn folder(text: &str) -> Result<PathBuf, Problem> {
    let path = PathBuf::from(text.trim());
    if path.is_absolute() && path.is_dir() {
        Ok(path)
    } else {
        Err(ProblemCode::StickMissing.into())
    }
}

#[cfg(unix)]
fn same_disk(a: &Path, b: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(fs::metadata(a)?.dev() == fs::metadata(b)?.dev())
}

#[cfg(not(unix))]
fn same_disk(a: &Path, b: &Path) -> io::Result<bool> {
    let first =
        |p: &Path| fs::canonicalize(p).map(|p| p.components().next().map(|c| c.as_os_str().to_owned()));
    Ok(first(a)? == first(b)?)
}

impl Stick {
    /// # Errors
    /// `stick_is_this_disk`, `stick_missing`, `stick_full`, `stick_trouble`.
    pub(crate) fn open(at: &Path, own_data: &Path) -> Result<Self, Problem> {
        if same_disk(at, own_data).map_err(|e| of_stick(&e))? {
            return Err(ProblemCode::StickIsThisDisk.into());
        }
        let root = at.join(ROOT);
        fs::create_dir_all(&root).map_err(|e| of_stick(&e))?;
        let id = stick_id(&root)?;
        Ok(Self { root, id })
    }

    /// Copies one dossier, or finds it there whole.
    ///
    /// # Errors
    /// `stick_lies` where what was written does not read back; `stick_full`, `stick_trouble`.
    pub(crate) fn put(&self, one: &Outgoing<'_>, files: &SealedFiles) -> Result<Put, Problem> {
        // One that cannot be read holds up none of those behind it.
        let Ok(manifest) = manifest(one.envelope) else {
            return Ok(Put::DamagedHere);
        };
        let done = self.root.join(one.dossier.to_string());
        if done.exists() {
            match parcel::small(&done.join(ENVELOPE), seal::envelope::ENVELOPE_BYTES_MAX) {
                Ok(Some(bytes)) if bytes != one.envelope && SealedDossier::from_bytes(&bytes).is_ok() => {
                    return Ok(Put::Other);
                }
                Ok(_) | Err(_) => {}
            }
            if reads_back(&done, one, &manifest) {
                return Ok(Put::There);
            }
        }
        if manifest.blobs.iter().any(|blob| files.verify(blob).is_err()) {
            return Ok(Put::DamagedHere);
        }
        let part = done.with_extension(UNFINISHED);
        let written = write(&part, one, &manifest, files);
        written.map_err(|e| of_stick(&e))?;
        if !reads_back(&part, one, &manifest) {
            return Err(ProblemCode::StickLies.into());
        }
        let name = || -> io::Result<()> {
            if done.exists() {
                // A copy that no longer reads back gives way to one that does.
                fs::remove_dir_all(&done)?;
            }
            fs::rename(&part, &done)?;
            parcel::sync_folder(&self.root)
        };
        name().map_err(|e| of_stick(&e))?;
        Ok(Put::Copied)
    }

    /// Leaves the province's word beside what lies there; no failure of the copy.
    pub(crate) fn leave_word(&self, dossier: &DossierId, signed: &Signed) {
        let folder = self.root.join(dossier.to_string());
        if folder.is_dir()
            && let Err(e) = parcel::leave_acknowledgement(&folder, signed)
        {
            tracing::warn!(kind = ?e.kind(), "an acknowledgement could not be left on the stick");
        }
    }
}

fn stick_id(root: &Path) -> Result<String, Problem> {
    let path = root.join(STICK);
    let held = parcel::small(&path, 64).map_err(|e| of_stick(&e))?;
    let held = held.and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(id) = held.and_then(|text| text.trim().parse::<DossierId>().ok()) {
        return Ok(id.to_string());
    }
    let id = seal::random::uuid()?.to_string();
    parcel::write_durably(&path, id.as_bytes()).map_err(|e| of_stick(&e))?;
    Ok(id)
}

pub(crate) fn manifest(envelope: &[u8]) -> Result<Manifest, Problem> {
    Ok(Manifest::from_bytes(
        &SealedDossier::from_bytes(envelope)?.manifest,
    )?)
}

fn write(part: &Path, one: &Outgoing<'_>, manifest: &Manifest, files: &SealedFiles) -> io::Result<()> {
    if part.exists() {
        fs::remove_dir_all(part)?;
    }
    fs::create_dir_all(part)?;
    for blob in &manifest.blobs {
        let mut to = File::create(part.join(blob.name()))?;
        io::copy(&mut File::open(files.path(&blob.name()))?, &mut to)?;
        to.sync_all()?;
    }
    if let Some(certificate) = one.certificate {
        let json = serde_json::to_vec(certificate).map_err(io::Error::other)?;
        parcel::write_durably(&part.join(CERTIFICATE), &json)?;
    }
    // The envelope last: without it a folder is no parcel.
    parcel::write_durably(&part.join(ENVELOPE), one.envelope)
}

/// Read from the stick itself, as far as the system lets us: what stands in its memory proves nothing about a stick.
fn reads_back(folder: &Path, one: &Outgoing<'_>, manifest: &Manifest) -> bool {
    let whole = |blob: &BlobRecord| {
        let path = folder.join(blob.name());
        forget_cached(&path)
            .and_then(|()| seal::blob::lies_whole(&path, blob))
            .unwrap_or(false)
    };
    let envelope = folder.join(ENVELOPE);
    let same = forget_cached(&envelope)
        .and_then(|()| fs::read(&envelope))
        .is_ok_and(|bytes| bytes == one.envelope);
    same && manifest.blobs.iter().all(whole)
}

#[cfg(target_os = "linux")]
fn forget_cached(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    // A hint: a file system that keeps everything in memory has nothing to forget.
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn forget_cached(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_that_cannot_be_read_is_one_fault_and_leaves_nothing_on_the_stick() {
        let (data, at) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = SealedFiles::open(data.path()).unwrap();
        let stick = Stick {
            root: at.path().to_owned(),
            id: "a stick".to_owned(),
        };
        let one = Outgoing {
            dossier: seal::random::uuid().unwrap().to_string().parse().unwrap(),
            envelope: b"no envelope",
            certificate: None,
        };
        assert_eq!(stick.put(&one, &files).unwrap(), Put::DamagedHere);
        assert_eq!(fs::read_dir(at.path()).unwrap().count(), 0);
    }
}
