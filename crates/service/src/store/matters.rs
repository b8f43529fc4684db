//! The same matter of the same person at two counters: a suspicion, asked of the rows each time and stored nowhere.
//!
//! **Invariants:** a tag is written for a dossier alone, never for a withdrawal; the suspicion is mutual, and it is gone
//! once either of the two has ended without a result. Deliberately absent: merging, refusing, and any word to the kiosk.

use super::dossiers::time;
use crate::ServiceError;
use crate::limits::SAME_MATTER_DAYS_MAX;
use domain::ids::DossierId;
use domain::province::CaseStatus;
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Serialize;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Another dossier that may be about the same matter. Nothing of a person: what stands on its slip, and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SameMatter {
    pub dossier: DossierId,
    pub receipt_number: String,
    /// Of the machine that sealed it.
    pub counter_name: String,
    pub registered_at: Timestamp,
}

/// Writes the tag of a dossier that was opened. The same dossier again has the same.
///
/// # Errors
/// The database's.
pub fn set(conn: &Connection, dossier: &DossierId, tag: &[u8; 32]) -> Result<(), ServiceError> {
    let sql = "UPDATE dossiers SET matter_tag = ?2 WHERE id = ?1 AND takes_back IS NULL";
    conn.prepare_cached(sql)?.execute((dossier.to_string(), tag))?;
    Ok(())
}

/// Opened dossiers with this one's tag that another machine sealed and that came within the days, the oldest first. None
/// where this one or the other was refused, withdrawn or stopped: then one of the two is left.
///
/// # Errors
/// The database's.
pub fn others(conn: &Connection, dossier: &DossierId) -> Result<Vec<SameMatter>, ServiceError> {
    let sql = "SELECT d.id, d.receipt_number, v.counter_name, d.registered_at FROM dossiers a
                 JOIN dossiers d ON d.matter_tag = a.matter_tag AND d.device <> a.device
                 JOIN devices v ON v.id = d.device
                 LEFT JOIN cases ca ON ca.dossier = a.id LEFT JOIN cases cd ON cd.dossier = d.id
               WHERE a.id = ?1 AND abs(d.registered_at - a.registered_at) <= ?2
                 AND coalesce(ca.status, '') NOT IN (?3, ?4, ?5) AND coalesce(cd.status, '') NOT IN (?3, ?4, ?5)
               ORDER BY d.registered_at, d.id";
    let params = (
        dossier.to_string(),
        SAME_MATTER_DAYS_MAX * DAY_MS,
        CaseStatus::NotAccepted.as_str(),
        CaseStatus::Withdrawn.as_str(),
        CaseStatus::Stopped.as_str(),
    );
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, |r| {
        Ok(SameMatter {
            dossier: r
                .get::<_, String>(0)?
                .parse()
                .map_err(|_| super::devices::bad("dossier id"))?,
            receipt_number: r.get(1)?,
            counter_name: r.get(2)?,
            registered_at: time(r.get(3)?)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
