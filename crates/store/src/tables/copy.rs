//! Verified copies of sealed dossiers on other media: two on one stick are one.

use crate::StoreError;
use domain::ids::DossierId;
use domain::second_copy::Lying;
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

/// Dossiers that lie on this machine alone, in the order of their sealing; see [`Lying::only_here`].
///
/// # Errors
/// The read errors.
pub fn only_here(db: &Connection) -> Result<Vec<DossierId>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT dossier, delivery, takes_back IS NOT NULL, carried_from IS NOT NULL,
           EXISTS (SELECT 1 FROM item AS void WHERE void.takes_back = item.dossier),
           EXISTS (SELECT 1 FROM copy WHERE copy.dossier = item.dossier)
         FROM item WHERE state IN ('sealed', 'registered', 'held', 'quarantined') ORDER BY device_seq",
    )?;
    let rows = statement.query_map([], |r| {
        let (dossier, delivery): (String, String) = (r.get(0)?, r.get(1)?);
        // A row that cannot be read is counted and told elsewhere, and holds up none of its neighbours.
        let read = dossier.parse().ok().zip(serde_json::from_str(&delivery).ok());
        let Some((dossier, delivery)) = read else {
            return Ok(None);
        };
        let lying = Lying {
            delivery,
            withdrawal: r.get(2)?,
            carried: r.get(3)?,
            taken_back: r.get(4)?,
            on_stick: r.get(5)?,
        };
        Ok(lying.only_here().then_some(dossier))
    })?;
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}
