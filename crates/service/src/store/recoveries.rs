//! Requests to give a counter its drafts key back, and the second person who allowed it.

use crate::{Refusal, ServiceError};
use domain::ids::DeviceId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use wire::recovery::RecoveryRequest;

/// A request that nobody has approved yet.
pub struct RecoveryRow {
    pub request: RecoveryRequest,
    pub requested_by: String,
    pub why: String,
}

/// # Errors
/// The database's.
pub fn request(
    conn: &Connection,
    device: &DeviceId,
    request: &RecoveryRequest,
    clerk: &str,
    why: &str,
    now: Timestamp,
) -> Result<i64, ServiceError> {
    let json = serde_json::to_string(request).map_err(|_| ServiceError::Damaged("recovery request"))?;
    conn.execute(
        "INSERT INTO recoveries (device, request, requested_by, why, requested_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        (device.to_string(), json, clerk, why, now.as_millisecond()),
    )?;
    Ok(conn.last_insert_rowid())
}

/// # Errors
/// [`Refusal::NoSuchRequest`], the database's.
pub fn open(conn: &Connection, id: i64) -> Result<RecoveryRow, ServiceError> {
    let sql = "SELECT request, requested_by, why FROM recoveries WHERE id = ?1 AND approved_at IS NULL";
    let row: Option<(String, String, String)> = conn
        .query_row(sql, [id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    let (json, requested_by, why) = row.ok_or(Refusal::NoSuchRequest)?;
    Ok(RecoveryRow {
        request: serde_json::from_str(&json).map_err(|_| ServiceError::Damaged("recovery request"))?,
        requested_by,
        why,
    })
}

/// # Errors
/// [`Refusal::NoSuchRequest`] where it was approved meanwhile, the database's.
pub fn approve(conn: &Connection, id: i64, clerk: &str, now: Timestamp) -> Result<(), ServiceError> {
    let sql =
        "UPDATE recoveries SET approved_by = ?2, approved_at = ?3 WHERE id = ?1 AND approved_at IS NULL";
    match conn.execute(sql, (id, clerk, now.as_millisecond()))? {
        1 => Ok(()),
        _ => Err(Refusal::NoSuchRequest.into()),
    }
}
