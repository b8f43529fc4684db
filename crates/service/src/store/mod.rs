//! The province's database: one file, one writer, readers beside it.
//!
//! **Invariants:** WAL with `synchronous=FULL`, so that a commit that was answered survives a power cut; every
//! write runs in an IMMEDIATE transaction, so that numbers given inside it (lsn, event seq) are in commit order
//! in every process. One file per table; a migration is never edited after its release.

pub mod audit;
pub mod blobs;
pub mod carriers;
pub mod cases;
pub mod catalogue;
pub mod clerks;
pub mod devices;
pub mod dossiers;
pub mod enrol_codes;
pub mod events;
pub mod exports;
pub mod lookup_tries;
pub mod meta;
mod readers;
pub mod recoveries;
mod writer;

pub use readers::Readers;
pub use writer::Writer;

use crate::ServiceError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// Numbered by their place; the version is the length of the table.
const MIGRATIONS: &[&str] = &[
    include_str!("0001.sql"),
    include_str!("0002.sql"),
    include_str!("0003.sql"),
    include_str!("0004.sql"),
    include_str!("0005.sql"),
    include_str!("0006.sql"),
];
/// The schema that took the place in the device's chain out of the envelopes.
const POSITIONS_VERSION: usize = 3;
/// How long a writer of another process may hold the lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The WAL-reset bug loses commits before this version of SQLite.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Opens the database, brings it to the newest schema and gives it an epoch.
///
/// # Errors
/// [`ServiceError::Database`], [`ServiceError::DatabaseTooNew`].
pub fn open(path: &Path) -> Result<Connection, ServiceError> {
    let mut conn = connect(path)?;
    migrate(&mut conn, path)?;
    immediate(&mut conn, meta::ensure_epoch)?;
    Ok(conn)
}

/// Opens a database that is known to be migrated.
fn connect(path: &Path) -> Result<Connection, ServiceError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(ServiceError::Damaged("SQLite version"));
    }
    let conn = Connection::open(path)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    // WAL: readers never wait for the writer. FULL: a commit is on disk before it is answered. The last two:
    // a schema that somebody tampered with runs no code, and a damaged page is noticed.
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    Ok(conn)
}

fn version(conn: &Connection) -> Result<usize, ServiceError> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).map_err(|_| ServiceError::Damaged("schema version"))
}

fn migrate(conn: &mut Connection, path: &Path) -> Result<(), ServiceError> {
    let found = version(conn)?;
    if found > MIGRATIONS.len() {
        return Err(ServiceError::DatabaseTooNew {
            found,
            known: MIGRATIONS.len(),
        });
    }
    if found > 0 && found < MIGRATIONS.len() {
        let copy = path.with_extension(format!("v{found}.backup"));
        if !copy.exists() {
            conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        }
    }
    for (done, sql) in MIGRATIONS.iter().enumerate().skip(found) {
        immediate(conn, |tx| {
            // Another process may have migrated while this one waited for the lock.
            if version(tx)? == done {
                tx.execute_batch(sql)?;
                if done + 1 == POSITIONS_VERSION {
                    dossiers::fill_positions(tx)?;
                }
                tx.pragma_update(None, "user_version", whole(done + 1))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// A small count as SQLite takes it.
fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// One writing transaction; rolled back where `work` fails.
///
/// # Errors
/// Those of `work` and of the commit.
pub fn immediate<T>(
    conn: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let out = work(&tx)?;
    tx.commit()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_later_version_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.db");
        drop(open(&path).unwrap());
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "user_version", 99).unwrap();
        drop(conn);
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(
            open(&path),
            Err(ServiceError::DatabaseTooNew { found: 99, .. })
        ));
        assert_eq!(std::fs::read(&path).unwrap(), before, "not a byte changed");
    }

    #[test]
    fn the_epoch_stays_until_a_restore() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.db");
        let first = meta::watermark(&open(&path).unwrap()).unwrap();
        let mut conn = open(&path).unwrap();
        assert_eq!(meta::watermark(&conn).unwrap(), first);
        immediate(&mut conn, meta::restored).unwrap();
        assert_ne!(meta::watermark(&conn).unwrap().epoch, first.epoch);
    }
}
