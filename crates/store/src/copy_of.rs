//! A whole copy of a database beside it, made before anything moves, and the comparison that says so.
//!
//! **Invariant:** a copy has its name only when it is whole, read back row by row, and on disk with its folder: one that was
//! cut off never passes for one.

use crate::StoreError;
use crate::open::unlocked;
use crate::sealed_files::sync_folder;
use rusqlite::{Connection, Statement};
use std::path::{Path, PathBuf};

/// How the name of a copy ends.
pub(crate) const BACKUP: &str = "backup";

/// Copies `db`, which stands at `version`, to `<name>.v<version>.backup`, over an older one of that version.
pub(crate) fn make(
    db: &Connection,
    path: &Path,
    key: Option<&[u8; 32]>,
    version: u32,
) -> Result<PathBuf, StoreError> {
    let copy = path.with_extension(format!("v{version}.{BACKUP}"));
    let partial = path.with_extension(format!("v{version}.partial"));
    match std::fs::remove_file(&partial) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
        Ok(()) | Err(_) => {}
    }
    let target = partial.to_str().ok_or(StoreError::Content)?;
    db.execute("VACUUM INTO ?1", [target])?;
    let read_back = unlocked(&partial, key)?;
    if version_of(&read_back)? != version || !is_whole(&read_back)? || !holds_all(db, &read_back)? {
        return Err(StoreError::Content);
    }
    drop(read_back);
    std::fs::File::open(&partial)?.sync_all()?;
    std::fs::rename(&partial, &copy)?;
    // Else the power could take the copy's name and leave the migration.
    sync_folder(path)?;
    Ok(copy)
}

pub(crate) fn version_of(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.query_row("PRAGMA user_version", [], |r| r.get(0))?)
}

fn is_whole(db: &Connection) -> Result<bool, StoreError> {
    let word: String = db.query_row("PRAGMA quick_check(1)", [], |r| r.get(0))?;
    Ok(word == "ok")
}

/// Does `other` hold every row of every table of `db`, in the columns that `db` has?
pub(crate) fn holds_all(db: &Connection, other: &Connection) -> Result<bool, StoreError> {
    for table in tables(db)? {
        let columns = columns(db, &table)?.join(", ");
        let sql = format!("SELECT {columns} FROM {table} ORDER BY rowid");
        if !same_rows(&mut db.prepare(&sql)?, &mut other.prepare(&sql)?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(crate) fn tables(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    Ok(statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
}

pub(crate) fn columns(db: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    Ok(statement
        .query_map([table], |r| r.get(0))?
        .collect::<Result<_, _>>()?)
}

fn same_rows(one: &mut Statement<'_>, other: &mut Statement<'_>) -> Result<bool, StoreError> {
    let width = one.column_count();
    let (mut one, mut other) = (one.query([])?, other.query([])?);
    loop {
        match (one.next()?, other.next()?) {
            (None, None) => return Ok(true),
            (Some(a), Some(b)) => {
                for at in 0..width {
                    if a.get_ref(at)? != b.get_ref(at)? {
                        return Ok(false);
                    }
                }
            }
            (Some(_), None) | (None, Some(_)) => return Ok(false),
        }
    }
}
