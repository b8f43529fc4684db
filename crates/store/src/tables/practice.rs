//! What somebody tries next time, found again by a keyed digest of their ID number.

use crate::StoreError;
use domain::ids::ProcedureCode;
use rusqlite::{Connection, OptionalExtension};

/// Bytes of a tag.
pub const TAG_BYTES: usize = 16;

/// The step remembered for a person: none where nobody by this tag was here, `Some(None)` where they have learned all.
///
/// # Errors
/// The read errors.
pub fn get(
    db: &Connection,
    tag: &[u8; TAG_BYTES],
    procedure: &ProcedureCode,
) -> Result<Option<Option<u32>>, StoreError> {
    Ok(db
        .query_row(
            "SELECT next FROM practice WHERE tag = ?1 AND procedure = ?2",
            (tag.as_slice(), procedure.as_str()),
            |r| r.get(0),
        )
        .optional()?)
}

/// # Errors
/// The write errors.
pub fn put(
    db: &Connection,
    tag: &[u8; TAG_BYTES],
    procedure: &ProcedureCode,
    next: Option<u32>,
    now_ms: i64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT OR REPLACE INTO practice (tag, procedure, next, seen_ms) VALUES (?1, ?2, ?3, ?4)",
        (tag.as_slice(), procedure.as_str(), next, now_ms),
    )?;
    Ok(())
}

/// Forgets whoever has not been here since.
///
/// # Errors
/// The write errors.
pub fn forget_before(db: &Connection, before_ms: i64) -> Result<usize, StoreError> {
    Ok(db.execute("DELETE FROM practice WHERE seen_ms < ?1", [before_ms])?)
}
