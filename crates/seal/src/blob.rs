//! A captured file, sealed: encrypted to the province, its hash and its segments' hashes taken on the way.

use crate::SealError;
use crate::keys::Recipients;
use crate::manifest::{BlobRecord, SEGMENT_BYTES};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// Bytes read at once: few calls, and small enough to stay near the processor.
const HASHED_AT_ONCE: usize = 128 * 1024;

/// Hashes what passes through: the whole and every segment.
pub struct HashingWriter<W> {
    inner: W,
    whole: Sha256,
    segment: Sha256,
    in_segment: usize,
    segments: Vec<u8>,
    len: u64,
}

impl<W: Write> HashingWriter<W> {
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            whole: Sha256::new(),
            segment: Sha256::new(),
            in_segment: 0,
            segments: Vec::new(),
            len: 0,
        }
    }

    /// Ends the last segment and gives the record back with the writer.
    pub fn finish(mut self) -> (BlobRecord, W) {
        if self.in_segment > 0 {
            self.segments.extend_from_slice(&self.segment.finalize());
        }
        let record = BlobRecord {
            sha256: self.whole.finalize().into(),
            len: self.len,
            segments: self.segments,
        };
        (record, self.inner)
    }

    fn hash(&mut self, mut bytes: &[u8]) {
        self.whole.update(bytes);
        self.len += u64::try_from(bytes.len()).unwrap_or(0);
        while !bytes.is_empty() {
            let room = SEGMENT_BYTES - self.in_segment;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.segment.update(now);
            self.in_segment += now.len();
            if self.in_segment == SEGMENT_BYTES {
                self.segments.extend_from_slice(&self.segment.finalize_reset());
                self.in_segment = 0;
            }
            bytes = later;
        }
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(buf)?;
        self.hash(buf.get(..written).unwrap_or(buf));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// Encrypts `readable` to the province into `out`.
///
/// # Errors
/// [`SealError::Key`], [`SealError::Io`].
pub fn seal<W: Write>(readable: &[u8], to: &Recipients, out: W) -> Result<(BlobRecord, W), SealError> {
    let recipients = to.parse()?;
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|r| r as &dyn age::Recipient))
        .map_err(|_| SealError::Key)?;
    let mut hashing = HashingWriter::new(out);
    let mut writer = encryptor.wrap_output(&mut hashing)?;
    writer.write_all(readable)?;
    writer.finish()?;
    Ok(hashing.finish())
}

/// SHA-256 of everything that is left to read. It says the same as a record's segments, which stand beside it in the
/// signed manifest, at half the work: for bytes that are there whole.
///
/// # Errors
/// Those of reading.
pub fn whole_hash(mut from: impl Read) -> std::io::Result<[u8; 32]> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0_u8; HASHED_AT_ONCE]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Hashes bytes that are already sealed, to compare with a record.
#[must_use]
pub fn record_of(sealed: &[u8]) -> BlobRecord {
    let mut hashing = HashingWriter::new(std::io::sink());
    hashing.hash(sealed);
    hashing.finish().0
}
