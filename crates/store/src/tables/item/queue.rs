//! The queue: what waits, whose turn it is, and what became of each attempt.

use super::row::{ItemRow, many};
use crate::StoreError;
use domain::delivery::Delivery;
use domain::ids::DossierId;
use rusqlite::Connection;

/// What was sealed here may have left this machine, as far as anybody can tell now: its withdrawal has to say so.
///
/// # Errors
/// The write errors.
pub fn set_attempted(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    StoreError::unless_one(db.execute(
        "UPDATE item SET attempted = 1 WHERE dossier = ?1",
        [dossier.to_string()],
    )?)
}

/// What could be sent now and stands in one state of the two that wait: the oldest first, and what failed before behind
/// all that did not, so that however much of it there is, none of the others waits for it.
///
/// # Errors
/// The read errors.
pub fn due_in(db: &Connection, state: &str, now_ms: i64, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    // Two questions, so that the first ends with its last row instead of sorting a whole queue.
    let mut rows = many(
        db,
        "WHERE state = ?1 AND waiting = 1 AND next_try_ms <= ?2 AND failures = 0 ORDER BY device_seq LIMIT ?3",
        (state, now_ms, limit),
    )?;
    let room = limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    if room > 0 {
        rows.extend(many(
            db,
            "WHERE state = ?1 AND waiting = 1 AND next_try_ms <= ?2 AND failures > 0
             ORDER BY failures, device_seq LIMIT ?3",
            (state, now_ms, room),
        )?);
    }
    Ok(rows)
}

/// Dossiers whose files wait and that at least `by` others overtook: those came into this queue later and are acknowledged.
/// No clock is asked.
///
/// # Errors
/// The read errors.
pub fn overtaken(db: &Connection, by: u32) -> Result<Vec<DossierId>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT dossier FROM item WHERE state = 'registered' AND waiting = 1 AND rowid < (
           SELECT rowid FROM item WHERE state IN ('received', 'durable', 'purged')
           ORDER BY rowid DESC LIMIT 1 OFFSET ?1)",
    )?;
    let ids: Vec<String> = statement
        .query_map([by.saturating_sub(1)], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// When the next waiting item has its turn; `None` where nothing waits.
///
/// # Errors
/// The read errors.
pub fn next_turn(db: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(
        db.query_row("SELECT min(next_try_ms) FROM item WHERE waiting = 1", [], |r| {
            r.get(0)
        })?,
    )
}

/// Does a dossier wait that has files?
///
/// # Errors
/// The read errors.
pub fn files_wait(db: &Connection) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM item WHERE waiting = 1 AND files > 0)")?
        .query_row([], |r| r.get(0))?)
}

/// Dossiers that wait to be sent: what a person is told. A withdrawal on its way is none.
///
/// # Errors
/// The read errors.
pub fn waiting_dossiers(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.query_row(
        "SELECT count(*) FROM item WHERE waiting = 1 AND takes_back IS NULL",
        [],
        |r| r.get(0),
    )?)
}

/// Counts of the queue, withdrawals and all: waiting, and when the oldest of them was sealed.
///
/// # Errors
/// The read errors.
pub fn depth(db: &Connection) -> Result<(u32, Option<i64>), StoreError> {
    Ok(db.query_row(
        "SELECT count(*), min(sealed_ms) FROM item WHERE waiting = 1",
        [],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?)
}

/// # Errors
/// The write errors; [`StoreError::Missing`].
pub fn set_delivery(db: &Connection, dossier: &DossierId, delivery: &Delivery) -> Result<(), StoreError> {
    StoreError::unless_one(
        db.prepare_cached("UPDATE item SET delivery = ?2, waiting = ?3, state = ?4 WHERE dossier = ?1")?
            .execute((
                dossier.to_string(),
                serde_json::to_string(delivery)?,
                delivery.is_waiting(),
                delivery.as_str(),
            ))?,
    )
}

/// Written before an attempt begins, so that a crash is seen afterwards and nobody says that it never left. `false`
/// where it no longer waits: somebody took it back since the queue was read, and nothing of it may go.
///
/// # Errors
/// The write errors.
pub fn begin_attempt(db: &Connection, dossier: &DossierId) -> Result<bool, StoreError> {
    let changed = db
        .prepare_cached("UPDATE item SET in_attempt = 1, attempted = 1 WHERE dossier = ?1 AND waiting = 1")?
        .execute([dossier.to_string()])?;
    Ok(changed == 1)
}

/// # Errors
/// The write errors.
pub fn end_attempt(
    db: &Connection,
    dossier: &DossierId,
    failure: Option<&str>,
    next_try_ms: i64,
) -> Result<(), StoreError> {
    StoreError::unless_one(
        db.prepare_cached(
            "UPDATE item SET in_attempt = 0, crashes = 0, last_failure = ?2, next_try_ms = ?3,
                failures = CASE WHEN ?2 IS NULL THEN 0 ELSE failures + 1 END WHERE dossier = ?1",
        )?
        .execute((dossier.to_string(), failure, next_try_ms))?,
    )
}

/// The attempt is over and changed nothing: what failed before still counts, and the next turn is at once.
///
/// # Errors
/// The write errors.
pub fn leave_attempt(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    StoreError::unless_one(
        db.prepare_cached("UPDATE item SET in_attempt = 0, crashes = 0, next_try_ms = 0 WHERE dossier = ?1")?
            .execute([dossier.to_string()])?,
    )
}

/// # Errors
/// The write errors.
pub fn set_bytes_sent(db: &Connection, dossier: &DossierId, bytes: u64) -> Result<(), StoreError> {
    StoreError::unless_one(db.execute(
        "UPDATE item SET bytes_sent = ?2 WHERE dossier = ?1",
        (
            dossier.to_string(),
            i64::try_from(bytes).map_err(|_| StoreError::Content)?,
        ),
    )?)
}

/// Counts a crash for every item whose attempt did not end, and answers those that crashed `limit` times.
///
/// # Errors
/// The write errors.
pub fn count_crashes(db: &Connection, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    db.execute(
        "UPDATE item SET crashes = crashes + 1, in_attempt = 0 WHERE in_attempt = 1",
        [],
    )?;
    many(db, "WHERE crashes >= ?1 AND waiting = 1", [limit])
}

/// What waits for a turn after this may be tried at once: no turn lies so far ahead but by a clock that has gone back.
///
/// # Errors
/// The write errors.
pub fn due_by(db: &Connection, most_ms: i64) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET next_try_ms = 0 WHERE waiting = 1 AND next_try_ms > ?1",
        [most_ms],
    )?;
    Ok(())
}

/// Everything that waits may be tried at once: a person pressed "Gửi ngay".
///
/// # Errors
/// The write errors.
pub fn due_at_once(db: &Connection) -> Result<(), StoreError> {
    db.execute("UPDATE item SET next_try_ms = 0 WHERE waiting = 1", [])?;
    Ok(())
}
