//! Taking dossiers in: the steps between a verified manifest and a signed acknowledgement.
//!
//! **Invariants:** identity is the dossier's id together with its manifest's hash, for ever; an acknowledgement is
//! made once for a content and an epoch, inside the transaction that completes the dossier, and stored.

use crate::ServiceError;
use crate::blobs::BlobFiles;
use crate::store::{blobs, dossiers, meta};
use domain::ids::{DeviceId, DossierId};
use domain::receipt_number::ReceiptNumber;
use jiff::Timestamp;
use rusqlite::Connection;
use seal::envelope::SealedDossier;
use seal::keys::{Context, SigningKey, VerifyKey};
use seal::manifest::{BlobRecord, Manifest};
use seal::signed::Signed;
use std::collections::BTreeSet;
use wire::acknowledgement::{AckFile, Acknowledgement};
use wire::dossier::{DossierAnswer, DossierAnswerKind, MissingBlob};
use wire::limits::{BLOB_BYTES_MAX, DOSSIER_BLOBS_MAX, DOSSIER_BYTES_MAX};
use wire::{Problem, ProblemCode, Sha256};

/// What taking a manifest came to.
pub enum Taken {
    New(DossierAnswer),
    Known(DossierAnswer),
    /// The id is held with another content; this one was kept too.
    Fork,
}

fn refused(why: &'static str) -> ServiceError {
    ServiceError::Problem(Problem::because(ProblemCode::ManifestRefused, why))
}

/// Checks everything that can be checked without opening: signatures, names, numbers, sizes.
///
/// # Errors
/// [`ProblemCode::ManifestRefused`], [`ProblemCode::EnvelopeTooNew`], [`ProblemCode::TooLarge`].
pub fn verify(
    envelope: &SealedDossier,
    id: &DossierId,
    device: &DeviceId,
    key: &VerifyKey,
) -> Result<Manifest, ServiceError> {
    let manifest = envelope.verify(key)?;
    if manifest.dossier_id() != *id {
        return Err(refused("the path names another dossier"));
    }
    if manifest.device_id() != *device {
        return Err(refused("the manifest names another device"));
    }
    // As printed, so that a look-up finds it by the number's one form.
    let number = manifest
        .receipt_number
        .parse::<ReceiptNumber>()
        .map_err(|_| refused("no receipt number"))?;
    if number.to_string() != manifest.receipt_number {
        return Err(refused("no receipt number"));
    }
    let distinct: BTreeSet<_> = manifest.blobs.iter().map(|b| b.sha256).collect();
    if distinct.len() != manifest.blobs.len() || manifest.blobs.iter().any(|b| b.len == 0) {
        return Err(refused("a file is empty or named twice"));
    }
    let too_large = manifest.blobs.iter().any(|b| b.len > BLOB_BYTES_MAX)
        || manifest.blobs.iter().map(|b| b.len).sum::<u64>() > DOSSIER_BYTES_MAX
        || manifest.blobs.len() > DOSSIER_BLOBS_MAX;
    if too_large {
        Err(ProblemCode::TooLarge.into())
    } else {
        Ok(manifest)
    }
}

/// Takes a verified manifest, inside a writing transaction.
///
/// # Errors
/// The database's and the disk's.
pub fn take(
    conn: &Connection,
    files: &BlobFiles,
    key: &SigningKey,
    manifest: &Manifest,
    envelope: &SealedDossier,
    now: Timestamp,
) -> Result<Taken, ServiceError> {
    let id = manifest.dossier_id();
    match dossiers::find(conn, &id)? {
        None => {
            dossiers::insert(conn, manifest, envelope, now)?;
            Ok(Taken::New(settle(conn, files, key, &id, now)?))
        }
        Some(row) if row.manifest_sha256.0 == envelope.sha256() => {
            Ok(Taken::Known(settle(conn, files, key, &id, now)?))
        }
        Some(_) => {
            dossiers::insert_fork(conn, &manifest.device_id(), &id, envelope, now)?;
            Ok(Taken::Fork)
        }
    }
}

/// Compares the database with the files on disk, completes the dossier where all are whole, and says what is
/// missing. Runs inside a writing transaction, at a PUT and whenever a file became whole. A crash between a
/// file's renaming and its row is mended here; so is a restore that brought the rows back and not the files.
///
/// # Errors
/// [`ProblemCode::NotFound`], the database's and the disk's.
pub fn settle(
    conn: &Connection,
    files: &BlobFiles,
    key: &SigningKey,
    id: &DossierId,
    now: Timestamp,
) -> Result<DossierAnswer, ServiceError> {
    let row = dossiers::find(conn, id)?.ok_or(ProblemCode::NotFound)?;
    let mut missing = Vec::new();
    let mut held = Vec::new();
    for blob in blobs::list(conn, id)? {
        let sha256 = Sha256(blob.record.sha256);
        let whole = files.is_whole(id, &blob.record);
        if whole != blob.done {
            // The name may have been given just before a crash, its directory not yet on disk.
            files.sync_names(id)?;
            blobs::set_done(conn, id, &sha256, whole)?;
        }
        if whole {
            held.push(blob.record);
        } else {
            missing.push(MissingBlob {
                sha256,
                offset: files.arrived(id, &blob.record)?,
                len: blob.record.len,
            });
        }
    }
    let acknowledgement = if missing.is_empty() {
        Some(acknowledgement(conn, key, &row, &held, now)?)
    } else {
        if row.acknowledgement.is_some() {
            dossiers::incomplete(conn, id)?;
        }
        None
    };
    Ok(DossierAnswer {
        answer: DossierAnswerKind::Dossier,
        dossier: *id,
        manifest_sha256: row.manifest_sha256,
        missing,
        acknowledgement,
        durable: meta::watermark(conn)?,
    })
}

/// The stored acknowledgement of this epoch, or a new one.
fn acknowledgement(
    conn: &Connection,
    key: &SigningKey,
    row: &dossiers::DossierRow,
    held: &[BlobRecord],
    now: Timestamp,
) -> Result<Signed, ServiceError> {
    let epoch = meta::watermark(conn)?.epoch;
    if let (Some(signed), true) = (&row.acknowledgement, row.ack_epoch == Some(epoch)) {
        return Ok(signed.clone());
    }
    let at = meta::next_watermark(conn)?;
    let ack = Acknowledgement {
        dossier: row.id,
        manifest_sha256: row.manifest_sha256,
        files: held
            .iter()
            .map(|b| AckFile {
                sha256: Sha256(b.sha256),
                len: b.len,
            })
            .collect(),
        at,
        received_at: row.completed_at.unwrap_or(now),
    };
    let signed = Signed::seal(key, Context::Acknowledgement, &ack)?;
    dossiers::acknowledge(conn, &row.id, &signed, at, now)?;
    Ok(signed)
}

/// Is this dossier held whole under that hash for this device?
///
/// # Errors
/// The database's.
pub fn is_held(
    conn: &Connection,
    files: &BlobFiles,
    device: &DeviceId,
    id: &DossierId,
    manifest_sha256: &Sha256,
) -> Result<bool, ServiceError> {
    let Some(row) = dossiers::find(conn, id)? else {
        return Ok(false);
    };
    let ours =
        row.device == *device && row.manifest_sha256 == *manifest_sha256 && row.acknowledgement.is_some();
    Ok(ours
        && blobs::list(conn, id)?
            .iter()
            .all(|b| files.is_whole(id, &b.record)))
}
