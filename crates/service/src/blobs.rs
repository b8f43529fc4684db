//! Encrypted files on disk, as they arrive.
//!
//! **Invariants:** what is reported as held was fsynced; every whole segment that is held fits the manifest's
//! hash; a file gets its final name only with the right hash, and that name is fsynced before anybody is told.
//! A file belongs to one dossier: nobody can ask whether somebody else's file is here.

use crate::arriving::Arriving;
use crate::copies::Copies;
use crate::province::{make_private_dir, sync_dir};
use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use seal::manifest::BlobRecord;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::PathBuf;

/// The folder of files.
#[derive(Debug, Clone)]
pub struct BlobFiles(PathBuf);

/// How much of a file is here.
pub enum Held {
    Whole,
    /// Ready to go on.
    Part(Box<Arriving>),
}

impl BlobFiles {
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self(root)
    }

    /// Is anything there? A folder whose disk is not mounted is empty.
    #[must_use]
    pub fn are_there(&self) -> bool {
        std::fs::read_dir(&self.0).is_ok_and(|mut names| names.next().is_some())
    }

    fn dir(&self, dossier: &DossierId) -> PathBuf {
        self.0.join(dossier.to_string())
    }

    /// Where the whole file stands once it is whole.
    #[must_use]
    pub fn whole(&self, dossier: &DossierId, record: &BlobRecord) -> PathBuf {
        self.dir(dossier).join(record.name())
    }

    fn part(&self, dossier: &DossierId, record: &BlobRecord) -> PathBuf {
        self.dir(dossier).join(format!("{}.part", record.name()))
    }

    /// Is the final file there with its length? Its hash was checked before it got its name, and what is found damaged
    /// later loses that name (`mending`).
    #[must_use]
    pub fn is_whole(&self, dossier: &DossierId, record: &BlobRecord) -> bool {
        std::fs::metadata(self.whole(dossier, record)).is_ok_and(|m| m.len() == record.len)
    }

    /// Makes the names of a dossier's files durable.
    ///
    /// # Errors
    /// [`ServiceError::Io`].
    pub fn sync_names(&self, dossier: &DossierId) -> Result<(), ServiceError> {
        let dir = self.dir(dossier);
        if dir.exists() { sync_dir(&dir) } else { Ok(()) }
    }

    /// Bytes of an unfinished file, fsynced but not read through: a hint. [`BlobFiles::open`] has the last word.
    ///
    /// # Errors
    /// [`ServiceError::Io`].
    pub fn arrived(&self, dossier: &DossierId, record: &BlobRecord) -> Result<u64, ServiceError> {
        match File::open(self.part(dossier, record)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(0),
            opened => {
                let file = opened.map_err(ServiceError::io("opening an upload"))?;
                file.sync_data().map_err(ServiceError::io("syncing an upload"))?;
                Ok(file
                    .metadata()
                    .map_err(ServiceError::io("reading an upload"))?
                    .len()
                    .min(record.len))
            }
        }
    }

    /// Takes a whole file in from elsewhere, under a name of its own until its hash is right: an upload of the same file
    /// that is under way in another process is not touched, and whichever is whole first stays.
    ///
    /// # Errors
    /// [`Refusal::FileMismatch`] where the bytes are others; [`ServiceError::Io`].
    pub fn bring(
        &self,
        dossier: &DossierId,
        record: &BlobRecord,
        mut from: impl Read,
    ) -> Result<(), ServiceError> {
        if self.is_whole(dossier, record) {
            return self.sync_names(dossier);
        }
        let dir = self.dir(dossier);
        make_private_dir(&dir)?;
        let beside = dir.join(format!("{}.{}", record.name(), std::process::id()));
        let copied = (|| {
            let mut hashing = seal::blob::HashingWriter::new(File::create(&beside)?);
            std::io::copy(&mut from, &mut hashing)?;
            let (found, file) = hashing.finish();
            file.sync_all()?;
            Ok::<_, std::io::Error>(&found == record)
        })();
        match copied.map_err(ServiceError::io("copying a file")) {
            Ok(true) => {
                let whole = self.whole(dossier, record);
                std::fs::rename(&beside, &whole).map_err(ServiceError::io("naming a file"))?;
                Copies::forget_damaged(&whole);
                sync_dir(&dir)?;
                sync_dir(&self.0)
            }
            other => {
                let _ = std::fs::remove_file(&beside);
                other.and(Err(Refusal::FileMismatch.into()))
            }
        }
    }

    /// Opens a file to go on with: reads what is held, checks it segment by segment and cuts it back to its last
    /// good one where it is damaged.
    ///
    /// # Errors
    /// [`ServiceError::Io`].
    pub fn open(&self, dossier: &DossierId, record: &BlobRecord) -> Result<Held, ServiceError> {
        if self.is_whole(dossier, record) {
            sync_dir(&self.dir(dossier))?;
            return Ok(Held::Whole);
        }
        make_private_dir(&self.dir(dossier))?;
        let path = self.part(dossier, record);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(&path)
            .map_err(ServiceError::io("opening an upload"))?;
        Ok(Held::Part(Box::new(Arriving::go_on(file, path, record.clone())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::manifest::SEGMENT_BYTES;
    use wire::ProblemCode;

    fn record() -> (Vec<u8>, BlobRecord) {
        let bytes: Vec<u8> = (0..2 * SEGMENT_BYTES + 77)
            .map(|i| (i * 31 % 251) as u8)
            .collect();
        let record = seal::blob::record_of(&bytes);
        (bytes, record)
    }

    fn open(files: &BlobFiles, record: &BlobRecord) -> Arriving {
        match files.open(&dossier(), record).unwrap() {
            Held::Part(arriving) => *arriving,
            Held::Whole => panic!("not whole yet"),
        }
    }

    fn dossier() -> DossierId {
        "00000000-0000-4000-8000-000000000001".parse().unwrap()
    }

    #[test]
    fn damage_at_rest_is_cut_back_to_the_last_good_segment() {
        let (bytes, record) = record();
        let dir = tempfile::tempdir().unwrap();
        let files = BlobFiles::new(dir.path().into());
        open(&files, &record)
            .append(&bytes[..2 * SEGMENT_BYTES + 5])
            .unwrap();
        assert_eq!(
            open(&files, &record).offset(),
            2 * SEGMENT_BYTES as u64 + 5,
            "nothing is lost in between"
        );
        let part = files.part(&dossier(), &record);
        let mut stored = std::fs::read(&part).unwrap();
        stored[SEGMENT_BYTES + 3] ^= 1;
        std::fs::write(&part, stored).unwrap();
        let mut arriving = open(&files, &record);
        assert_eq!(arriving.offset(), SEGMENT_BYTES as u64);
        arriving.append(&bytes[SEGMENT_BYTES..]).unwrap();
        arriving.finish().unwrap();
        assert!(matches!(files.open(&dossier(), &record).unwrap(), Held::Whole));
        assert_eq!(std::fs::read(files.whole(&dossier(), &record)).unwrap(), bytes);
    }

    #[test]
    fn a_damaged_segment_and_a_byte_too_many_are_refused() {
        let (mut bytes, record) = record();
        let dir = tempfile::tempdir().unwrap();
        let files = BlobFiles::new(dir.path().into());
        bytes[SEGMENT_BYTES] ^= 1;
        let refused = open(&files, &record).append(&bytes);
        assert!(matches!(refused, Err(ServiceError::Problem(p)) if p.code == ProblemCode::SegmentDamaged));
        let mut arriving = open(&files, &record);
        assert_eq!(arriving.offset(), SEGMENT_BYTES as u64);
        bytes[SEGMENT_BYTES] ^= 1;
        bytes.push(0);
        let refused = arriving.append(&bytes[SEGMENT_BYTES..]);
        assert!(matches!(refused, Err(ServiceError::Problem(p)) if p.code == ProblemCode::TooLarge));
        drop(arriving);
        assert!(open(&files, &record).is_full(), "what fitted is kept");
    }

    #[test]
    fn a_manifest_that_contradicts_itself_gets_no_file() {
        let (bytes, mut record) = record();
        record.sha256 = [9; 32];
        let dir = tempfile::tempdir().unwrap();
        let files = BlobFiles::new(dir.path().into());
        // Every segment is right, and the whole is not: for one segment and for several.
        for len in [bytes.len(), 300] {
            let part = &bytes[..len];
            record.len = len as u64;
            record.segments = seal::blob::record_of(part).segments;
            let mut arriving = open(&files, &record);
            arriving.append(part).unwrap();
            let refused = arriving.finish();
            assert!(
                matches!(refused, Err(ServiceError::Problem(p)) if p.code == ProblemCode::SegmentDamaged)
            );
            assert!(!files.whole(&dossier(), &record).exists());
            assert_eq!(open(&files, &record).offset(), 0, "thrown away");
        }
    }
}
