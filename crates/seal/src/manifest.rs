//! The manifest: the outside of a sealed dossier. Deterministic CBOR (RFC 8949, integer keys, ascending),
//! signed as stored bytes by device and operator. No personal data stands in it.

use crate::SealError;
use domain::ids::{DeviceId, DossierId};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// Version of the envelope. Readers keep every version ever shipped.
pub const MANIFEST_VERSION: u32 = 1;
/// A manifest with its inline form stays below this many bytes.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;
/// Length of the segments whose hashes let a cut upload be checked piece by piece, bytes.
pub const SEGMENT_BYTES: usize = 1024 * 1024;

/// One encrypted file beside the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BlobRecord {
    /// SHA-256 of the encrypted bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    /// Encrypted length, bytes.
    #[n(1)]
    pub len: u64,
    /// SHA-256 of every [`SEGMENT_BYTES`] of the encrypted bytes, joined (32 bytes each).
    #[cbor(n(2), with = "minicbor::bytes")]
    pub segments: Vec<u8>,
}

/// Where and when the seal was made, by the counter's clocks; the province judges, not the kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CapturedAt {
    /// Wall clock, milliseconds since 1970.
    #[n(0)]
    pub wall_ms: i64,
    /// The last time that the province signed, milliseconds since 1970; 0 where none was seen.
    #[n(1)]
    pub last_province_ms: i64,
    /// The wall clock stood before the last signed time, or jumped: the date is not to be relied on.
    #[n(2)]
    pub low_trust: bool,
}

/// The outside of a sealed dossier.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    #[n(0)]
    pub version: u32,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub dossier: [u8; 16],
    #[cbor(n(2), with = "minicbor::bytes")]
    pub device: [u8; 16],
    /// Random 64 bits made at enrolment: a cloned disk shows by two hashes for one (epoch, seq).
    #[n(3)]
    pub device_epoch: u64,
    /// Position in this device's chain, from 1.
    #[n(4)]
    pub device_seq: u64,
    /// SHA-256 of the manifest before this one in the chain; zeros for the first.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub previous: [u8; 32],
    /// Printed form, `DH-…`.
    #[n(6)]
    pub receipt_number: String,
    #[n(7)]
    pub procedure_code: String,
    #[n(8)]
    pub procedure_version: String,
    #[cbor(n(9), with = "minicbor::bytes")]
    pub procedure_sha256: [u8; 32],
    #[n(10)]
    pub captured_at: CapturedAt,
    #[n(11)]
    pub kind: Kind,
    /// The form, compressed and encrypted.
    #[cbor(n(12), with = "minicbor::bytes")]
    pub sealed_form: Vec<u8>,
    #[n(13)]
    pub blobs: Vec<BlobRecord>,
    /// Argon2id of the look-up secret, salted with the dossier id: a look-up works before anything is opened.
    #[cbor(n(14), with = "minicbor::bytes")]
    pub lookup_tag: [u8; 32],
    /// The operator who sealed, and the key that they signed with.
    #[cbor(n(15), with = "minicbor::bytes")]
    pub operator: [u8; 16],
    #[cbor(n(16), with = "minicbor::bytes")]
    pub operator_key: [u8; 32],
    /// The dossier that this one belongs to, for supplements and withdrawals.
    #[cbor(n(17), with = "minicbor::bytes")]
    pub parent: Option<[u8; 16]>,
    /// The catalogue that the interview ran on: SHA-256 of its manifest. Absent in what was sealed before it was named.
    #[cbor(n(18), with = "minicbor::bytes")]
    pub catalogue_sha256: Option<[u8; 32]>,
}

/// What the dossier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    #[n(0)]
    New,
    #[n(1)]
    Supplement,
    #[n(2)]
    Void,
}

impl Manifest {
    /// # Errors
    /// [`SealError::TooLarge`] past [`MANIFEST_BYTES_MAX`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, SealError> {
        let bytes = minicbor::to_vec(self).map_err(|_| SealError::Malformed("manifest"))?;
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(SealError::TooLarge {
                what: "manifest",
                max: MANIFEST_BYTES_MAX,
            });
        }
        Ok(bytes)
    }

    /// Reads one manifest and nothing behind it.
    ///
    /// # Errors
    /// [`SealError::TooNew`], [`SealError::TooLarge`], [`SealError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(SealError::TooLarge {
                what: "manifest",
                max: MANIFEST_BYTES_MAX,
            });
        }
        let mut decoder = minicbor::Decoder::new(bytes);
        let manifest: Self = decoder.decode().map_err(|_| SealError::Malformed("manifest"))?;
        if manifest.version > MANIFEST_VERSION {
            return Err(SealError::TooNew(manifest.version));
        }
        let whole = decoder.position() == bytes.len();
        let segments_fit = manifest.blobs.iter().all(BlobRecord::segments_fit);
        if whole && segments_fit {
            Ok(manifest)
        } else {
            Err(SealError::Malformed("manifest"))
        }
    }

    #[must_use]
    pub fn dossier_id(&self) -> DossierId {
        DossierId(uuid::Uuid::from_bytes(self.dossier))
    }

    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        DeviceId(uuid::Uuid::from_bytes(self.device))
    }

    /// The dossier that a withdrawal takes back; none for every other kind.
    #[must_use]
    pub fn takes_back(&self) -> Option<DossierId> {
        let parent = self.parent.map(|id| DossierId(uuid::Uuid::from_bytes(id)));
        parent.filter(|_| self.kind == Kind::Void)
    }

    /// A withdrawal names one dossier that is not itself, and brings no papers. Every other kind is as it is.
    #[must_use]
    pub fn kind_fits(&self) -> bool {
        self.kind != Kind::Void || (self.parent.is_some_and(|id| id != self.dossier) && self.blobs.is_empty())
    }
}

impl BlobRecord {
    fn segments_fit(&self) -> bool {
        let wanted = self.len.div_ceil(SEGMENT_BYTES as u64) * 32;
        u64::try_from(self.segments.len()) == Ok(wanted)
    }

    /// The name of the file: lower-case hex of its hash.
    #[must_use]
    pub fn name(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.sha256)
    }
}

/// SHA-256 of manifest bytes: with the dossier id, what an acknowledgement answers to.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
