//! A captured file, sealed: encrypted to the province, its hash and its segments' hashes taken on the way.

use crate::SealError;
use crate::keys::Recipients;
use crate::manifest::{BlobRecord, SEGMENT_BYTES};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::num::NonZero;
use std::path::Path;

/// Bytes read at once: few calls, and small enough to stay near the processor.
const HASHED_AT_ONCE: usize = 128 * 1024;

/// The hash of a whole and of each of its segments, taken as the bytes go by. Up to the first border both are one, and are
/// taken once.
#[derive(Clone, Default)]
pub struct Hashes {
    whole: Sha256,
    segment: Sha256,
    in_segment: usize,
    len: u64,
}

impl Hashes {
    /// Takes what fits into the segment under way and answers the rest, which is for the next one.
    pub fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (now, later) = bytes.split_at((SEGMENT_BYTES - self.in_segment).min(bytes.len()));
        self.whole.update(now);
        if !self.is_in_first() {
            self.segment.update(now);
        }
        self.in_segment += now.len();
        self.len += now.len() as u64;
        later
    }

    fn is_in_first(&self) -> bool {
        self.len == self.in_segment as u64
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of the segment under way.
    #[must_use]
    pub fn in_segment(&self) -> usize {
        self.in_segment
    }

    /// The hash of the segment under way, which ends here.
    pub fn end_segment(&mut self) -> [u8; 32] {
        let hash = if self.is_in_first() {
            self.whole.clone().finalize()
        } else {
            self.segment.finalize_reset()
        };
        self.in_segment = 0;
        hash.into()
    }

    /// The hash of everything so far.
    #[must_use]
    pub fn whole(&self) -> [u8; 32] {
        self.whole.clone().finalize().into()
    }
}

/// Hashes what passes through: the whole and every segment.
pub struct HashingWriter<W> {
    inner: W,
    hashes: Hashes,
    segments: Vec<u8>,
}

impl<W: Write> HashingWriter<W> {
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            hashes: Hashes::default(),
            segments: Vec::new(),
        }
    }

    /// Ends the last segment and gives the record back with the writer.
    pub fn finish(mut self) -> (BlobRecord, W) {
        if self.hashes.in_segment() > 0 {
            self.segments.extend_from_slice(&self.hashes.end_segment());
        }
        let record = BlobRecord {
            sha256: self.hashes.whole(),
            len: self.hashes.len(),
            segments: self.segments,
        };
        (record, self.inner)
    }

    fn hash(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = self.hashes.take(bytes);
            if self.hashes.in_segment() == SEGMENT_BYTES {
                self.segments.extend_from_slice(&self.hashes.end_segment());
            }
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

/// Does the file hold what the record says: as many bytes, and each segment with its hash? That is the whole's hash, too:
/// nobody makes, signs for himself or takes in a record whose two say different things. Every processor reads its share.
///
/// # Errors
/// Those of opening and reading; a file that is not there is [`std::io::ErrorKind::NotFound`].
pub fn lies_whole(path: &Path, record: &BlobRecord) -> std::io::Result<bool> {
    let segments = record.segments.as_chunks::<32>().0;
    let expected = record.len.div_ceil(SEGMENT_BYTES as u64);
    if File::open(path)?.metadata()?.len() != record.len || segments.len() as u64 != expected {
        return Ok(false);
    }
    let at_once = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = segments.len().div_ceil(at_once).max(1);
    std::thread::scope(|scope| {
        let mut shares = (0_u64..).step_by(share).zip(segments.chunks(share));
        let mine = shares.next();
        let others: Vec<_> = shares
            .map(|(first, hashes)| scope.spawn(move || they_lie_there(path, first, hashes)))
            .collect();
        let mut all = mine.map_or(Ok(true), |(first, hashes)| they_lie_there(path, first, hashes))?;
        for other in others {
            all &= other
                .join()
                .unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into()))?;
        }
        Ok(all)
    })
}

/// Segments in a row, from the one with that index on.
fn they_lie_there(path: &Path, first: u64, hashes: &[[u8; 32]]) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(first * SEGMENT_BYTES as u64))?;
    for hash in hashes {
        if whole_hash((&mut file).take(SEGMENT_BYTES as u64))? != *hash {
            return Ok(false);
        }
    }
    Ok(true)
}

fn whole_hash(mut from: impl Read) -> std::io::Result<[u8; 32]> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        (0..2 * SEGMENT_BYTES + 77)
            .map(|i| (i * 31 % 251) as u8)
            .collect()
    }

    #[test]
    fn whole_and_segments_are_what_each_hashes_to_alone() {
        for len in [
            1,
            SEGMENT_BYTES - 1,
            SEGMENT_BYTES,
            SEGMENT_BYTES + 1,
            2 * SEGMENT_BYTES + 77,
        ] {
            let bytes = &bytes()[..len];
            let record = record_of(bytes);
            let alone: Vec<u8> = bytes
                .chunks(SEGMENT_BYTES)
                .flat_map(|s| Sha256::digest(s).to_vec())
                .collect();
            assert_eq!(record.segments, alone, "{len}");
            assert_eq!(record.sha256, <[u8; 32]>::from(Sha256::digest(bytes)), "{len}");
            assert_eq!(record.len, len as u64);
        }
    }

    #[test]
    fn a_missing_short_long_or_flipped_file_does_not_lie_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let whole = bytes();
        let record = record_of(&whole);
        let there = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            lies_whole(&path, &record).unwrap()
        };
        assert_eq!(
            lies_whole(&dir.path().join("g"), &record).unwrap_err().kind(),
            std::io::ErrorKind::NotFound
        );
        assert!(there(&whole));
        assert!(!there(&whole[1..]), "one byte short");
        assert!(!there(&[&whole[..], &[0]].concat()), "one byte too many");
        // In the first, in the last and in a middle segment: each processor's share.
        for at in [0, SEGMENT_BYTES + 5, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            assert!(!there(&flipped), "one bit at {at}");
        }
    }

    #[test]
    fn a_record_without_its_segments_fits_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, bytes()).unwrap();
        let mut record = record_of(&bytes());
        record.segments.truncate(32);
        assert!(!lies_whole(&path, &record).unwrap());
    }
}
