//! Taking dossiers in: the steps between a verified manifest and a signed acknowledgement.
//!
//! **Invariants:** identity is the dossier's id together with its manifest's hash, for ever; an acknowledgement is
//! made once for a content and an epoch, inside the transaction that completes the dossier, and stored.

use crate::blobs::BlobFiles;
use crate::decide::{self, Arrival, Word};
use crate::store::audit::{self, Act, Entry};
use crate::store::{blobs, carriers, devices, dossiers, events, meta};
use crate::withdrawals;
use crate::{Refusal, ServiceError};
use domain::delivery::Watermark;
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
use wire::sync::EventKind;
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

/// Checks everything that can be checked without opening: signatures, names, numbers, sizes. `named` is the id that the
/// asker gave beside the envelope, where one was given.
///
/// # Errors
/// [`ProblemCode::ManifestRefused`], [`ProblemCode::EnvelopeTooNew`], [`ProblemCode::TooLarge`].
pub fn verify(
    envelope: &SealedDossier,
    named: Option<&DossierId>,
    device: &DeviceId,
    key: &VerifyKey,
) -> Result<Manifest, ServiceError> {
    let manifest = envelope.verify(key)?;
    if named.is_some_and(|id| manifest.dossier_id() != *id) {
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
    if !manifest.kind_fits() {
        return Err(refused("a withdrawal names one dossier and brings no file"));
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

/// The device that an envelope names, before anything is verified.
///
/// # Errors
/// [`ProblemCode::ManifestRefused`].
pub fn sealed_by(envelope: &SealedDossier) -> Result<DeviceId, ServiceError> {
    Ok(Manifest::from_bytes(&envelope.manifest)?.device_id())
}

/// Whose seal is to be on what a device carries for another one. What a revoked device sealed is taken by this road; what
/// was never enrolled is not.
///
/// # Errors
/// [`ProblemCode::ManifestRefused`], the database's.
pub fn sealer(conn: &Connection, named: &DeviceId) -> Result<(DeviceId, VerifyKey), ServiceError> {
    let found = devices::find(conn, named)?.filter(|d| {
        matches!(
            d.state,
            devices::DeviceState::Approved | devices::DeviceState::Revoked
        )
    });
    let other = found.ok_or_else(|| refused("the manifest names an unknown device"))?;
    Ok((other.id, other.key))
}

/// Takes a verified manifest, inside a writing transaction. `asker`: the device that brings it, where one does.
///
/// # Errors
/// The database's and the disk's.
pub fn take(
    conn: &Connection,
    files: &BlobFiles,
    key: &SigningKey,
    manifest: &Manifest,
    envelope: &SealedDossier,
    asker: Option<&DeviceId>,
    now: Timestamp,
) -> Result<Taken, ServiceError> {
    let id = manifest.dossier_id();
    let held = dossiers::find(conn, &id)?.map(|row| row.manifest_sha256);
    match decide::arrival(held.as_ref(), &Sha256(envelope.sha256())) {
        Arrival::New => {
            watch_for_copies(conn, manifest, envelope, now)?;
            dossiers::insert(conn, manifest, envelope, now)?;
            match manifest.takes_back() {
                Some(dossier) => withdrawals::take(conn, &id, &dossier, now)?,
                None => withdrawals::came_before(conn, &id, now)?,
            }
            Ok(Taken::New(settle(conn, files, key, &id, asker, now)?))
        }
        Arrival::Known => Ok(Taken::Known(settle(conn, files, key, &id, asker, now)?)),
        Arrival::Fork => {
            watch_for_copies(conn, manifest, envelope, now)?;
            dossiers::insert_fork(conn, &manifest.device_id(), &id, envelope, now)?;
            Ok(Taken::Fork)
        }
    }
}

/// Two contents at one place of a device's chain: its disk was copied or put back to an older state. Both dossiers
/// are kept; the device is frozen, once, and the record says between which two.
fn watch_for_copies(
    conn: &Connection,
    manifest: &Manifest,
    envelope: &SealedDossier,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let Some(other) = dossiers::at_same_place(conn, manifest, envelope.sha256())? else {
        return Ok(());
    };
    let device = manifest.device_id();
    if devices::freeze(conn, &device, now)? {
        tracing::error!(%device, "two disks claim to be one device: frozen until a person has looked");
        let entry = Entry {
            at: now,
            who: "service".into(),
            act: Act::FreezeDevice,
            on: Some(device.to_string()),
            why: format!("{other} and {} stand at one place", manifest.dossier_id()),
        };
        audit::append(conn, &entry)?;
    }
    Ok(())
}

/// Compares the database with the files on disk, completes the dossier where all are whole, and says what is
/// missing. Runs inside a writing transaction, at a PUT and whenever a file became whole. A crash between a
/// file's renaming and its row is mended here; so is a restore that brought the rows back and not the files.
/// What `asker` is not told by the answer, the dossier's other devices are told by an event.
///
/// # Errors
/// [`ProblemCode::NotFound`], the database's and the disk's.
pub fn settle(
    conn: &Connection,
    files: &BlobFiles,
    key: &SigningKey,
    id: &DossierId,
    asker: Option<&DeviceId>,
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
    let epoch = meta::watermark(conn)?.epoch;
    let acknowledged_in = row.acknowledgement.as_ref().and(row.ack_epoch);
    let acknowledgement = match decide::word(missing.is_empty(), acknowledged_in, epoch) {
        Word::Wait => None,
        Word::Withdraw => {
            // A disk that is not there at all lost nothing yet.
            if !files.are_there() {
                return Err(Refusal::DiskFailed.into());
            }
            take_word_back(conn, id, row.acknowledged_at(), "a file is gone here", now)?;
            None
        }
        Word::Again => row.acknowledgement.clone(),
        Word::Acknowledge => {
            let (signed, at) = acknowledge(conn, key, &row, &held, now)?;
            events::append_for_all_but(asker, conn, id, &EventKind::Whole { at }, now)?;
            Some(signed)
        }
    };
    Ok(DossierAnswer {
        answer: DossierAnswerKind::Dossier,
        dossier: *id,
        manifest_sha256: row.manifest_sha256,
        missing,
        acknowledgement,
        durable: meta::durable(conn)?,
    })
}

/// A file is gone: the acknowledgement stands no longer, and whoever may still have the bytes hears it in the same
/// transaction, the asker too, to whom an old answer may come again. `at`: up to which place of the log no word of this
/// dossier stands, where it is known.
///
/// # Errors
/// The database's.
pub(crate) fn take_word_back(
    conn: &Connection,
    id: &DossierId,
    at: Option<Watermark>,
    why: &str,
    now: Timestamp,
) -> Result<(), ServiceError> {
    if let Some(at) = at {
        events::append_for_all_but(None, conn, id, &EventKind::OfferAgain { at }, now)?;
    }
    dossiers::incomplete(conn, id)?;
    audit::append(conn, &Entry::dossier(now, "service", Act::AskAgain, id, why))
}

/// A new acknowledgement, stored, and its place.
fn acknowledge(
    conn: &Connection,
    key: &SigningKey,
    row: &dossiers::DossierRow,
    held: &[BlobRecord],
    now: Timestamp,
) -> Result<(Signed, Watermark), ServiceError> {
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
    Ok((signed, at))
}

/// Is this dossier held whole under that hash for this device? What a kiosk was acknowledged in an earlier epoch
/// it offers again by itself; the word is then a new one, and no file goes twice.
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
    let every_file_whole = blobs::list(conn, id)?
        .iter()
        .all(|b| files.is_whole(id, &b.record));
    Ok(decide::is_held(decide::Holding {
        same_device: row.device == *device || carriers::carries(conn, id, device)?,
        same_content: row.manifest_sha256 == *manifest_sha256,
        acknowledged: row.acknowledgement.is_some(),
        every_file_whole,
    }))
}
