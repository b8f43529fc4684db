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
pub mod matters;
pub mod meta;
pub mod past_certificates;
mod readers;
pub mod recoveries;
pub mod soundness;
mod turn;
mod writer;

pub use readers::Readers;
pub use writer::Writer;

use crate::ServiceError;
use rusqlite::config::DbConfig;
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
    include_str!("0007.sql"),
    include_str!("0008.sql"),
    include_str!("0009.sql"),
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
    let mut conn = bare(path)?;
    let found = version(&conn)?;
    if found > MIGRATIONS.len() {
        return Err(ServiceError::DatabaseTooNew {
            found,
            known: MIGRATIONS.len(),
        });
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    set_up(&conn)?;
    migrate(&mut conn, path, MIGRATIONS)?;
    immediate(&mut conn, meta::ensure_epoch)?;
    Ok(conn)
}

/// Opens a database that is known to be migrated.
fn connect(path: &Path) -> Result<Connection, ServiceError> {
    let conn = bare(path)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    set_up(&conn)?;
    Ok(conn)
}

/// Not a byte of a file is changed by opening and closing it like this: what stands in the log stays there.
fn bare(path: &Path) -> Result<Connection, ServiceError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(ServiceError::Damaged("SQLite version"));
    }
    let conn = Connection::open(path)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    Ok(conn)
}

/// Statements that a connection keeps ready: all that taking a dossier in asks, and room.
const STATEMENTS_KEPT: usize = 64;

fn set_up(conn: &Connection) -> Result<(), ServiceError> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // WAL: readers never wait for the writer. FULL: a commit is on disk before it is answered. The last two:
    // a schema that somebody tampered with runs no code, and a damaged page is noticed.
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}

fn version(conn: &Connection) -> Result<usize, ServiceError> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).map_err(|_| ServiceError::Damaged("schema version"))
}

fn migrate(conn: &mut Connection, path: &Path, migrations: &[&str]) -> Result<(), ServiceError> {
    let found = version(conn)?;
    if found > 0 && found < migrations.len() {
        copy_aside(conn, path, found)?;
    }
    for (done, sql) in migrations.iter().enumerate().skip(found) {
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

/// The database as it was. Under its name only when it is whole and on the disk: a copy that was cut off would pass for
/// one ever after.
fn copy_aside(conn: &Connection, path: &Path, found: usize) -> Result<(), ServiceError> {
    let copy = path.with_extension(format!("v{found}.backup"));
    if copy.exists() {
        return Ok(());
    }
    let failed = || ServiceError::io("copying the database aside");
    let partial = path.with_extension(format!("v{found}.partial"));
    match std::fs::remove_file(&partial) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed()(e)),
        Ok(()) | Err(_) => {}
    }
    conn.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
    std::fs::File::open(&partial)
        .and_then(|file| file.sync_all())
        .map_err(failed())?;
    std::fs::rename(&partial, &copy).map_err(failed())?;
    // Else the power could take the copy's name and leave the migration.
    crate::province::sync_dir(path.parent().unwrap_or(Path::new(".")))
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
    let gate = turn::Gate::beside(conn);
    let _turn = gate.enter();
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let out = work(&tx)?;
    tx.commit()?;
    Ok(out)
}

#[cfg(test)]
#[path = "migration_tests.rs"]
mod migration_tests;

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
