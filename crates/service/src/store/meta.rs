//! The epoch (changes at a restore), the last lsn, the last event seq, and what the backup covers.
//!
//! **Invariant:** the durable watermark never goes ahead of what is safe: the last commit where durable means "on this
//! disk", the last finished backup where it means "in the backup". A backup of another epoch covers nothing.

use crate::ServiceError;
use crate::decide::RESTORE_LEAP;
use domain::delivery::Watermark;
use rusqlite::Connection;

/// The epoch once more: one bit of it makes another epoch, to which no backup of before is held.
const EPOCH_AGAIN: &str = "epoch_again";
const DURABLE_BY_BACKUP: &str = "durable_by_backup";
const BACKUP_EPOCH: &str = "backup_epoch";
const BACKUP_LSN: &str = "backup_lsn";
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
    insert.execute((DURABLE_BY_BACKUP, 0))?;
    insert.execute((BACKUP_EPOCH, 0))?;
    insert.execute((BACKUP_LSN, 0))?;
    drop(insert);
    conn.execute(
        "INSERT OR IGNORE INTO meta (key, value) SELECT ?1, value FROM meta WHERE key = 'epoch'",
        [EPOCH_AGAIN],
    )?;
    Ok(())
}

/// Is the epoch the one that was written?
///
/// # Errors
/// The database's.
pub fn epoch_is_sound(conn: &Connection) -> Result<bool, ServiceError> {
    Ok(value(conn, "epoch")? == value(conn, EPOCH_AGAIN)?)
}

/// A new epoch after the database came back from a backup.
///
/// # Errors
/// The database's.
pub fn restored(conn: &rusqlite::Transaction<'_>) -> Result<u64, ServiceError> {
    let epoch = random_whole()?;
    conn.execute(
        "UPDATE meta SET value = ?1 WHERE key IN ('epoch', ?2)",
        (sql(epoch), EPOCH_AGAIN),
    )?;
    conn.execute(
        "UPDATE meta SET value = value + ?1 WHERE key IN ('lsn', 'seq')",
        [sql(RESTORE_LEAP)],
    )?;
    Ok(epoch)
}

fn value(conn: &Connection, key: &str) -> Result<u64, ServiceError> {
    let mut read = conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(unsigned(read.query_row([key], |row| row.get(0))?))
}

fn next(conn: &Connection, key: &str) -> Result<u64, ServiceError> {
    let sql = "UPDATE meta SET value = value + 1 WHERE key = ?1 RETURNING value";
    let mut step = conn.prepare_cached(sql)?;
    Ok(unsigned(step.query_row([key], |row| row.get(0))?))
}

/// The current epoch and the last lsn in it: what is committed on this machine's disk.
///
/// # Errors
/// The database's.
pub fn watermark(conn: &Connection) -> Result<Watermark, ServiceError> {
    Ok(Watermark {
        epoch: value(conn, "epoch")?,
        lsn: value(conn, "lsn")?,
    })
}

/// What kiosks are told to be durable.
///
/// # Errors
/// The database's.
pub fn durable(conn: &Connection) -> Result<Watermark, ServiceError> {
    let now = watermark(conn)?;
    if !follows_backup(conn)? {
        return Ok(now);
    }
    let covered = value(conn, BACKUP_EPOCH)? == now.epoch;
    let lsn = if covered { value(conn, BACKUP_LSN)? } else { 0 };
    Ok(Watermark { lsn, ..now })
}

/// Epoch, lsn, seq, dossiers, acts.
pub type Changes = (u64, u64, u64, i64, i64);

/// Changes whenever something that a backup should hold has changed: dossiers, acknowledgements, events, acts.
///
/// # Errors
/// The database's.
pub fn changes(conn: &Connection) -> Result<Changes, ServiceError> {
    let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    Ok((
        value(conn, "epoch")?,
        value(conn, "lsn")?,
        value(conn, "seq")?,
        count("SELECT count(*) FROM dossiers")?,
        count("SELECT coalesce(max(seq), 0) FROM audit")?,
    ))
}

/// Does durable mean "in the backup"?
///
/// # Errors
/// The database's.
pub fn follows_backup(conn: &Connection) -> Result<bool, ServiceError> {
    Ok(value(conn, DURABLE_BY_BACKUP)? != 0)
}

/// # Errors
/// The database's.
pub fn set_follows_backup(conn: &rusqlite::Transaction<'_>, follows: bool) -> Result<(), ServiceError> {
    set(conn, DURABLE_BY_BACKUP, u64::from(follows))
}

/// A backup has ended well and covers this. Never moves back: an older backup that ends later changes nothing.
///
/// # Errors
/// The database's.
pub fn backed_up(conn: &rusqlite::Transaction<'_>, covers: Watermark) -> Result<(), ServiceError> {
    let same_epoch = value(conn, BACKUP_EPOCH)? == covers.epoch;
    if covers.epoch == watermark(conn)?.epoch && !(same_epoch && value(conn, BACKUP_LSN)? >= covers.lsn) {
        set(conn, BACKUP_EPOCH, covers.epoch)?;
        set(conn, BACKUP_LSN, covers.lsn)?;
    }
    Ok(())
}

fn set(conn: &Connection, key: &str, to: u64) -> Result<(), ServiceError> {
    conn.execute("UPDATE meta SET value = ?2 WHERE key = ?1", (key, sql(to)))?;
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{immediate, open};

    #[test]
    fn durable_follows_the_backup_and_no_backup_of_another_epoch() {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = open(&dir.path().join("p.db")).unwrap();
        let first = immediate(&mut conn, |tx| next_watermark(tx)).unwrap();
        assert!(durable(&conn).unwrap().covers(&first), "on this disk");
        immediate(&mut conn, |tx| set_follows_backup(tx, true)).unwrap();
        assert!(!durable(&conn).unwrap().covers(&first), "no backup has been made");
        immediate(&mut conn, |tx| backed_up(tx, first)).unwrap();
        let second = immediate(&mut conn, |tx| next_watermark(tx)).unwrap();
        assert!(durable(&conn).unwrap().covers(&first) && !durable(&conn).unwrap().covers(&second));
        immediate(&mut conn, |tx| {
            backed_up(tx, second)?;
            backed_up(tx, first)
        })
        .unwrap();
        assert!(durable(&conn).unwrap().covers(&second), "never back");
        immediate(&mut conn, |tx| restored(tx).map(drop)).unwrap();
        let third = immediate(&mut conn, |tx| next_watermark(tx)).unwrap();
        immediate(&mut conn, |tx| backed_up(tx, second)).unwrap();
        assert!(
            !durable(&conn).unwrap().covers(&third),
            "a backup of before the restore"
        );
    }
}
