//! Verified copies of sealed dossiers on other media: two on one stick are one.

use crate::StoreError;
use domain::ids::DossierId;
use rusqlite::Connection;

/// Notes a copy that was written and read back.
///
/// # Errors
/// The write errors.
pub fn put(db: &Connection, dossier: &DossierId, stick: &str, now_ms: i64) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO copy (dossier, stick, made_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (dossier, stick) DO UPDATE SET made_ms = excluded.made_ms",
        (dossier.to_string(), stick, now_ms),
    )?;
    Ok(())
}

/// On how many media it lies beside this machine.
///
/// # Errors
/// The read errors.
pub fn count(db: &Connection, dossier: &DossierId) -> Result<u32, StoreError> {
    let mut statement = db.prepare_cached("SELECT count(*) FROM copy WHERE dossier = ?1")?;
    Ok(statement.query_row([dossier.to_string()], |r| r.get(0))?)
}

/// Dossiers that exist nowhere but on this machine; a withdrawal is none.
///
/// # Errors
/// The read errors.
pub fn lonely(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.query_row(
        "SELECT count(*) FROM item WHERE state IN ('sealed', 'registered', 'held', 'quarantined') AND carried_from IS NULL
         AND takes_back IS NULL
         AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.dossier = item.dossier)
         AND NOT (state = 'held' AND delivery LIKE '%consent_withdrawn%')",
        [],
        |r| r.get(0),
    )?)
}
