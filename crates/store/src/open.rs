//! Opening a database: pragmas, each with its reason, the library's version, and migrations.

use crate::StoreError;
use crate::copy_of;
use crate::migrations::{Migration, newest};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::Path;
use zeroize::Zeroizing;

/// SQLite 3.51.3: before it the WAL-reset bug could lose a commit with two connections.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Compiled statements kept by a connection.
const STATEMENTS_KEPT: usize = 64;

/// Opens or makes a database, sets the pragmas and brings it to the newest version of `migrations`.
///
/// A file that exists is copied aside before it is migrated.
///
/// # Errors
/// [`StoreError::Newer`] and [`StoreError::WrongKey`] before anything is written: database and log stay byte for byte.
pub(crate) fn open(
    path: &Path,
    key: Option<&[u8; 32]>,
    name: &'static str,
    migrations: &[Migration],
) -> Result<Connection, StoreError> {
    let library = rusqlite::version_number();
    if library < SQLITE_VERSION_MIN {
        return Err(StoreError::Library(library));
    }
    let mut db = unlocked(path, key)?;
    let found = copy_of::version_of(&db)?;
    let known = newest(migrations);
    if found > known {
        return Err(StoreError::Newer {
            file: name,
            found,
            known,
        });
    }
    if found == 0 && !is_empty(&db)? {
        // Tables and no version: the page that tells it is not what was written.
        return Err(StoreError::Damaged(name));
    }
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    pragmas(&db)?;
    if found > 0 && found < known {
        copy_of::make(&db, path, key, found)?;
    }
    migrate(&mut db, found, migrations)?;
    Ok(db)
}

/// The file itself with its key, and nothing else set up or known of it. Closed, it leaves its log as it was.
pub(crate) fn unlocked(path: &Path, key: Option<&[u8; 32]>) -> Result<Connection, StoreError> {
    let db = Connection::open(path)?;
    // Closing would move what stands in the log into the database: not before it is known that both are ours.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if let Some(key) = key {
        // The cipher would print its own errors to the terminal; a wrong key is an ordinary answer here.
        let _ = db.pragma_update(None, "cipher_log_level", "NONE");
        let key = Zeroizing::new(format!("x'{}'", data_encoding::HEXLOWER.encode(key)));
        db.pragma_update(None, "key", key.as_str())?;
    }
    Ok(db)
}

fn is_empty(db: &Connection) -> Result<bool, StoreError> {
    Ok(db.query_row("SELECT count(*) = 0 FROM sqlite_master", [], |r| r.get(0))?)
}

fn pragmas(db: &Connection) -> Result<(), StoreError> {
    // One writer and readers that never wait for it.
    db.pragma_update(None, "journal_mode", "WAL")?;
    // A commit that returned survives a power cut; NORMAL loses the last ones.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    // A hostile schema cannot run functions; a bad cell is found when read.
    db.pragma_update(None, "trusted_schema", "OFF")?;
    db.pragma_update(None, "cell_size_check", "ON")?;
    // What is deleted is overwritten: a discarded draft leaves nothing behind.
    db.pragma_update(None, "secure_delete", "ON")?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    // The statements of a seal and of a pass are compiled once.
    db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(())
}

fn migrate(db: &mut Connection, found: u32, migrations: &[Migration]) -> Result<(), StoreError> {
    for (at, step) in migrations
        .iter()
        .enumerate()
        .skip(usize::try_from(found).unwrap_or(usize::MAX))
    {
        let tx = db.transaction()?;
        tx.execute_batch(step.up)?;
        tx.pragma_update(None, "user_version", u32::try_from(at + 1).unwrap_or(u32::MAX))?;
        tx.commit()?;
    }
    Ok(())
}
