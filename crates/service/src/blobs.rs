//! Encrypted files on disk, as they arrive.
//!
//! **Invariants:** what is reported as held was fsynced; every whole segment that is held fits the manifest's
//! hash; a file gets its final name only with the right hash, and that name is fsynced before anybody is told.
//! A file belongs to one dossier: nobody can ask whether somebody else's file is here.

use crate::limits::UNSYNCED_BYTES_MAX;
use crate::province::{make_private_dir, sync_dir};
use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use seal::manifest::{BlobRecord, SEGMENT_BYTES};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use wire::ProblemCode;

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

    /// Is the final file there with its length? Its hash was checked before it got its name.
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
                std::fs::rename(&beside, self.whole(dossier, record))
                    .map_err(ServiceError::io("naming a file"))?;
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
        let mut arriving = Arriving::new(file, path, record.clone());
        arriving.read_back()?;
        Ok(Held::Part(Box::new(arriving)))
    }
}

/// A file on its way in: its bytes, and the hashes so far.
pub struct Arriving {
    file: File,
    path: PathBuf,
    record: BlobRecord,
    offset: u64,
    unsynced: u64,
    whole: Sha256,
    /// The whole hash as it stood at the last segment border, to fall back to.
    whole_at_border: Sha256,
    segment: Sha256,
    in_segment: usize,
}

impl Arriving {
    fn new(file: File, path: PathBuf, record: BlobRecord) -> Self {
        let (whole, whole_at_border, segment) = (Sha256::new(), Sha256::new(), Sha256::new());
        Self {
            file,
            path,
            record,
            offset: 0,
            unsynced: 0,
            whole,
            whole_at_border,
            segment,
            in_segment: 0,
        }
    }

    /// Bytes held. Fsynced after [`Arriving::sync`].
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    fn read_back(&mut self) -> Result<(), ServiceError> {
        let mut buffer = vec![0; SEGMENT_BYTES];
        loop {
            let read = self
                .file
                .read(&mut buffer)
                .map_err(ServiceError::io("reading an upload"))?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() || self.take(bytes).is_err() {
                break;
            }
        }
        // Also drops whatever stood behind the last good byte.
        self.cut(self.offset)?;
        self.sync()
    }

    /// Hashes bytes that follow; a segment that is full is checked. On damage everything falls back to the last
    /// segment border; the file itself is cut by the caller.
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), ProblemCode> {
        while !bytes.is_empty() {
            let room = SEGMENT_BYTES - self.in_segment;
            let left = usize::try_from(self.record.len - self.offset).unwrap_or(usize::MAX);
            if left == 0 {
                return Err(ProblemCode::TooLarge);
            }
            let (now, later) = bytes.split_at(room.min(left).min(bytes.len()));
            self.whole.update(now);
            self.segment.update(now);
            self.in_segment += now.len();
            self.offset += now.len() as u64;
            if self.in_segment == SEGMENT_BYTES || self.offset == self.record.len {
                self.end_segment()?;
            }
            bytes = later;
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), ProblemCode> {
        let length = self.in_segment as u64;
        let border = self.offset - length;
        let index = usize::try_from(border / SEGMENT_BYTES as u64).unwrap_or(usize::MAX);
        let hash: [u8; 32] = self.segment.finalize_reset().into();
        let good = self.record.segments.as_chunks::<32>().0.get(index) == Some(&hash);
        self.in_segment = 0;
        if good {
            self.whole_at_border = self.whole.clone();
            Ok(())
        } else {
            self.whole = self.whole_at_border.clone();
            self.offset = border;
            Err(ProblemCode::SegmentDamaged)
        }
    }

    fn cut(&mut self, to: u64) -> Result<(), ServiceError> {
        let cut = |file: &mut File| {
            file.set_len(to)?;
            file.seek(SeekFrom::Start(to))
        };
        cut(&mut self.file)
            .map(drop)
            .map_err(ServiceError::io("cutting an upload"))
    }

    /// Appends. A segment whose hash is wrong is cut off again, fsynced, before this returns.
    ///
    /// # Errors
    /// [`ProblemCode::SegmentDamaged`], [`ProblemCode::TooLarge`], [`ServiceError::Io`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        self.file
            .write_all(bytes)
            .map_err(ServiceError::io("writing an upload"))?;
        self.unsynced += bytes.len() as u64;
        if let Err(code) = self.take(bytes) {
            self.cut(self.offset)?;
            self.sync()?;
            return Err(code.into());
        }
        if self.unsynced >= UNSYNCED_BYTES_MAX {
            self.sync()?;
        }
        Ok(())
    }

    /// # Errors
    /// [`ServiceError::Io`].
    pub fn sync(&mut self) -> Result<(), ServiceError> {
        self.file
            .sync_data()
            .map_err(ServiceError::io("syncing an upload"))?;
        self.unsynced = 0;
        Ok(())
    }

    /// Is every byte here?
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.offset == self.record.len
    }

    /// Checks the whole hash and gives the file its final name, durably.
    ///
    /// # Errors
    /// [`ProblemCode::SegmentDamaged`] where the segments were good and the whole is not: the manifest contradicts
    /// itself, and everything is thrown away; [`ServiceError::Io`].
    pub fn finish(mut self) -> Result<(), ServiceError> {
        let hash: [u8; 32] = self.whole.clone().finalize().into();
        if hash != self.record.sha256 {
            self.cut(0)?;
            return Err(ProblemCode::SegmentDamaged.into());
        }
        self.file
            .sync_all()
            .map_err(ServiceError::io("syncing an upload"))?;
        let dir = self.path.parent().unwrap_or(Path::new("."));
        std::fs::rename(&self.path, dir.join(self.record.name()))
            .map_err(ServiceError::io("naming an upload"))?;
        sync_dir(dir)?;
        // The dossier's own directory may be new as well.
        sync_dir(dir.parent().unwrap_or(Path::new(".")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
