//! Looking things up in the index: for the counter's lists, its days and its checks.

use super::row::{ItemRow, many};
use crate::StoreError;
use domain::ids::DossierId;
use domain::province::CaseStatus;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// # Errors
/// The read errors.
pub fn get(db: &Connection, dossier: &DossierId) -> Result<Option<ItemRow>, StoreError> {
    Ok(many(db, "WHERE dossier = ?1", [dossier.to_string()])?.pop())
}

/// The ids of all.
///
/// # Errors
/// The read errors.
pub fn dossiers(db: &Connection) -> Result<BTreeSet<DossierId>, StoreError> {
    let mut statement = db.prepare("SELECT dossier FROM item")?;
    let ids: Vec<String> = statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// The names of all sealed files that belong to a row.
///
/// # Errors
/// The read errors.
pub fn file_names(db: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = db.prepare("SELECT sha256 FROM sealed_file")?;
    Ok(statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
}

/// The envelope as it was sealed.
///
/// # Errors
/// [`StoreError::Missing`].
pub fn envelope(db: &Connection, dossier: &DossierId) -> Result<Vec<u8>, StoreError> {
    Ok(db.query_row(
        "SELECT envelope FROM item WHERE dossier = ?1",
        [dossier.to_string()],
        |r| r.get(0),
    )?)
}

/// The newest dossiers, and every older one that a person has to look at, or whose withdrawal has; the newest first. A
/// withdrawal is shown with the dossier that it takes back.
///
/// # Errors
/// The read errors.
pub fn to_show(db: &Connection, newest: u32) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE takes_back IS NULL AND (
           device_seq >= coalesce((SELECT min(device_seq) FROM (
             SELECT device_seq FROM item WHERE takes_back IS NULL ORDER BY device_seq DESC LIMIT ?1)), 0)
           OR state IN ('held', 'quarantined')
           OR dossier IN (SELECT takes_back FROM item WHERE takes_back IS NOT NULL AND state IN ('held', 'quarantined')))
         ORDER BY device_seq DESC",
        [newest],
    )
}

/// The newest dossiers; withdrawals are not among them.
///
/// # Errors
/// The read errors.
pub fn newest(db: &Connection, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE takes_back IS NULL ORDER BY device_seq DESC LIMIT ?1",
        [limit],
    )
}

/// Dossiers whose case stands at one of these, the newest first.
///
/// # Errors
/// The read errors.
pub fn with_case(db: &Connection, cases: &[CaseStatus], limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    let words: Vec<&str> = cases.iter().map(|case| case.as_str()).collect();
    many(
        db,
        "WHERE takes_back IS NULL AND case_status IN (SELECT value FROM json_each(?1)) ORDER BY device_seq DESC LIMIT ?2",
        (serde_json::to_string(&words)?, limit),
    )
}

/// The withdrawal that takes this dossier back, where there is one.
///
/// # Errors
/// The read errors.
pub fn withdrawal_of(db: &Connection, dossier: &DossierId) -> Result<Option<ItemRow>, StoreError> {
    Ok(many(
        db,
        "WHERE takes_back = ?1 ORDER BY device_seq LIMIT 1",
        [dossier.to_string()],
    )?
    .pop())
}

/// The item of a receipt number. A number is a label: on a cloned disk two items may carry one, and the newest answers.
///
/// # Errors
/// The read errors.
pub fn of_receipt(db: &Connection, receipt_number: &str) -> Result<Option<ItemRow>, StoreError> {
    let found = many(
        db,
        "WHERE receipt_number = ?1 AND takes_back IS NULL ORDER BY device_seq DESC LIMIT 1",
        [receipt_number],
    )?;
    Ok(found.into_iter().next())
}

/// Items in one delivery state, by the state's word.
///
/// # Errors
/// The read errors.
pub fn in_state(db: &Connection, state: &str) -> Result<Vec<ItemRow>, StoreError> {
    many(db, "WHERE state = ?1 ORDER BY device_seq", [state])
}

/// Dossiers that this device sealed since a time.
///
/// # Errors
/// The read errors.
pub fn since(db: &Connection, from_ms: i64) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE sealed_ms >= ?1 AND carried_from IS NULL AND takes_back IS NULL",
        [from_ms],
    )
}

/// Dossiers that this device sealed after a number of its own chain, in that order, whatever the clock said.
///
/// # Errors
/// The read errors.
pub fn after(db: &Connection, device_seq: u64) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE device_seq > ?1 AND carried_from IS NULL AND takes_back IS NULL ORDER BY device_seq",
        [i64::try_from(device_seq).map_err(|_| StoreError::Content)?],
    )
}

/// Does a dossier stand at this place of the device's chain?
///
/// # Errors
/// The read errors.
pub fn is_taken(db: &Connection, device_seq: u64) -> Result<bool, StoreError> {
    let seq = i64::try_from(device_seq).map_err(|_| StoreError::Content)?;
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM item WHERE device_seq = ?1)",
        [seq],
        |r| r.get(0),
    )?)
}
