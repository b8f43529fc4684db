//! Catalogue bundles on disk, each under the hash that names its content. Bytes only: what they mean and whether they
//! are believed is judged by whoever reads them.
//!
//! **Invariant:** a name that exists holds a whole file: written to `.tmp`, fdatasync, renamed, folder synced. Only what
//! the caller names as not needed goes.

use crate::StoreError;
use crate::sealed_files::{open_folder, sync_folder};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

const ENDING: &str = "bundle";

/// The folder of bundles.
#[derive(Debug, Clone)]
pub struct BundleFiles {
    dir: PathBuf,
}

impl BundleFiles {
    /// Opens the folder and removes what a crash left half-written.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let dir = open_folder(data_dir, "catalogue")?;
        Ok(Self { dir })
    }

    fn path(&self, sha256: &[u8; 32]) -> PathBuf {
        self.dir
            .join(format!("{}.{ENDING}", data_encoding::HEXLOWER.encode(sha256)))
    }

    #[must_use]
    pub fn holds(&self, sha256: &[u8; 32]) -> bool {
        self.path(sha256).is_file()
    }

    /// Makes a bundle durable under its name.
    ///
    /// # Errors
    /// [`StoreError::Full`] with nothing left behind.
    pub fn put(&self, sha256: &[u8; 32], bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(sha256);
        let tmp = path.with_extension("tmp");
        let written = (|| -> Result<(), StoreError> {
            let mut file = File::create(&tmp)?;
            file.write_all(bytes)?;
            file.sync_data()?;
            fs::rename(&tmp, &path)?;
            sync_folder(&path)
        })();
        if written.is_err() {
            let _ = fs::remove_file(&tmp);
        }
        written
    }

    /// The bytes; `None` where there is no such file.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn get(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.path(sha256)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Removes every bundle but those named.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn keep_only(&self, needed: &BTreeSet<[u8; 32]>) -> Result<(), StoreError> {
        let needed: BTreeSet<PathBuf> = needed.iter().map(|sha256| self.path(sha256)).collect();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == ENDING) && !needed.contains(&path) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}
