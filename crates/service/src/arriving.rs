//! One encrypted file on its way in: its bytes on disk, and the hash of the segment that is arriving.
//!
//! **Invariants:** every whole segment that is held fits the manifest's hash; damage is cut back to the last segment
//! border; after [`Arriving::sync`] every byte up to [`Arriving::offset`] is fsynced.

use crate::ServiceError;
use crate::copies::Copies;
use crate::early_sync::EarlySync;
use crate::province::sync_dir;
use seal::blob::Hashes;
use seal::manifest::{BlobRecord, SEGMENT_BYTES};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::ProblemCode;

/// A file of which a part is here.
pub struct Arriving {
    file: Arc<File>,
    path: PathBuf,
    record: BlobRecord,
    early: EarlySync,
    hashes: Hashes,
    /// As they were at the last border: what damage behind it falls back to.
    at_border: Hashes,
}

impl Arriving {
    /// Reads what is held, checks it segment by segment and cuts it back to its last good one where it is damaged.
    ///
    /// # Errors
    /// [`ServiceError::Io`].
    pub fn go_on(file: File, path: PathBuf, record: BlobRecord) -> Result<Self, ServiceError> {
        let mut arriving = Self {
            file: Arc::new(file),
            path,
            record,
            early: EarlySync::default(),
            hashes: Hashes::default(),
            at_border: Hashes::default(),
        };
        arriving.read_back()?;
        Ok(arriving)
    }

    /// Bytes held. Fsynced after [`Arriving::sync`].
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.hashes.len()
    }

    fn read_back(&mut self) -> Result<(), ServiceError> {
        let mut buffer = vec![0; SEGMENT_BYTES];
        loop {
            let read = (&*self.file)
                .read(&mut buffer)
                .map_err(ServiceError::io("reading an upload"))?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() || self.take(bytes).is_err() {
                break;
            }
        }
        // Also drops whatever stood behind the last good byte.
        self.cut(self.offset())?;
        self.sync()
    }

    /// Hashes bytes that follow; a segment that is full is checked. On damage everything falls back to the last
    /// segment border; the file itself is cut by the caller.
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), ProblemCode> {
        while !bytes.is_empty() {
            let left = usize::try_from(self.record.len - self.offset()).unwrap_or(usize::MAX);
            if left == 0 {
                return Err(ProblemCode::TooLarge);
            }
            let fitting = bytes.get(..left).unwrap_or(bytes);
            let taken = fitting.len() - self.hashes.take(fitting).len();
            if self.hashes.in_segment() == SEGMENT_BYTES || self.is_full() {
                self.end_segment()?;
            }
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), ProblemCode> {
        let index = usize::try_from(self.at_border.len() / SEGMENT_BYTES as u64).unwrap_or(usize::MAX);
        let hash = self.hashes.end_segment();
        if self.record.segments.as_chunks::<32>().0.get(index) == Some(&hash) {
            self.at_border = self.hashes.clone();
            Ok(())
        } else {
            self.hashes = self.at_border.clone();
            Err(ProblemCode::SegmentDamaged)
        }
    }

    fn cut(&mut self, to: u64) -> Result<(), ServiceError> {
        self.file
            .set_len(to)
            .and_then(|()| (&*self.file).seek(SeekFrom::Start(to)))
            .map(drop)
            .map_err(ServiceError::io("cutting an upload"))
    }

    /// Appends. A segment whose hash is wrong is cut off again, fsynced, before this returns.
    ///
    /// # Errors
    /// [`ProblemCode::SegmentDamaged`], [`ProblemCode::TooLarge`], [`ServiceError::Io`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        (&*self.file)
            .write_all(bytes)
            .map_err(ServiceError::io("writing an upload"))?;
        if let Err(code) = self.take(bytes) {
            self.cut(self.offset())?;
            self.sync()?;
            return Err(code.into());
        }
        self.early
            .wrote(&self.file, bytes.len() as u64)
            .map_err(ServiceError::io("syncing an upload"))
    }

    /// Every byte so far is on disk when this returns.
    ///
    /// # Errors
    /// [`ServiceError::Io`].
    pub fn sync(&mut self) -> Result<(), ServiceError> {
        // A failure of the early one is this one's failure: the system tells it only once.
        let early = self.early.end();
        let synced = self.file.sync_data();
        early.and(synced).map_err(ServiceError::io("syncing an upload"))
    }

    /// Is every byte here?
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.offset() == self.record.len
    }

    /// Checks the whole hash and gives the file its final name, durably.
    ///
    /// # Errors
    /// [`ProblemCode::SegmentDamaged`] where the segments were good and the whole is not: the manifest contradicts
    /// itself, and everything is thrown away; [`ServiceError::Io`].
    pub fn finish(mut self) -> Result<(), ServiceError> {
        self.sync()?;
        if self.hashes.whole() != self.record.sha256 {
            self.cut(0)?;
            return Err(ProblemCode::SegmentDamaged.into());
        }
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let whole = dir.join(self.record.name());
        std::fs::rename(&self.path, &whole).map_err(ServiceError::io("naming an upload"))?;
        Copies::forget_damaged(&whole);
        sync_dir(dir)?;
        // The dossier's own directory may be new as well.
        sync_dir(dir.parent().unwrap_or(Path::new(".")))
    }
}
