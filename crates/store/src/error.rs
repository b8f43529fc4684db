//! What can go wrong on disk, by what the caller can do.

use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another program holds the data folder.
    #[error("the data folder is in use")]
    InUse,
    /// A newer program wrote this database: open nothing, lose nothing.
    #[error(
        "a newer program wrote {file} (version {found}, this one knows {known}): nothing was changed, start the newer program"
    )]
    Newer {
        file: &'static str,
        found: u32,
        known: u32,
    },
    /// The key is wrong (the file is fine).
    #[error("wrong key")]
    WrongKey,
    /// The file is damaged.
    #[error("{0} is damaged")]
    Damaged(&'static str),
    /// No room: nothing was changed.
    #[error("the disk is full")]
    Full,
    /// The SQLite library is older than the release that mended the WAL-reset bug.
    #[error("SQLite {0} is too old")]
    Library(i32),
    #[error("the row is not there")]
    Missing,
    /// A number in the chain was taken already: a second writer, or a rolled-back disk.
    #[error("the count moved under the seal")]
    CountMoved,
    #[error("stored content does not read back")]
    Content,
    #[error("file system: {0}")]
    Io(std::io::Error),
    #[error("database: {0}")]
    Sql(rusqlite::Error),
}

/// `SQLITE_IOERR_SHORT_READ`: the file ends before its pages do. That is the file's fault and not the disk's.
const SHORT_READ: i32 = 522;

/// `EIO`.
const DISK_FAILED: i32 = 5;

impl StoreError {
    /// A write that is about one row, and changed so many.
    pub(crate) fn unless_one(changed: usize) -> Result<(), Self> {
        if changed == 1 { Ok(()) } else { Err(Self::Missing) }
    }

    /// Did the disk itself fail in a read, a write or an fsync? What stands on it is then not known: a system that could
    /// not write may have thrown away what it was to write, and say the next time that all is well.
    #[must_use]
    pub fn is_disk_failure(&self) -> bool {
        match self {
            Self::Sql(e) => e.sqlite_error_code() == Some(ErrorCode::SystemIoFailure),
            Self::Io(e) => e.raw_os_error() == Some(DISK_FAILED),
            Self::InUse
            | Self::Newer { .. }
            | Self::WrongKey
            | Self::Damaged(_)
            | Self::Full
            | Self::Library(_)
            | Self::Missing
            | Self::CountMoved
            | Self::Content => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        if e.sqlite_error().is_some_and(|e| e.extended_code == SHORT_READ) {
            return Self::Damaged("database");
        }
        match e.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged("database"),
            Some(ErrorCode::NotADatabase) => Self::WrongKey,
            _ if matches!(e, rusqlite::Error::QueryReturnedNoRows) => Self::Missing,
            _ => Self::Sql(e),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(e: std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::QuotaExceeded
            | std::io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Io(e),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(_: serde_json::Error) -> Self {
        Self::Content
    }
}
