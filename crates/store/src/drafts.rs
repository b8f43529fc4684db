//! `drafts.db`: opened with the counter's key when somebody signs in, closed when they lock.

use crate::{StoreError, migrations, open};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const FILE: &str = "drafts.db";

/// The encrypted database.
pub struct Drafts {
    db: Connection,
}

impl std::fmt::Debug for Drafts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Drafts(…)")
    }
}

impl Drafts {
    /// `key` has been checked against its digest, so "not a database" means damage, not a wrong key.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Newer`].
    pub fn open(dir: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        let outlived = backups(dir)?;
        let opened = open::open(&dir.join(FILE), Some(key), FILE, migrations::DRAFTS);
        let db = opened.map_err(|e| {
            if matches!(e, StoreError::WrongKey) {
                StoreError::Damaged(FILE)
            } else {
                e
            }
        })?;
        // A copy of before a migration has outlived its use at the next start: of what is sealed since, no readable
        // copy stays. It is encrypted like the drafts; one that cannot be removed now is removed later.
        for copy in outlived {
            let _ = std::fs::remove_file(copy);
        }
        Ok(Self { db })
    }

    /// What was deleted does not stay in the log either. Where somebody reads at this moment, the next time will do.
    ///
    /// # Errors
    /// The write errors.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        self.db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    #[must_use]
    pub fn db(&self) -> &Connection {
        &self.db
    }

    pub fn db_mut(&mut self) -> &mut Connection {
        &mut self.db
    }

    /// Puts a damaged database aside under a name of its own; nothing is removed.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn set_aside(dir: &Path, now_ms: i64) -> Result<PathBuf, StoreError> {
        let aside = dir.join(format!("{FILE}.damaged-{now_ms}"));
        for suffix in ["", "-wal", "-shm"] {
            let from = dir.join(format!("{FILE}{suffix}"));
            if from.exists() {
                std::fs::rename(&from, dir.join(format!("{FILE}.damaged-{now_ms}{suffix}")))?;
            }
        }
        Ok(aside)
    }
}

fn backups(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let stem = FILE.split('.').next().unwrap_or(FILE);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with(&format!("{stem}.v")) && name.ends_with(&format!(".{}", open::BACKUP)) {
            found.push(path);
        }
    }
    Ok(found)
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
