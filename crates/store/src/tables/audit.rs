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
    db.prepare_cached("INSERT INTO audit (at_ms, what, dossier, who, note) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((
            entry.at_ms,
            entry.what,
            entry.dossier.map(|d| d.to_string()),
            entry.who.map(|w| w.to_string()),
            entry.note,
        ))?;
    Ok(())
}

/// One line about a dossier, as it stands in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub at_ms: i64,
    pub who: Option<OperatorId>,
    pub note: Option<String>,
}

/// The latest lines of one kind about a dossier, the newest first.
///
/// # Errors
/// The read errors.
pub fn of_dossier(
    db: &Connection,
    dossier: &DossierId,
    what: &str,
    lines_max: u32,
) -> Result<Vec<Line>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT at_ms, who, note FROM audit WHERE dossier = ?1 AND what = ?2 ORDER BY at_ms DESC, rowid DESC LIMIT ?3",
    )?;
    let rows: Vec<(i64, Option<String>, Option<String>)> = statement
        .query_map((dossier.to_string(), what, lines_max), |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(at_ms, who, note)| {
            let who = who.map(|w| w.parse::<OperatorId>()).transpose();
            Ok(Line {
                at_ms,
                who: who.map_err(|_| StoreError::Content)?,
                note,
            })
        })
        .collect()
}
