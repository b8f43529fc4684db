//! Requests to write a dossier out in the clear, and the second person who allowed it.

use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};

/// A request that nobody has approved yet.
pub struct ExportRow {
    pub id: i64,
    pub dossier: DossierId,
    pub requested_by: String,
    pub why: String,
    pub to_dir: PathBuf,
}

/// # Errors
/// The database's.
pub fn request(
    conn: &Connection,
    dossier: &DossierId,
    clerk: &str,
    why: &str,
    to: &Path,
    now: Timestamp,
) -> Result<i64, ServiceError> {
    let sql =
        "INSERT INTO exports (dossier, requested_by, why, to_dir, requested_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    conn.execute(
        sql,
        (
            dossier.to_string(),
            clerk,
            why,
            to.to_string_lossy(),
            now.as_millisecond(),
        ),
    )?;
    Ok(conn.last_insert_rowid())
}

/// # Errors
/// [`Refusal::NoSuchRequest`], the database's.
pub fn open(conn: &Connection, id: i64) -> Result<ExportRow, ServiceError> {
    let sql = "SELECT dossier, requested_by, why, to_dir FROM exports WHERE id = ?1 AND approved_at IS NULL";
    let row: Option<(String, String, String, String)> = conn
        .query_row(sql, [id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
        .optional()?;
    let (dossier, requested_by, why, to_dir) = row.ok_or(Refusal::NoSuchRequest)?;
    let dossier = dossier.parse().map_err(|_| ServiceError::Damaged("dossier id"))?;
    Ok(ExportRow {
        id,
        dossier,
        requested_by,
        why,
        to_dir: to_dir.into(),
    })
}

/// # Errors
/// [`Refusal::NoSuchRequest`] where it was approved meanwhile, the database's.
pub fn approve(conn: &Connection, id: i64, clerk: &str, now: Timestamp) -> Result<(), ServiceError> {
    let sql = "UPDATE exports SET approved_by = ?2, approved_at = ?3 WHERE id = ?1 AND approved_at IS NULL";
    match conn.execute(sql, (id, clerk, now.as_millisecond()))? {
        1 => Ok(()),
        _ => Err(Refusal::NoSuchRequest.into()),
    }
}
