//! Sealed files on disk, named by the SHA-256 of their encrypted bytes.
//!
//! **Invariant:** a name that exists holds those bytes: written to `.tmp`, fdatasync, renamed, folder synced.
//! A reserve file lets a commit under way finish when the disk fills.

use crate::StoreError;
use crate::records::Records;
use seal::blob;
use seal::keys::Recipients;
use seal::manifest::BlobRecord;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes set aside so that a seal can still finish; given back when the disk is full.
pub const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// A sealed file's name: its SHA-256.
const HASH_DIGITS: usize = 64;

/// The folder of sealed files.
#[derive(Debug, Clone)]
pub struct SealedFiles {
    dir: PathBuf,
}

/// Makes a rename or a new name durable (POSIX: the folder itself is synced).
pub(crate) fn sync_folder(of: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    if let Some(folder) = of.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = of;
    Ok(())
}

/// Opens a folder of files that get their name when they are whole, and removes what a crash left half-written: `.tmp`
/// files only.
pub(crate) fn open_folder(data_dir: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let dir = data_dir.join(name);
    fs::create_dir_all(&dir)?;
    for entry in fs::read_dir(&dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "tmp") {
            fs::remove_file(path)?;
        }
    }
    Ok(dir)
}

impl SealedFiles {
    /// Opens the folder and removes what a crash left half-written: `.tmp` files only.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let dir = open_folder(data_dir, "sealed")?;
        Ok(Self { dir })
    }

    /// The folder as it lies there, for whoever only reads: nothing is made and nothing removed.
    #[must_use]
    pub fn as_they_lie(data_dir: &Path) -> Self {
        Self {
            dir: data_dir.join("sealed"),
        }
    }

    /// The records of the dossiers whose files these are.
    #[must_use]
    pub fn records(&self) -> Records {
        Records::of(&self.dir)
    }

    /// The names of all sealed files.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            let hash = name
                .to_str()
                .filter(|n| n.len() == HASH_DIGITS && n.bytes().all(|b| b.is_ascii_hexdigit()));
            names.extend(hash.map(str::to_owned));
        }
        Ok(names)
    }

    #[must_use]
    pub fn path(&self, sha256_hex: &str) -> PathBuf {
        self.dir.join(sha256_hex)
    }

    /// Encrypts one file to the province and makes it durable under its hash.
    ///
    /// # Errors
    /// [`StoreError::Full`] with nothing left behind.
    pub fn seal(&self, readable: &[u8], to: &Recipients) -> Result<BlobRecord, StoreError> {
        let unique = seal::random::uuid().map_err(|_| StoreError::Content)?;
        let tmp = self.dir.join(format!("{unique}.tmp"));
        let written = self.write(&tmp, readable, to);
        if written.is_err() {
            let _ = fs::remove_file(&tmp);
        }
        written
    }

    fn write(&self, tmp: &Path, readable: &[u8], to: &Recipients) -> Result<BlobRecord, StoreError> {
        let file = BufWriter::with_capacity(256 * 1024, File::create(tmp)?);
        let (record, writer) = blob::seal(readable, to, file).map_err(|e| match e {
            seal::SealError::Io(io) => StoreError::from(io),
            _ => StoreError::Content,
        })?;
        let file = writer
            .into_inner()
            .map_err(|e| StoreError::from(e.into_error()))?;
        file.sync_data()?;
        fs::rename(tmp, self.path(&record.name()))?;
        Ok(record)
    }

    /// Takes in a file that was sealed elsewhere: the name appears only with the record's length, hash and segments.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the bytes are others, [`StoreError::Full`]; nothing is left behind.
    pub fn take_in(&self, mut from: impl std::io::Read, record: &BlobRecord) -> Result<(), StoreError> {
        if self.verify(record).is_ok() {
            return Ok(());
        }
        let unique = seal::random::uuid().map_err(|_| StoreError::Content)?;
        let tmp = self.dir.join(format!("{unique}.tmp"));
        let taken = (|| {
            let mut hashing = blob::HashingWriter::new(File::create(&tmp)?);
            std::io::copy(&mut from, &mut hashing)?;
            let (found, file) = hashing.finish();
            if &found != record {
                return Err(StoreError::Damaged("sealed file"));
            }
            file.sync_data()?;
            Ok(fs::rename(&tmp, self.path(&record.name()))?)
        })();
        if taken.is_err() {
            let _ = fs::remove_file(&tmp);
        }
        taken
    }

    /// Syncs the folder once after a batch of [`Self::seal`]: the names are durable from here on.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn sync(&self) -> Result<(), StoreError> {
        sync_folder(&self.dir.join("x"))
    }

    /// Reads a sealed file back and compares it with its record: what will be sent is what was sealed.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where length or hash differ, [`StoreError::Missing`] where it is gone.
    pub fn verify(&self, record: &BlobRecord) -> Result<(), StoreError> {
        match blob::lies_whole(&self.path(&record.name()), record) {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Damaged("sealed file")),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(StoreError::Missing),
            Err(e) => Err(e.into()),
        }
    }

    /// Deletes the bytes of a dossier that the province holds durably.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn purge(&self, sha256_hex: &str) -> Result<(), StoreError> {
        match fs::remove_file(self.path(sha256_hex)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Makes the reserve where there is room for it.
    ///
    /// # Errors
    /// [`StoreError::Io`] other than a full disk.
    pub fn fill_reserve(&self) -> Result<(), StoreError> {
        let path = self.dir.join("reserve");
        if fs::metadata(&path).is_ok_and(|m| m.len() == RESERVE_BYTES) {
            return Ok(());
        }
        let mut file = File::create(&path)?;
        let chunk = vec![0_u8; 1024 * 1024];
        for _ in 0..RESERVE_BYTES / (1024 * 1024) {
            if let Err(e) = file.write_all(&chunk) {
                // Too full even for the reserve: it stays as long as it got.
                return match StoreError::from(e) {
                    StoreError::Full => Ok(()),
                    other => Err(other),
                };
            }
        }
        Ok(())
    }

    /// Gives the reserve back: room for a commit that is under way.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn release_reserve(&self) -> Result<(), StoreError> {
        File::create(self.dir.join("reserve"))?.set_len(0)?;
        Ok(())
    }
}
