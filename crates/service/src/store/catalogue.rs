//! Published catalogues, each under its version and the hash of its manifest.

use crate::ServiceError;
use rusqlite::{Connection, OptionalExtension};
use wire::Sha256;

/// The version and the name of what is published now.
///
/// # Errors
/// The database's.
pub fn current(conn: &Connection) -> Result<Option<(u64, Sha256)>, ServiceError> {
    let sql = "SELECT version, sha256 FROM catalogue ORDER BY version DESC LIMIT 1";
    let row: Option<(i64, [u8; 32])> = conn
        .query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    row.map(|(version, sha256)| {
        let version = u64::try_from(version).map_err(|_| ServiceError::Damaged("catalogue version"))?;
        Ok((version, Sha256(sha256)))
    })
    .transpose()
}

/// What is published now, whole.
///
/// # Errors
/// The database's.
pub fn bundle(conn: &Connection) -> Result<Option<(Sha256, Vec<u8>)>, ServiceError> {
    let sql = "SELECT sha256, bundle FROM catalogue ORDER BY version DESC LIMIT 1";
    let row: Option<([u8; 32], Vec<u8>)> = conn
        .query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    Ok(row.map(|(sha256, bundle)| (Sha256(sha256), bundle)))
}

/// Publishes; only inside a writing transaction in which [`current`] gave the version before.
///
/// # Errors
/// The database's; a version that is there already is one.
pub fn publish(
    conn: &Connection,
    version: u64,
    sha256: &[u8; 32],
    bundle: &[u8],
) -> Result<(), ServiceError> {
    let version = i64::try_from(version).map_err(|_| ServiceError::Damaged("catalogue version"))?;
    conn.execute(
        "INSERT INTO catalogue (version, sha256, bundle) VALUES (?1, ?2, ?3)",
        (version, sha256, bundle),
    )?;
    Ok(())
}
