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
        let opened = open::open(&dir.join(FILE), Some(key), FILE, migrations::DRAFTS);
        let db = opened.map_err(|e| {
            if matches!(e, StoreError::WrongKey) {
                StoreError::Damaged(FILE)
            } else {
                e
            }
        })?;
        Ok(Self { db })
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
