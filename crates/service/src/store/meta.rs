//! Three numbers: the epoch (changes at a restore), the last lsn, the last event seq.

use crate::ServiceError;
use crate::decide::RESTORE_LEAP;
use domain::delivery::Watermark;
use rusqlite::Connection;

/// JavaScript's whole numbers end here; random ids that travel as JSON numbers stay below.
const JSON_WHOLE_MAX: u64 = (1 << 53) - 1;

/// A random number from 1 that travels as a JSON number.
///
/// # Errors
/// [`seal::SealError::Random`].
pub fn random_whole() -> Result<u64, ServiceError> {
    let random = u64::from_be_bytes(seal::random::bytes()?) & JSON_WHOLE_MAX;
    Ok(random.max(1))
}

fn sql(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

pub(super) fn ensure_epoch(conn: &rusqlite::Transaction<'_>) -> Result<(), ServiceError> {
    let mut insert = conn.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES (?1, ?2)")?;
    insert.execute(("epoch", sql(random_whole()?)))?;
    insert.execute(("lsn", 0))?;
    insert.execute(("seq", 0))?;
    Ok(())
}

/// A new epoch after the database came back from a backup.
///
/// # Errors
/// The database's.
pub fn restored(conn: &rusqlite::Transaction<'_>) -> Result<u64, ServiceError> {
    let epoch = random_whole()?;
    conn.execute("UPDATE meta SET value = ?1 WHERE key = 'epoch'", [sql(epoch)])?;
    conn.execute(
        "UPDATE meta SET value = value + ?1 WHERE key IN ('lsn', 'seq')",
        [sql(RESTORE_LEAP)],
    )?;
    Ok(epoch)
}

fn value(conn: &Connection, key: &str) -> Result<u64, ServiceError> {
    Ok(unsigned(conn.query_row(
        "SELECT value FROM meta WHERE key = ?1",
        [key],
        |row| row.get(0),
    )?))
}

fn next(conn: &Connection, key: &str) -> Result<u64, ServiceError> {
    let sql = "UPDATE meta SET value = value + 1 WHERE key = ?1 RETURNING value";
    Ok(unsigned(conn.query_row(sql, [key], |row| row.get(0))?))
}

/// The current epoch and the last lsn in it. With `durable_mode = local_disk` this is the durable watermark:
/// what is committed is on this machine's disk, and no backup is promised.
///
/// # Errors
/// The database's.
pub fn watermark(conn: &Connection) -> Result<Watermark, ServiceError> {
    Ok(Watermark {
        epoch: value(conn, "epoch")?,
        lsn: value(conn, "lsn")?,
    })
}

/// The next position in the log; only inside a writing transaction.
///
/// # Errors
/// The database's.
pub fn next_watermark(conn: &Connection) -> Result<Watermark, ServiceError> {
    Ok(Watermark {
        epoch: value(conn, "epoch")?,
        lsn: next(conn, "lsn")?,
    })
}

/// The next event's number; only inside a writing transaction.
///
/// # Errors
/// The database's.
pub fn next_seq(conn: &Connection) -> Result<u64, ServiceError> {
    next(conn, "seq")
}
