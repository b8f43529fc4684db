//! What was done and by whom: written with the change it tells of, in the same transaction.

use crate::StoreError;
use domain::ids::{DossierId, OperatorId};
use rusqlite::Connection;

/// One line. `note` holds codes and reasons, never personal data.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    pub at_ms: i64,
    pub what: &'a str,
    pub dossier: Option<DossierId>,
    pub who: Option<OperatorId>,
    pub note: Option<&'a str>,
}

/// # Errors
/// The write errors.
pub fn append(db: &Connection, entry: &Entry<'_>) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO audit (at_ms, what, dossier, who, note) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            entry.at_ms,
            entry.what,
            entry.dossier.map(|d| d.to_string()),
            entry.who.map(|w| w.to_string()),
            entry.note,
        ),
    )?;
    Ok(())
}
