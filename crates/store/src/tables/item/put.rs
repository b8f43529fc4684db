//! What a seal, or another device's parcel, puts into the index.

use crate::StoreError;
use domain::delivery::Delivery;
use domain::ids::{DossierId, ProcedureCode};
use rusqlite::Connection;

/// Carried items stand in the order of their coming, behind every number that this device can reach itself.
const CARRIED_SEQ_FROM: u64 = 1 << 40;

/// What a seal writes.
pub struct NewItem<'a> {
    pub dossier: DossierId,
    pub device_seq: u64,
    pub receipt_number: &'a str,
    pub procedure_code: &'a ProcedureCode,
    pub envelope: &'a [u8],
    pub manifest_sha256: [u8; 32],
    /// Name and length of each sealed file.
    pub sealed_files: &'a [(String, u64)],
    pub sealed_ms: i64,
    /// A withdrawal: the dossier that it takes back.
    pub takes_back: Option<DossierId>,
}

/// # Errors
/// The write errors; a dossier that is there already.
pub fn insert(db: &Connection, new: &NewItem<'_>) -> Result<(), StoreError> {
    let bytes: u64 = new.sealed_files.iter().map(|(_, len)| len).sum();
    db.prepare_cached(
        "INSERT INTO item (dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms, delivery, state, waiting, takes_back, attempted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, 0)",
    )?
    .execute((
        new.dossier.to_string(),
        i64::try_from(new.device_seq).map_err(|_| StoreError::Content)?,
        new.receipt_number,
        new.procedure_code.as_str(),
        new.envelope,
        new.manifest_sha256.as_slice(),
        u32::try_from(new.sealed_files.len()).map_err(|_| StoreError::Content)?,
        i64::try_from(bytes).map_err(|_| StoreError::Content)?,
        new.sealed_ms,
        serde_json::to_string(&Delivery::Sealed)?,
        Delivery::Sealed.as_str(),
        new.takes_back.map(|id| id.to_string()),
    ))?;
    for (sha256, len) in new.sealed_files {
        db.prepare_cached("INSERT OR IGNORE INTO sealed_file (dossier, sha256, bytes) VALUES (?1, ?2, ?3)")?
            .execute((
                new.dossier.to_string(),
                sha256,
                i64::try_from(*len).map_err(|_| StoreError::Content)?,
            ))?;
    }
    Ok(())
}

/// Takes in what another device sealed; `new.device_seq` is that device's own and not kept.
///
/// # Errors
/// As [`insert`].
pub fn insert_carried(db: &Connection, new: &NewItem<'_>, sealed_by: &str) -> Result<(), StoreError> {
    let last: Option<i64> = db.query_row("SELECT max(device_seq) FROM item", [], |r| r.get(0))?;
    let last = last.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let row = NewItem {
        device_seq: last.saturating_add(1).max(CARRIED_SEQ_FROM),
        ..*new
    };
    insert(db, &row)?;
    db.execute(
        "UPDATE item SET carried_from = ?2 WHERE dossier = ?1",
        (new.dossier.to_string(), sealed_by),
    )?;
    Ok(())
}
