//! The shift of each volunteer: one row a person, the latest shift only; the audit keeps the history.

use crate::StoreError;
use domain::ids::{DossierId, OperatorId};
use domain::lease::Lease;
use rusqlite::{Connection, OptionalExtension, Row};

type Raw = (String, String, i64, i64, Option<i64>, Option<String>);

const COLUMNS: &str = "volunteer, opened_by, opened_ms, ends_ms, closed_ms, dossier";

fn read(r: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
}

fn typed((volunteer, opened_by, opened_ms, ends_ms, closed_ms, dossier): Raw) -> Result<Lease, StoreError> {
    let dossier = dossier.map(|d| d.parse::<DossierId>()).transpose();
    Ok(Lease {
        volunteer: volunteer.parse().map_err(|_| StoreError::Content)?,
        opened_by: opened_by.parse().map_err(|_| StoreError::Content)?,
        opened_ms,
        ends_ms,
        closed_ms,
        dossier: dossier.map_err(|_| StoreError::Content)?,
    })
}

/// # Errors
/// The read errors.
pub fn of(db: &Connection, volunteer: &OperatorId) -> Result<Option<Lease>, StoreError> {
    let row = db
        .query_row(
            &format!("SELECT {COLUMNS} FROM lease WHERE volunteer = ?1"),
            [volunteer.to_string()],
            read,
        )
        .optional()?;
    row.map(typed).transpose()
}

/// # Errors
/// The read errors.
pub fn all(db: &Connection) -> Result<Vec<Lease>, StoreError> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM lease ORDER BY opened_ms"))?;
    let rows: Vec<Raw> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(typed).collect()
}

/// Opens a shift; an earlier one of the same person gives way.
///
/// # Errors
/// The write errors.
pub fn put(db: &Connection, lease: &Lease) -> Result<(), StoreError> {
    db.execute(
        &format!("INSERT OR REPLACE INTO lease ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
        (
            lease.volunteer.to_string(),
            lease.opened_by.to_string(),
            lease.opened_ms,
            lease.ends_ms,
            lease.closed_ms,
            lease.dossier.map(|d| d.to_string()),
        ),
    )?;
    Ok(())
}

/// Takes a dossier out of every volunteer's hands.
///
/// # Errors
/// The write errors.
pub fn release(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    db.execute(
        "UPDATE lease SET dossier = NULL WHERE dossier = ?1",
        [dossier.to_string()],
    )?;
    Ok(())
}

/// The dossier in front of a volunteer, or none.
///
/// # Errors
/// The write errors.
pub fn set_dossier(
    db: &Connection,
    volunteer: &OperatorId,
    dossier: Option<&DossierId>,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE lease SET dossier = ?2 WHERE volunteer = ?1",
        (volunteer.to_string(), dossier.map(ToString::to_string)),
    )?;
    Ok(())
}
