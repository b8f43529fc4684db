//! One program to a data folder: a lock that the system lets go when the program dies.

use crate::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// Held for as long as the data folder is in use.
#[derive(Debug)]
pub struct InstanceLock {
    _file: File,
}

/// A program that was killed while it started another of its own leaves the lock to that one until it runs.
const LET_GO_WITHIN: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl InstanceLock {
    /// # Errors
    /// [`StoreError::InUse`] where another program holds it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join("instance.lock"))?;
        let until = Instant::now() + LET_GO_WITHIN;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(LOOK_EVERY),
                Err(TryLockError::WouldBlock) => return Err(StoreError::InUse),
                Err(TryLockError::Error(e)) => return Err(e.into()),
            }
        }
    }
}
