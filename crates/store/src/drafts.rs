//! `drafts.db`: opened with the counter's key when somebody signs in, closed when they lock.
//!
//! **Invariant:** after a failure of the disk nothing more is promised over the same connection (`database.rs`).

use crate::database::{self, Database, Place};
use crate::migrations::{self, Unheld};
use crate::step_back::{self, StepBackError};
use crate::{StoreError, copy_of, rescue};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub(crate) const FILE: &str = "drafts.db";

/// The encrypted database.
pub struct Drafts {
    base: Database,
}

impl std::fmt::Debug for Drafts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Drafts(…)")
    }
}

pub(crate) fn place(dir: &Path, key: &[u8; 32]) -> Place {
    Place {
        dir: dir.to_owned(),
        file: FILE,
        key: Some(Zeroizing::new(*key)),
        migrations: migrations::DRAFTS,
        tables: &["draft", "paper_file", "receipt"],
    }
}

impl Drafts {
    /// `key` has been checked against its digest, so "not a database" means damage, not a wrong key.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Newer`].
    pub fn open(dir: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        rescue::settle(dir)?;
        let outlived = backups(dir)?;
        let base = Database::open(place(dir, key))?;
        // A copy of before a migration has outlived its use at the next start: of what is sealed since, no readable
        // copy stays. It is encrypted like the drafts; one that cannot be removed now is removed later.
        for copy in outlived {
            let _ = std::fs::remove_file(copy);
        }
        Ok(Self { base })
    }

    /// Before anything is promised: after a failure of the disk, opens the database anew, has all that stands in its log
    /// written and synced again, and reads every page.
    ///
    /// # Errors
    /// Whatever of that fails; then it is as doubted as before.
    pub fn make_sure(&mut self) -> Result<(), StoreError> {
        self.base.make_sure()
    }

    /// Somebody saw the disk fail.
    pub fn doubt(&self) {
        self.base.doubt();
    }

    /// Opens the database anew and reads every page, whatever this connection believes.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it is not whole.
    pub fn look(&mut self) -> Result<(), StoreError> {
        self.base.doubt();
        self.base.make_sure()
    }

    /// The newest schema that this program knows.
    #[must_use]
    pub fn newest_schema() -> u32 {
        migrations::newest(migrations::DRAFTS)
    }

    /// Are there drafts here?
    #[must_use]
    pub fn are_there(dir: &Path) -> bool {
        dir.join(FILE).exists()
    }

    /// What the way down to schema `to` would leave behind.
    ///
    /// # Errors
    /// [`StepBackError::NoSuchSchema`], the read errors.
    pub fn left_by_step_back(&self, to: u32) -> Result<Vec<(Unheld, u64)>, StepBackError> {
        step_back::unheld(&self.base.db, FILE, migrations::DRAFTS, to)
    }

    /// Down to schema `to`, for an older program. The copy of before is encrypted like the drafts and goes as that of a
    /// migration does: when the drafts are next opened.
    ///
    /// # Errors
    /// As [`crate::Outbox::step_back`].
    pub fn step_back(mut self, to: u32) -> Result<(), StepBackError> {
        let (path, key) = (self.base.place.path(), self.base.place.key.clone());
        step_back::go(
            &mut self.base.db,
            (&path, key.as_deref(), FILE),
            migrations::DRAFTS,
            to,
            |_| Ok(()),
        )
    }

    /// What was deleted does not stay in the log either. Where somebody reads at this moment, the next time will do.
    ///
    /// # Errors
    /// The write errors.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        self.base
            .db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    #[must_use]
    pub fn db(&self) -> &Connection {
        &self.base.db
    }

    pub fn db_mut(&mut self) -> &mut Connection {
        &mut self.base.db
    }

    /// Puts a damaged database aside under a name of its own; nothing is removed.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn set_aside(dir: &Path, now_ms: i64) -> Result<PathBuf, StoreError> {
        database::set_aside(dir, FILE, now_ms)
    }

    /// The drafts that were set aside as damaged and lie here still, by name.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn damaged(dir: &Path) -> Result<Vec<String>, StoreError> {
        let start = format!("{FILE}.{}", database::DAMAGED);
        let mut found = names(dir)?;
        found.retain(|name| {
            let at = name.strip_prefix(&start);
            at.is_some_and(|at| !at.is_empty() && at.bytes().all(|b| b.is_ascii_digit()))
        });
        Ok(found)
    }

    /// Removes drafts that [`Self::damaged`] named, with their log.
    ///
    /// # Errors
    /// [`StoreError::Io`]; what is gone already is no error.
    pub fn remove_damaged(dir: &Path, name: &str) -> Result<(), StoreError> {
        // The database last: whatever is cut off in between is still found by its name.
        for end in ["-shm", "-wal", ""] {
            match std::fs::remove_file(dir.join(format!("{name}{end}"))) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

pub(crate) fn names(dir: &Path) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        all.extend(entry?.file_name().into_string());
    }
    Ok(all)
}

fn backups(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let stem = FILE.split('.').next().unwrap_or(FILE);
    let (start, end) = (format!("{stem}.v"), format!(".{}", copy_of::BACKUP));
    let mut found = names(dir)?;
    found.retain(|name| name.starts_with(&start) && name.ends_with(&end));
    Ok(found.into_iter().map(|name| dir.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_of_before_a_migration_goes_at_the_next_start_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        drop(Drafts::open(dir.path(), &[7; 32]).unwrap());
        for name in ["drafts.v2.backup", "outbox.v2.backup", "drafts.db.damaged-1"] {
            std::fs::write(dir.path().join(name), b"old").unwrap();
        }
        // With another key it does not open, and the copy is still needed.
        assert!(Drafts::open(dir.path(), &[8; 32]).is_err());
        assert!(dir.path().join("drafts.v2.backup").exists());
        drop(Drafts::open(dir.path(), &[7; 32]).unwrap());
        assert!(!dir.path().join("drafts.v2.backup").exists());
        assert!(
            dir.path().join("outbox.v2.backup").exists() && dir.path().join("drafts.db.damaged-1").exists()
        );
    }

    #[test]
    fn an_emptied_log_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let drafts = Drafts::open(dir.path(), &[7; 32]).unwrap();
        drafts
            .db()
            .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
            .unwrap();
        let log = dir.path().join("drafts.db-wal");
        assert!(std::fs::metadata(&log).unwrap().len() > 0);
        drafts.empty_log().unwrap();
        assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
    }
}
