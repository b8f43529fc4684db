//! The files that a manifest names, and which of them are whole on disk.

use crate::ServiceError;
use domain::ids::DossierId;
use rusqlite::{Connection, OptionalExtension, Row};
use seal::manifest::BlobRecord;
use wire::Sha256;

/// One file of a dossier.
pub struct BlobRow {
    pub record: BlobRecord,
    /// Renamed to its final name, its hash checked and its directory fsynced.
    pub done: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<BlobRow> {
    let len: i64 = row.get(1)?;
    Ok(BlobRow {
        record: BlobRecord {
            sha256: row.get(0)?,
            len: u64::try_from(len).map_err(|_| super::devices::bad("length"))?,
            segments: row.get(2)?,
        },
        done: row.get(3)?,
    })
}

/// # Errors
/// The database's.
pub fn insert(conn: &Connection, dossier: &DossierId, blobs: &[BlobRecord]) -> Result<(), ServiceError> {
    let sql = "INSERT INTO blobs (dossier, sha256, position, len, segments) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = conn.prepare_cached(sql)?;
    for (position, blob) in blobs.iter().enumerate() {
        let len = i64::try_from(blob.len).unwrap_or(i64::MAX);
        insert.execute((
            dossier.to_string(),
            blob.sha256,
            super::whole(position),
            len,
            &blob.segments,
        ))?;
    }
    Ok(())
}

/// In the manifest's order.
///
/// # Errors
/// The database's.
pub fn list(conn: &Connection, dossier: &DossierId) -> Result<Vec<BlobRow>, ServiceError> {
    let sql = "SELECT sha256, len, segments, done FROM blobs WHERE dossier = ?1 ORDER BY position";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([dossier.to_string()], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// # Errors
/// The database's.
pub fn find(
    conn: &Connection,
    dossier: &DossierId,
    sha256: &Sha256,
) -> Result<Option<BlobRow>, ServiceError> {
    let sql = "SELECT sha256, len, segments, done FROM blobs WHERE dossier = ?1 AND sha256 = ?2";
    Ok(conn
        .query_row(sql, (dossier.to_string(), sha256.0), read)
        .optional()?)
}

/// # Errors
/// The database's.
pub fn set_done(
    conn: &Connection,
    dossier: &DossierId,
    sha256: &Sha256,
    done: bool,
) -> Result<(), ServiceError> {
    let sql = "UPDATE blobs SET done = ?3 WHERE dossier = ?1 AND sha256 = ?2";
    conn.execute(sql, (dossier.to_string(), sha256.0, done))?;
    Ok(())
}
