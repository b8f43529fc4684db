//! A database that is open, and knows how it was opened: both of ours stand on it.
//!
//! **Invariant:** after a failure of the disk nothing more is promised over the same connection: what it remembers may not
//! be what the disk holds. It is opened anew, written out and read through first.

use crate::migrations::Migration;
use crate::{StoreError, open};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Which database it is, and where.
pub(crate) struct Place {
    pub dir: PathBuf,
    pub file: &'static str,
    pub key: Option<Zeroizing<[u8; 32]>>,
    pub migrations: &'static [Migration],
    /// The tables that nothing works without.
    pub tables: &'static [&'static str],
}

impl Place {
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.join(self.file)
    }

    pub(crate) fn key(&self) -> Option<&[u8; 32]> {
        self.key.as_deref()
    }

    /// What it was opened with is right, so "not a database" means damage.
    fn connect(&self) -> Result<Connection, StoreError> {
        open::open(&self.path(), self.key(), self.file, self.migrations).map_err(|e| match e {
            StoreError::WrongKey => StoreError::Damaged(self.file),
            e => e,
        })
    }
}

pub(crate) struct Database {
    pub db: Connection,
    pub place: Place,
    /// The disk failed since it was opened.
    doubted: Cell<bool>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({})", self.place.file)
    }
}

impl Database {
    pub(crate) fn open(place: Place) -> Result<Self, StoreError> {
        Ok(Self {
            db: place.connect()?,
            place,
            doubted: Cell::new(false),
        })
    }

    /// Before anything is promised: after a failure of the disk, opens the database anew, has all that stands in its log
    /// written and synced again, and reads every page. Whatever of that fails: then it is as doubted as before.
    pub(crate) fn make_sure(&mut self) -> Result<(), StoreError> {
        if !self.doubted.get() || !self.db.is_autocommit() {
            return Ok(());
        }
        let old = std::mem::replace(&mut self.db, Connection::open_in_memory()?);
        // It takes nothing with it that only it believes.
        let _ = old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        drop(old);
        let anew = self.place.connect()?;
        self.write_out(&anew)?;
        self.read_through(&anew)?;
        self.db = anew;
        self.doubted.set(false);
        Ok(())
    }

    fn write_out(&self, db: &Connection) -> Result<(), StoreError> {
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|e| self.of_damage(e))
    }

    /// What came of a change: a failure of the disk casts doubt on all that follows.
    pub(crate) fn heed<T>(&self, came: Result<T, StoreError>) -> Result<T, StoreError> {
        if came.as_ref().is_err_and(StoreError::is_disk_failure) {
            self.doubt();
        }
        came
    }

    /// Somebody else saw the disk fail.
    pub(crate) fn doubt(&self) {
        self.doubted.set(true);
    }

    /// Reads what the program stands on: every page, and the tables that nothing works without.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.read_through(&self.db)
    }

    fn read_through(&self, db: &Connection) -> Result<(), StoreError> {
        let word: String = db
            .query_row("PRAGMA quick_check(1)", [], |r| r.get(0))
            .map_err(|e| self.of_damage(e))?;
        if word != "ok" {
            return Err(StoreError::Damaged(self.place.file));
        }
        for table in self.place.tables {
            db.query_row(&format!("SELECT 1 FROM {table} LIMIT 1"), [], |_| Ok(()))
                .or_else(|e| match e {
                    rusqlite::Error::QueryReturnedNoRows => Ok(()),
                    e => Err(self.of_damage(e)),
                })?;
        }
        Ok(())
    }

    /// A failed reading says that the file is damaged, unless it says something of the disk.
    fn of_damage(&self, e: rusqlite::Error) -> StoreError {
        match StoreError::from(e) {
            e @ (StoreError::Full | StoreError::Io(_)) => e,
            e if e.is_disk_failure() => e,
            _ => StoreError::Damaged(self.place.file),
        }
    }
}

/// Puts a damaged database aside under a name of its own; nothing is removed. Answers its new name.
pub(crate) fn set_aside(dir: &Path, file: &str, now_ms: i64) -> Result<PathBuf, StoreError> {
    let aside = format!("{file}.{DAMAGED}{now_ms}");
    // The database last: a cut in between never leaves its log to another one.
    for end in ["-shm", "-wal", ""] {
        let from = dir.join(format!("{file}{end}"));
        if from.exists() {
            std::fs::rename(&from, dir.join(format!("{aside}{end}")))?;
        }
    }
    crate::sealed_files::sync_folder(&dir.join(file))?;
    Ok(dir.join(aside))
}

/// How the name of a database that was set aside goes on, behind a point.
pub(crate) const DAMAGED: &str = "damaged-";
