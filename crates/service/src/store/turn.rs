//! Whose turn it is to write: the service's one writer and whoever administers beside it, in other processes.
//!
//! SQLite has no queue. Who waits for its lock looks again after up to a tenth of a second, and a writer under constant
//! load lets the lock go for some microseconds only, so that whoever waits may never meet the gap.
//!
//! **Invariants:** nobody begins a writing transaction but through the gate; the group writer holds the gate only until
//! its transaction has begun, everybody else until theirs has ended, so that the writer's next group waits for whoever
//! stands there. The gate is advice: what may be written is SQLite's own lock's to say, and who finds the gate closed
//! for too long, or has none, goes on to that.

use rusqlite::Connection;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two looks at a closed gate: far below what a commit takes.
const LOOK_EVERY: Duration = Duration::from_micros(200);

/// The file beside a database that is locked by whoever's turn it is. It holds nothing.
pub struct Gate(Option<File>);

/// The turn. It ends when this is dropped.
pub struct Turn<'a>(Option<&'a File>);

impl Gate {
    /// Of this connection's database; a database in memory has none.
    #[must_use]
    pub fn beside(conn: &Connection) -> Self {
        let path = conn.path().filter(|path| !path.is_empty());
        let open = |path: &str| {
            File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(Path::new(path).with_extension("turn"))
        };
        Self(path.and_then(|path| open(path).ok()))
    }

    /// Waits for the turn, no longer than SQLite would wait for its own lock.
    #[must_use]
    pub fn enter(&self) -> Turn<'_> {
        let Some(file) = &self.0 else {
            return Turn(None);
        };
        let until = Instant::now() + super::BUSY_TIMEOUT;
        loop {
            match file.try_lock() {
                Ok(()) => return Turn(Some(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(LOOK_EVERY),
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return Turn(None),
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(file) = self.0 {
            // The lock goes with the file in any case.
            let _ = file.unlock();
        }
    }
}
