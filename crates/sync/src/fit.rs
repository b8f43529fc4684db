//! Is what lies on this disk what was sealed? Asked before anything of an item is sent.
//!
//! **Invariant:** a damaged row, envelope or file is found here and goes nowhere; damage of one item says nothing of
//! another.

use seal::envelope::SealedDossier;
use seal::keys::VerifyKey;
use seal::manifest::{BlobRecord, Manifest};
use store::tables::item::ItemRow;
use store::{SealedFiles, StoreError};

/// The item is not what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the item is not what was sealed")]
pub struct Damaged;

/// Row and envelope: signed by the device that sealed it and the operator, and about each other.
///
/// # Errors
/// [`Damaged`].
pub fn content(row: &ItemRow, envelope: &[u8], device: &VerifyKey) -> Result<Manifest, Damaged> {
    let sealed = SealedDossier::from_bytes(envelope).map_err(|_| Damaged)?;
    let manifest = sealed.verify(device).map_err(|_| Damaged)?;
    if sealed.sha256() == row.manifest_sha256 && manifest.dossier_id() == row.dossier {
        Ok(manifest)
    } else {
        Err(Damaged)
    }
}

/// Every file of the manifest: there, as long as it was, with the same hash.
///
/// # Errors
/// Those of reading, other than a file that is not there.
pub fn files(blobs: &[BlobRecord], files: &SealedFiles) -> Result<bool, StoreError> {
    for blob in blobs {
        match files.verify(blob) {
            Ok(()) => {}
            Err(StoreError::Damaged(_) | StoreError::Missing) => return Ok(false),
            Err(other) => return Err(other),
        }
    }
    Ok(true)
}
