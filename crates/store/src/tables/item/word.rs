//! The province's word on a dossier, and what may go once it holds it.
//!
//! **Invariant:** an acknowledgement is stored once; only what the province holds durably is dropped.

use super::row::many;
use crate::StoreError;
use domain::ids::DossierId;
use domain::province::{CaseStatus, OfficialCode};
use rusqlite::Connection;

/// Stores an acknowledgement once; a second one changes nothing.
///
/// # Errors
/// The write errors.
pub fn set_acknowledgement(
    db: &Connection,
    dossier: &DossierId,
    signed_json: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET acknowledgement = ?2, acknowledged_ms = ?3, bytes_sent = bytes, last_failure = NULL, failures = 0
         WHERE dossier = ?1 AND acknowledgement IS NULL",
        (dossier.to_string(), signed_json, now_ms),
    )?;
    Ok(())
}

/// The province was restored and has forgotten it: what it said before holds no longer, and its keeping time starts anew.
///
/// # Errors
/// The write errors.
pub fn forget(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    StoreError::unless_one(db.execute(
        "UPDATE item SET acknowledgement = NULL, acknowledged_ms = NULL, durable_ms = NULL, bytes_sent = 0, next_try_ms = 0 WHERE dossier = ?1",
        [dossier.to_string()],
    )?)
}

/// # Errors
/// The write errors.
pub fn set_durable(db: &Connection, dossier: &DossierId, now_ms: i64) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET durable_ms = coalesce(durable_ms, ?2) WHERE dossier = ?1",
        (dossier.to_string(), now_ms),
    )?;
    Ok(())
}

/// Dossiers that were durable at the province before a time and whose files are gone. A withdrawal stays as long as the
/// dossier that it took back: without it that one would seem never to have left.
///
/// # Errors
/// The read errors.
pub fn purged_before(db: &Connection, durable_before_ms: i64) -> Result<Vec<DossierId>, StoreError> {
    let old = many(
        db,
        "WHERE state = 'purged' AND durable_ms < ?1
         AND NOT EXISTS (SELECT 1 FROM item taken WHERE taken.dossier = item.takes_back)",
        [durable_before_ms],
    )?;
    Ok(old.into_iter().map(|row| row.dossier).collect())
}

/// Drops the row of a purged dossier with all that belongs to it, the lines of the book too.
///
/// # Errors
/// The write errors.
pub fn drop_purged(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    let id = dossier.to_string();
    db.execute("DELETE FROM copy WHERE dossier = ?1", [&id])?;
    db.execute("DELETE FROM sealed_file WHERE dossier = ?1", [&id])?;
    db.execute("DELETE FROM audit WHERE dossier = ?1", [&id])?;
    db.execute("DELETE FROM item WHERE dossier = ?1 AND state = 'purged'", [&id])?;
    Ok(())
}

/// The province's word on the case. A code once given is not taken back by an event without one.
///
/// # Errors
/// The write errors.
pub fn set_case(
    db: &Connection,
    dossier: &DossierId,
    status: CaseStatus,
    code: Option<&OfficialCode>,
    note: Option<&str>,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET case_status = ?2, official_code = coalesce(?3, official_code), official_source = coalesce(?4, official_source), case_note = ?5
         WHERE dossier = ?1",
        (dossier.to_string(), status.as_str(), code.map(|c| &c.code), code.map(|c| &c.source), note),
    )?;
    Ok(())
}

/// Every case that was told to stand at `told` stands at `counts_as`; its code, if it had one, is kept.
///
/// # Errors
/// The write errors.
pub fn every_case_becomes(
    db: &Connection,
    told: CaseStatus,
    counts_as: CaseStatus,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET case_status = ?2, case_note = NULL WHERE case_status = ?1",
        [told.as_str(), counts_as.as_str()],
    )?;
    Ok(())
}
