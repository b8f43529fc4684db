//! The province's receipt: every byte of this dossier is held, named file by file.

use crate::Sha256;
use domain::delivery::Watermark;
use domain::ids::DossierId;
use seal::SealError;
use seal::keys::{Context, VerifyKey};
use seal::manifest::Manifest;
use seal::signed::Signed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One file that the province holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AckFile {
    /// Of the encrypted bytes.
    pub sha256: Sha256,
    /// Encrypted length, bytes.
    pub len: u64,
}

/// Signed under `Context::Acknowledgement`, stored by both sides as the signed bytes. A second PUT of the same
/// manifest brings the same bytes again, unless the province was restored in between (another epoch).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub dossier: DossierId,
    pub manifest_sha256: Sha256,
    /// Every file of the manifest, in its order, each once.
    pub files: Vec<AckFile>,
    /// The dossier is durable once the province's durable watermark covers this.
    pub at: Watermark,
    pub received_at: jiff::Timestamp,
}

/// Why an acknowledgement is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotAcknowledged {
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("it answers to another dossier or another content")]
    Another,
    #[error("it does not name exactly the manifest's files")]
    Files,
}

impl Acknowledgement {
    /// Verifies signature, hash and files against the manifest that was sent (`manifest_sha256` over its
    /// stored bytes). The only way to take an acknowledgement.
    ///
    /// # Errors
    /// See [`NotAcknowledged`].
    pub fn verify(
        signed: &Signed,
        province: &VerifyKey,
        manifest: &Manifest,
        manifest_sha256: &Sha256,
    ) -> Result<Self, NotAcknowledged> {
        let ack: Self = signed.open(province, Context::Acknowledgement)?;
        let wanted = manifest.blobs.iter().map(|b| AckFile {
            sha256: Sha256(b.sha256),
            len: b.len,
        });
        ack.answers(&manifest.dossier_id(), manifest_sha256, wanted)?;
        Ok(ack)
    }

    /// Does it answer to this dossier and content, and name exactly these files? Pure; the signature is
    /// [`Acknowledgement::verify`]'s.
    ///
    /// # Errors
    /// [`NotAcknowledged::Another`], [`NotAcknowledged::Files`].
    pub fn answers(
        &self,
        dossier: &DossierId,
        manifest_sha256: &Sha256,
        files: impl Iterator<Item = AckFile>,
    ) -> Result<(), NotAcknowledged> {
        if self.dossier != *dossier || self.manifest_sha256 != *manifest_sha256 {
            return Err(NotAcknowledged::Another);
        }
        let wanted: BTreeSet<AckFile> = files.collect();
        let named: BTreeSet<AckFile> = self.files.iter().copied().collect();
        if wanted == named {
            Ok(())
        } else {
            Err(NotAcknowledged::Files)
        }
    }
}
