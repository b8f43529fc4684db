//! One encrypted file on its way in: its bytes on disk, and the hash of the segment that is arriving.
//!
//! **Invariants:** every whole segment that is held fits the manifest's hash; damage is cut back to the last segment
//! border; after [`Arriving::sync`] every byte up to [`Arriving::offset`] is fsynced. The hash of the whole is taken once,
//! from the file itself, when every segment is there.

use crate::ServiceError;
use crate::copies::Copies;
use crate::early_sync::EarlySync;
use crate::province::sync_dir;
use seal::manifest::{BlobRecord, SEGMENT_BYTES};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::ProblemCode;

/// A file of which a part is here.
pub struct Arriving {
    file: Arc<File>,
    path: PathBuf,
    record: BlobRecord,
    offset: u64,
    early: EarlySync,
    segment: Sha256,
    in_segment: usize,
    /// Taken from the file once it is full.
    whole: Option<[u8; 32]>,
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
            offset: 0,
            early: EarlySync::default(),
            segment: Sha256::new(),
            in_segment: 0,
            whole: None,
        };
        arriving.read_back()?;
        Ok(arriving)
    }

    /// Bytes held. Fsynced after [`Arriving::sync`].
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
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
        self.in_segment = 0;
        if self.record.segments.as_chunks::<32>().0.get(index) == Some(&hash) {
            Ok(())
        } else {
            self.offset = border;
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
            self.cut(self.offset)?;
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
        let synced = if self.is_full() && self.whole.is_none() {
            self.sync_and_hash()
        } else {
            self.file.sync_data()
        };
        early.and(synced).map_err(ServiceError::io("syncing an upload"))
    }

    /// The disk writes the last bytes out while the processor hashes them all.
    fn sync_and_hash(&mut self) -> io::Result<()> {
        let (synced, hash) = std::thread::scope(|scope| {
            let syncing = scope.spawn(|| self.file.sync_data());
            let hash = self.whole_hash();
            let synced = syncing
                .join()
                .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
            (synced, hash)
        });
        self.whole = Some(hash?);
        synced
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
        self.sync()?;
        if self.whole != Some(self.record.sha256) {
            self.cut(0)?;
            return Err(ProblemCode::SegmentDamaged.into());
        }
        self.file
            .sync_all()
            .map_err(ServiceError::io("syncing an upload"))?;
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let whole = dir.join(self.record.name());
        std::fs::rename(&self.path, &whole).map_err(ServiceError::io("naming an upload"))?;
        Copies::forget_damaged(&whole);
        sync_dir(dir)?;
        // The dossier's own directory may be new as well.
        sync_dir(dir.parent().unwrap_or(Path::new(".")))
    }

    /// Of a file of one segment that segment's hash, which was checked, is the hash of the whole.
    fn whole_hash(&self) -> io::Result<[u8; 32]> {
        if let ([only], []) = self.record.segments.as_chunks::<32>() {
            return Ok(*only);
        }
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(0))?;
        seal::blob::whole_hash(file)
    }
}
